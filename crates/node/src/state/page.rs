//! Page tokens: where the next page begins, bound to who asked for what, so that nobody can make one.

use aws_lc_rs::{constant_time, hmac};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use huxin_registry::PersonKey;
use huxin_wire::convert::InvalidField;

/// Bytes of the MAC that a token keeps.
const MAC_LEN: usize = 16;

/// What a token is bound to.
pub struct Bound<'a> {
    /// The node's key for tokens.
    pub key: &'a hmac::Key,
    /// Who asks.
    pub caller: &'a str,
    /// About whom.
    pub person: &'a PersonKey,
}

impl Bound<'_> {
    /// The token of the page that leaves out the first `skip` statements.
    pub fn token(&self, skip: u32) -> String {
        let mac = self.mac(skip);
        BASE64_URL_SAFE_NO_PAD.encode([&skip.to_be_bytes(), mac.get(..MAC_LEN).unwrap_or_default()].concat())
    }

    /// How many statements the page of this token leaves out; none for the empty token.
    ///
    /// # Errors
    /// If this node gave no such token to this caller about this person.
    pub fn skip(&self, token: &str) -> Result<u32, InvalidField> {
        if token.is_empty() {
            return Ok(0);
        }
        let refused =
            || InvalidField::form("page_token", "not given by this node for this caller and person");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let (skip, mac) = bytes.split_first_chunk::<4>().ok_or_else(refused)?;
        let skip = u32::from_be_bytes(*skip);
        let expected = self.mac(skip);
        let expected = expected.get(..MAC_LEN).unwrap_or_default();
        constant_time::verify_slices_are_equal(mac, expected).map_err(|_| refused())?;
        Ok(skip)
    }

    fn mac(&self, skip: u32) -> Vec<u8> {
        let mut context = hmac::Context::with_key(self.key);
        // The parts before the caller have fixed lengths, so they need no frame.
        context.update(&self.person.0);
        context.update(&skip.to_be_bytes());
        context.update(self.caller.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_page_for_its_caller_and_person_only() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let other_key = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
        let (person, other) = (PersonKey([1; 32]), PersonKey([2; 32]));
        let bound = Bound { key: &key, caller: "a", person: &person };
        let token = bound.token(20);
        assert_eq!((bound.skip(&token), bound.skip("")), (Ok(20), Ok(0)));
        for other in [
            Bound { key: &other_key, ..bound },
            Bound { caller: "b", ..bound },
            Bound { person: &other, ..bound },
        ] {
            assert!(other.skip(&token).is_err());
        }
        let altered = token.replacen('A', "B", 1);
        for bad in ["A", "====", &token[1..], &altered, &format!("{token}AAAA"), &"A".repeat(10_000)] {
            assert!(bound.skip(bad).is_err(), "{bad}");
        }
    }
}
