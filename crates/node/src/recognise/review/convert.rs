//! Requests about decisions: from the wire into the domain's types, and what stands in their replies.

use huxin_attest::UnixMs;
use huxin_ledger::public::Resolved;
use huxin_wire::convert::{InvalidField, fixed, line};
use huxin_wire::v1;
use prost::Message as _;

/// The longest name of an officer, in characters.
const MAX_OFFICER: usize = 64;
/// The longest reason, in characters.
const MAX_REASON: usize = 500;
/// The longest name of a log, in bytes.
const MAX_ORIGIN: usize = 255;
/// Reviews on a page where the caller states no number, and at most.
const PAGE: (usize, usize) = (20, 100);

/// Which decision is meant.
pub struct Which {
    /// The log; empty: the node's only one.
    pub origin: String,
    /// The entry.
    pub index: u64,
}

/// What a person did with a review.
pub struct Resolving {
    /// The decision.
    pub which: Which,
    /// The same in a retry.
    pub request_id: [u8; 16],
    /// What was decided.
    pub resolved: Resolved,
    /// Who decided.
    pub officer: String,
    /// Why.
    pub reason: String,
    /// The request's bytes, in protobuf's field order.
    pub bytes: Vec<u8>,
}

impl Resolving {
    /// Reads a request.
    ///
    /// # Errors
    /// If a field is missing or out of its bounds.
    pub fn parse(message: v1::ResolveRequest) -> Result<Self, InvalidField> {
        let bytes = message.encode_to_vec();
        let v1::ResolveRequest { request_id, origin, index, resolution, officer, reason } = message;
        let resolved = match v1::Resolution::try_from(resolution) {
            Ok(v1::Resolution::Admitted) => Resolved::Admitted,
            Ok(v1::Resolution::Refused) => Resolved::Refused,
            Ok(v1::Resolution::Unspecified) => return Err(InvalidField::Missing("resolution")),
            Err(_) => return Err(InvalidField::form("resolution", "unknown")),
        };
        Ok(Self {
            request_id: fixed(&request_id, "request_id")?,
            which: which(origin, index)?,
            resolved,
            officer: line(officer, "officer", MAX_OFFICER)?,
            reason: line(reason, "reason", MAX_REASON)?,
            bytes,
        })
    }

    /// The record that the log keeps.
    pub fn record(
        &self,
        origin: &str,
        decision: &super::kept::Recorded,
        app: &str,
        now: UnixMs,
    ) -> v1::ResolutionRecord {
        let resolution = match self.resolved {
            Resolved::Admitted => v1::Resolution::Admitted,
            Resolved::Refused => v1::Resolution::Refused,
        };
        v1::ResolutionRecord {
            origin: origin.to_owned(),
            index: decision.index,
            decision_sha256: huxin_attest::sha256(&[&decision.body]).0.to_vec().into(),
            resolution: resolution.into(),
            officer: self.officer.clone(),
            reason: self.reason.clone(),
            resolved_unix_ms: now.as_ms(),
            open_ms: now.ms_since(decision.leaf.at).max(0),
            app: app.to_owned(),
        }
    }
}

/// Is this record of the same app's request with the same id?
pub fn is_of_request(
    record: &v1::ResolutionRecord,
    request: &[u8],
    app: &str,
    request_id: &[u8; 16],
) -> bool {
    record.app == app
        && v1::ResolveRequest::decode(request)
            .is_ok_and(|earlier| earlier.request_id == request_id.as_slice())
}

/// Reads the request of an explanation.
///
/// # Errors
/// If a field is out of its bounds.
pub fn explain(message: v1::ExplainRequest) -> Result<Which, InvalidField> {
    let v1::ExplainRequest { origin, index } = message;
    which(origin, index)
}

fn which(origin: String, index: u64) -> Result<Which, InvalidField> {
    Ok(Which { origin: huxin_wire::convert::text(origin, "origin", MAX_ORIGIN)?, index })
}

/// Reads which reviews are wanted: how many, and behind which entry.
///
/// # Errors
/// If there can be no such page.
pub fn page(message: v1::ReviewsRequest) -> Result<(usize, Option<u64>), InvalidField> {
    let v1::ReviewsRequest { page_size, page_token } = message;
    let (usual, most) = PAGE;
    let size = match usize::try_from(page_size) {
        Ok(0) => usual,
        Ok(size) if size <= most => size,
        _ => return Err(InvalidField::form("page_size", "at most 100")),
    };
    let after = (!page_token.is_empty()).then(|| page_token.parse::<u64>()).transpose();
    let after = after.map_err(|_| InvalidField::form("page_token", "not one of this node's"))?;
    Ok((size, after))
}

/// A page of reviews; `behind` is the entry behind which the next one begins.
pub fn page_reply(reviews: Vec<v1::OpenReview>, behind: Option<u64>) -> v1::ReviewsReply {
    v1::ReviewsReply { reviews, next_page_token: behind.map(|index| index.to_string()).unwrap_or_default() }
}

/// An open review as its department sees it. What was erased is empty.
pub fn open_review(
    origin: &str,
    index: u64,
    at: UnixMs,
    now: UnixMs,
    kept: &crate::exchange::Details,
) -> v1::OpenReview {
    let request = v1::RecogniseRequest::decode(kept.request.clone()).unwrap_or_default();
    let v1::RecogniseRequest {
        presentations: _,
        place_id,
        purpose: _,
        origin_area: _,
        case_ref,
        request_id: _,
    } = request;
    let decision = v1::Decision::decode(kept.body.clone()).unwrap_or_default();
    v1::OpenReview {
        origin: origin.to_owned(),
        index,
        decided_unix_ms: at.as_ms(),
        open_ms: now.ms_since(at).max(0),
        place_id,
        case_ref,
        rule: decision.rule,
        case: decision.case,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> v1::ResolveRequest {
        v1::ResolveRequest {
            request_id: vec![7; 16].into(),
            origin: String::new(),
            index: 3,
            resolution: v1::Resolution::Refused.into(),
            officer: "示例：值班员 0417".into(),
            reason: "核对原件，证件非本人".into(),
        }
    }

    #[test]
    fn a_resolution_needs_its_words_and_bounds_them_in_characters() {
        assert!(Resolving::parse(request()).is_ok_and(|read| read.resolved == Resolved::Refused));
        type Change = fn(&mut v1::ResolveRequest);
        let bad: [Change; 10] = [
            |request| request.request_id = vec![7; 15].into(),
            |request| request.resolution = 0,
            |request| request.resolution = 3,
            |request| request.officer.clear(),
            |request| request.officer = "　".into(),
            |request| request.officer = "员".repeat(65),
            |request| request.reason.clear(),
            |request| request.reason = "由".repeat(501),
            |request| request.reason = "一行\n两行".into(),
            |request| request.reason = "倒\u{202e}写".into(),
        ];
        for change in bad {
            let mut wrong = request();
            change(&mut wrong);
            assert!(Resolving::parse(wrong.clone()).is_err(), "{wrong:?}");
        }
        let mut longest = request();
        (longest.officer, longest.reason) = ("员".repeat(64), "由".repeat(500));
        assert!(Resolving::parse(longest).is_ok());
    }

    #[test]
    fn a_page_has_twenty_reviews_unless_stated_and_a_hundred_at_most() {
        let read = |page_size, token: &str| page(v1::ReviewsRequest { page_size, page_token: token.into() });
        assert_eq!(read(0, ""), Ok((20, None)));
        assert_eq!(read(100, "17"), Ok((100, Some(17))));
        assert!(read(101, "").is_err() && read(1, "-1").is_err() && read(1, "x").is_err());
    }
}
