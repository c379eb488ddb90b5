//! Signs batches on one thread while others are on their way to the node, and notes each that the node acknowledges.
//!
//! A batch is sent on one of two connections, so that the node can check the next while it makes one durable. At most
//! [`LANES`] + [`AHEAD`] + 1 batches are in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use huxin_attest::{Ed25519Key, SubjectSalt};
use huxin_node::limits::IMPORT_DEADLINE;
use huxin_registry::ToSign;
use huxin_wire::Reason;
use huxin_wire::v1::registry_client::RegistryClient;
use huxin_wire::v1::{ImportReply, SignedStatement};
use tokio::sync::{Mutex, mpsc};

use super::names::Names;
use super::progress::Progress;
use super::resume::{Done, Resume};
use super::source::Batches;
use crate::connection::{Peer, block_on};
use crate::department::{self, Fact};
use crate::exit::CliError;
use crate::{messages, retry};

/// Connections, each with one batch on its way.
pub(super) const LANES: usize = 2;
/// Batches that are signed and wait for a connection.
const AHEAD: usize = 1;

/// A signed batch.
struct Signed {
    number: u64,
    request_id: [u8; 16],
    statements: Vec<SignedStatement>,
}

type Queue = mpsc::Receiver<Result<Signed, CliError>>;

/// What the batches that the node acknowledged come to.
struct Acknowledged<'a, 'p> {
    resume: &'a mut Resume,
    progress: Progress<'p>,
    before: u64,
    total: u64,
}

/// Sends every batch that is not done; `total` is the number of facts of all.
///
/// # Errors
/// If the file changed, the key cannot sign, the node refuses a batch, or a batch cannot be noted. What was acknowledged
/// until then is noted.
pub(super) fn send_all<S: Fn(u64) -> SubjectSalt + Send>(
    batches: Batches<'_, S>,
    key: &Ed25519Key,
    names: &Names,
    peers: [Peer; LANES],
    resume: &mut Resume,
    progress: Progress<'_>,
    total: u64,
) -> Result<(), CliError> {
    let skip: BTreeSet<u64> = resume.done.keys().copied().collect();
    let before = resume.acknowledged();
    let acknowledged = RefCell::new(Acknowledged { resume, progress, before, total });
    let (ready, queue) = mpsc::channel(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || sign_all(batches, key, names, &skip, &ready));
        block_on(drain(peers, queue, &acknowledged))
    })
}

/// Signs until the file ends, something fails, or nobody wants more.
fn sign_all<S: Fn(u64) -> SubjectSalt>(
    mut batches: Batches<'_, S>,
    key: &Ed25519Key,
    names: &Names,
    skip: &BTreeSet<u64>,
    ready: &mpsc::Sender<Result<Signed, CliError>>,
) {
    loop {
        let signed = match batches.next() {
            Ok(None) => return,
            Ok(Some((number, _))) if skip.contains(&number) => continue,
            Ok(Some((number, batch))) => sign(number, batch, key, names),
            Err(error) => Err(error),
        };
        let failed = signed.is_err();
        if ready.blocking_send(signed).is_err() || failed {
            return;
        }
    }
}

fn sign(number: u64, batch: Vec<ToSign>, key: &Ed25519Key, names: &Names) -> Result<Signed, CliError> {
    let fact = |ToSign { claims, document, salt }| Fact { claims, document, salt };
    let facts: Vec<Fact> = batch.into_iter().map(fact).collect();
    let statements = department::sign(&facts, key);
    let statements = statements.map_err(|error| CliError::environment(error.to_string()))?;
    Ok(Signed { number, request_id: names.request_id(number), statements })
}

/// Runs the connections until the queue is empty or one of them fails; what is on its way is waited for.
async fn drain(
    peers: [Peer; LANES],
    queue: Queue,
    acknowledged: &RefCell<Acknowledged<'_, '_>>,
) -> Result<(), CliError> {
    let (queue, failed) = (Mutex::new(queue), Cell::new(false));
    let lane = async |mut peer: Peer| -> Result<(), CliError> {
        loop {
            let next = queue.lock().await.recv().await;
            let Some(signed) = next.filter(|_| !failed.get()) else { return Ok(()) };
            let sent = match signed {
                Ok(signed) => send(&mut peer, signed, acknowledged).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                failed.set(true);
                return Err(error);
            }
        }
    };
    let [one, two] = peers;
    let (one, two) = tokio::join!(lane(one), lane(two));
    one.and(two).map_err(|error| acknowledged.borrow().stopped(&error))
}

/// Sends one batch, the same bytes in every attempt, and notes it.
async fn send(
    peer: &mut Peer,
    Signed { number, request_id, statements }: Signed,
    acknowledged: &RefCell<Acknowledged<'_, '_>>,
) -> Result<(), CliError> {
    let reply = retry::call(peer, IMPORT_DEADLINE, async |channel| {
        department::send(&mut RegistryClient::new(channel), request_id, statements.clone()).await
    });
    match reply.await {
        Ok(reply) => acknowledged.borrow_mut().note(number, &reply),
        Err(error) if error.reason() == Some(Reason::StatedAtOff) => {
            let resume = &acknowledged.borrow().resume;
            let problem = messages::import_too_old(resume.plan.stated_at, resume.path());
            Err(CliError::environment(problem))
        }
        Err(error) => Err(error.into()),
    }
}

impl Acknowledged<'_, '_> {
    fn note(&mut self, batch: u64, reply: &ImportReply) -> Result<(), CliError> {
        let ImportReply { changed, unchanged } = *reply;
        self.resume.note(Done { batch, changed, unchanged })?;
        self.progress.imported(self.resume.acknowledged(), self.before, self.total);
        Ok(())
    }

    fn stopped(&self, error: &CliError) -> CliError {
        CliError::new(
            error.exit,
            messages::import_stopped(self.resume.acknowledged(), self.total, &error.message),
        )
    }
}
