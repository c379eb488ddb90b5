//! Claims of every kind, over the whole of their bounds.

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, DepartmentName, Digest, EvidenceRef, Kind, Label, SubjectCommitment,
    Term, TestResult, UnixSecs,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support;

fn department() -> impl Strategy<Value = DepartmentName> {
    vec(select(b"abcxyz0189-".to_vec()), 1..=64).prop_map(|name| text(name).parse().unwrap())
}

fn term() -> impl Strategy<Value = Term> {
    vec(select(b"abcxyz0189_".to_vec()), 1..=32).prop_map(|term| text(term).parse().unwrap())
}

fn text(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).unwrap()
}

fn label() -> impl Strategy<Value = Label> {
    vec(select("红黄绿码弹窗3B2 é𠮷".chars().collect::<Vec<_>>()), 1..=32)
        .prop_map(|label| label.into_iter().collect::<String>().parse().unwrap())
}

/// Around every change of the length of an encoded integer.
fn secs() -> impl Strategy<Value = UnixSecs> {
    let edges = [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 253_402_207_200];
    prop_oneof![select(edges.to_vec()), 0..=253_402_207_200_i64].prop_map(support::secs)
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn evidence() -> impl Strategy<Value = Vec<EvidenceRef>> {
    vec((term(), digest()).prop_map(|(kind, digest)| EvidenceRef { kind, digest }), 0..=8)
}

fn always() -> impl Strategy<Value = ClaimFields> {
    let who = (select(Kind::ALL.to_vec()), select(vec![11_u8, 42, 66, 82, 99]), 0..=7_u8, department());
    (who, secs(), option::of(secs()), option::of(label()), digest()).prop_map(
        |((kind, region, hop, department), stated_at, valid_until, appeal, digest)| {
            let region = region.to_string().parse().unwrap();
            let subject = SubjectCommitment(digest);
            let fields = ClaimFields::new(kind, region, department, stated_at, subject);
            ClaimFields { hop, valid_until, appeal, ..fields }
        },
    )
}

/// Well-formed claims.
pub(crate) fn claims() -> impl Strategy<Value = Claims> {
    let code = (select(CodeStatus::ALL.to_vec()), option::of(label()), option::of(label()), evidence());
    let assigned = (option::of(department()), option::of(term()), option::of(term()));
    let test = (option::of(secs()), secs(), select(TestResult::ALL.to_vec()), term(), term());
    (always(), code, assigned, test).prop_map(|(fields, code, assigned, test)| {
        let (status, native_label, local_reason, evidence) = code;
        let (assigner, assigner_role, assigned_for) = assigned;
        let (sampled_at, reported_at, result, item, quality) = test;
        let sampled_at = sampled_at.map(|time| time.min(reported_at));
        let fields = ClaimFields { native_label, ..fields };
        let event = ClaimFields { sampled_at, reported_at: Some(reported_at), ..fields.clone() };
        let fields = match fields.kind {
            Kind::HealthCode => ClaimFields {
                status: Some(status),
                local_reason,
                evidence,
                assigner,
                assigner_role,
                assigned_for,
                ..fields
            },
            Kind::NucleicTest => ClaimFields { result: Some(result), ..event },
            Kind::ExamResult => ClaimFields { item: Some(item), quality: Some(quality), evidence, ..event },
            Kind::Evidence => ClaimFields { item: Some(item), ..event },
        };
        Claims::new(fields).unwrap()
    })
}
