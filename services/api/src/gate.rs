//! The gate before all services: who calls and whether there is room for them, before a byte of what they say is read.
//!
//! A message is read into memory as a whole, so whoever may make the server read one must have shown a token first: to a
//! stranger a request costs the server its headers and one look into the database, and after a few of them not even that.

use std::{
    mem,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tonic::{
    Status,
    body::Body,
    codegen::{Body as HttpBody, Bytes, StdError, http},
    service::Routes,
    transport::server::TcpConnectInfo,
};
use tower::Service;

use crate::{
    Api,
    auth::Caller,
    authorise::Call,
    held::Held,
    limit::{Room, Tenant, TenantRoom},
    status,
};

/// Puts the gate before all services.
pub(crate) fn before(routes: Routes, api: Api) -> Routes {
    let layer = tower::layer::layer_fn(move |inner| Gate { inner, api: api.clone() });
    Routes::from(routes.prepare().into_axum_router().layer(layer))
}

impl Api {
    async fn admit(&self, headers: &http::HeaderMap, address: Option<IpAddr>, call: Call) -> Result<(Caller, (Room, TenantRoom)), Status> {
        let spread = || {
            let mut drawn = [0; 1];
            self.chance.fill(&mut drawn);
            Duration::from_millis(u64::from(drawn[0]) * 4)
        };
        let room = self.limiter.enter(spread).map_err(status::too_much)?;
        let caller = self.authenticate(headers, address, call).await?;
        let tenant_room = self.limiter.take(Tenant::of(&caller), caller.now).map_err(status::too_much)?;
        Ok((caller, (room, tenant_room)))
    }
}

#[derive(Debug, Clone)]
struct Gate<S> {
    inner: S,
    api: Api,
}

impl<S, B, R> Service<http::Request<B>> for Gate<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
    R: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    R::Error: Into<StdError>,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The service that is ready answers; its copy waits for the next request.
        let next = self.inner.clone();
        let (mut inner, api) = (mem::replace(&mut self.inner, next), self.api.clone());
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            // What is none of our services answers for itself that there is no such thing, and reads nothing either.
            let Some(call) = Call::at(parts.uri.path()) else {
                return Ok(inner.call(http::Request::from_parts(parts, body)).await?.map(Body::new));
            };
            let address = parts.extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr).map(|address| address.ip());
            match api.admit(&parts.headers, address, call).await {
                Err(status) => Ok(status.into_http()),
                Ok((caller, room)) => {
                    parts.extensions.insert(caller);
                    let answer = inner.call(http::Request::from_parts(parts, body)).await?;
                    Ok(answer.map(|body| Body::new(Held::new(body, room))))
                }
            }
        })
    }
}
