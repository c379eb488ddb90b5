//! What a receiver pays for a statement, and a department for a batch.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench stops at its first error"
)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use huxin_attest::{
    ClaimFields, Claims, CodeStatus, Document, DocumentType, Ed25519Key, EvidenceRef, KeyDirectory, KeyId,
    Kind, ListedKey, PublicKey, RegionCode, Signer as _, StatementVerifier, SubjectCommitment, SubjectSalt,
    UnixMs, UnixSecs, sha256, sign_batch, sign_single,
};

const SALT: SubjectSalt = SubjectSalt([5; 16]);

struct OneKey(PublicKey);

impl KeyDirectory for OneKey {
    fn statement_key(&self, _: RegionCode, kid: KeyId) -> Option<ListedKey<'_>> {
        let Self(key) = self;
        (kid == key.id()).then(|| ListedKey {
            department: "hb-cdc",
            key,
            from: UnixMs::default(),
            until: UnixMs::MAX,
        })
    }
}

fn subject() -> Document {
    Document::parse(DocumentType::ResidentId, "11010519491231002X").expect("the specimen number")
}

fn red_code(stated_at: i64) -> Claims {
    let mut fields = ClaimFields::new(
        Kind::HealthCode,
        RegionCode::new(42).expect("a region"),
        "hb-cdc".parse().expect("a name"),
        UnixSecs::new(stated_at).expect("a time"),
        SubjectCommitment::of(&subject(), &SALT),
    );
    fields.status = Some(CodeStatus::Red);
    fields.native_label = "红码".parse().ok();
    fields.assigner = "hb-cdc".parse().ok();
    fields.assigner_role = "cdc".parse().ok();
    fields.assigned_for = "close_contact".parse().ok();
    fields.evidence =
        vec![EvidenceRef { kind: "case_file".parse().expect("a term"), digest: sha256(&[b"file"]) }];
    fields.appeal = "12345".parse().ok();
    Claims::new(fields).expect("well formed")
}

fn verify(c: &mut Criterion) {
    let key = Ed25519Key::from_seed(&[1; 32]).expect("a seed");
    let directory = OneKey(key.public_key().clone());
    let (region, subject) = (RegionCode::new(42).expect("a region"), subject());
    let claims: Vec<Claims> = (0..4096).map(|i| red_code(1_657_242_000 + i)).collect();
    let single = sign_single(&red_code(1_657_242_000), &key).expect("a signature");
    let batch = sign_batch(&claims, &key).expect("a signature");
    let one = |verifier: &mut StatementVerifier, statement: &[u8]| {
        verifier.verify(statement, region, &directory, &subject, &SALT).expect("authentic")
    };

    c.bench_function("single cold", |b| {
        b.iter_batched_ref(|| StatementVerifier::new(16), |v| one(v, &single), BatchSize::SmallInput);
    });
    c.bench_function("single warm", |b| {
        let mut verifier = StatementVerifier::new(16);
        b.iter(|| one(&mut verifier, &single));
    });
    c.bench_function("batch cold", |b| {
        let middle = &batch[2000];
        b.iter_batched_ref(|| StatementVerifier::new(16), |v| one(v, middle), BatchSize::SmallInput);
    });
    c.bench_function("batch warm", |b| {
        let mut verifier = StatementVerifier::new(16);
        let mut next = batch.iter().cycle();
        b.iter(|| one(&mut verifier, next.next().expect("endless")));
    });
    let mut slow = c.benchmark_group("department");
    slow.sample_size(10);
    slow.bench_function("sign_batch 4096", |b| b.iter(|| sign_batch(&claims, &key).expect("a signature")));
    slow.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
