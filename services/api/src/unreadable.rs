//! What does not read as a request is its sender's mistake, and says so.
//!
//! tonic calls every message that it cannot decode an internal error. It is none of ours: letters that
//! are not UTF-8, a length that outgrows the message, a frame cut short. A caller would wait and try
//! again, and a monitor would wake somebody. So these answers are put into the words of any other
//! refusal, with the field where prost knows it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use csp_domain::text::Fault;
use tonic::{Code, Status, codegen::http, service::Routes};
use tower::Service;

use crate::status;

/// How prost begins every complaint. The fields follow, the innermost first: `NewsItem.headline: `.
const UNDECODED: &str = "failed to decode Protobuf message: ";
/// What tonic says of the frame around a message.
const FRAME: [&str; 4] = ["protocol error: ", "Error decompressing: ", "Unexpected EOF decoding stream.", "Missing request message."];

/// Puts the words around all services.
pub(crate) fn around(routes: Routes) -> Routes {
    Routes::from(routes.prepare().into_axum_router().layer(tower::layer::layer_fn(|inner| Worded { inner })))
}

#[derive(Debug, Clone)]
struct Worded<S> {
    inner: S,
}

impl<S, B, R> Service<http::Request<B>> for Worded<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    S::Future: Send + 'static,
    R: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut answer = answer.await?;
            // Decoding comes before everything else, so its refusal is whole in the headers.
            if let Some(refusal) = Status::from_header_map(answer.headers()).as_ref().and_then(reworded) {
                let headers = answer.headers_mut();
                for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
                    headers.remove(name);
                }
                // A status that does not fit into headers is no better than the one before.
                if refusal.add_header(headers).is_err() {
                    headers.insert("grpc-status", http::HeaderValue::from(Code::InvalidArgument as i32));
                }
            }
            Ok(answer)
        })
    }
}

/// The refusal of a message that could not be decoded; none for any other answer.
fn reworded(answer: &Status) -> Option<Status> {
    if answer.code() != Code::Internal {
        return None;
    }
    if let Some(complaint) = answer.message().strip_prefix(UNDECODED) {
        let (field, reason) = place(complaint);
        return Some(status::invalid(&[Fault::new(field, reason)]));
    }
    let framed = FRAME.iter().any(|words| answer.message().starts_with(words));
    framed.then(|| status::invalid(&[Fault::new("request", "must be one whole gRPC message, not compressed")]))
}

/// The field a complaint is about, as the contract spells it, and what was wrong.
fn place(complaint: &str) -> (String, &'static str) {
    let mut fields = Vec::new();
    let mut rest = complaint;
    while let Some((place, after)) = rest.split_once(": ") {
        let Some((_, field)) = place.split_once('.').filter(|_| !place.contains(' ')) else { break };
        fields.insert(0, field);
        rest = after;
    }
    let reason = if rest.ends_with("UTF-8 encoded") { "must be text in UTF-8" } else { "does not read as the contract says" };
    (if fields.is_empty() { "request".to_owned() } else { fields.join(".") }, reason)
}

#[cfg(test)]
mod tests {
    use csp_proto::v1;
    use prost::Message as _;
    use tonic_types::StatusExt as _;

    use super::*;

    /// The refusal of `bytes`, as a message that creates news.
    fn refused(bytes: &[u8]) -> Vec<String> {
        let complaint = v1::CreateNewsItemRequest::decode(bytes).unwrap_err();
        let status = reworded(&Status::internal(complaint.to_string())).unwrap();
        assert_eq!(status.code(), Code::InvalidArgument);
        let told = status.get_details_bad_request().unwrap().field_violations;
        told.into_iter().map(|v| format!("{}: {}", v.field, v.description)).collect()
    }

    #[test]
    fn letters_that_are_not_utf8_are_told_with_their_field() {
        // Field 2 is the item, and its field 4 the headline.
        assert_eq!(refused(b"\x12\x04\x22\x02\xff\xfe"), ["news_item.headline: must be text in UTF-8"]);
        assert_eq!(refused(b"\x0a\x02\xc3\x28"), ["parent: must be text in UTF-8"]);
    }

    #[test]
    fn what_is_no_message_is_told_as_well() {
        assert_eq!(refused(b"\x0a\xff\xff\xff\xff\x0f"), ["parent: does not read as the contract says"]);
        assert_eq!(refused(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ["request: does not read as the contract says"]);
        assert!(reworded(&Status::internal("Missing request message.")).is_some());
    }

    #[test]
    fn our_own_mistakes_stay_ours() {
        assert!(reworded(&Status::internal("something went wrong here; quote 7 when you report it")).is_none());
        assert!(reworded(&Status::not_found("failed to decode Protobuf message: x")).is_none());
    }
}
