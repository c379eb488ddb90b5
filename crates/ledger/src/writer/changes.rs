//! Which person's statements changed last, so that no answer misses a change on its way into the log.
//!
//! A look-up reads the counter before its snapshot. A change is committed in the registry before it comes here. So an
//! answer whose person changed after the counter that it read may rest on an old snapshot, and looks up again. What was
//! forgotten counts as changed: forgetting costs a look-up, never a missed change.

use std::collections::{HashMap, VecDeque};

use huxin_attest::UnixMs;

/// The most changes remembered; above, the oldest are forgotten early.
const MAX_REMEMBERED: usize = 65_536;

/// The pseudonym under which guards and changes meet: 32 bytes that the registry derives for a person.
pub type PersonKey = [u8; 32];

/// What a look-up saw before it took its snapshot.
#[derive(Clone, Copy)]
pub struct Guard {
    /// Whom the look-up was about.
    pub person: PersonKey,
    /// The change counter, read before the snapshot was taken.
    pub seen: u64,
}

/// The changes of the last seconds.
pub(super) struct Changes {
    memory_ms: i64,
    counter: u64,
    last: HashMap<PersonKey, u64>,
    by_age: VecDeque<(UnixMs, PersonKey, u64)>,
    /// The newest change that was forgotten.
    forgotten: u64,
}

impl Changes {
    pub(super) fn new(memory_ms: i64) -> Self {
        Self { memory_ms, counter: 0, last: HashMap::new(), by_age: VecDeque::new(), forgotten: 0 }
    }

    /// Notes a change and returns the counter's new value.
    pub(super) fn note(&mut self, person: PersonKey, now: UnixMs) -> u64 {
        self.counter += 1;
        self.last.insert(person, self.counter);
        self.by_age.push_back((now, person, self.counter));
        if self.by_age.len() > MAX_REMEMBERED {
            self.forget_oldest();
        }
        self.counter
    }

    /// Does the look-up still hold: has this person not changed since it began?
    pub(super) fn holds(&self, guard: &Guard) -> bool {
        guard.seen >= self.forgotten
            && self.last.get(&guard.person).is_none_or(|changed| *changed <= guard.seen)
    }

    /// Forgets what is older than any look-up that may still be on its way.
    pub(super) fn forget(&mut self, now: UnixMs) {
        while let Some((at, ..)) = self.by_age.front()
            && now.ms_since(*at) > self.memory_ms
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, person, counter)) = self.by_age.pop_front() {
            self.forgotten = counter;
            if self.last.get(&person) == Some(&counter) {
                self.last.remove(&person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: PersonKey = [1; 32];
    const Q: PersonKey = [2; 32];

    fn at(ms: i64) -> UnixMs {
        UnixMs::from_ms(ms).unwrap()
    }

    fn guard(person: PersonKey, seen: u64) -> Guard {
        Guard { person, seen }
    }

    #[test]
    fn a_look_up_holds_until_its_own_person_changes() {
        let mut changes = Changes::new(2000);
        assert!(changes.holds(&guard(P, 0)));
        assert_eq!(changes.note(P, at(0)), 1);
        assert!(!changes.holds(&guard(P, 0)));
        assert!(changes.holds(&guard(P, 1)) && changes.holds(&guard(Q, 0)));
    }

    #[test]
    fn a_look_up_older_than_the_memory_must_be_repeated() {
        let mut changes = Changes::new(2000);
        changes.note(P, at(0));
        changes.forget(at(2000));
        assert!(changes.holds(&guard(Q, 0)));
        changes.forget(at(2001));
        assert!(changes.last.is_empty() && changes.by_age.is_empty());
        assert!(!changes.holds(&guard(P, 0)) && !changes.holds(&guard(Q, 0)));
        assert!(changes.holds(&guard(P, 1)));
    }

    #[test]
    fn the_newer_of_two_changes_outlives_the_older() {
        let mut changes = Changes::new(2000);
        changes.note(P, at(0));
        changes.note(P, at(1500));
        changes.forget(at(2500));
        assert!(!changes.holds(&guard(P, 1)));
        assert!(changes.holds(&guard(P, 2)));
    }

    #[test]
    fn the_memory_is_bounded_and_stays_safe() {
        let mut changes = Changes::new(2000);
        for n in 0..=MAX_REMEMBERED as u64 {
            let mut person = [0; 32];
            person[..8].copy_from_slice(&n.to_be_bytes());
            changes.note(person, at(0));
        }
        assert_eq!(changes.by_age.len(), MAX_REMEMBERED);
        assert!(!changes.holds(&guard(P, 0)));
        assert!(changes.holds(&guard(P, 1)));
    }
}
