//! Another COSE library reads what we write, and we read what it writes.

use coset::cbor::Value;
use coset::iana::{Algorithm, EnumI64 as _};
use coset::{
    CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, Label, TaggedCborSerializable as _,
};
use huxin_attest::{
    Digest, Envelope, Signer as _, Verifier as _, assemble_single, batch_to_be_signed, sign_batch,
    sign_single, to_be_signed,
};
use proptest::prelude::*;

use crate::arbitrary::claims;
use crate::support::{green_codes, key, red_code, verify_once};

proptest! {
    #[test]
    fn coset_reads_a_single_statement_and_finds_the_same_bytes_to_sign(claims in claims()) {
        let (key, kid) = (key(), key().public_key().id());
        let statement = sign_single(&claims, &key).unwrap();
        let sign1 = CoseSign1::from_tagged_slice(&statement).unwrap();
        prop_assert_eq!(sign1.payload.as_deref(), Some(&claims.to_bytes()[..]));
        prop_assert_eq!(&sign1.protected.header.key_id[..], &kid.0[..]);
        prop_assert_eq!(sign1.tbs_data(&[]), to_be_signed(&claims, kid));
        prop_assert_eq!(
            sign1.verify_signature(&[], |signature, signed| key.public_key().verify(signed, signature)),
            Ok(())
        );
        prop_assert_eq!(sign1.to_tagged_vec().unwrap(), statement);
    }
}

#[test]
fn a_single_statement_made_with_coset_is_authentic() {
    let (key, kid) = (key(), key().public_key().id());
    let protected = HeaderBuilder::new().algorithm(Algorithm::EdDSA).key_id(kid.0.to_vec()).build();
    let sign1 = CoseSign1Builder::new()
        .protected(protected)
        .payload(red_code().to_bytes())
        .create_signature(&[], |signed| key.sign(signed).unwrap().to_vec())
        .build();
    let signature = sign1.signature.as_slice().try_into().unwrap();
    let statement = sign1.to_tagged_vec().unwrap();
    assert_eq!(verify_once(&statement).unwrap().claims, red_code());
    assert_eq!(assemble_single(&red_code(), kid, &signature), statement);
}

#[test]
fn an_untagged_statement_or_one_with_another_header_is_refused() {
    let (key, kid) = (key(), key().public_key().id());
    let with = |protected: HeaderBuilder, unprotected: HeaderBuilder| {
        CoseSign1Builder::new()
            .protected(protected.build())
            .unprotected(unprotected.build())
            .payload(red_code().to_bytes())
            .create_signature(&[], |signed| key.sign(signed).unwrap().to_vec())
            .build()
    };
    let header = || HeaderBuilder::new().algorithm(Algorithm::EdDSA).key_id(kid.0.to_vec());
    let refused = |sign1: CoseSign1| verify_once(&sign1.to_tagged_vec().unwrap()).is_err();

    assert!(!refused(with(header(), HeaderBuilder::new())));
    assert!(verify_once(&with(header(), HeaderBuilder::new()).to_vec().unwrap()).is_err());
    let another_algorithm = HeaderBuilder::new().algorithm(Algorithm::ES256).key_id(kid.0.to_vec());
    assert!(refused(with(another_algorithm, HeaderBuilder::new())));
    assert!(refused(with(HeaderBuilder::new().algorithm(Algorithm::EdDSA), HeaderBuilder::new())));
    assert!(refused(with(header().value(99, Value::from(1)), HeaderBuilder::new())));
    assert!(refused(with(header(), HeaderBuilder::new().key_id(kid.0.to_vec()))));
}

#[test]
fn coset_reads_the_receipt_of_a_batch_and_its_signature_is_over_the_root() {
    let key = key();
    for statement in sign_batch(&green_codes(7), &key).unwrap() {
        let envelope = Envelope::parse(&statement).unwrap();
        let receipt_at = 1 + 2 + envelope.claims().len();
        let receipt = CoseSign1::from_tagged_slice(&statement[receipt_at..]).unwrap();
        assert_eq!(receipt.payload, None);
        assert_eq!(
            receipt.protected.header.rest,
            [(Label::Int(395), Value::from(1)), (Label::Int(-65537), Value::from(7))]
        );
        assert_eq!(receipt.protected.header.alg.as_ref().map(algorithm), Some(Algorithm::EdDSA.to_i64()));

        let proof = inclusion_proof(&receipt);
        let place = envelope.place().unwrap();
        assert_eq!(proof[..2], [Value::from(7), Value::from(place.index())]);
        let path: Vec<_> = place.path().iter().map(|Digest(bytes)| Value::from(bytes.to_vec())).collect();
        assert_eq!(proof[2..], [Value::Array(path)]);

        let root = place.root(envelope.claims()).unwrap();
        let verified = receipt.verify_detached_signature(root.as_bytes(), &[], |signature, signed| {
            assert_eq!(signed, batch_to_be_signed(&root, 7, key.public_key().id()));
            key.public_key().verify(signed, signature)
        });
        assert_eq!(verified, Ok(()));
    }
}

fn algorithm(algorithm: &coset::Algorithm) -> i64 {
    match algorithm {
        coset::RegisteredLabelWithPrivate::Assigned(algorithm) => algorithm.to_i64(),
        other => panic!("unexpected algorithm {other:?}"),
    }
}

/// The one inclusion proof under vdp (396), as RFC 9942 places it.
fn inclusion_proof(receipt: &CoseSign1) -> Vec<Value> {
    let [(Label::Int(396), Value::Map(proofs))] = &receipt.unprotected.rest[..] else {
        panic!("no vdp alone: {:?}", receipt.unprotected)
    };
    let [(label, Value::Array(inclusion))] = &proofs[..] else {
        panic!("not one list of proofs: {proofs:?}")
    };
    assert_eq!(*label, Value::from(-1));
    let [Value::Bytes(proof)] = &inclusion[..] else { panic!("not one proof: {inclusion:?}") };
    coset::cbor::from_reader::<Value, _>(&proof[..]).unwrap().into_array().unwrap()
}
