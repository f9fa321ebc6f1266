//! The server as clients and hostile peers meet it. No test sleeps: what must end is waited for.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use csp_domain::{chance::SystemChance, clock::SystemClock};
use cspd::{
    ServeError,
    config::{Config, Sources},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus, health_client::HealthClient};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Of HTTP/2: a frame of type SETTINGS with nothing in it.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(15);

type Watcher = tonic::Streaming<HealthCheckResponse>;

/// A running server with a folder of its own.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), ServeError>>,
    _folder: TempDir,
}

impl Running {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(&[], change).await
    }

    async fn start_with(variables: &[(&str, &str)], change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = [("CSPD_DATA_DIRECTORY", folder.path().to_str().unwrap()), ("CSPD_LISTEN__API", "127.0.0.1:0")];
        let variables = variables.iter().chain(&data).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = Config::load(&Sources::new(None, variables)).unwrap();
        change(&mut config);
        let listener = TcpListener::bind(config.listen.api).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = cspd::Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await.unwrap();
        let run = server.run(listener, async {
            let _ = stopped.await;
        });
        Self { address, stop: Some(stop), server: tokio::spawn(run), _folder: folder }
    }

    async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    /// A raw connection that has sent `bytes`.
    async fn peer(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Stops the server and answers how long that took.
    async fn stop(&mut self) -> Duration {
        let began = Instant::now();
        self.stop.take().unwrap().send(()).unwrap();
        timeout(PATIENCE, &mut self.server).await.expect("the server stops").unwrap().unwrap();
        began.elapsed()
    }
}

async fn health(channel: Channel) -> i32 {
    let request = HealthCheckRequest { service: String::new() };
    HealthClient::new(channel).check(request).await.unwrap().into_inner().status
}

/// Reads until the other side closes.
async fn hear_out(mut stream: TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    // A reset is an end too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("the server closes the connection");
    heard
}

#[tokio::test]
async fn a_client_hears_that_it_is_served() {
    let mut running = Running::start(|_| ()).await;
    assert_eq!(health(running.channel().await).await, ServingStatus::Serving as i32);
    running.stop().await;
}

#[tokio::test]
async fn with_a_certificate_only_tls_is_spoken() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let variables = [("CSPD_LISTEN__CERTIFICATE", certificate.to_str().unwrap()), ("CSPD_LISTEN__KEY", key.to_str().unwrap())];
    let mut running = Running::start_with(&variables, |_| ()).await;

    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(made.cert.pem())).domain_name("localhost");
    let endpoint = Channel::from_shared(format!("https://{}", running.address)).unwrap().tls_config(tls).unwrap();
    assert_eq!(health(endpoint.connect().await.unwrap()).await, ServingStatus::Serving as i32);

    let heard = hear_out(running.peer(&[PREFACE, SETTINGS].concat()).await).await;
    assert!(!heard.windows(2).any(|bytes| bytes == b"h2"), "plaintext was answered");
    running.stop().await;
}

#[tokio::test]
async fn the_contract_is_told_when_asked_for_unless_it_is_switched_off() {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient, server_reflection_request::MessageRequest,
        server_reflection_response::MessageResponse,
    };
    let ask = || {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        futures_of([ServerReflectionRequest { host: String::new(), message_request }])
    };
    let mut running = Running::start(|_| ()).await;
    let mut client = ServerReflectionClient::new(running.channel().await);
    let answer = client.server_reflection_info(ask()).await.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"csp.v1.ReturnService") && names.contains(&"grpc.health.v1.Health"), "{names:?}");
    drop(client);
    running.stop().await;

    let mut silent = Running::start(|config| config.listen.reflection = false).await;
    let mut client = ServerReflectionClient::new(silent.channel().await);
    assert_eq!(client.server_reflection_info(ask()).await.unwrap_err().code(), tonic::Code::Unimplemented);
    drop(client);
    silent.stop().await;
}

fn futures_of<T: Send + 'static, const N: usize>(items: [T; N]) -> impl tonic::IntoStreamingRequest<Message = T> {
    tokio_stream::iter(items)
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_not_kept() {
    let mut running = Running::start(|config| config.limits.first_bytes = Duration::from_millis(50)).await;
    // Silence, half of the first words, and something that goes on too long without being HTTP/2.
    assert_eq!(hear_out(running.peer(b"").await).await, b"");
    assert_eq!(hear_out(running.peer(&PREFACE[..20]).await).await, b"");
    running.stop().await;
}

#[tokio::test]
async fn a_peer_that_never_finishes_its_handshake_is_not_kept() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let variables = [("CSPD_LISTEN__CERTIFICATE", certificate.to_str().unwrap()), ("CSPD_LISTEN__KEY", key.to_str().unwrap())];
    let mut running = Running::start_with(&variables, |config| config.limits.handshake = Duration::from_millis(50)).await;
    // The beginning of a ClientHello.
    assert_eq!(hear_out(running.peer(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await).await, b"");
    running.stop().await;
}

#[tokio::test]
async fn a_peer_that_does_not_answer_whether_it_is_there_is_not_kept() {
    let mut running = Running::start(|config| {
        config.limits.keepalive = Duration::from_millis(50);
        config.limits.keepalive_answer = Duration::from_millis(50);
    })
    .await;
    let heard = hear_out(running.peer(&[PREFACE, SETTINGS].concat()).await).await;
    assert!(!heard.is_empty(), "it was spoken to before it was let go");
    running.stop().await;
}

#[tokio::test]
async fn a_browser_is_told_what_this_is() {
    let mut running = Running::start(|_| ()).await;
    let heard = hear_out(running.peer(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await).await;
    let heard = String::from_utf8(heard).unwrap();
    assert!(heard.starts_with("HTTP/1.1 505 ") && heard.ends_with("It speaks gRPC: use the program csp.\n"), "{heard}");
    running.stop().await;
}

#[tokio::test]
async fn a_full_house_turns_away_at_once_and_has_room_again_when_somebody_leaves() {
    let mut running = Running::start(|config| config.limits.connections_per_address = 1).await;
    let first = running.channel().await;
    assert_eq!(health(first.clone()).await, ServingStatus::Serving as i32);
    assert_eq!(hear_out(running.peer(PREFACE).await).await, b"");
    drop(first);
    // When exactly the first is gone, only the server knows.
    timeout(PATIENCE, async {
        loop {
            let mut stream = running.peer(&[PREFACE, SETTINGS].concat()).await;
            if stream.read(&mut [0; 9]).await.is_ok_and(|read| read > 0) {
                break;
            }
        }
    })
    .await
    .expect("there is room again");
    running.stop().await;
}

#[tokio::test]
async fn told_to_stop_it_says_so_to_whoever_watches_and_goes() {
    let mut running = Running::start(|_| ()).await;
    let mut client = HealthClient::new(running.channel().await);
    let mut watched = client.watch(HealthCheckRequest { service: String::new() }).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status, ServingStatus::Serving as i32);
    let took = running.stop().await;
    assert!(took < Duration::from_secs(10), "nobody was in the way, and yet it took {took:?}");
    assert_eq!(watched.message().await.unwrap().unwrap().status, ServingStatus::NotServing as i32);
    assert!(watched.message().await.unwrap().is_none());
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody is let in any more");
}

#[tokio::test]
async fn a_peer_that_does_not_let_go_cannot_keep_it() {
    let mut running = Running::start(|_| ()).await;
    let mut stuck = running.peer(&[PREFACE, SETTINGS].concat()).await;
    stuck.read_exact(&mut [0; 9]).await.unwrap();
    let took = running.stop().await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    hear_out(stuck).await;
}

/// A question to the health service whose words come from `words`: for as long as none come, it is a request under way.
async fn ask_slowly(channel: Channel, words: mpsc::Receiver<HealthCheckRequest>) -> Result<HealthCheckResponse, tonic::Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<HealthCheckRequest, HealthCheckResponse>::default();
    let path = http::uri::PathAndQuery::from_static("/grpc.health.v1.Health/Check");
    client.client_streaming(tonic::Request::new(ReceiverStream::new(words)), path, codec).await.map(tonic::Response::into_inner)
}

/// A request that the server has begun to answer, and the watcher that tells when the server is stopping.
async fn under_way(
    running: &Running,
) -> (mpsc::Sender<HealthCheckRequest>, JoinHandle<Result<HealthCheckResponse, tonic::Status>>, Watcher) {
    let channel = running.channel().await;
    let (say, words) = mpsc::channel(1);
    let asking = tokio::spawn(ask_slowly(channel.clone(), words));
    // On the same connection, so what was asked before has arrived before.
    let watch = HealthCheckRequest { service: String::new() };
    let mut watcher = HealthClient::new(channel).watch(watch).await.unwrap().into_inner();
    assert_eq!(watcher.message().await.unwrap().unwrap().status, ServingStatus::Serving as i32);
    (say, asking, watcher)
}

#[tokio::test]
async fn what_was_begun_before_the_end_is_finished() {
    let mut running = Running::start(|_| ()).await;
    let (say, asking, mut watcher) = under_way(&running).await;
    let stopping = running.stop();
    let finishing = async {
        assert_eq!(watcher.message().await.unwrap().unwrap().status, ServingStatus::NotServing as i32);
        say.send(HealthCheckRequest { service: String::new() }).await.unwrap();
        drop(say);
        asking.await.unwrap()
    };
    let (took, answer) = tokio::join!(stopping, finishing);
    // Its status is gone by now, so it is answered that there is none; what counts is that it is answered.
    assert_eq!(answer.unwrap_err().code(), tonic::Code::NotFound);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn what_does_not_end_is_broken_off() {
    let mut running = Running::start(|config| config.limits.shutdown = Duration::from_millis(2_200)).await;
    let (_say, asking, _watcher) = under_way(&running).await;
    let took = running.stop().await;
    assert!(took > Duration::from_millis(100) && took < Duration::from_secs(10), "{took:?}");
    assert!(asking.await.unwrap().is_err());
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let mut running = Running::start(|config| config.limits.request = Duration::from_millis(50)).await;
    let (_say, asking, _watcher) = under_way(&running).await;
    assert_eq!(asking.await.unwrap().unwrap_err().code(), tonic::Code::DeadlineExceeded);
    running.stop().await;
}

#[tokio::test]
async fn it_refuses_a_database_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("csp.db");
    std::fs::write(&file, "this is not a database, and long enough to be sure of it").unwrap();
    let url = format!("sqlite://{}", file.display());
    let variables = [("CSPD_DATABASE__URL".to_owned(), url)].into();
    let config = Config::load(&Sources::new(None, variables)).unwrap();
    let refused = cspd::Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await.unwrap_err();
    assert!(matches!(refused, ServeError::Database(_)), "{refused}");
}
