//! Calls of raw bytes, which no generated client would make, and what a failed call must tell.

use std::future::poll_fn;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use huxin_wire::Retry;
use huxin_wire::error::{DOMAIN, Reason};
use tonic::body::Body;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower_service::Service as _;

/// A call that ended.
#[derive(Debug)]
pub struct Ended {
    /// The bytes that came before its end: framed messages.
    pub data: Bytes,
    /// How it ended.
    pub status: Status,
}

/// One message in its gRPC frame: not compressed, then its length.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

/// Calls an RPC with these bytes as the body, then ends the request. `headers` come on top of those of every call.
///
/// # Errors
/// If the stream or the connection ends without a status.
pub async fn call(
    channel: &Channel,
    path: &str,
    headers: &[(&'static str, &'static str)],
    body: Bytes,
) -> Result<Ended, String> {
    let mut request = http::Request::post(path).header("te", "trailers");
    request = request.header("content-type", "application/grpc");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::new(Full::new(body))).unwrap();
    let mut channel = channel.clone();
    poll_fn(|cx| channel.poll_ready(cx)).await.map_err(|error| format!("{error:?}"))?;
    let response = channel.call(request).await.map_err(|error| format!("{error:?}"))?;
    if response.status() != http::StatusCode::OK {
        return Err(format!("HTTP status {}", response.status()));
    }
    let at_once = Status::from_header_map(response.headers());
    let body = response.into_body().collect().await.map_err(|error| format!("{error:?}"))?;
    let at_last = body.trailers().and_then(Status::from_header_map);
    let status = at_once.or(at_last).ok_or("no grpc-status")?;
    Ok(Ended { data: body.to_bytes(), status })
}

impl Ended {
    /// The messages that came.
    pub fn messages(&self) -> Vec<Bytes> {
        let (mut rest, mut messages) = (self.data.clone(), Vec::new());
        while !rest.is_empty() {
            let head = rest.split_to(5);
            let length = u32::from_be_bytes(head[1..].try_into().unwrap());
            messages.push(rest.split_to(usize::try_from(length).unwrap()));
        }
        messages
    }

    /// Why it failed; `None`: it did not.
    ///
    /// # Errors
    /// What it lacks of a stable reason of the table with its code, an error id and a retry class.
    pub fn reason(&self) -> Result<Option<Reason>, String> {
        if self.status.code() == Code::Ok { Ok(None) } else { told(&self.status).map(Some) }
    }
}

/// The reason in a status, which has all that every failure must have.
///
/// # Errors
/// What it lacks.
pub fn told(status: &Status) -> Result<Reason, String> {
    let details = status.get_error_details();
    let info = details.error_info().filter(|info| info.domain == DOMAIN).ok_or("no ErrorInfo")?;
    let reason = named(&info.reason)?;
    if status.code() != reason.code() {
        return Err(format!("{} came with the code {:?}", info.reason, status.code()));
    }
    let id = info.metadata.get("error_id").map(String::as_str).unwrap_or_default();
    if !is_error_id(id) || !status.message().contains(id) {
        return Err(format!("{} came with the error id {id:?}", info.reason));
    }
    if info.metadata.get("retry").map(String::as_str) != Some(reason.retry().name()) {
        return Err(format!("{} came without its retry class", info.reason));
    }
    let delay = details.retry_info().and_then(|retry| retry.retry_delay);
    let expected = match reason.retry() {
        Retry::After(delay) => Some(delay),
        Retry::Never | Retry::SameId => None,
    };
    if delay != expected {
        return Err(format!("{} came with the delay {delay:?}", info.reason));
    }
    Ok(reason)
}

/// The reason of the table with this name.
///
/// # Errors
/// If the table has no such name.
pub fn named(name: &str) -> Result<Reason, String> {
    let found = Reason::ALL.iter().copied().find(|reason| reason.name() == name);
    found.ok_or_else(|| format!("no stable reason is named {name:?}"))
}

/// Is this the form of an error id?
pub fn is_error_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
