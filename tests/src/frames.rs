//! HTTP/2 by hand (RFC 9113), for callers that keep no rules. Header blocks use literals only (RFC 7541 §6.2.2).

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Federation, region};

/// Carries a stream's data.
pub const DATA: u8 = 0;
/// Opens a stream, or answers on it.
pub const HEADERS: u8 = 1;
/// Ends a stream.
pub const RST_STREAM: u8 = 3;
/// Ends the connection.
pub const GOAWAY: u8 = 7;

const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection on which frames are written by hand.
pub struct Frames {
    stream: TlsStream<TcpStream>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its type.
    pub kind: u8,
    /// Its stream; 0: the connection.
    pub stream: u32,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Frame {
    /// The error code of a frame that ends a stream or the connection (RFC 9113 §7).
    pub fn error(&self) -> u32 {
        let code = if self.kind == GOAWAY { &self.payload[4..8] } else { &self.payload[..4] };
        u32::from_be_bytes(code.try_into().unwrap())
    }
}

impl Frames {
    /// Connects a party of a province to that province's node.
    pub async fn connect(federation: &Federation, code: u8, role: &str) -> Self {
        let endpoint = federation.exercise.endpoint(region(code)).unwrap();
        let party = federation.exercise.party(region(code), role).unwrap();
        let tls = TlsConnector::from(federation.exercise.client_tls(&party, region(code)).unwrap());
        let tcp = TcpStream::connect((endpoint.host(), endpoint.port())).await.unwrap();
        let mut stream = tls.connect(endpoint.server_name(), tcp).await.unwrap();
        stream.write_all(PREFACE).await.unwrap();
        let mut frames = Self { stream };
        frames.write(SETTINGS, 0, 0, &[]).await;
        frames
    }

    /// Calls an RPC with an empty message; the call is complete, the answer not awaited.
    pub async fn call(&mut self, stream: u32, path: &str) {
        let headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "node.huxin"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        ];
        self.headers(stream, &headers, false).await;
        self.write(DATA, END_STREAM, stream, &[0; 5]).await;
    }

    /// Opens a stream with these headers, and ends it if so wanted.
    pub async fn headers(&mut self, stream: u32, headers: &[(&str, &str)], end: bool) {
        let mut block = Vec::new();
        for (name, value) in headers {
            block.push(0);
            for text in [name, value] {
                block.push(u8::try_from(text.len()).ok().filter(|len| *len < 127).unwrap());
                block.extend_from_slice(text.as_bytes());
            }
        }
        self.write(HEADERS, END_HEADERS | if end { END_STREAM } else { 0 }, stream, &block).await;
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        // The node may have ended the connection; then reading shows it.
        let _ = self.stream.write_all(&[&head, payload].concat()).await;
        let _ = self.stream.flush().await;
    }

    /// The next frame; `None`: the connection ended.
    pub async fn read(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await.ok()?;
        let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
        Some(Frame { kind: head[3], stream, payload })
    }
}
