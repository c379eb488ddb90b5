//! What an import derives from its seed: the same in every run, so that a batch that is signed again is the same batch.

use aws_lc_rs::hmac;
use huxin_attest::{Digest, SubjectSalt, sha256};

const SALT: &[u8] = b"huxin import salt";
const REQUEST: &[u8] = b"huxin import request";
const IMPORT: &[u8] = b"huxin import";

/// Salts and request ids of one import. Who knows the seed can try document numbers against the statements.
pub(super) struct Names {
    seed: hmac::Key,
    file: Digest,
}

impl Names {
    /// Of the import of the file with this digest.
    pub(super) fn new(seed: &[u8; 32], file: Digest) -> Self {
        Self { seed: hmac::Key::new(hmac::HMAC_SHA256, seed), file }
    }

    /// The subject salt of a line: the first 16 bytes of HMAC-SHA256(seed, label ‖ line number, 8 bytes big-endian).
    pub(super) fn salt(&self, line: u64) -> SubjectSalt {
        let mac = self.mac(&[SALT, &line.to_be_bytes()]);
        SubjectSalt(first_16(mac.as_ref()))
    }

    /// The request id of a batch: the first 16 bytes of SHA-256(label ‖ file ‖ HMAC-SHA256(seed, label) ‖ batch number,
    /// 8 bytes big-endian).
    pub(super) fn request_id(&self, batch: u64) -> [u8; 16] {
        let own = self.mac(&[REQUEST]);
        first_16(&sha256(&[IMPORT, &self.file.0, own.as_ref(), &batch.to_be_bytes()]).0)
    }

    fn mac(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.seed);
        parts.iter().for_each(|part| context.update(part));
        context.sign()
    }
}

fn first_16(bytes: &[u8]) -> [u8; 16] {
    bytes.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_and_batch_of_an_import_has_names_of_its_own_and_the_same_again() {
        let (a, b) = (sha256(&[b"a"]), sha256(&[b"b"]));
        let names = Names::new(&[7; 32], a);
        let again = Names::new(&[7; 32], a);
        assert_eq!((names.salt(1), names.request_id(1)), (again.salt(1), again.request_id(1)));
        assert_ne!(names.salt(1), names.salt(2));
        assert_ne!(names.request_id(1), names.request_id(2));
        assert_ne!(names.request_id(1), Names::new(&[7; 32], b).request_id(1));
        let other = Names::new(&[8; 32], a);
        assert_ne!(names.salt(1), other.salt(1));
        assert_ne!(names.request_id(1), other.request_id(1));
    }
}
