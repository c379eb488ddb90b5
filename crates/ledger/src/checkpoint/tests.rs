use super::*;
use huxin_attest::{Ed25519Key, sha256};

// The published key of Go's checksum database.
const SUMDB: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

fn signer(origin: &str) -> LogSigner {
    LogSigner::new(origin.parse().unwrap(), Box::new(Ed25519Key::from_seed(&[3; 32]).unwrap()))
}

#[test]
fn a_published_verifier_key_is_read_and_written_back() {
    let key = LogVerifierKey::parse(SUMDB).unwrap();
    assert_eq!(key.origin().as_str(), "sum.golang.org");
    assert_eq!(key.to_string(), SUMDB);
}

#[test]
fn a_verifier_key_of_another_form_is_refused() {
    for (bad, error) in [
        ("sum.golang.org".to_owned(), BadVerifierKey::Form),
        (SUMDB.replace("sum", "sun"), BadVerifierKey::KeyId),
        (SUMDB.replace("033de0ae", "33de0ae"), BadVerifierKey::KeyId),
        (SUMDB.replace("033de0ae", "+33de0ae"), BadVerifierKey::Form),
        (SUMDB.replace("+Ac4", "+Bc4"), BadVerifierKey::Form),
        (SUMDB.replace("Ac4z", "Ac4"), BadVerifierKey::Form),
        (SUMDB.replace("sum.", "sum ."), BadVerifierKey::Form),
    ] {
        assert_eq!(LogVerifierKey::parse(&bad), Err(error), "{bad}");
    }
}

#[test]
fn a_signed_checkpoint_is_verified_and_kept_word_for_word() {
    let signer = signer("hb.example/log/0");
    let signed = signer.sign(7, sha256(&[b"root"])).unwrap();
    assert!(signed.text().starts_with("hb.example/log/0\n7\n") && signed.text().ends_with("=\n"));
    assert_eq!(signer.verifier().verify(signed.text()), Ok(signed));
}

#[test]
fn lines_of_witnesses_are_kept_and_do_not_count() {
    let signer = signer("hb.example/log/0");
    let signed = signer.sign(7, sha256(&[b"root"])).unwrap();
    let witnessed = format!("{}— witness.example AAAAAQI=\n", signed.text());
    assert_eq!(&**signer.verifier().verify(&witnessed).unwrap().text(), witnessed);
    let (text, line) = signed.text().rsplit_once("\n— ").unwrap();
    let renamed =
        format!("{text}\n— other{}", line.split_once("0 ").map(|(_, rest)| format!(" {rest}")).unwrap());
    assert_eq!(signer.verifier().verify(&renamed), Err(CheckpointError::Unsigned));
    let alone = format!("{text}\n— witness.example AAAAAQI=\n");
    assert_eq!(signer.verifier().verify(&alone), Err(CheckpointError::Unsigned));
}

#[test]
fn one_bad_line_of_the_logs_key_refuses_the_whole_note() {
    let signer = signer("hb.example/log/0");
    let good = signer.sign(7, sha256(&[b"root"])).unwrap();
    let other = signer.sign(8, sha256(&[b"root"])).unwrap();
    let (_, line) = other.text().rsplit_once("\n— ").unwrap();
    let both = format!("{}— {line}", good.text());
    assert_eq!(signer.verifier().verify(&both), Err(CheckpointError::BadSignature));
}

#[test]
fn a_checkpoint_of_another_log_key_or_content_is_refused() {
    let ours = signer("hb.example/log/0");
    let text = ours.sign(7, sha256(&[b"root"])).unwrap().text().to_string();
    let verify = |text: &str| ours.verifier().verify(text).unwrap_err();
    assert_eq!(
        verify(signer("hb.example/log/1").sign(7, sha256(&[])).unwrap().text()),
        CheckpointError::Origin
    );
    assert_eq!(verify(&text.replacen("\n7\n", "\n8\n", 1)), CheckpointError::BadSignature);
    assert_eq!(verify(&text.replacen("\n7\n", "\n07\n", 1)), CheckpointError::Form);
    assert_eq!(verify(&text.replacen("\n7\n", "\n+7\n", 1)), CheckpointError::Form);
    assert_eq!(verify(&text.replacen("\n7\n", "\n18446744073709551616\n", 1)), CheckpointError::Form);
    assert_eq!(verify(&text.replacen("\n\n", "\nextension\n\n", 1)), CheckpointError::Form);
    let stranger = Ed25519Key::from_seed(&[4; 32]).unwrap();
    let stranger = LogSigner::new("hb.example/log/0".parse().unwrap(), Box::new(stranger));
    assert_eq!(stranger.verifier().verify(&text), Err(CheckpointError::Unsigned));
}

#[test]
fn an_origin_is_a_bounded_key_name() {
    for bad in ["", "a b", "a+b", "a\n", "日志", &"x".repeat(MAX_ORIGIN_LEN + 1)] {
        assert_eq!(bad.parse::<Origin>(), Err(BadOrigin), "{bad:?}");
    }
    assert!("x".repeat(MAX_ORIGIN_LEN).parse::<Origin>().is_ok());
}
