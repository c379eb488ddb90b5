//! Changes on their way from the registry into the log. Nobody is told of a change that the log does not hold, also not
//! by an answer from memory.
//!
//! A request announces its people *before* it commits. Whoever commits later and finds that all was so already has
//! found what another request wrote, and that one announced itself before: so it waits for those that are under way
//! about the same people. Each request first finishes its own part and only then waits, so no two wait for each other.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use huxin_registry::{Committed, Outcome, PendingChange, PersonKey};
use huxin_wire::{Failure, Reason};
use tokio::sync::watch;

/// The requests under way, by the people whom they are about.
#[derive(Debug, Default)]
pub struct InFlight {
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    next: u64,
    people: HashMap<PersonKey, Vec<(u64, Settled)>>,
}

/// Becomes true once nothing of the request is left to be logged. Ends without if its changes were not logged.
type Settled = watch::Receiver<bool>;

/// One request under way. Dropped unsettled, it says that its changes did not reach the log.
#[derive(Debug)]
struct Turn {
    all: Arc<InFlight>,
    id: u64,
    people: Vec<PersonKey>,
    settled: watch::Sender<bool>,
}

/// Commits and logs. What was so already is acknowledged once the log holds what made it so.
///
/// # Errors
/// Those of `commit` and `log`; [`Reason::ShuttingDown`] if another request, on which this one rests, was not logged.
pub async fn carry<L: Future<Output = Result<(), Failure>>>(
    all: &Arc<InFlight>,
    people: Vec<PersonKey>,
    commit: impl Future<Output = Result<Committed, Failure>>,
    log: impl FnOnce(Vec<PendingChange>) -> L,
) -> Result<Committed, Failure> {
    let turn = all.begin(people);
    let mut committed = match commit.await {
        Ok(committed) => committed,
        Err(failure) => {
            turn.settle();
            return Err(failure);
        }
    };
    let rests_on_others = match &mut committed {
        Committed::Before(_) => true,
        Committed::Now { outcomes, changes } => {
            log(std::mem::take(changes)).await?;
            outcomes.contains(&Outcome::Known)
        }
    };
    let others = turn.settle();
    if rests_on_others {
        for mut other in others {
            other.wait_for(|settled| *settled).await.map_err(|_| Failure::from(Reason::ShuttingDown))?;
        }
    }
    Ok(committed)
}

impl InFlight {
    fn begin(self: &Arc<Self>, mut people: Vec<PersonKey>) -> Turn {
        people.sort_unstable();
        people.dedup();
        let (settled, others) = watch::channel(false);
        let mut turns = self.turns();
        let id = turns.next;
        turns.next += 1;
        for person in &people {
            turns.people.entry(*person).or_default().push((id, others.clone()));
        }
        drop(turns);
        Turn { all: Arc::clone(self), id, people, settled }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Nothing of this request is left to be logged. The other requests that are under way about the same people.
    fn settle(self) -> Vec<Settled> {
        self.settled.send_replace(true);
        let turns = self.all.turns();
        let others = self.people.iter().filter_map(|person| turns.people.get(person)).flatten();
        let mut others: Vec<_> = others.filter(|(id, _)| *id != self.id).cloned().collect();
        drop(turns);
        others.sort_unstable_by_key(|(id, _)| *id);
        others.dedup_by_key(|(id, _)| *id);
        others.into_iter().map(|(_, settled)| settled).collect()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut turns = self.all.turns();
        for person in &self.people {
            if let Some(under_way) = turns.people.get_mut(person) {
                under_way.retain(|(id, _)| *id != self.id);
                if under_way.is_empty() {
                    turns.people.remove(person);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use huxin_attest::{Kind, Kinds};
    use huxin_registry::ChangeId;
    use tokio::sync::oneshot;

    use super::*;

    const P: PersonKey = PersonKey([1; 32]);
    const Q: PersonKey = PersonKey([2; 32]);

    fn changed(person: PersonKey) -> Committed {
        let kinds = Kinds::NONE.with(Kind::HealthCode);
        let changes = vec![PendingChange { id: ChangeId(1), person, kinds }];
        Committed::Now { outcomes: vec![Outcome::Done], changes }
    }

    fn known() -> Committed {
        Committed::Now { outcomes: vec![Outcome::Known], changes: Vec::new() }
    }

    /// Runs as far as it comes without waiting.
    fn poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn request(
        all: &Arc<InFlight>,
        person: PersonKey,
        committed: Committed,
        logged: oneshot::Receiver<()>,
    ) -> std::pin::Pin<Box<impl Future<Output = Result<Committed, Failure>>>> {
        let all = Arc::clone(all);
        Box::pin(async move {
            let log = |changes: Vec<PendingChange>| async move {
                if changes.is_empty() {
                    return Ok(());
                }
                logged.await.map_err(|_| Failure::from(Reason::ShuttingDown))
            };
            carry(&all, vec![person], ready(Ok(committed)), log).await
        })
    }

    #[test]
    fn a_repetition_is_acknowledged_only_once_the_first_is_logged() {
        for repeated in [Committed::Before(vec![1]), known()] {
            let all = Arc::<InFlight>::default();
            let (log, logged) = oneshot::channel();
            let mut first = request(&all, P, changed(P), logged);
            assert!(poll(&mut first).is_none());
            let (_never, nothing) = oneshot::channel();
            let mut again = request(&all, P, repeated.clone(), nothing);
            assert!(poll(&mut again).is_none(), "the first one's change is not logged yet");
            log.send(()).unwrap();
            assert!(poll(&mut again).is_none());
            assert!(poll(&mut first).unwrap().is_ok());
            assert_eq!(poll(&mut again).unwrap(), Ok(repeated));
            assert!(all.turns().people.is_empty());
        }
    }

    #[test]
    fn a_repetition_fails_with_the_first_if_that_is_never_logged() {
        let all = Arc::<InFlight>::default();
        let (log, logged) = oneshot::channel();
        let mut first = request(&all, P, changed(P), logged);
        assert!(poll(&mut first).is_none());
        let (_never, nothing) = oneshot::channel();
        let mut again = request(&all, P, known(), nothing);
        assert!(poll(&mut again).is_none());
        drop(log);
        assert_eq!(poll(&mut first).unwrap().unwrap_err().reason, Reason::ShuttingDown);
        assert_eq!(poll(&mut again).unwrap().unwrap_err().reason, Reason::ShuttingDown);
    }

    #[test]
    fn nobody_waits_for_other_people_nor_for_what_rests_on_nobody() {
        let all = Arc::<InFlight>::default();
        let (_log, logged) = oneshot::channel();
        let mut first = request(&all, P, changed(P), logged);
        assert!(poll(&mut first).is_none());
        let (_never, nothing) = oneshot::channel();
        assert!(poll(&mut request(&all, Q, known(), nothing)).unwrap().is_ok());
        let (log, logged) = oneshot::channel();
        log.send(()).unwrap();
        assert!(poll(&mut request(&all, P, changed(P), logged)).unwrap().is_ok());
    }

    #[test]
    fn two_requests_that_know_each_other_s_facts_do_not_wait_for_each_other() {
        let all = Arc::<InFlight>::default();
        let both = || {
            let changes = vec![PendingChange { id: ChangeId(1), person: P, kinds: Kinds::NONE }];
            Committed::Now { outcomes: vec![Outcome::Known, Outcome::Done], changes }
        };
        let (log_one, logged_one) = oneshot::channel();
        let (log_two, logged_two) = oneshot::channel();
        let mut one = request(&all, P, both(), logged_one);
        let mut two = request(&all, P, both(), logged_two);
        assert!(poll(&mut one).is_none() && poll(&mut two).is_none());
        log_one.send(()).unwrap();
        assert!(poll(&mut one).is_none(), "the other's change is not logged yet");
        log_two.send(()).unwrap();
        assert!(poll(&mut two).unwrap().is_ok() && poll(&mut one).unwrap().is_ok());
    }

    #[test]
    fn a_refused_commit_holds_nobody_up() {
        let all = Arc::<InFlight>::default();
        let refused = ready(Err(Failure::from(Reason::StatementRefused)));
        let mut request = Box::pin(carry(&all, vec![P, P], refused, |_| ready(Ok(()))));
        assert!(poll(&mut request).unwrap().is_err());
        drop(request);
        assert!(all.turns().people.is_empty());
    }
}
