//! A pretended server and a pretended terminal.
//!
//! The server listens on 127.0.0.1, at any free port, and answers each call of the contract with a closure that a test
//! lays down for it: the same messages as the real one, and the same paths, since a call it was not told about is
//! answered with UNIMPLEMENTED. It remembers what it was asked.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    ffi::OsString,
    future::Ready,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use csp::Terminal;
use csp_proto::v1;
use prost::Message;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{BoxFuture, Bytes, Service, http},
    server::{Grpc, NamedService, UnaryService},
};

/// What a call is answered with.
type Answer = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, Status> + Send + Sync>;

/// One call as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `NewsService/CreateNewsItem`
    pub(crate) call: String,
    pub(crate) authorization: Option<String>,
    pub(crate) has_deadline: bool,
    message: Bytes,
}

impl Asked {
    /// The message it carried.
    pub(crate) fn message<Q: Message + Default>(&self) -> Q {
        Q::decode(self.message.clone()).expect("a message of the contract")
    }
}

/// A pretended server. Ends with the test's runtime.
#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) url: String,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Listens on a free port.
    pub(crate) async fn start() -> Self {
        Self::listen("http", tonic::transport::Server::builder()).await
    }

    /// Listens encrypted, and answers the certificate to be trusted.
    pub(crate) async fn start_encrypted() -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let certificate = made.cert.pem();
        let identity = tonic::transport::Identity::from_pem(&certificate, made.signing_key.serialize_pem());
        let encryption = tonic::transport::ServerTlsConfig::new().identity(identity);
        let builder = tonic::transport::Server::builder().tls_config(encryption).expect("encryption");
        (Self::listen("https", builder).await, certificate)
    }

    async fn listen(scheme: &str, mut builder: tonic::transport::Server) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let server = Self { url, ..Self::default() };
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let services = builder
            .add_service(Identity(server.clone()))
            .add_service(Region(server.clone()))
            .add_service(Partnership(server.clone()))
            .add_service(Person(server.clone()))
            .add_service(Indicator(server.clone()))
            .add_service(Committee(server.clone()))
            .add_service(News(server.clone()))
            .add_service(Return(server.clone()))
            .add_service(Check(server.clone()))
            .add_service(Joint(server.clone()))
            .add_service(Wording(server.clone()))
            .add_service(Digest(server.clone()))
            .add_service(Schedule(server.clone()))
            .add_service(Diary(server.clone()))
            .add_service(Calendar(server.clone()))
            .add_service(History(server.clone()))
            .add_service(Messages(server.clone()))
            .add_service(Audit(server.clone()));
        tokio::spawn(services.serve_with_incoming(incoming));
        // Nothing is asked about anybody's figures, unless a test says so.
        server.on("CheckService/CheckReturn", |_: v1::CheckReturnRequest| Ok(v1::CheckReturnResponse::default()));
        server.on("CheckService/ListFindings", |_: v1::ListFindingsRequest| Ok(v1::ListFindingsResponse::default()));
        server
    }

    /// Answers `call` (`NewsService/CreateNewsItem`) with `answer`.
    pub(crate) fn on<Q: Message + Default, A: Message>(
        &self,
        call: &str,
        answer: impl Fn(Q) -> Result<A, Status> + Send + Sync + 'static,
    ) -> &Self {
        let answer = move |bytes: &[u8]| answer(Q::decode(bytes).expect("a message of the contract")).map(|a| a.encode_to_vec());
        self.answers.lock().expect("no panic elsewhere").insert(call.to_owned(), Arc::new(answer));
        self
    }

    /// The calls of one kind that arrived, in order.
    pub(crate) fn asked(&self, call: &str) -> Vec<Asked> {
        self.asked.lock().expect("no panic elsewhere").iter().filter(|asked| asked.call == call).cloned().collect()
    }

    /// The message of the only call of one kind.
    pub(crate) fn only<Q: Message + Default>(&self, call: &str) -> Q {
        let asked = self.asked(call);
        assert_eq!(asked.len(), 1, "calls of {call}");
        asked[0].message()
    }

    fn handle(&mut self, request: http::Request<Body>) -> BoxFuture<http::Response<Body>, Infallible> {
        let call = request.uri().path().trim_start_matches("/csp.v1.").to_owned();
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (authorization, has_deadline) = (header("authorization"), header("grpc-timeout").is_some());
        let server = self.clone();
        Box::pin(async move {
            let handler = Handler { server, call, authorization, has_deadline };
            Ok(Grpc::new(Raw).unary(handler, request).await)
        })
    }
}

struct Handler {
    server: Server,
    call: String,
    authorization: Option<String>,
    has_deadline: bool,
}

impl UnaryService<Bytes> for Handler {
    type Response = Vec<u8>;
    type Future = Ready<Result<Response<Vec<u8>>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let message = request.into_inner();
        let Self { server, call, authorization, has_deadline } = self;
        let asked =
            Asked { call: call.clone(), authorization: authorization.clone(), has_deadline: *has_deadline, message: message.clone() };
        server.asked.lock().expect("no panic elsewhere").push(asked);
        let answer = server.answers.lock().expect("no panic elsewhere").get(call.as_str()).cloned();
        let answer = answer.map_or_else(|| Err(Status::unimplemented(call.clone())), |answer| answer(&message));
        std::future::ready(answer.map(Response::new))
    }
}

/// Messages as bytes, both ways.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use prost::bytes::BufMut as _;
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        use prost::bytes::Buf as _;
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}

macro_rules! services {
    ($($service:ident is $name:ident;)*) => {
        $(#[derive(Clone)]
        struct $service(Server);

        impl NamedService for $service {
            const NAME: &'static str = v1::$name::SERVICE_NAME;
        }

        impl Service<http::Request<Body>> for $service {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<Self::Response, Infallible>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: http::Request<Body>) -> Self::Future {
                self.0.handle(request)
            }
        })*
    };
}

services! {
    Identity is identity_service_server;
    Region is region_service_server;
    Partnership is partnership_service_server;
    Person is person_service_server;
    Indicator is indicator_service_server;
    Committee is committee_service_server;
    News is news_service_server;
    Return is return_service_server;
    Check is check_service_server;
    Joint is joint_service_server;
    Wording is wording_service_server;
    Digest is digest_service_server;
    Schedule is schedule_service_server;
    Diary is diary_service_server;
    Calendar is calendar_service_server;
    History is history_service_server;
    Messages is message_service_server;
    Audit is audit_service_server;
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// It went well; what it answered.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout
    }

    /// It failed with `code`; what it said.
    #[track_caller]
    pub(crate) fn failed(self, code: u8) -> String {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self.stderr
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic elsewhere").clone()).expect("UTF-8")
    }
}

impl Write for Kept {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic elsewhere").extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Somebody at a desk: a folder of their own, and what they pipe or type.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) input: String,
    pub(crate) person_answers: bool,
}

impl Desk {
    /// Nobody has logged in here.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = [("CSP_CONFIG_DIR".to_owned(), folder.path().join("config").display().to_string())].into();
        Self { folder, environment, input: String::new(), person_answers: false }
    }

    /// Somebody whose token is in the environment.
    pub(crate) fn at(server: &Server) -> Self {
        let mut desk = Self::new();
        desk.environment.insert("CSP_SERVER".to_owned(), server.url.clone());
        desk.environment.insert("CSP_TOKEN".to_owned(), "csp_secret".to_owned());
        desk
    }

    /// A file of theirs; its full path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// What is piped in next.
    pub(crate) fn piping(&mut self, input: &str) -> &mut Self {
        input.clone_into(&mut self.input);
        self
    }

    /// What a person types next.
    pub(crate) fn typing(&mut self, input: &str) -> &mut Self {
        self.person_answers = true;
        self.piping(input)
    }

    /// Runs `csp`.
    pub(crate) async fn run<const N: usize>(&self, args: [&str; N]) -> Outcome {
        let (stdout, stderr) = (Kept::default(), Kept::default());
        let mut terminal = Terminal {
            input: Box::new(io::Cursor::new(self.input.clone().into_bytes())),
            output: Box::new(stdout.clone()),
            talk: Box::new(stderr.clone()),
            input_is_terminal: self.person_answers,
            output_is_terminal: false,
            talk_is_terminal: false,
            environment: self.environment.clone(),
            pauses: vec![std::time::Duration::ZERO; 3],
        };
        let args = std::iter::once("csp").chain(args).map(OsString::from);
        let code = csp::run(args, &mut terminal).await;
        Outcome { code, stdout: stdout.text(), stderr: stderr.text() }
    }
}
