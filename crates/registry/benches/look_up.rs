//! What a node pays for a home look-up among 100,000 people, and how fast they were taken in beside bare redb.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at its first error and prints what it measured"
)]

use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use huxin_attest::{
    Claims, DepartmentName, Document, Ed25519Key, KeyDirectory, KeyId, Kind, ListedKey, PublicKey, Random,
    RegionCode, Signer as _, StatementVerifier, SubjectSalt, SystemRandom, UnixMs, UnixSecs, sign_batch,
};
use huxin_registry::synthetic::{Scene, generate};
use huxin_registry::{EmbeddedRegistry, PersonKey, ProvinceSecret, Registry as _, ToSign, Write};
use redb::{Database, TableDefinition};

const PEOPLE: u32 = 100_000;
const BATCH: usize = 4096;
const DEPARTMENT: &str = "health";

struct OneKey(PublicKey);

impl KeyDirectory for OneKey {
    fn statement_key(&self, _: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        let Self(key) = self;
        let (from, until) = (UnixMs::default(), UnixMs::MAX);
        (kid == key.id()).then_some(ListedKey { department: DEPARTMENT, key, from, until })
    }
}

fn name(text: &str) -> DepartmentName {
    text.parse().expect("a name")
}

/// All codes and tests, signed in batches and verified.
fn writes(secret: &ProvinceSecret) -> (Vec<Document>, Vec<Vec<Write>>) {
    let now = UnixSecs::new(1_657_242_000).expect("a time");
    let region: RegionCode = "42".parse().expect("a region");
    let scene = Scene {
        region,
        people: PEOPLE,
        seed: 1,
        now,
        assigner: name("cdc"),
        evidence_by: name("commission"),
    };
    let mut random = SystemRandom;
    let (mut documents, mut ready) = (Vec::new(), Vec::new());
    for person in generate(scene) {
        for fact in [Some(person.code), person.test].into_iter().flatten() {
            let salt = SubjectSalt(random.array());
            ready.push(fact.into_claims(name(DEPARTMENT), region, now, salt).expect("claims"));
        }
        documents.push(person.document);
    }
    let key = Ed25519Key::from_seed(&[1; 32]).expect("a seed");
    let directory = OneKey(key.public_key().clone());
    let mut verifier = StatementVerifier::new(1024);
    let batch = |batch: &[ToSign]| {
        let claims: Vec<Claims> = batch.iter().map(|ready| ready.claims.clone()).collect();
        let signed = sign_batch(&claims, &key).expect("a batch");
        let write = |(ready, envelope): (&ToSign, Vec<u8>)| {
            let attestation = verifier
                .verify(&envelope, region, &directory, &ready.document, &ready.salt)
                .expect("authentic");
            Write::State { person: secret.person(&ready.document), attestation, envelope, salt: ready.salt }
        };
        batch.iter().zip(signed).map(write).collect()
    };
    (documents, ready.chunks(BATCH).map(batch).collect())
}

/// The same envelopes under the same keys in one bare table, in the order of the keys, flushed as often.
fn bare(path: &Path, batches: &[Vec<Write>]) {
    const TABLE: TableDefinition<'_, &[u8; 33], &[u8]> = TableDefinition::new("bare");
    let database = Database::builder().create(path).expect("a database");
    for batch in batches {
        let transaction = database.begin_write().expect("a transaction");
        let mut table = transaction.open_table(TABLE).expect("a table");
        let row = |write: &'_ Write| {
            let Write::State { person, attestation, .. } = write else { unreachable!("all are statements") };
            let mut key = [attestation.claims.kind.number(); 33];
            key[..32].copy_from_slice(&person.0);
            key
        };
        let mut sorted: Vec<_> = batch.iter().map(|write| (row(write), write)).collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, write) in sorted {
            let Write::State { envelope, .. } = write else { continue };
            table.insert(&key, envelope.as_slice()).expect("an insert");
        }
        drop(table);
        transaction.commit().expect("a commit");
    }
}

fn look_up(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = ProvinceSecret::from_bytes(&[7; 32]).expect("a secret");
    let (documents, batches) = writes(&secret);

    let start = Instant::now();
    bare(&folder.path().join("bare"), &batches);
    let bare_took = start.elapsed();
    let registry = EmbeddedRegistry::open(&folder.path().join("registry"), &secret).expect("a registry");
    let start = Instant::now();
    for batch in &batches {
        registry.commit(batch, None).expect("a commit");
    }
    let took = start.elapsed();
    let share = bare_took.as_secs_f64() / took.as_secs_f64();
    println!("taken in: {took:?}, bare redb: {bare_took:?}, share {share:.2}");

    let kinds = [Kind::HealthCode, Kind::NucleicTest].into_iter().collect();
    let keys: Vec<PersonKey> = documents.iter().map(|document| secret.person(document)).collect();
    let mut at = 0;
    let mut next = || {
        at = (at + 61_803) % keys.len();
        at
    };
    c.bench_function("look up code and test", |b| {
        b.iter(|| registry.look_up(&keys[next()], kinds).expect("a look-up"));
    });
    c.bench_function("look up from a document", |b| {
        b.iter(|| registry.look_up(&secret.person(&documents[next()]), kinds).expect("a look-up"));
    });
    c.bench_function("look up nobody", |b| {
        b.iter(|| registry.look_up(&PersonKey([0x55; 32]), kinds).expect("a look-up"));
    });
}

criterion_group!(benches, look_up);
criterion_main!(benches);
