//! Receipts: from the message that a node sends to the text that anyone verifies offline.

use huxin_attest::{Digest, UnixMs};
use huxin_ledger::leaf::LeafType;
use huxin_ledger::receipt::{Contents, Part, Private};
use huxin_ledger::{Receipt, Salt};
use huxin_wire::convert::{InvalidField, fixed};
use huxin_wire::v1;

/// Reads the receipt of a decision. Nothing of it is verified.
///
/// # Errors
/// If a field has not its form.
pub fn from_message(message: v1::Receipt) -> Result<Receipt, InvalidField> {
    let v1::Receipt {
        origin: _,
        index,
        path,
        checkpoint,
        leaf_type,
        unix_ms,
        salt1,
        public,
        salt2,
        request_sha256,
        body,
    } = message;
    let (hashes, rest) = path.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(InvalidField::form("path", "not a whole number of hashes"));
    }
    let leaf_type = LeafType::from_number(leaf_type.into());
    let private = Private::Exchange {
        salt2: Salt(fixed(&salt2, "salt2")?),
        query: Part::Hash(Digest(fixed(&request_sha256, "request_sha256")?)),
        body: Part::Bytes(body.into()),
    };
    let contents = Contents {
        leaf_type: leaf_type.ok_or_else(|| InvalidField::form("leaf_type", "unknown"))?,
        at: UnixMs::from_ms(unix_ms).ok_or_else(|| InvalidField::form("unix_ms", "out of bounds"))?,
        salt1: Salt(fixed(&salt1, "salt1")?),
        public: public.into(),
        private,
    };
    let path = hashes.iter().map(|hash| Digest(*hash)).collect();
    Ok(Receipt { index, path, checkpoint: checkpoint.into(), contents })
}
