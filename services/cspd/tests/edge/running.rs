//! A running server, somebody with a token, and calls put together by hand.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use csp_domain::{
    chance::SystemChance,
    clock::{SharedClock, SystemClock},
};
use csp_proto::v1::{self, identity_service_client::IdentityServiceClient};
use cspd::{
    ServeError,
    config::{Config, Sources},
};
use http_body::{Body, Frame};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use tonic::{Request, Status, codegen::Bytes, transport::Channel};
use tower::ServiceExt as _;

use crate::common::Screen;

/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
pub(crate) const WHO_AM_I: &str = "/csp.v1.IdentityService/WhoAmI";

/// A running server with a folder of its own.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    /// Of whoever runs the service.
    pub(crate) token: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), ServeError>>,
    _folder: TempDir,
}

impl Running {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(&[], Arc::new(SystemClock), change).await
    }

    pub(crate) async fn start_with(variables: &[(&str, &str)], clock: SharedClock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let screen = Screen::default();
        let init = ["cspd", "init", "--name", "Keeper", "--email", "keeper@example.org"].map(Into::into);
        let code = cspd::command(init, &mut screen.terminal([("CSPD_DATA_DIRECTORY", data)])).await;
        assert_eq!(code, 0, "{}", screen.talk());

        let fixed = [("CSPD_DATA_DIRECTORY", data), ("CSPD_LISTEN__API", "127.0.0.1:0"), ("CSPD_SCHEDULER__ENABLED", "false")];
        let variables = variables.iter().chain(&fixed).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = Config::load(&Sources::new(None, variables)).unwrap();
        change(&mut config);
        let listener = TcpListener::bind(config.listen.api).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = cspd::Server::open(config, clock, Arc::new(SystemChance)).await.unwrap();
        let run = server.run(listener, async {
            let _ = stopped.await;
        });
        Self { address, token: screen.output().trim().to_owned(), stop, server: tokio::spawn(run), _folder: folder }
    }

    pub(crate) async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    /// Stops the server as any server is stopped.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.server).await.expect("the server stops").unwrap().unwrap();
    }

    /// Who the server says has this server's token.
    pub(crate) async fn who_am_i(&self, channel: Channel) -> Result<v1::WhoAmIResponse, Status> {
        who_am_i(channel, &self.token).await
    }
}

/// Who the server says has `token`.
pub(crate) async fn who_am_i(channel: Channel, token: &str) -> Result<v1::WhoAmIResponse, Status> {
    let mut request = Request::new(v1::WhoAmIRequest {});
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    IdentityServiceClient::new(channel).who_am_i(request).await.map(tonic::Response::into_inner)
}

/// A body that comes as it is said, and ends when nobody can say any more.
pub(crate) struct Said(mpsc::UnboundedReceiver<Bytes>);

/// A body, and the way to say it.
pub(crate) fn saying() -> (mpsc::UnboundedSender<Bytes>, Said) {
    let (say, said) = mpsc::unbounded_channel();
    (say, Said(said))
}

impl Body for Said {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Makes a call whose bytes are put together by hand. The answer's status, which for a refusal comes before any body; none
/// for an answer.
pub(crate) async fn call(channel: Channel, token: Option<&str>, encoding: Option<&str>, body: Said) -> Option<Status> {
    let mut request = http::Request::post(format!("http://localhost{WHO_AM_I}")).header("content-type", "application/grpc");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    let request = request.header("te", "trailers").body(tonic::body::Body::new(body)).unwrap();
    let answer = timeout(PATIENCE, channel.oneshot(request)).await.expect("there is an answer").unwrap();
    Status::from_header_map(answer.headers()).filter(|status| status.code() != tonic::Code::Ok)
}

/// A message with its head: whether it is compressed, and how long it is.
pub(crate) fn message(compressed: bool, length: usize, bytes: &[u8]) -> Bytes {
    let mut all = vec![u8::from(compressed)];
    all.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    all.extend_from_slice(bytes);
    all.into()
}
