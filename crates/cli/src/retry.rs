//! One call to a node, repeated where the node, or the loss of the connection, says that this can help.

use std::time::Duration;

use huxin_wire::error::reason_of;
use huxin_wire::{Reason, Retry};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::connection::Peer;
use crate::exit::CliError;
use crate::messages;

/// How often a call is made at most.
const ATTEMPTS: u32 = 6;
/// The pause before the first repetition; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// A node that wants a longer pause is not asked again.
const LONGEST: Duration = Duration::from_secs(60);

/// Why a call failed for good.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The node was not reached.
    Dial(CliError),
    /// The node, or the way to it, says no.
    Status(Box<Status>),
}

impl CallError {
    /// The stable reason, where a node gave one.
    pub(crate) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Dial(_) => None,
            Self::Status(status) => reason(status),
        }
    }
}

impl From<CallError> for CliError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Dial(error) => error,
            CallError::Status(status) => Self::environment(messages::refused(reason(&status), &status)),
        }
    }
}

/// Makes a call until it succeeds, a repetition cannot help, or it was made often enough. `attempt` must send the same
/// request id and the same bytes each time, within `deadline`.
///
/// # Errors
/// As the last attempt. A node that is not reached at the first attempt is not dialled again.
pub(crate) async fn call<T>(
    peer: &mut Peer,
    deadline: Duration,
    mut attempt: impl AsyncFnMut(Channel) -> Result<T, Status>,
) -> Result<T, CallError> {
    for number in 0.. {
        let last = number + 1 == ATTEMPTS;
        let backoff = PAUSE.saturating_mul(1 << number);
        let (pause, failed) = match peer.channel().await {
            Err(error) => (backoff, CallError::Dial(error)),
            Ok(channel) => {
                let replied = tokio::time::timeout(deadline, attempt(channel)).await;
                let status = match replied {
                    Ok(Ok(reply)) => return Ok(reply),
                    Ok(Err(status)) => status,
                    Err(_) => Status::deadline_exceeded("no reply came in time"),
                };
                if reason(&status).is_none() {
                    peer.forget();
                }
                let Some(pause) = pause_after(&status, backoff) else {
                    return Err(CallError::Status(Box::new(status)));
                };
                (pause, CallError::Status(Box::new(status)))
            }
        };
        if last || (number == 0 && matches!(failed, CallError::Dial(_))) {
            return Err(failed);
        }
        tracing::warn!(attempt = number + 1, ?pause, "the call failed and is repeated");
        tokio::time::sleep(pause).await;
    }
    Err(CallError::Status(Box::new(Status::deadline_exceeded("the call was repeated too often"))))
}

fn reason(status: &Status) -> Option<Reason> {
    let (name, _) = reason_of(status)?;
    Reason::ALL.iter().copied().find(|reason| reason.name() == name)
}

/// How long to wait before the same call may go better; `None`: it cannot.
fn pause_after(status: &Status, backoff: Duration) -> Option<Duration> {
    match reason(status).map(Reason::retry) {
        Some(Retry::Never) => None,
        Some(Retry::SameId) => Some(backoff),
        Some(Retry::After(pause)) => (pause <= LONGEST).then_some(pause.max(backoff)),
        // Not said by a node: the connection broke.
        None => {
            let lost = matches!(
                status.code(),
                Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded | Code::Internal
            );
            lost.then_some(backoff)
        }
    }
}

#[cfg(test)]
mod tests {
    use huxin_wire::Failure;
    use huxin_wire::error::ErrorId;

    use super::*;

    #[test]
    fn what_a_node_refuses_for_good_is_not_repeated_and_what_broke_is() {
        let pause = |reason: Reason| {
            pause_after(&Failure::from(reason).to_status(ErrorId([1; 8])), Duration::from_millis(1))
        };
        assert_eq!(pause(Reason::PlaceUnknown), None);
        assert_eq!(pause(Reason::MissesExceeded), None);
        assert_eq!(pause(Reason::Internal), Some(Duration::from_millis(1)));
        assert_eq!(pause(Reason::Overloaded), Some(Duration::from_millis(250)));
        assert!(pause_after(&Status::unavailable("reset"), PAUSE).is_some());
        assert!(pause_after(&Status::unimplemented("proxy"), PAUSE).is_none());
    }
}
