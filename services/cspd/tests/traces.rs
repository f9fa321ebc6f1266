//! One request, followed into an OpenTelemetry collector. Alone in its file, because a process has one log and one way for its
//! traces.
#![cfg(feature = "otlp")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use csp_domain::{chance::SystemChance, clock::SystemClock, token::Secret};
use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient};
use cspd::{
    Server, Traces,
    config::{Config, Sources},
    log,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::Span,
};
use tokio::{net::TcpListener, sync::oneshot};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Channel};

/// A collector that keeps what it is sent.
#[derive(Debug, Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    fn spans(&self) -> Vec<Span> {
        let parcels = self.0.lock().unwrap();
        let scopes = parcels.iter().flat_map(|parcel| &parcel.resource_spans).flat_map(|of| &of.scope_spans);
        scopes.flat_map(|of| of.spans.clone()).collect()
    }
}

/// As W3C Trace Context writes it: version, trace, the caller's span, and that the caller keeps it.
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLERS_SPAN: &str = "b7ad6b7169203331";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_followed_from_its_caller_to_the_database() {
    let collector = Collector::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(collector.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    let serving = tokio::spawn(serving);

    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("CSPD_DATA_DIRECTORY", folder.path().to_str().unwrap()),
        ("CSPD_LISTEN__API", "127.0.0.1:0"),
        ("CSPD_TELEMETRY__OTLP_ENDPOINT", &endpoint),
        // Nothing of it by chance: only what a caller wants to have followed.
        ("CSPD_TELEMETRY__SAMPLING_RATIO", "0"),
        ("CSPD_LOG__FILTER", "error"),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let config = Config::load(&Sources::new(None, variables)).unwrap();
    let traces = Traces::start(&config.telemetry).unwrap();
    log::start(&config.log, &traces);
    let listener = TcpListener::bind(config.listen.api).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await.unwrap();
    let server = tokio::spawn(server.run(listener, async {
        let _ = stopped.await;
    }));

    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let mut client = IdentityServiceClient::new(channel);
    // Well made and nobody's, so that the database is asked for it.
    let token = Secret::generate(csp_domain::token::TokenKind::Person, &SystemChance);
    let mut asked = Request::new(WhoAmIRequest {});
    asked.metadata_mut().insert("traceparent", CALLER.parse().unwrap());
    asked.metadata_mut().insert("authorization", format!("Bearer {}", token.reveal()).parse().unwrap());
    client.who_am_i(asked).await.unwrap_err();
    client.who_am_i(WhoAmIRequest {}).await.unwrap_err();
    drop(client);
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    traces.end().await;

    let spans = collector.spans();
    let by_name: BTreeMap<&str, &Span> = spans.iter().map(|span| (span.name.as_str(), span)).collect();
    let rpc = by_name["csp.v1.IdentityService/WhoAmI"];
    assert_eq!(hex(&rpc.parent_span_id), CALLERS_SPAN);
    let request = by_name["request"];
    assert_eq!(request.parent_span_id, rpc.span_id);
    let unit = by_name["unit"];
    assert_eq!(unit.parent_span_id, request.span_id, "what the request asked of the database");
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE), "only what the caller wanted is followed: {spans:?}");
    assert_eq!(spans.iter().filter(|span| span.name == "request").count(), 1);
    let code = rpc.attributes.iter().find(|attribute| attribute.key == "rpc.grpc.status_code").unwrap();
    assert!(format!("{code:?}").contains("\"16\""), "{code:?}");
    let all = format!("{:?}", collector.0.lock().unwrap());
    assert!(!all.contains(&token.reveal()) && !all.contains(token.id()) && all.contains("service.name"), "{all}");
    serving.abort();
}
