//! The stream under an SMTP dialogue: our own TCP socket, with or without TLS.
//!
//! Our own, because lettre's does not set TCP_NODELAY (44 ms a message against 0.1 ms), and because
//! this is the place to keep a hostile server within bounds.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// The most a server may say between two of our lines. lettre reads a line to its end before it looks
/// at its length, so that an endless one would fill the memory; and it reads a reply of many lines
/// anew with every line, so that 64 KiB of short ones cost half a minute of an unoptimised build.
/// Honest replies stay well below 2 KiB.
pub(crate) const MOST_SAID: usize = 8 * 1024;

#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    said: usize,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), said: 0 }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), said: 0 }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.stream {
            Stream::Plain(stream) => stream.peer_addr(),
            Stream::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        if let Poll::Ready(Ok(())) = polled {
            let read = &mut buf.filled_mut()[before..];
            // lettre gives up on a reply that is not UTF-8. "250 reçu" in Latin-1 is still a 250, and
            // not to understand it would send a second copy.
            for byte in read.iter_mut().filter(|byte| !byte.is_ascii()) {
                *byte = b'?';
            }
            let read = read.len();
            self.said += read;
            if self.said > MOST_SAID {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "the server's reply is too long")));
            }
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.said = 0;
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
