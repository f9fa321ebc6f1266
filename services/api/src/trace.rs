//! A span around each request: which method, how it ended, how long it took. Never an address, a body
//! or a token.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use csp_domain::{chance::SharedChance, clock::SharedClock};
use tonic::{Code, codegen::http, service::Routes};
use tower::Service;
use tracing::Instrument as _;

use crate::meter::Meter;

/// Puts the span around all services.
pub(crate) fn around(routes: Routes, clock: SharedClock, chance: SharedChance, meter: Meter) -> Routes {
    let layer = tower::layer::layer_fn(move |inner| Traced { inner, clock: clock.clone(), chance: chance.clone(), meter: meter.clone() });
    Routes::from(routes.prepare().into_axum_router().layer(layer))
}

#[derive(Debug, Clone)]
struct Traced<S> {
    inner: S,
    clock: SharedClock,
    chance: SharedChance,
    meter: Meter,
}

/// Counts a request when it ends: with its code, or as cancelled when nobody waits for its end any more.
struct Count {
    meter: Meter,
    path: String,
    began: Instant,
    code: Code,
}

impl Drop for Count {
    fn drop(&mut self) {
        self.meter.answered(&self.path, self.code, self.began.elapsed());
    }
}

impl<S, B, R> Service<http::Request<B>> for Traced<S>
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
        let (clock, began) = (self.clock.clone(), self.clock.now());
        let id = self.chance.id(began);
        // The path is one of ours or answers UNIMPLEMENTED; a stranger's invention is not logged whole.
        let method: String = request.uri().path().trim_start_matches('/').chars().take(80).filter(|c| !c.is_control()).collect();
        let count = Count { meter: self.meter.clone(), path: method.clone(), began: Instant::now(), code: Code::Cancelled };
        let span = tracing::info_span!("request", request.id = %id, rpc.method = method);
        let answer = self.inner.call(request);
        Box::pin(
            async move {
                let mut count = count;
                let answer = answer.await;
                if let Ok(response) = &answer {
                    // A refusal has its code in the headers; an answer's stands in the trailers and is 0.
                    let code = response.headers().get("grpc-status").and_then(|v| v.to_str().ok()).unwrap_or("0");
                    let elapsed = (clock.now() - began).num_microseconds().unwrap_or(i64::MAX);
                    count.code = code.parse().map_or(Code::Unknown, Code::from_i32);
                    tracing::info!(rpc.code = code, elapsed.us = elapsed, "request answered");
                }
                answer
            }
            .instrument(span),
        )
    }
}
