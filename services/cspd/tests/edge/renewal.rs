//! A certificate that is renewed while the server runs.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use csp_domain::clock::SystemClock;
use tempfile::TempDir;
use tokio::time::timeout;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};

use crate::running::{PATIENCE, Running};

/// Two files, and what makes new ones.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a new certificate in place; what to trust from now on.
    fn renew(&self) -> Certificate {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.path("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(self.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Certificate::from_pem(made.cert.pem())
    }
}

async fn connect(address: SocketAddr, trusted: &Certificate) -> Result<Channel, tonic::transport::Error> {
    let tls = ClientTlsConfig::new().ca_certificate(trusted.clone()).domain_name("localhost");
    Channel::from_shared(format!("https://{address}")).unwrap().tls_config(tls).unwrap().connect().await
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let authority = Authority::new();
    let old = authority.renew();
    let (certificate, key) = (authority.path("cert.pem"), authority.path("key.pem"));
    let variables = [("CSPD_LISTEN__CERTIFICATE", certificate.to_str().unwrap()), ("CSPD_LISTEN__KEY", key.to_str().unwrap())];
    let running = Running::start_with(&variables, Arc::new(SystemClock), |config| config.listen.renewal = Duration::from_millis(20)).await;
    let before = connect(running.address, &old).await.unwrap();
    running.who_am_i(before.clone()).await.unwrap();

    let new = authority.renew();
    let after = timeout(PATIENCE, async {
        loop {
            if let Ok(channel) = connect(running.address, &new).await {
                break channel;
            }
        }
    })
    .await
    .expect("the new one is shown");
    running.who_am_i(after).await.unwrap();
    running.who_am_i(before).await.expect("whoever was there stays");
    assert!(connect(running.address, &old).await.is_err(), "the old one is shown no more");
    running.stop().await;
}

/// The program itself, and what it says.
struct Program {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Program {
    /// The rest of the first line in which it says `what`. Ends with an error if the program does.
    fn hears(&mut self, what: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "the program ended before it said {what:?}");
            if let Some((_, rest)) = line.split_once(what) {
                return rest.trim().to_owned();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn sent_a_hangup_it_looks_at_once_and_keeps_what_it_has_if_the_new_one_will_not_do() {
    let authority = Authority::new();
    let old = authority.renew();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cspd"))
        .arg("serve")
        .env_clear()
        .env("CSPD_DATA_DIRECTORY", authority.path("data"))
        .env("CSPD_LISTEN__API", "127.0.0.1:0")
        .env("CSPD_LISTEN__CERTIFICATE", authority.path("cert.pem"))
        .env("CSPD_LISTEN__KEY", authority.path("key.pem"))
        // By itself it would not look today.
        .env("CSPD_LISTEN__CERTIFICATE_CHECK_SECONDS", "86400")
        .env("CSPD_LOG__FORMAT", "json")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap());
    let mut program = Program { child, said };
    let address = program.hears("listening on ");
    let address: SocketAddr = address.split_whitespace().next().unwrap().parse().unwrap();
    connect(address, &old).await.unwrap();
    let hang_up = |program: &Program| {
        let sent = Command::new("kill").args(["-HUP", &program.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    };

    std::fs::write(authority.path("cert.pem"), "renewed, but badly").unwrap();
    hang_up(&program);
    program.hears("the new certificate will not do and the old one is kept");
    connect(address, &old).await.expect("the old one is kept");

    let new = authority.renew();
    hang_up(&program);
    program.hears("the certificate was renewed");
    connect(address, &new).await.unwrap();
    assert!(connect(address, &old).await.is_err());
}
