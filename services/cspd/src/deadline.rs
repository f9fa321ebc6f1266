//! How long a request may take: as long as the server allows, or less if the client says so.

use std::{convert::Infallible, time::Duration};

use http::{HeaderMap, Request, Response};
use tonic::{Status, body::Body, service::Routes};
use tower::ServiceExt as _;

use crate::measures::Measures;

/// Answers a request, or gives up on it when its time is over. What a unit of the store has begun by then it finishes.
pub(crate) async fn answer(
    routes: Routes,
    request: Request<hyper::body::Incoming>,
    longest: Duration,
    measures: Measures,
) -> Result<Response<Body>, Infallible> {
    let allowed = asked_for(request.headers()).map_or(longest, |asked| asked.min(longest));
    match tokio::time::timeout(allowed, routes.oneshot(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            if allowed == longest {
                measures.reached("limits.request_seconds");
            }
            Ok(Status::deadline_exceeded("the time for this request is over; whether it was carried out is not known").into_http())
        }
    }
}

/// `grpc-timeout: 250m`, as the protocol has it: at most eight digits and a unit. What does not read is not there.
fn asked_for(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_hours(number),
        "M" => Duration::from_mins(number),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_how_long_it_waits() {
        let asked = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            asked_for(&headers)
        };
        assert_eq!(asked("250m"), Some(Duration::from_millis(250)));
        assert_eq!(asked("99999999H"), Some(Duration::from_hours(99_999_999)));
        for nonsense in ["", "S", "1", "-1S", "+1S", "1.5S", "123456789S", "1 S", "1s"] {
            assert_eq!(asked(nonsense), None, "{nonsense:?}");
        }
    }
}
