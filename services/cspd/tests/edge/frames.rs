//! HTTP/2 by hand (RFC 9113), for peers that no library would be.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// Where peers come from that mean no good: not where the good clients come from.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// The preface, and settings.
pub(crate) fn hello(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (name, value) in settings {
        payload.extend_from_slice(&name.to_be_bytes());
        payload.extend_from_slice(&value.to_be_bytes());
    }
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, &payload)].concat()
}

/// The headers of a call, each written out (RFC 7541 §6.2.2).
pub(crate) fn headers(path: &str, token: Option<&str>) -> Vec<u8> {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut all = vec![(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost")];
    all.extend([("content-type", "application/grpc"), ("te", "trailers")]);
    all.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let mut block = Vec::new();
    for (name, value) in all {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127, "a length of one byte");
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A connection from elsewhere that has sent `bytes`.
pub(crate) async fn peer(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((ELSEWHERE, 0).into()).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // Whoever is closed at once hears of it by reading.
    let _ = stream.write_all(bytes).await;
    stream
}

/// The kinds of the frames that come until the other side closes. Pings are answered if `polite`.
pub(crate) async fn hear_out(mut stream: TcpStream, polite: bool) -> Vec<u8> {
    let mut kinds = Vec::new();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let [_, a, b, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(a) << 8 | usize::from(b)];
        if stream.read_exact(&mut payload).await.is_err() {
            break;
        }
        kinds.push(kind);
        if polite && kind == PING && flags & ACK == 0 && stream.write_all(&frame(PING, ACK, 0, &payload)).await.is_err() {
            break;
        }
    }
    kinds
}
