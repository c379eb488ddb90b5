use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use huxin_ledger::store::Step;
use huxin_ledger::writer::{OnFatal, Settings, SubmitError};
use huxin_ledger::{FatalLogError, Log, LogHandle, LogWriter, RuntimeId, Submission};
use tempfile::TempDir;

use crate::support::{Fault, FaultyStore, Inbox, TestClock, journal, key, leaf, open, origin, public, salt};

/// What `on_fatal` was told.
struct Recorder(mpsc::Receiver<FatalLogError>);

impl Recorder {
    fn new() -> (OnFatal, Self) {
        let (tell, told) = mpsc::channel();
        (Box::new(move |error| tell.send(error.clone()).unwrap()), Self(told))
    }

    fn wait(&self) -> FatalLogError {
        self.0.recv_timeout(Duration::from_secs(60)).expect("on_fatal was not called")
    }
}

fn start(folder: &Path, fault: Fault) -> (LogWriter, LogHandle, Inbox, Recorder) {
    let store = FaultyStore::new(journal(folder).unwrap(), fault);
    let log = Log::open(store, origin(), key()).unwrap();
    let inbox = Inbox::default();
    let (on_fatal, recorder) = Recorder::new();
    let wakers = vec![inbox.waker()];
    let (writer, handle) =
        LogWriter::start(log, Settings::default(), wakers, TestClock::new(), on_fatal).unwrap();
    (writer, handle, inbox, recorder)
}

fn submission(ticket: u64) -> Submission {
    Submission {
        runtime: RuntimeId(0),
        ticket,
        leaf: leaf(ticket),
        salt1: salt(ticket),
        public: public(ticket).into(),
        details: Default::default(),
        stream: None,
        guard: None,
        change: None,
    }
}

#[test]
fn a_failed_sync_stops_the_log_and_releases_nothing() {
    for (fault, recovered) in [(Fault::Failed(1), 1), (Fault::FailedButPersisted(1), 2)] {
        let folder = TempDir::new().unwrap();
        let (writer, handle, inbox, recorder) = start(folder.path(), fault);
        handle.submit(submission(1)).unwrap();
        inbox.wait_for(1);
        handle.submit(submission(2)).unwrap();
        assert_eq!(recorder.wait().step, Step::Sync);
        assert!(writer.close().is_err());
        assert!(inbox.is_empty(), "nobody may be told of an entry that may be lost");
        assert_eq!(handle.submit(submission(3)), Err(SubmitError::Stopped));
        assert_eq!(handle.reader().size(), 1);
        assert_eq!(open(folder.path()).unwrap().head().checkpoint().size, recovered);
    }
}

#[test]
fn a_panic_in_the_thread_stops_the_log() {
    let folder = TempDir::new().unwrap();
    let (writer, handle, inbox, recorder) = start(folder.path(), Fault::Panics(0));
    handle.submit(submission(1)).unwrap();
    assert_eq!(recorder.wait().step, Step::Thread);
    assert!(writer.close().is_err() && inbox.is_empty());
    assert_eq!(handle.submit(submission(2)), Err(SubmitError::Stopped));
}
