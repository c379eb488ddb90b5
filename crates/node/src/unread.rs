//! Calls that the library beneath ends before they reach us: a message too long, compressed, cut off or no message at
//! all. They get a stable reason and an error id too.

use http::HeaderMap;
use huxin_wire::{Failure, Reason};
use tonic::{Code, Status};

use crate::limits;

/// What the caller is told of a request that could not be read.
///
/// The library's own text is not passed on: it may quote what was sent.
pub fn unread(status: &Status) -> Failure {
    match status.code() {
        Code::OutOfRange => {
            Failure::new(Reason::MessageTooLarge, format!("at most {} bytes", limits::MESSAGE))
        }
        // The library says which compressions it takes where it refuses one.
        Code::Unimplemented if status.metadata().contains_key("grpc-accept-encoding") => {
            Failure::new(Reason::InvalidRequest, "compressed messages are not taken")
        }
        Code::Unimplemented => Reason::UnknownRpc.into(),
        _ => Failure::new(Reason::InvalidRequest, "the call holds no message of its type"),
    }
}

/// Did the connection break, so that nobody is there to be told? What was sent and cannot be read has no cause beneath.
pub fn broke_off(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
}

/// The failure in a response's headers or trailers that nothing of ours has named yet.
pub fn unnamed(service: &str, headers: &HeaderMap) -> Option<Failure> {
    if !headers.contains_key("grpc-status") || headers.contains_key("grpc-status-details-bin") {
        return None;
    }
    let status = Status::from_header_map(headers)?;
    match status.code() {
        Code::Ok => None,
        // The word of the standard health service for a service that it does not know.
        Code::NotFound if !service.starts_with("huxin.") => None,
        _ => Some(unread(&status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(service: &str, status: Status) -> Option<Reason> {
        unnamed(service, status.into_http::<()>().headers()).map(|failure| failure.reason)
    }

    #[test]
    fn what_the_library_refuses_gets_a_reason_and_what_we_refused_keeps_its_own() {
        let ours = "huxin.v1.Ledger";
        assert_eq!(named(ours, Status::internal("no message")), Some(Reason::InvalidRequest));
        assert_eq!(named(ours, Status::unimplemented("")), Some(Reason::UnknownRpc));
        let mut compressed = Status::unimplemented("gzip");
        compressed.metadata_mut().insert("grpc-accept-encoding", "identity".parse().unwrap());
        assert_eq!(named(ours, compressed), Some(Reason::InvalidRequest));
        assert_eq!(named(ours, Status::out_of_range("long")), Some(Reason::MessageTooLarge));
        let already = Failure::from(Reason::NotInLog).to_status(huxin_wire::error::ErrorId([1; 8]));
        assert_eq!(named(ours, already), None);
        assert_eq!(unnamed(ours, &HeaderMap::new()).map(|failure| failure.reason), None);
    }

    #[test]
    fn the_health_service_keeps_its_own_word_for_a_service_it_does_not_know() {
        let health = "grpc.health.v1.Health";
        assert_eq!(named(health, Status::not_found("who")), None);
        assert_eq!(named(health, Status::internal("no message")), Some(Reason::InvalidRequest));
    }
}
