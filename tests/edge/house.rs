//! The server as it is run, over a bed's database and by the bed's clock.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use csp_domain::{Scope, chance::SystemChance, id::RegionId, person::Role};
use csp_tests::Bed;
use cspd::{
    Health, ServeError,
    config::{Config, Sources},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tonic::{Request, transport::Channel};

/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running server.
pub(crate) struct House {
    address: SocketAddr,
    /// Of the door for machines.
    pub(crate) web: SocketAddr,
    pub(crate) health: watch::Receiver<Health>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), ServeError>>,
}

impl House {
    pub(crate) async fn open(bed: &Bed, change: impl FnOnce(&mut Config)) -> Self {
        let variables = [("CSPD_LISTEN__API", "127.0.0.1:0"), ("CSPD_SCHEDULER__ENABLED", "false")];
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = Config::load(&Sources::new(None, variables)).expect("the settings are good");
        config.database = bed.settings().clone();
        // The bed's clock stands, so nobody's time to come again would ever come.
        config.limits.api = csp_api::Limits::OF_SIZE;
        change(&mut config);
        let listener = TcpListener::bind(config.listen.api).await.expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        let door = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let web = door.local_addr().expect("it has an address");
        let server = cspd::Server::open(config, Arc::new(bed.clock.clone()), Arc::new(SystemChance)).await.expect("the server opens");
        let server = server.with_web(Some(door));
        let health = server.health();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server.run(listener, async {
            let _ = stopped.await;
        }));
        Self { address, web, health, stop, server }
    }

    pub(crate) async fn channel(&self) -> Channel {
        let address = Channel::from_shared(format!("http://{}", self.address)).expect("an address");
        address.tcp_nodelay(true).connect().await.expect("the server answers")
    }

    /// The status, the head and the body of a plain question.
    pub(crate) async fn get(&self, method: &str, path: &str) -> (u16, String, String) {
        let mut stream = tokio::net::TcpStream::connect(self.web).await.expect("the door answers");
        stream
            .write_all(format!("{method} {path} HTTP/1.1\r\nHost: cspd\r\nContent-Length: 0\r\n\r\n").as_bytes())
            .await
            .expect("it listens");
        let mut heard = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut heard)).await.expect("it answers").expect("in words");
        let status = heard.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let (head, body) = heard.split_once("\r\n\r\n").unwrap_or((&heard, ""));
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    pub(crate) async fn close(self) {
        self.stop.send(()).expect("it runs");
        timeout(PATIENCE, self.server).await.expect("the server stops").expect("nobody panicked").expect("in good order");
    }
}

/// Whoever runs the service: their token.
pub(crate) async fn keeper(bed: &Bed) -> String {
    let scope = Scope::Region(RegionId::SYSTEM);
    let person = bed.person(scope, "keeper").await;
    bed.grant(scope, &person, Role::SystemAdministrator).await;
    bed.token(scope, &person).await.1.reveal()
}

/// A call with a token.
pub(crate) fn with_token<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("a token is ASCII"));
    request
}
