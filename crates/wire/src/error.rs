//! The one place that maps errors to the wire.
//!
//! A failure is a `google.rpc.Status` with an `ErrorInfo` of the domain `huxin`: a stable reason, how a retry may go,
//! and an error id that the logs of both sides hold. Messages never show personal data. The tables below are all the words
//! by which a failure is known; `docs/errors.md` is made from them.

#[cfg(test)]
mod document;
mod reason;
mod statement;
mod table;
mod unanswered;
mod warning;

use std::fmt;
use std::time::Duration;

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

pub use self::reason::Reason;
pub use self::statement::{STATEMENT_ERRORS, statement_words};
pub use self::table::Words;
pub use self::unanswered::Unanswered;
pub use self::warning::Warning;

/// The `ErrorInfo` domain of every failure.
pub const DOMAIN: &str = "huxin";

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request fails again: change it, or the configuration.
    Never,
    /// Send the same request with the same request id.
    SameId,
    /// Wait, then send the same request.
    After(Duration),
}

impl Retry {
    /// The class in `ErrorInfo` metadata: `never`, `same_id` or `after`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::SameId => "same_id",
            Self::After(_) => "after",
        }
    }
}

/// Names one failure in the logs of both sides: 8 random bytes, shown as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorId(pub [u8; 8]);

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A reason with what is particular about this time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", reason.name())]
pub struct Failure {
    /// The stable reason.
    pub reason: Reason,
    /// What is particular: which field, which bound. Never personal data. May be empty.
    pub detail: String,
}

impl Failure {
    /// A failure with its particulars.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The status that travels.
    pub fn to_status(&self, id: ErrorId) -> Status {
        let reason = self.reason;
        let mut details = ErrorDetails::with_error_info(
            reason.name(),
            DOMAIN,
            [("error_id".to_owned(), id.to_string()), ("retry".to_owned(), reason.retry().name().to_owned())],
        );
        if let Retry::After(delay) = reason.retry() {
            details.set_retry_info(Some(delay));
        }
        let separator = if self.detail.is_empty() { "" } else { ": " };
        let message = format!("{}{separator}{} [error {id}]", reason.text_en(), self.detail);
        Status::with_error_details(reason.code(), message, details)
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::new(reason, "")
    }
}

/// The stable reason and the error id inside a status of another Huxin node, if it has them.
pub fn reason_of(status: &Status) -> Option<(String, String)> {
    let info = status.get_error_details().error_info().filter(|info| info.domain == DOMAIN).cloned()?;
    let id = info.metadata.get("error_id").cloned().unwrap_or_default();
    Some((info.reason, id))
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::reason::SHORT_WAIT;
    use super::*;

    #[test]
    fn a_status_carries_reason_retry_class_and_error_id() {
        let id = ErrorId([0xab; 8]);
        let status = Failure::from(Reason::Overloaded).to_status(id);
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert_eq!(reason_of(&status), Some(("overloaded".into(), "abababababababab".into())));
        let details = status.get_error_details();
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(SHORT_WAIT));
        assert_eq!(details.error_info().unwrap().metadata["retry"], "after");
    }

    #[test]
    fn a_foreign_status_has_no_reason() {
        assert_eq!(reason_of(&Status::internal("elsewhere")), None);
    }
}
