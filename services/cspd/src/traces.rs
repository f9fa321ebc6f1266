//! Traces of what happens inside, for an OpenTelemetry collector: request → unit of the store, tick → job → message.
//!
//! A trace is made of the spans that the log knows too, and a few finer ones: methods, codes, identifiers, words of the
//! program. No text of a message and no person's address is in any. A caller who sends a `traceparent` (W3C Trace Context)
//! finds our part under theirs, and has decided whether there is one.

#[cfg(not(feature = "otlp"))]
pub use without::Traces;
#[cfg(not(feature = "otlp"))]
pub(crate) use without::{follow, of_request};

#[cfg(feature = "otlp")]
pub use with::Traces;
#[cfg(feature = "otlp")]
pub(crate) use with::{follow, of_request};

#[cfg(feature = "otlp")]
mod with {
    use std::{convert::Infallible, time::Duration};

    use http::{HeaderMap, Request, Response};
    use opentelemetry::{
        KeyValue,
        propagation::{Extractor, TextMapPropagator as _},
        trace::TracerProvider as _,
    };
    use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
    use opentelemetry_sdk::{
        Resource,
        propagation::TraceContextPropagator,
        trace::{Sampler, SdkTracerProvider},
    };
    use tonic::body::Body;
    use tracing::{Instrument as _, Metadata, Span, Subscriber};
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

    use crate::config::Telemetry;

    type Answer = Result<Response<Body>, Infallible>;

    /// For one parcel of spans. A collector that is away costs the spans, never a request.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// The way to the collector, if there is one.
    #[derive(Debug, Default)]
    pub struct Traces(Option<SdkTracerProvider>);

    /// Why there is no way to the collector.
    #[derive(Debug, thiserror::Error)]
    #[error("telemetry.otlp_endpoint cannot be used")]
    pub struct StartError(#[source] ExporterBuildError);

    impl Traces {
        /// As configured. The collector need not be there yet.
        pub fn start(settings: &Telemetry) -> Result<Self, StartError> {
            let Some(endpoint) = &settings.endpoint else { return Ok(Self(None)) };
            let exporter =
                SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(PATIENCE).build().map_err(StartError)?;
            let who = Resource::builder_empty()
                .with_service_name(settings.service.clone())
                .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                .build();
            let provider = SdkTracerProvider::builder()
                .with_resource(who)
                .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.ratio))))
                .with_batch_exporter(exporter)
                .build();
            Ok(Self(Some(provider)))
        }

        /// What turns spans into traces, for the one who writes the log.
        pub(crate) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> Option<impl Layer<S>> {
            let tracer = self.0.as_ref()?.tracer("cspd");
            let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
            Some(layer.with_filter(filter_fn(is_ours)))
        }

        /// Sends what was not sent yet.
        pub async fn end(self) {
            let Some(provider) = self.0 else { return };
            let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(PATIENCE)).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::warn!("the last traces could not be sent");
            }
        }
    }

    /// Our spans, and no events: a log is kept elsewhere. What libraries would tell is theirs, and may be confidential.
    fn is_ours(about: &Metadata<'_>) -> bool {
        about.is_span() && about.target().starts_with("csp")
    }

    /// Answers a request under its span, and notes how that ended.
    pub(crate) async fn follow(span: Span, answer: impl Future<Output = Answer>) -> Answer {
        let answer = answer.instrument(span.clone()).await;
        if let Ok(response) = &answer {
            let code = response.headers().get("grpc-status").and_then(|code| code.to_str().ok()).unwrap_or("0");
            span.record("rpc.grpc.status_code", code);
        }
        answer
    }

    /// A span that hangs where the caller says.
    pub(crate) fn of_request<B>(asked: &Request<B>) -> Span {
        let method: String = asked.uri().path().trim_start_matches('/').chars().take(80).filter(|c| !c.is_control()).collect();
        let span = tracing::debug_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            rpc.system = "grpc",
            rpc.grpc.status_code = tracing::field::Empty
        );
        if !span.is_none() {
            let caller = TraceContextPropagator::new().extract(&Carried(asked.headers()));
            // It refuses only where nobody makes traces.
            let _ = span.set_parent(caller);
        }
        span
    }

    /// What the propagator reads: the caller's metadata.
    struct Carried<'a>(&'a HeaderMap);

    impl Extractor for Carried<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key)?.to_str().ok()
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(http::HeaderName::as_str).collect()
        }
    }
}

#[cfg(not(feature = "otlp"))]
mod without {
    use std::convert::Infallible;

    use http::Request;
    use tracing::Subscriber;
    use tracing_subscriber::layer::Identity;

    use crate::config::Telemetry;

    /// The way to no collector: this program was built without traces.
    #[derive(Debug, Default)]
    pub struct Traces;

    impl Traces {
        /// The settings were refused already, had they named a collector.
        pub fn start(_: &Telemetry) -> Result<Self, Infallible> {
            Ok(Self)
        }

        pub(crate) fn layer<S: Subscriber>(&self) -> Option<Identity> {
            None
        }

        /// There is nothing to send.
        pub async fn end(self) {}
    }

    /// Nothing is noted anywhere.
    pub(crate) fn of_request<B>(_: &Request<B>) {}

    pub(crate) fn follow<F>((): (), answer: F) -> F {
        answer
    }
}
