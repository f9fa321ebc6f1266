//! Asking a running server whether it is ready: `cspd check --health`. It stands in for curl where there is no shell.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{Failure, Terminal};

/// For question and answer together.
const PATIENCE: Duration = Duration::from_secs(5);
/// The answer is a line or two.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;
const QUESTION: &[u8] = b"GET /readyz HTTP/1.1\r\nHost: cspd\r\nConnection: close\r\n\r\n";

/// Asks at `address`, and says what the server says.
pub(super) async fn ask(address: SocketAddr, terminal: &mut Terminal) -> Result<(), Failure> {
    let address = reachable(address);
    let answer = timeout(PATIENCE, exchange(address)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let answer = answer.map_err(|error| Failure::new(format!("nobody answers at {address}")).because(&error))?;
    let (head, said) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.split(' ').nth(1) == Some("200") {
        return terminal.write(said);
    }
    Err(Failure::new(format!("the server at {address} is not ready: {}", said.trim().replace('\n', "; "))))
}

async fn exchange(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(QUESTION).await?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Whoever listens everywhere is asked on this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
