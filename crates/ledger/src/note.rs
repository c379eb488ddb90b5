//! Signed notes (c2sp.org/signed-note): a text, a blank line, signature lines.
//!
//! This module reads and writes the form only. A note's text means nothing until a signature over it was verified,
//! which the checkpoint module does.

use base64::prelude::{BASE64_STANDARD, Engine};
use huxin_attest::{PublicKey, sha256};

/// The longest note that is read, in bytes: room for sixteen post-quantum signatures.
pub const MAX_NOTE_LEN: usize = 64 * 1024;

/// The most signature lines that are read; the format demands at least 16.
pub const MAX_SIGNATURES: usize = 32;

/// The signature type of Ed25519 in key ids and verifier keys.
pub(crate) const ED25519: u8 = 1;

const SIGNATURE_LINE: &str = "— ";

/// Text that is no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE_LEN`].
    #[error("the note is longer than 64 KiB")]
    TooLong,
    /// More than [`MAX_SIGNATURES`] signature lines.
    #[error("the note has more than 32 signature lines")]
    TooManySignatures,
    /// A control character other than the newline.
    #[error("the note holds a control character")]
    ControlCharacter,
    /// No blank line, or no signature after it.
    #[error("not a signed note: a text, a blank line and signature lines, each ended by a newline")]
    Form,
    /// A signature line of another form.
    #[error("a signature line has not the form “— name base64”")]
    SignatureLine,
}

/// A note taken apart; nothing of it is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// The signed text, with its last newline.
    pub text: &'a str,
    /// The signature lines, in order.
    pub signatures: Vec<NoteSignature<'a>>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature<'a> {
    /// The key's name.
    pub name: &'a str,
    /// The key's id.
    pub key_id: u32,
    /// The signature's bytes, whose form depends on the key's type.
    pub signature: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    /// If it has not the form of a signed note or is too long.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_LEN {
            return Err(NoteError::TooLong);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::ControlCharacter);
        }
        let blank = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, signatures) = note.split_at_checked(blank + 1).ok_or(NoteError::Form)?;
        let lines = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::Form)?;
        if lines.split('\n').nth(MAX_SIGNATURES).is_some() {
            return Err(NoteError::TooManySignatures);
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }
}

impl<'a> NoteSignature<'a> {
    fn parse(line: &'a str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix(SIGNATURE_LINE).ok_or(NoteError::SignatureLine)?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteError::SignatureLine)?;
        if !is_key_name(name) {
            return Err(NoteError::SignatureLine);
        }
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| NoteError::SignatureLine)?;
        let (key_id, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::SignatureLine)?;
        if signature.is_empty() {
            return Err(NoteError::SignatureLine);
        }
        Ok(Self { name, key_id: u32::from_be_bytes(*key_id), signature: signature.to_vec() })
    }
}

/// A signature line with its newline.
pub(crate) fn signature_line(name: &str, key_id: u32, signature: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode([&key_id.to_be_bytes(), signature].concat());
    format!("{SIGNATURE_LINE}{name} {encoded}\n")
}

/// The id of an Ed25519 key under this name: the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key).
pub(crate) fn ed25519_key_id(name: &str, key: &PublicKey) -> u32 {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), &[b'\n', ED25519], key.as_bytes()]).0;
    u32::from_be_bytes([a, b, c, d])
}

/// Not empty, no Unicode space, no plus.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    // The sample note of the specification.
    const SAMPLE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

    #[test]
    fn the_text_ends_before_the_last_blank_line() {
        let note = Note::parse(SAMPLE).unwrap();
        assert!(note.text.starts_with("Ognuno") && note.text.ends_with("sera.\n"));
        assert_eq!(note.signatures.len(), 1);
        let signature = &note.signatures[0];
        assert_eq!((signature.name, signature.signature.len()), ("quasimodo.example/salvatore", 64));
        assert_eq!(signature_line(signature.name, signature.key_id, &signature.signature), {
            let start = SAMPLE.rfind("— ").unwrap();
            SAMPLE[start..].to_owned()
        });
    }

    #[test]
    fn a_note_of_another_form_is_refused() {
        let line = "— n AAAAAQI=\n";
        for (bad, error) in [
            ("text\n".to_owned(), NoteError::Form),
            ("text\n\n".to_owned(), NoteError::Form),
            (format!("text\n\n{}", line.trim_end()), NoteError::Form),
            (format!("text\r\n\n{line}"), NoteError::ControlCharacter),
            ("text\n\n- n AAAAAQI=\n".to_owned(), NoteError::SignatureLine),
            ("text\n\n— n AAAA\n".to_owned(), NoteError::SignatureLine),
            ("text\n\n— a+b AAAAAQI=\n".to_owned(), NoteError::SignatureLine),
            ("text\n\n— n AAAAAQI\n".to_owned(), NoteError::SignatureLine),
            (format!("text\n\n{}", line.repeat(33)), NoteError::TooManySignatures),
            (format!("{}\n\n{line}", "x".repeat(MAX_NOTE_LEN)), NoteError::TooLong),
        ] {
            assert_eq!(Note::parse(&bad), Err(error), "{bad:.80}");
        }
        assert_eq!(Note::parse(&format!("text\n\n{}", line.repeat(32))).unwrap().signatures.len(), 32);
    }
}
