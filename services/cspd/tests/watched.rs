//! The server as machines meet it that watch over it: numbers, probes, a certificate renewed under way, and what the alarms and
//! the dashboard take for granted.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{collections::BTreeSet, fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use common::Screen;
use csp_domain::{chance::SystemChance, clock::SystemClock};
use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient};
use cspd::{
    ServeError, Server,
    config::{Config, Sources},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tonic::transport::{Certificate, Channel, ClientTlsConfig};

const ALERTS: &str = include_str!("../../../deploy/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../../deploy/grafana/cspd.json");
const RUNBOOK: &str = include_str!("../../../docs/runbook.md");
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running server with TLS, and a second door for machines.
struct Running {
    api: SocketAddr,
    web: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), ServeError>>,
    /// Goes last.
    _folder: TempDir,
}

/// A new certificate for `localhost` in the two files, and the same as a client trusts it.
fn certify(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    Certificate::from_pem(made.cert.pem())
}

impl Running {
    async fn start() -> (Self, Certificate) {
        let folder = tempfile::tempdir().unwrap();
        let trusted = certify(folder.path());
        let path = |name: &str| folder.path().join(name).display().to_string();
        let variables = [
            ("CSPD_DATA_DIRECTORY", path("")),
            ("CSPD_LISTEN__API", "127.0.0.1:0".to_owned()),
            ("CSPD_LISTEN__WEB", "127.0.0.1:0".to_owned()),
            ("CSPD_LISTEN__CERTIFICATE", path("cert.pem")),
            ("CSPD_LISTEN__KEY", path("key.pem")),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let config = Config::load(&Sources::new(None, variables)).unwrap();
        let listener = TcpListener::bind(config.listen.api).await.unwrap();
        let door = TcpListener::bind(config.listen.web.unwrap()).await.unwrap();
        let (api, web) = (listener.local_addr().unwrap(), door.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let server = Server::open(config, Arc::new(SystemClock), Arc::new(SystemChance)).await.unwrap().with_web(Some(door));
        let run = server.run(listener, async {
            let _ = stopped.await;
        });
        (Self { api, web, stop, server: tokio::spawn(run), _folder: folder }, trusted)
    }

    async fn channel(&self, trusted: &Certificate) -> Result<Channel, tonic::transport::Error> {
        let tls = ClientTlsConfig::new().ca_certificate(trusted.clone()).domain_name("localhost");
        Channel::from_shared(format!("https://{}", self.api)).unwrap().tls_config(tls).unwrap().connect().await
    }

    /// The status and the whole answer to some bytes.
    async fn say(&self, bytes: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.web).await.unwrap();
        // Who is refused for talking too long may be cut off before the end.
        let _ = stream.write_all(bytes).await;
        let mut heard = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("the server closes the connection");
        let heard = String::from_utf8(heard).unwrap();
        let status = heard.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, heard.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.say(format!("GET {path} HTTP/1.1\r\nHost: cspd\r\n\r\n").as_bytes()).await
    }

    /// Asks until the answer is `status`; each question waits for the server, so none is asked in vain for long.
    async fn get_until(&self, path: &str, status: u16) -> String {
        let asking = async {
            loop {
                let (found, body) = self.get(path).await;
                if found == status {
                    return body;
                }
            }
        };
        timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{path} becomes {status}"))
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.server).await.expect("the server stops").unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_request_is_counted_by_method_and_code_and_its_connection_too() {
    let (running, trusted) = Running::start().await;
    let mut client = IdentityServiceClient::new(running.channel(&trusted).await.unwrap());
    client.who_am_i(WhoAmIRequest {}).await.unwrap_err();
    let (status, page) = running.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "cspd_request_duration_seconds_count{method=\"csp.v1.IdentityService/WhoAmI\",code=\"UNAUTHENTICATED\"} 1",
        "cspd_connections_open 1",
        "cspd_connections_accepted_total 1",
        "cspd_backup_last_success_timestamp_seconds 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} in {page}");
    }
    drop(client);
    running.stop().await;
}

#[tokio::test]
async fn it_is_alive_and_ready_and_says_so_to_the_built_in_probe() {
    let (running, _) = Running::start().await;
    assert_eq!(running.get_until("/readyz", 200).await, "ok\n");
    assert_eq!(running.get("/livez").await, (200, "ok\n".to_owned()));
    let (status, page) = running.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(page.contains("\ncspd_health_serving 1\n"), "{page}");

    let probe = async |address: SocketAddr| {
        let screen = Screen::default();
        let args = ["cspd", "check", "--health", &address.to_string()].map(Into::into);
        let code = cspd::command(args, &mut screen.terminal([])).await;
        (code, screen)
    };
    let (code, screen) = probe(running.web).await;
    assert_eq!((code, screen.output().as_str()), (0, "ok\n"), "{}", screen.talk());
    let gone = running.web;
    running.stop().await;
    let (code, screen) = probe(gone).await;
    assert_eq!(code, 1);
    assert!(screen.talk().starts_with(&format!("Nobody answers at {gone}")), "{}", screen.talk());
}

#[tokio::test]
async fn nothing_else_is_answered_and_nobody_can_go_on_for_ever() {
    let (running, _) = Running::start().await;
    assert_eq!(running.get("/").await.0, 404);
    assert_eq!(running.get("/metrics/../../etc/passwd").await.0, 404);
    assert_eq!(running.say(b"POST /metrics HTTP/1.1\r\nHost: cspd\r\nContent-Length: 0\r\n\r\n").await.0, 405);
    let endless = format!("GET /livez HTTP/1.1\r\nX-Endless: {}\r\n\r\n", "a".repeat(100_000));
    assert_eq!(running.say(endless.as_bytes()).await.0, 431);
    assert_eq!(running.say(b"\x16\x03\x01 this is no HTTP\r\n\r\n").await.0, 400);
    assert_eq!(running.get("/livez").await.0, 200);
    running.stop().await;
}

/// The names of all metrics in a text: what begins with `cspd_` or `process_`.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("cspd_") || word.starts_with("process_")).collect()
}

#[tokio::test]
async fn every_number_of_the_alarms_and_the_dashboard_is_on_the_page() {
    let (running, trusted) = Running::start().await;
    // Of requests only what there was is told: sixty methods that nobody called would fill the page.
    IdentityServiceClient::new(running.channel(&trusted).await.unwrap()).who_am_i(WhoAmIRequest {}).await.unwrap_err();
    let (_, page) = running.get("/metrics").await;
    let mut known = BTreeSet::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        known.insert(name.to_owned());
        if kind == "histogram" {
            known.extend(["_bucket", "_sum", "_count"].map(|part| format!("{name}{part}")));
        }
    }
    for (place, text) in [("alerts.yml", ALERTS), ("cspd.json", DASHBOARD)] {
        let used = metrics_in(text);
        assert!(used.len() > 5, "{place}: {used:?}");
        let unknown: Vec<_> = used.into_iter().filter(|name| !known.contains(*name)).collect();
        assert!(unknown.is_empty(), "{place} names what is not on the page: {unknown:?}; there are {known:?}");
    }
    running.stop().await;
}

#[test]
fn every_alarm_has_its_heading_in_the_runbook() {
    let headings: BTreeSet<&str> = RUNBOOK.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let alarms: Vec<&str> = ALERTS.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alarms.len() > 8, "{alarms:?}");
    for alarm in alarms {
        assert!(headings.contains(alarm), "{alarm} has no heading in docs/runbook.md");
        // As GitHub and its kin make anchors of headings.
        let anchor = format!("docs/runbook.md#{}", alarm.to_lowercase());
        assert!(ALERTS.contains(&anchor), "{alarm} does not point to {anchor}");
    }
}

#[test]
fn what_is_deployed_names_only_settings_that_there_are() {
    let config = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/cspd.toml")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let mut found = 0;
    let mut left = vec![root];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                left.push(entry.path());
                continue;
            }
            let Ok(text) = fs::read_to_string(entry.path()) else { continue };
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for (section, key) in words.filter_map(|word| word.strip_prefix("CSPD_")?.split_once("__")) {
                found += 1;
                let (section, key) = (section.to_lowercase(), key.to_lowercase());
                let body = config.split(&format!("\n[{section}]\n")).nth(1).unwrap_or_default();
                let body = body.split("\n[").next().unwrap_or_default();
                let known = body.lines().any(|line| line.starts_with(&format!("{key} =")));
                let only_here = (section.as_str(), key.as_str()) == ("mail", "password");
                assert!(known || only_here, "{}: {section}.{key} is no setting", entry.path().display());
            }
        }
    }
    assert!(found > 5, "{found}");
}
