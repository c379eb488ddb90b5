//! The look-up behind an answer, in the order that misses no change.
//!
//! A change commits in the registry, then passes the log thread, which moves the change counter. A look-up reads the counter
//! first and takes its snapshot after. So if the counter that it read is still the newest for its person when the answer
//! comes to the log, the snapshot held every change that the log holds by then; if not, the log sends it back. Either the
//! answer saw the change, or its entry stands before the change's and whoever pushes changes finds it.

use huxin_ledger::Guard;
use huxin_registry::PersonKey;

/// Looks a person up: `counter` reads the change counter, `snapshot` the registry.
///
/// # Errors
/// Those of `snapshot`.
pub fn look_up<T, E>(
    person: &PersonKey,
    counter: impl FnOnce() -> u64,
    snapshot: impl FnOnce() -> Result<T, E>,
) -> Result<(T, Guard), E> {
    let seen = counter();
    Ok((snapshot()?, Guard { person: person.0, seen }))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, channel};

    use huxin_attest::{
        ClaimFields, Claims, CodeStatus, Document, DocumentType, Ed25519Key, KeyDirectory, KeyId, Kind,
        Kinds, ListedKey, RegionCode, Signer as _, StatementVerifier, SubjectCommitment, SubjectSalt,
        SystemRandom, UnixMs, UnixSecs, sign_single,
    };
    use huxin_ledger::writer::{Settings, Submission};
    use huxin_ledger::{
        Delivery, Done, FileSettings, FileStore, Leaf, LeafType, Log, LogHandle, LogWriter, RuntimeId, Salt,
    };
    use huxin_registry::{EmbeddedRegistry, Found, ProvinceSecret, Registry as _, RegistryError, Write};

    use super::*;
    use crate::clock::RealClock;

    /// Where a look-up and its way into the log can be held up, in their order.
    const BEFORE_THE_COUNTER: u8 = 0;
    const BEFORE_THE_SNAPSHOT: u8 = 1;
    const BEFORE_THE_LOG: u8 = 2;
    const AFTER_THE_LOG: u8 = 3;

    struct Key(Ed25519Key);

    impl KeyDirectory for Key {
        fn statement_key(&self, _: RegionCode, _: KeyId) -> Option<ListedKey<'_>> {
            let (from, until) = (UnixMs::default(), UnixMs::MAX);
            Some(ListedKey { department: "hb-data", key: self.0.public_key(), from, until })
        }
    }

    fn green_code(secret: &ProvinceSecret) -> (PersonKey, Write) {
        let region: RegionCode = "42".parse().unwrap();
        let subject = Document::parse(DocumentType::Passport, "E12345678").unwrap();
        let (salt, stated_at) = (SubjectSalt([1; 16]), UnixSecs::new(1_657_242_000).unwrap());
        let commitment = SubjectCommitment::of(&subject, &salt);
        let department = "hb-data".parse().unwrap();
        let mut fields = ClaimFields::new(Kind::HealthCode, region, department, stated_at, commitment);
        fields.status = Some(CodeStatus::Green);
        let key = Key(Ed25519Key::from_seed(&[7; 32]).unwrap());
        let envelope = sign_single(&Claims::new(fields).unwrap(), &key.0).unwrap();
        let attestation = StatementVerifier::new(0).verify(&envelope, region, &key, &subject, &salt).unwrap();
        let person = secret.person(&subject);
        (person, Write::State { person, attestation, envelope, salt })
    }

    /// A node's registry and log, and one change to come.
    struct Node {
        registry: EmbeddedRegistry,
        handle: LogHandle,
        deliveries: Receiver<Delivery>,
        person: PersonKey,
        change: Write,
        /// Where the answer is held up until the change is committed, and until it is logged.
        schedule: (u8, u8),
        logged: RefCell<Option<u64>>,
        _log: LogWriter,
        _folder: tempfile::TempDir,
    }

    impl Node {
        fn new(schedule: (u8, u8)) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let secret = ProvinceSecret::from_bytes(&[7; 32]).unwrap();
            let (person, change) = green_code(&secret);
            let registry = EmbeddedRegistry::open(&folder.path().join("registry.redb"), &secret).unwrap();
            let store =
                FileStore::open(&folder.path().join("log"), &mut SystemRandom, FileSettings::default())
                    .unwrap();
            let key = Box::new(Ed25519Key::from_seed(&[5; 32]).unwrap());
            let log = Log::open(store, "hb.example/log/0".parse().unwrap(), key).unwrap();
            let (sender, deliveries) = channel();
            let waker = Box::new(move |delivery| drop(sender.send(delivery)));
            let never = Box::new(|error: &_| panic!("{error}"));
            let (log, handle) =
                LogWriter::start(log, Settings::default(), vec![waker], Arc::new(RealClock), never).unwrap();
            let logged = RefCell::default();
            Self {
                registry,
                handle,
                deliveries,
                person,
                change,
                schedule,
                logged,
                _log: log,
                _folder: folder,
            }
        }

        fn submit(&self, leaf_type: LeafType, guard: Option<Guard>) -> Done {
            let leaf = Leaf { leaf_type, at: UnixMs::default(), commitment: Default::default() };
            let submission = Submission {
                runtime: RuntimeId(0),
                ticket: 1,
                leaf,
                salt1: Salt([0; 16]),
                public: Default::default(),
                details: Default::default(),
                stream: None,
                guard,
                change: (leaf_type == LeafType::Change).then_some(self.person.0),
            };
            self.handle.submit(submission).unwrap();
            self.deliveries.recv().unwrap().done.remove(0)
        }

        /// The answer is held up here: the change takes the steps that are due.
        fn pause(&self, point: u8) {
            if self.schedule.0 == point {
                self.registry.commit(std::slice::from_ref(&self.change), None).unwrap();
            }
            if self.schedule.1 == point {
                let Done::Logged { index, .. } = self.submit(LeafType::Change, None) else {
                    panic!("logged")
                };
                *self.logged.borrow_mut() = Some(index);
            }
        }

        fn counter(&self) -> u64 {
            self.pause(BEFORE_THE_COUNTER);
            self.handle.change_counter()
        }

        fn snapshot(&self, pause: u8) -> Result<Found, RegistryError> {
            self.pause(pause);
            self.registry.look_up(&self.person, Kinds::NONE.with(Kind::HealthCode))
        }
    }

    /// What became of the answer.
    struct Answered {
        saw_the_change: bool,
        stands_before_it: bool,
        was_sent_back: bool,
    }

    fn answer(node: &Node, first: (Found, Guard)) -> Answered {
        let (mut found, guard) = first;
        node.pause(BEFORE_THE_LOG);
        let mut done = node.submit(LeafType::Answer, Some(guard));
        let was_sent_back = matches!(done, Done::LookAgain { .. });
        if was_sent_back {
            let counter = || node.handle.change_counter();
            let again = look_up(&node.person, counter, || {
                node.registry.look_up(&node.person, Kinds::NONE.with(Kind::HealthCode))
            });
            let (newer, guard) = again.unwrap();
            (found, done) = (newer, node.submit(LeafType::Answer, Some(guard)));
        }
        node.pause(AFTER_THE_LOG);
        let Done::Logged { index, .. } = done else { panic!("sent back twice by one change") };
        let change = node.logged.borrow().unwrap();
        Answered { saw_the_change: !found.heads.is_empty(), stands_before_it: index < change, was_sent_back }
    }

    #[test]
    fn in_every_order_an_answer_saw_the_change_or_stands_before_it_in_the_log() {
        for committed in BEFORE_THE_COUNTER..=AFTER_THE_LOG {
            for logged in committed..=AFTER_THE_LOG {
                let node = Node::new((committed, logged));
                let first = look_up(&node.person, || node.counter(), || node.snapshot(BEFORE_THE_SNAPSHOT));
                let answered = answer(&node, first.unwrap());
                let schedule = (committed, logged);
                assert!(answered.saw_the_change || answered.stands_before_it, "{schedule:?}");
                let moved_meanwhile = [BEFORE_THE_SNAPSHOT, BEFORE_THE_LOG].contains(&logged);
                assert_eq!(answered.was_sent_back, moved_meanwhile, "{schedule:?}");
            }
        }
    }

    #[test]
    fn with_the_snapshot_before_the_counter_a_change_would_be_missed() {
        // The snapshot is taken first, then the change commits and is logged, then the counter is read.
        let node = Node::new((BEFORE_THE_COUNTER, BEFORE_THE_COUNTER));
        let found = node.snapshot(BEFORE_THE_SNAPSHOT).unwrap();
        let guard = Guard { person: node.person.0, seen: node.counter() };
        let answered = answer(&node, (found, guard));
        assert!(!answered.saw_the_change && !answered.stands_before_it && !answered.was_sent_back);
    }
}
