//! A client of HTTP/1.1 that costs next to nothing, so that a rival is not charged for it.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{Outcome, load::Lane, world::Plan};

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a request and answers its status, once the whole answer is there.
    pub(crate) async fn ask(&mut self, request: &str) -> Outcome<u16> {
        self.stream.write_all(request.as_bytes()).await?;
        self.received.clear();
        let head = loop {
            self.more().await?;
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
        };
        let text = std::str::from_utf8(&self.received[..head])?;
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or("an answer without a status")?;
        let length: usize = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .ok_or("an answer without a length")?;
        while self.received.len() < head + 4 + length {
            self.more().await?;
        }
        Ok(status)
    }

    async fn more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the server hung up".into()),
            _ => Ok(()),
        }
    }
}

/// Sends the submissions of a plan to a rival.
#[derive(Debug)]
pub(crate) struct Submitter {
    pub(crate) connection: Connection,
    pub(crate) plan: Plan,
}

impl Lane for Submitter {
    async fn call(&mut self, number: usize) -> Outcome<()> {
        let request = self.plan.http(number)?;
        match self.connection.ask(&request).await? {
            201 => Ok(()),
            status => Err(format!("a rival refused submission {number} with {status}").into()),
        }
    }
}
