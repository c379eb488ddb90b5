//! A province that lies: a node of its own making, with the genuine certificate and the genuine log key.
//!
//! It answers honestly but for one lie at a time, told before the answer is logged (a province that logs what is not
//! so) or after (somebody altered what was sent).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use huxin_attest::{
    ClaimFields, Claims, CodeStatus, DepartmentName, Digest, Document, EvidenceRef, Kind, SubjectCommitment,
    SubjectSalt, SystemRandom, UnixMs, UnixSecs, sha256, sign_single,
};
use huxin_cli::exercise::Exercise;
use huxin_identity::pki::example::FEDERATION;
use huxin_identity::pki::keys::read_private;
use huxin_identity::{Credentials, Folder, TrustStore, server_config};
use huxin_ledger::leaf::{commitment, exchange_private};
use huxin_ledger::log::Entry;
use huxin_ledger::public::{Exchange, Label};
use huxin_ledger::{FileSettings, FileStore, Leaf, LeafType, Log, Salt};
use huxin_wire::v1::peer_server::{Peer, PeerServer};
use huxin_wire::v1::{self, peer_reply::Message, peer_request};
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::{Federation, person, question, region};

/// Alters something before it is logged or sent.
pub type Change<T> = Box<dyn Fn(&mut T) + Send + Sync>;

/// An answer before it is logged.
pub struct Draft {
    /// What the leaf commits to as the question.
    pub query: Bytes,
    /// The answer.
    pub answer: v1::Answer,
    /// The public half.
    pub public: Exchange,
    /// The leaf's type.
    pub leaf_type: LeafType,
    /// The leaf's time.
    pub at: UnixMs,
}

/// What is told, and where it departs from the truth.
#[derive(Default)]
pub struct Lie {
    /// The statements of the answer.
    pub statements: Vec<v1::AnsweredStatement>,
    /// Told before the answer is logged.
    pub logged: Option<Change<Draft>>,
    /// Told after: a head, then the reply.
    pub sent: Option<Change<Vec<Message>>>,
    /// By how much the greeting's clock is off, in milliseconds.
    pub clock_off_ms: i64,
}

/// Where the liar listens and what it says.
#[derive(Clone)]
pub struct Liar {
    /// Where Guangdong reaches Hubei.
    pub address: SocketAddr,
    lie: Arc<Mutex<Lie>>,
}

/// Guangdong's node, to which the liar is Hubei.
pub struct Deceived {
    /// Guangdong.
    pub federation: Federation,
    /// Hubei.
    pub liar: Liar,
}

impl Deceived {
    /// Starts both.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let liar = Liar { address: listener.local_addr().unwrap(), lie: Arc::default() };
        let (address, served) = (liar.address, liar.clone());
        let adjust = |setting: &mut huxin_cli::exercise::Setting<'_>| {
            setting.endpoints.insert(region(42), vec![address]);
        };
        let federation = Federation::set_up(&[44], 1, adjust, |exercise| served.serve(listener, exercise));
        Self { federation, liar }
    }
}

impl Deceived {
    /// A statement that a department of Hubei signs about the traveller, with claims as `adjust` has them.
    pub fn stated(
        &self,
        department: &str,
        kind: Kind,
        adjust: impl FnOnce(&mut ClaimFields),
    ) -> v1::AnsweredStatement {
        let department: DepartmentName = department.parse().unwrap();
        let key = self.federation.exercise.statement_key(region(42), &department).unwrap();
        let salt = SubjectSalt::random(&mut SystemRandom);
        let commitment = SubjectCommitment::of(&traveller(), &salt);
        let stated_at = UnixSecs::at(self.federation.now());
        let mut fields = ClaimFields::new(kind, region(42), department, stated_at, commitment);
        adjust(&mut fields);
        v1::AnsweredStatement {
            attestation: sign_single(&Claims::new(fields).unwrap(), &key).unwrap().into(),
            subject_salt: salt.0.to_vec().into(),
            standing: v1::Standing::None.into(),
        }
    }

    /// What Guangdong decides about the traveller when Hubei answers with these statements.
    pub async fn recognised(&self, statements: Vec<v1::AnsweredStatement>) -> v1::Recognised {
        self.liar.say(Lie { statements, ..Lie::default() });
        let mut request = question(&traveller(), 42, "gz-south-station", "travel");
        request.origin_area = "420102".into();
        let reply = self.federation.station().await.recognise(request).await.unwrap().into_inner();
        reply.results.into_iter().next().unwrap()
    }
}

/// The person about whom Hubei is asked.
pub fn traveller() -> Document {
    person(1)
}

/// Claims of a red code by Hubei's centre for disease control, with all that makes it count.
pub fn founded_red(fields: &mut ClaimFields) {
    fields.status = Some(CodeStatus::Red);
    fields.assigner = Some("hb-cdc".parse().unwrap());
    fields.assigner_role = Some("cdc".parse().unwrap());
    fields.assigned_for = Some("close_contact".parse().unwrap());
    fields.evidence = vec![EvidenceRef { kind: "case_file".parse().unwrap(), digest: Digest([7; 32]) }];
}

impl Liar {
    /// Says this from now on.
    pub fn say(&self, lie: Lie) {
        *self.lie.lock().unwrap() = lie;
    }

    fn serve(&self, listener: TcpListener, exercise: &Exercise) {
        let hubei = region(42);
        let party = exercise.party(hubei, "node/node-1").unwrap();
        let own = Credentials::load(&party.certificate, &party.key).unwrap();
        let trust = TrustStore::new(
            Arc::clone(exercise.membership()),
            &Folder::new(exercise.folder().join(FEDERATION)),
        );
        let acceptor = TlsAcceptor::from(server_config(&own, Arc::new(trust)).unwrap());
        let book = Book { log: open_log(exercise, "log.key", "liar"), lie: Arc::clone(&self.lie) };
        let service = PeerServer::new(Service { book: Arc::new(Mutex::new(book)) });
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let http = http2::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(tls), TowerToHyperService::new(service)).await;
                });
            }
        });
    }
}

/// A log of Hubei's in a folder of its own, with three entries; the key is a file of the liar's province.
pub fn open_log(exercise: &Exercise, key: &str, folder: &str) -> Log<FileStore> {
    let home = exercise.province_folder(region(42));
    let key = read_private(&std::fs::read(home.join(key)).unwrap()).unwrap();
    let folder = exercise.folder().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let journal = FileStore::open(&folder, &mut SystemRandom, FileSettings::default()).unwrap();
    let mut log = Log::open(journal, "hb.example/log/0".parse().unwrap(), Box::new(key)).unwrap();
    for byte in [1, 2, 3] {
        let at = UnixMs::parse_rfc3339(crate::DAY).unwrap();
        let leaf = Leaf { leaf_type: LeafType::Change, at, commitment: Digest([byte; 32]) };
        log.append(&[Entry::new(&leaf, Salt([0; 16]), Bytes::new(), Bytes::new()).unwrap()]).unwrap();
    }
    log
}

struct Book {
    log: Log<FileStore>,
    lie: Arc<Mutex<Lie>>,
}

struct Service {
    book: Arc<Mutex<Book>>,
}

#[tonic::async_trait]
impl Peer for Service {
    type QueryStreamStream = ReceiverStream<Result<v1::PeerReply, Status>>;

    async fn query_stream(
        &self,
        request: Request<Streaming<v1::PeerRequest>>,
    ) -> Result<Response<Self::QueryStreamStream>, Status> {
        let (out, replies) = mpsc::channel(64);
        tokio::spawn(converse(request.into_inner(), out, Arc::clone(&self.book)));
        Ok(Response::new(ReceiverStream::new(replies)))
    }

    async fn query(&self, _: Request<v1::QueryCall>) -> Result<Response<v1::QueryCallReply>, Status> {
        Err(Status::unimplemented("it lies on streams only"))
    }
}

async fn converse(
    mut requests: Streaming<v1::PeerRequest>,
    out: mpsc::Sender<Result<v1::PeerReply, Status>>,
    book: Arc<Mutex<Book>>,
) {
    let say = async |message| out.send(Ok(v1::PeerReply { message: Some(message) })).await.is_ok();
    let (mut shown, mut clock) = (0, None);
    while let Ok(Some(v1::PeerRequest { message: Some(message) })) = requests.message().await {
        match message {
            peer_request::Message::Open(open) => {
                shown = open.known.first().map_or(0, |known| known.size);
                clock = Some((open.unix_ms, Instant::now()));
                let off = book.lock().unwrap().lie.lock().unwrap().clock_off_ms;
                let opened = v1::Opened { unix_ms: open.unix_ms + off, runtimes: 1, ..v1::Opened::default() };
                say(Message::Opened(opened)).await;
            }
            peer_request::Message::Ask(ask) => {
                let (opened_at, since) = clock.unwrap();
                let now = opened_at + i64::try_from(since.elapsed().as_millis()).unwrap();
                let messages = book.lock().unwrap().answer(&ask, &mut shown, now);
                for message in messages {
                    say(message).await;
                }
            }
            peer_request::Message::Join(_)
            | peer_request::Message::Report(_)
            | peer_request::Message::InForce(_) => {}
        }
    }
}

impl Book {
    fn answer(&mut self, ask: &v1::Ask, shown: &mut u64, now: i64) -> Vec<Message> {
        let lie = self.lie.lock().unwrap();
        let asked = v1::Query::decode(ask.query.clone()).unwrap();
        let answer = v1::Answer {
            request_hash: sha256(&[&ask.query]).0.to_vec().into(),
            audience: 44,
            region: 42,
            outcome: v1::AnswerOutcome::Answered.into(),
            checked_unix_ms: now,
            statements: lie.statements.clone(),
            more: false,
            reason: String::new(),
        };
        let label = |text: &str| Label::new(text).unwrap();
        let counted = u32::try_from(answer.statements.len()).unwrap();
        let public = Exchange {
            purpose: label(&asked.purpose),
            outcome: label("answered"),
            rule: Some(label("P-10")),
            peer: region(44),
            department: label(&asked.department),
            counts: (counted > 0).then_some((Kind::HealthCode, counted)).into_iter().collect(),
        };
        let (leaf_type, at) = (LeafType::Answer, UnixMs::from_ms(now).unwrap());
        let mut draft = Draft { query: ask.query.clone(), answer, public, leaf_type, at };
        if let Some(logged) = &lie.logged {
            logged(&mut draft);
        }
        let (body, public) = (Bytes::from(draft.answer.encode_to_vec()), draft.public.encode());
        let (salt1, salt2) = (Salt::random(&mut SystemRandom), Salt::random(&mut SystemRandom));
        let commitment = commitment(&salt1, &public, &salt2, &exchange_private(&draft.query, &body));
        let leaf = Leaf { leaf_type: draft.leaf_type, at: draft.at, commitment };
        let appended =
            self.log.append(&[Entry::new(&leaf, salt1, public.clone(), Bytes::new()).unwrap()]).unwrap();
        let size = appended.first + 1;
        let consistency = hash_bytes(&self.log.consistency(*shown, size).unwrap());
        *shown = size;
        let head = v1::Head { checkpoint: appended.head.text().to_string(), consistency };
        let reply = v1::Reply {
            id: ask.id,
            origin: "hb.example/log/0".into(),
            head_size: size,
            index: appended.first,
            path: hash_bytes(&self.log.inclusion(appended.first, size).unwrap()),
            unix_ms: draft.at.as_ms(),
            salt1: salt1.0.to_vec().into(),
            public: public.into(),
            salt2: salt2.0.to_vec().into(),
            body,
        };
        let mut messages = vec![Message::Head(head), Message::Reply(reply)];
        if let Some(sent) = &lie.sent {
            sent(&mut messages);
        }
        messages
    }
}

fn hash_bytes(hashes: &[Digest]) -> Bytes {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
