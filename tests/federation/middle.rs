//! A man in the middle: Guangdong reaches Hubei only through somebody who holds Hubei's genuine node certificate, but
//! not its log key. He can lose answers; he can make none.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use huxin_attest::CodeStatus;
use huxin_cli::exercise::{Exercise, Setting};
use huxin_identity::pki::example::FEDERATION;
use huxin_identity::{Credentials, Endpoint, Folder, TrustStore, server_config};
use huxin_node::client::connect;
use huxin_tests::{Fact, Federation, person, question, region};
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::v1::peer_reply::Message;
use huxin_wire::v1::peer_server::{Peer, PeerServer};
use huxin_wire::v1::{self, AskedResult, Outcome};
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// What becomes of one message on its way from Hubei to Guangdong; `None`: a message that says nothing.
type Pass = Box<dyn FnMut(Message) -> Vec<Option<Message>> + Send>;

/// Where the real Hubei listens, and how it is dialled as Guangdong.
type Hubei = (Endpoint, Arc<rustls::ClientConfig>);

/// The man.
#[derive(Clone)]
struct Middle {
    pass: Arc<Mutex<Pass>>,
    hubei: Arc<OnceLock<Hubei>>,
}

impl Middle {
    /// A federation in which everybody reaches Hubei through him; for now he passes everything on.
    async fn between(regions: &[u8]) -> (Federation, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let middle = Self { pass: Arc::new(Mutex::new(Box::new(honest))), hubei: Arc::default() };
        let adjust = |setting: &mut Setting<'_>| {
            setting.endpoints.insert(region(42), vec![address]);
        };
        let served = middle.clone();
        let federation = Federation::set_up(regions, 1, adjust, |exercise| served.serve(listener, exercise));
        (federation, middle)
    }

    /// Does this from now on.
    fn pass(&self, pass: impl FnMut(Message) -> Vec<Option<Message>> + Send + 'static) {
        *self.pass.lock().unwrap() = Box::new(pass);
    }

    fn serve(self, listener: TcpListener, exercise: &Exercise) {
        let (hubei, guangdong) = (region(42), region(44));
        let party = exercise.party(hubei, "node/node-1").unwrap();
        let own = Credentials::load(&party.certificate, &party.key).unwrap();
        let files = Folder::new(exercise.folder().join(FEDERATION));
        let trust = TrustStore::new(Arc::clone(exercise.membership()), &files);
        let acceptor = TlsAcceptor::from(server_config(&own, Arc::new(trust)).unwrap());
        let asker = exercise.party(guangdong, "node/node-1").unwrap();
        let dialled = (exercise.endpoint(hubei).unwrap(), exercise.client_tls(&asker, hubei).unwrap());
        self.hubei.set(dialled).unwrap();
        let service = PeerServer::new(self);
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

#[tonic::async_trait]
impl Peer for Middle {
    type QueryStreamStream = ReceiverStream<Result<v1::PeerReply, Status>>;

    async fn query_stream(
        &self,
        request: Request<Streaming<v1::PeerRequest>>,
    ) -> Result<Response<Self::QueryStreamStream>, Status> {
        let (endpoint, tls) = self.hubei.get().unwrap().clone();
        let channel =
            connect(&endpoint, tls).await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut asked = request.into_inner();
        let (forward, requests) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Ok(Some(message)) = asked.message().await {
                if forward.send(message).await.is_err() {
                    break;
                }
            }
        });
        let mut replies =
            PeerClient::new(channel).query_stream(ReceiverStream::new(requests)).await?.into_inner();
        let (out, passed_on) = mpsc::channel(64);
        let pass = Arc::clone(&self.pass);
        tokio::spawn(async move {
            while let Ok(Some(v1::PeerReply { message: Some(message) })) = replies.message().await {
                let messages = (pass.lock().unwrap())(message);
                for message in messages {
                    if out.send(Ok(v1::PeerReply { message })).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(passed_on)))
    }

    async fn query(&self, _: Request<v1::QueryCall>) -> Result<Response<v1::QueryCallReply>, Status> {
        Err(Status::unimplemented("it stands between streams only"))
    }
}

fn honest(message: Message) -> Vec<Option<Message>> {
    vec![Some(message)]
}

/// Travellers from a low-risk area of Hubei who name Hunan as where they were tested.
fn travel(numbers: &[u16]) -> v1::RecogniseRequest {
    let mut request = question(&person(numbers[0]), 42, "gz-south-station", "travel");
    for number in &numbers[1..] {
        let other = question(&person(*number), 42, "gz-south-station", "travel").presentations.remove(0);
        request.presentations.push(other);
    }
    for presentation in &mut request.presentations {
        presentation.test_regions = vec!["43".into()];
    }
    request.origin_area = "420102".into();
    request
}

/// The decisions about these travellers, with what each says of Hubei.
async fn decide(federation: &Federation, numbers: &[u16]) -> Vec<(v1::Decision, v1::Asked)> {
    let reply = federation.station().await.recognise(travel(numbers)).await.unwrap().into_inner();
    let decisions = reply.results.into_iter().map(|result| result.decision.unwrap());
    let of_hubei =
        |decision: &v1::Decision| decision.asked.iter().find(|asked| asked.region == "42").cloned().unwrap();
    decisions.map(|decision| (decision.clone(), of_hubei(&decision))).collect()
}

async fn rejected(federation: &Federation) -> u64 {
    federation.status(44).await.counters.unwrap().answers_rejected
}

/// A traveller with a green code of Hubei and a fresh test of Hunan is admitted, by both.
async fn believed(federation: &Federation, middle: &Middle) {
    middle.pass(honest);
    let (decision, asked) = decide(federation, &[1]).await.remove(0);
    assert_eq!(asked.result(), AskedResult::Answered, "{asked:?}");
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "green-tested"));
}

/// Persons 1 and 3 are green and tested; of person 2 nobody knows anything.
async fn state_facts(federation: &Federation) {
    for number in [1, 3] {
        federation.state(&Fact::code(42, "hb-data", &person(number), CodeStatus::Green)).await;
        federation.state(&Fact::negative(43, "hn-lab-1", &person(number), 60)).await;
    }
}

type Exchange = fn(&mut v1::Reply, &mut v1::Reply);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_two_questions_in_flight_cannot_be_exchanged_whole_or_in_part() {
    let (federation, middle) = Middle::between(&[42, 43, 44]).await;
    state_facts(&federation).await;
    believed(&federation, &middle).await;
    assert_eq!(rejected(&federation).await, 0);
    let exchanges: [(&str, Exchange, &str); 5] = [
        ("the ids", |a, b| std::mem::swap(&mut a.id, &mut b.id), "answer_to_another_question"),
        ("the bodies", |a, b| std::mem::swap(&mut a.body, &mut b.body), "answer_to_another_question"),
        ("the public halves", |a, b| std::mem::swap(&mut a.public, &mut b.public), "public_disagrees"),
        ("the salts", |a, b| std::mem::swap(&mut a.salt2, &mut b.salt2), "not_in_log"),
        (
            "their places",
            |a, b| {
                std::mem::swap(&mut a.index, &mut b.index);
                std::mem::swap(&mut a.path, &mut b.path);
            },
            "not_in_log",
        ),
    ];
    for (name, exchange, reason) in exchanges {
        let before = rejected(&federation).await;
        middle.pass(exchanging(exchange));
        let decisions = decide(&federation, &[1, 2]).await;
        let mut reasons: Vec<_> = decisions.iter().map(|(_, asked)| asked.reason.as_str()).collect();
        reasons.sort_unstable();
        // The first to come shows the fraud; the stream ends, and with it the other question.
        let mut expected = [reason, "stream_lost"];
        expected.sort_unstable();
        assert_eq!(reasons, expected, "{name}");
        for (decision, asked) in &decisions {
            assert_eq!(asked.result(), AskedResult::Unreachable, "{name}");
            assert!(decision.findings.iter().all(|finding| finding.region != "42"), "{name}");
        }
        assert_eq!(rejected(&federation).await, before + 1, "{name}");
    }
    believed(&federation, &middle).await;
}

/// Holds everything back until two replies are there, and sends it on in its order with the two altered.
fn exchanging(exchange: Exchange) -> impl FnMut(Message) -> Vec<Option<Message>> + Send + 'static {
    let mut held: Vec<Message> = Vec::new();
    move |message| {
        if matches!(message, Message::Opened(_)) {
            return honest(message);
        }
        held.push(message);
        let mut replies: Vec<&mut v1::Reply> = held
            .iter_mut()
            .filter_map(|message| match message {
                Message::Reply(reply) => Some(reply),
                _ => None,
            })
            .collect();
        let [first, second] = replies.as_mut_slice() else { return Vec::new() };
        exchange(first, second);
        std::mem::take(&mut held).into_iter().map(Some).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_kept_from_us_is_silence_and_the_other_evidence_decides() {
    let (federation, middle) = Middle::between(&[42, 43, 44]).await;
    state_facts(&federation).await;
    believed(&federation, &middle).await;
    middle.pass(|message| match message {
        Message::Reply(_) => Vec::new(),
        other => honest(other),
    });
    // Of whom nothing was heard before: no earlier answer can stand in.
    let (decision, asked) = decide(&federation, &[3]).await.remove(0);
    assert_eq!((asked.result(), asked.reason.as_str()), (AskedResult::Unreachable, "deadline_exceeded"));
    assert!(decision.findings.iter().all(|finding| finding.region != "42"));
    assert!(decision.findings.iter().any(|finding| finding.region == "43" && finding.belief == "negative"));
    assert_eq!((decision.outcome(), decision.case.as_str()), (Outcome::Admit, "home-silent"));
    assert_eq!(rejected(&federation).await, 0, "nothing came, so nothing was rejected");
    believed(&federation, &middle).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_that_was_verified_binds_the_log_after_a_restart_of_the_asker() {
    let (mut federation, middle) = Middle::between(&[42, 43, 44]).await;
    state_facts(&federation).await;
    believed(&federation, &middle).await;

    // The same log, told as if the asker had never seen it.
    federation.stop(44);
    let proofs: Arc<Mutex<Vec<usize>>> = Arc::default();
    let seen = Arc::clone(&proofs);
    middle.pass(move |message| match message {
        Message::Head(head) => {
            seen.lock().unwrap().push(head.consistency.len());
            honest(Message::Head(v1::Head { consistency: bytes::Bytes::new(), ..head }))
        }
        other => honest(other),
    });
    federation.start_again(44).unwrap();
    let (_, asked) = decide(&federation, &[1]).await.remove(0);
    assert_eq!((asked.result(), asked.reason.as_str()), (AskedResult::Unreachable, "stream_lost"));
    assert_eq!(rejected(&federation).await, 1);
    assert!(
        proofs.lock().unwrap()[0] > 0,
        "Hubei proved its first head from the size that the asker remembers"
    );
    believed(&federation, &middle).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_says_nothing_ends_the_stream_and_another_is_opened() {
    let (federation, middle) = Middle::between(&[42, 43, 44]).await;
    state_facts(&federation).await;
    believed(&federation, &middle).await;
    middle.pass(|message| match message {
        Message::Reply(_) => vec![None, Some(message)],
        other => honest(other),
    });
    let (decision, asked) = decide(&federation, &[1]).await.remove(0);
    assert_eq!((asked.result(), asked.reason.as_str()), (AskedResult::Unreachable, "stream_lost"));
    assert_eq!(decision.case, "home-silent");
    assert_eq!(rejected(&federation).await, 1);
    believed(&federation, &middle).await;
}
