//! What a verifier demands beyond form, and what it remembers.

use coset::cbor::Value;
use huxin_attest::{
    ClaimFields, Claims, Document, DocumentType, Ed25519Key, Envelope, EnvelopeError, MAX_ENVELOPE_LEN,
    RegionCode, SignError, Signer as _, StatementVerifier, SubjectSalt, VerifyError, assemble_single,
    sign_batch, sign_single, statement_digest, to_be_signed,
};

use crate::support::{
    DEPARTMENT, FROM, Listed, SALT, UNTIL, green_codes, hubei, key, red_code, secs, subject, verify,
    verify_once,
};

/// The red code with other claims, signed and verified.
fn changed(change: impl FnOnce(&mut ClaimFields)) -> Result<(), VerifyError> {
    let mut fields = red_code().into_fields();
    change(&mut fields);
    let statement = sign_single(&Claims::new(fields).unwrap(), &key()).unwrap();
    verify_once(&statement).map(drop)
}

#[test]
fn an_authentic_statement_says_what_was_signed_and_by_whom() {
    let batch = green_codes(3);
    let signed = sign_batch(&batch, &key()).unwrap();
    for (claims, statement) in
        batch.into_iter().zip(signed).chain([(red_code(), sign_single(&red_code(), &key()).unwrap())])
    {
        let verified = verify_once(&statement).unwrap();
        assert_eq!(verified.claims, claims);
        assert_eq!(verified.digest, statement_digest(&claims.to_bytes()));
        assert_eq!((verified.signer_region, verified.signer_department.as_str()), (hubei(), DEPARTMENT));
        assert_eq!(verified.kid, key().public_key().id());
    }
}

#[test]
fn a_key_counts_from_its_first_instant_until_before_its_last() {
    let at = |second| changed(|fields| fields.stated_at = secs(second));
    assert_eq!(at(FROM), Ok(()));
    assert_eq!(at(FROM - 1), Err(VerifyError::KeyNotValid));
    assert_eq!(at(UNTIL - 1), Ok(()));
    assert_eq!(at(UNTIL), Err(VerifyError::KeyNotValid));
}

#[test]
fn a_key_that_is_not_listed_for_the_region_is_refused() {
    let stranger = Ed25519Key::from_seed(&[2; 32]).unwrap();
    let statement = sign_single(&red_code(), &stranger).unwrap();
    assert_eq!(verify_once(&statement), Err(VerifyError::UnknownKey));

    let statement = sign_single(&red_code(), &key()).unwrap();
    let guangdong = RegionCode::new(44).unwrap();
    let mut verifier = StatementVerifier::new(16);
    let elsewhere = verifier.verify(&statement, guangdong, &Listed::own(), &subject(), &SALT);
    assert_eq!(elsewhere, Err(VerifyError::UnknownKey));

    // A list that gives another key under the signer's id.
    let lying = Listed { key: stranger.public_key().clone(), kid: key().public_key().id() };
    let misled = verifier.verify(&statement, hubei(), &lying, &subject(), &SALT);
    assert_eq!(misled, Err(VerifyError::UnknownKey));
}

#[test]
fn a_department_speaks_for_itself_only() {
    let other = changed(|fields| fields.department = "hb-data".parse().unwrap());
    assert_eq!(other, Err(VerifyError::WrongDepartment));
}

#[test]
fn first_hand_claims_are_about_the_signers_region_and_copies_need_not_be() {
    let henan = RegionCode::new(41).unwrap();
    assert_eq!(changed(|fields| fields.region = henan), Err(VerifyError::WrongRegion));
    assert_eq!(changed(|fields| (fields.region, fields.hop) = (henan, 1)), Ok(()));
}

#[test]
fn a_statement_about_another_person_or_with_another_salt_is_refused() {
    let statement = sign_single(&red_code(), &key()).unwrap();
    let mut verifier = StatementVerifier::new(16);
    let passport = Document::parse(DocumentType::Passport, "E12345678").unwrap();
    let mut verify = |subject, salt| verifier.verify(&statement, hubei(), &Listed::own(), subject, salt);
    assert_eq!(verify(&passport, &SALT), Err(VerifyError::WrongSubject));
    assert_eq!(verify(&subject(), &SubjectSalt([6; 16])), Err(VerifyError::WrongSubject));
}

#[test]
fn the_signature_of_one_form_or_statement_serves_no_other() {
    let kid = key().public_key().id();
    let other = key().sign(&to_be_signed(&green_codes(1)[0], kid)).unwrap();
    let moved = assemble_single(&red_code(), kid, &other);
    assert_eq!(verify_once(&moved), Err(VerifyError::Signature));

    // The root of a batch, signed as if it were a payload of its own.
    let [inside, ..] = &sign_batch(&green_codes(4), &key()).unwrap()[..] else { panic!("no batch") };
    let own = sign_single(&green_codes(1)[0], &key()).unwrap();
    let swapped = [&inside[..inside.len() - 64], &own[own.len() - 64..]].concat();
    assert_eq!(verify_once(&swapped), Err(VerifyError::Signature));
}

#[test]
fn the_path_of_another_statement_is_refused() {
    let batch = green_codes(6);
    let signed = sign_batch(&batch, &key()).unwrap();
    let mut verifier = StatementVerifier::new(16);
    for (index, (claims, statement)) in batch.iter().zip(&signed).enumerate() {
        // All claims of this batch have one length, so its receipts can be exchanged.
        let receipt_at = 1 + 2 + claims.to_bytes().len();
        for (other, foreign) in signed.iter().enumerate() {
            let mixed = [&statement[..receipt_at], &foreign[receipt_at..]].concat();
            let accepted = verify(&mut verifier, &mixed).is_ok();
            assert_eq!(accepted, index == other, "the receipt of {other} for {index}");
        }
    }
}

#[test]
fn a_path_of_another_length_is_refused() {
    let statement = sign_batch(&green_codes(6), &key()).unwrap().swap_remove(1);
    assert!(verify_once(&with_path(&statement, |_| ())).is_ok());
    let refused = |change: fn(&mut Vec<Value>)| verify_once(&with_path(&statement, change)).unwrap_err();
    assert_eq!(refused(|path| drop(path.pop())), VerifyError::Path);
    assert_eq!(refused(|path| path.push(path[0].clone())), VerifyError::Path);
    assert_eq!(refused(Vec::clear), VerifyError::Path);
    assert_eq!(refused(|path| path.swap(0, 1)), VerifyError::Signature);
    assert_eq!(
        refused(|path| path.resize(13, path[0].clone())),
        VerifyError::Envelope(EnvelopeError::Malformed)
    );
}

/// A statement of a batch with another path, encoded by another library.
fn with_path(statement: &[u8], change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut value: Value = coset::cbor::from_reader(statement).unwrap();
    let sign1 = value.as_array_mut().unwrap()[1].as_tag_mut().unwrap().1.as_array_mut().unwrap();
    let proofs = &mut sign1[1].as_map_mut().unwrap()[0].1.as_map_mut().unwrap()[0].1;
    let proof = proofs.as_array_mut().unwrap()[0].as_bytes_mut().unwrap();
    let mut parts: Value = coset::cbor::from_reader(&proof[..]).unwrap();
    change(parts.as_array_mut().unwrap()[2].as_array_mut().unwrap());
    proof.clear();
    coset::cbor::into_writer(&parts, proof).unwrap();
    let mut out = Vec::new();
    coset::cbor::into_writer(&value, &mut out).unwrap();
    out
}

#[test]
fn a_batch_costs_one_signature_and_a_repeated_statement_none() {
    let signed = sign_batch(&green_codes(100), &key()).unwrap();
    let mut verifier = StatementVerifier::new(16);
    for statement in &signed {
        assert!(verify(&mut verifier, statement).is_ok());
    }
    let counters = verifier.counters();
    assert_eq!((counters.verified, counters.signatures_checked, counters.root_hits), (100, 1, 99));

    let single = sign_single(&red_code(), &key()).unwrap();
    for _ in 0..3 {
        assert!(verify(&mut verifier, &single).is_ok());
    }
    let counters = verifier.counters();
    assert_eq!((counters.signatures_checked, counters.single_hits, counters.refused), (2, 2, 0));
}

#[test]
fn a_known_root_excuses_no_other_signature() {
    let signed = sign_batch(&green_codes(2), &key()).unwrap();
    let mut verifier = StatementVerifier::new(16);
    assert!(verify(&mut verifier, &signed[0]).is_ok());
    let mut forged = signed[1].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(verify(&mut verifier, &forged), Err(VerifyError::Signature));
    assert_eq!((verifier.counters().root_hits, verifier.counters().signatures_checked), (0, 2));
    assert!(verify(&mut verifier, &signed[1]).is_ok());
}

#[test]
fn batches_have_no_statement_one_or_up_to_4096() {
    assert_eq!(sign_batch(&[], &key()), Ok(Vec::new()));
    let one = green_codes(1);
    assert_eq!(sign_batch(&one, &key()).unwrap(), [sign_single(&one[0], &key()).unwrap()]);
    let mut many = green_codes(4096);
    let signed = sign_batch(&many, &key()).unwrap();
    assert_eq!(signed.len(), 4096);
    let mut verifier = StatementVerifier::new(16);
    for statement in [&signed[0], &signed[2047], &signed[4095]] {
        assert!(statement.len() <= MAX_ENVELOPE_LEN);
        assert_eq!(Envelope::parse(statement).unwrap().place().unwrap().path().len(), 12);
        assert!(verify(&mut verifier, statement).is_ok());
    }
    many.push(red_code());
    assert_eq!(sign_batch(&many, &key()), Err(SignError::BatchTooLarge));
}

#[test]
fn what_is_too_long_is_refused_unread() {
    assert_eq!(Envelope::parse(&[0; MAX_ENVELOPE_LEN + 1]).err(), Some(EnvelopeError::TooLong));
}

#[test]
fn every_refusal_has_its_own_word() {
    let malformed = verify_once(b"").unwrap_err();
    let all = [
        malformed,
        VerifyError::UnknownKey,
        VerifyError::KeyNotValid,
        VerifyError::WrongDepartment,
        VerifyError::WrongRegion,
        VerifyError::WrongSubject,
        VerifyError::Path,
        VerifyError::Signature,
    ];
    let mut words: Vec<_> = all.iter().map(VerifyError::reason).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), all.len());
    assert_eq!(malformed.reason(), "statement_malformed");
}
