//! Hearing: from signed statements, of the own registry or of another province's answer, to authentic ones.
//!
//! Authentic is all that they are here. Whether to believe one is for the policy.

use huxin_attest::{Attestation, Clock as _, Kind, Kinds, RegionCode, SubjectSalt, UnixMs, Verified};
use huxin_registry::Registry as _;
use huxin_trust_policy::{Listing, Policy, Standing, Statement};
use huxin_wire::convert::fixed;
use huxin_wire::{Failure, Reason, v1};

use super::convert::Presentation;
use crate::exchange::PeerAnswer;
use crate::local::Local;
use crate::rules::Rules;

/// One authentic statement.
pub struct Heard {
    /// What it says.
    pub attestation: Verified<Attestation>,
    /// When its province last confirmed it.
    pub checked_at: UnixMs,
    /// Whether the person contests it.
    pub standing: Standing,
    /// What the membership list says of its signer.
    pub listing: Listing,
}

impl Heard {
    /// The statement as the policy sees it.
    pub fn statement(&self, policy: &Policy) -> Statement {
        let Self { attestation, checked_at, standing, listing } = self;
        Statement::from_verified(policy, attestation, *listing, *checked_at, *standing)
    }
}

/// What one person's statements are verified with.
pub struct Hearing<'a> {
    local: &'a Local,
    rules: &'a Rules,
    presentation: &'a Presentation,
}

impl<'a> Hearing<'a> {
    /// For statements about who is presented.
    pub const fn of(local: &'a Local, rules: &'a Rules, presentation: &'a Presentation) -> Self {
        Self { local, rules, presentation }
    }

    /// The authentic statements of the own registry.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn own_registry(&self, kinds: Kinds) -> Result<Vec<Heard>, Failure> {
        let (shared, presentation) = (&self.local.shared, self.presentation);
        let person = shared.secret.person(&presentation.document);
        let found = shared.registry.look_up(&person, kinds);
        let found = found.map_err(|error| Failure::new(Reason::Internal, error.to_string()))?;
        let checked_at = shared.facts.now();
        let mut heard = Vec::with_capacity(found.heads.len());
        // Only the home province says what the code is.
        let is_home = presentation.home == shared.region;
        for held in
            found.heads.into_iter().filter(|held| is_home || held.kind != Kind::HealthCode || held.hop > 0)
        {
            let standing = match held.standing {
                huxin_registry::Standing::None => Standing::None,
                huxin_registry::Standing::Contested => Standing::Contested,
                huxin_registry::Standing::Overdue => Standing::Overdue,
            };
            let (envelope, salt) = (&held.envelope, &held.subject_salt);
            heard.extend(self.verify(shared.region, envelope, salt, checked_at, standing));
        }
        Ok(heard)
    }

    /// The authentic statements of an answer that are of kinds asked for.
    pub fn statements(&self, answer: &PeerAnswer, kinds: Kinds) -> Vec<Heard> {
        let mut all = Vec::with_capacity(answer.statements.len());
        for statement in &answer.statements {
            let v1::AnsweredStatement { attestation, subject_salt, standing } = statement;
            let standing = match v1::Standing::try_from(*standing) {
                Ok(v1::Standing::None) => Standing::None,
                Ok(v1::Standing::Contested) => Standing::Contested,
                // A standing that we do not know is taken as the one that believes least.
                _ => Standing::Overdue,
            };
            let Ok(salt) = fixed(subject_salt, "subject_salt").map(SubjectSalt) else {
                tracing::warn!(region = %answer.region, "a statement's salt has not 16 bytes");
                self.local.shared.counters.answers_rejected.one();
                continue;
            };
            let heard = self.verify(answer.region, attestation, &salt, answer.checked_at, standing);
            all.extend(heard.filter(|heard| kinds.contains(heard.attestation.claims.kind)));
        }
        all
    }

    /// Authenticates one statement; what is not authentic is counted, logged and left out.
    fn verify(
        &self,
        region: RegionCode,
        envelope: &[u8],
        salt: &SubjectSalt,
        checked_at: UnixMs,
        standing: Standing,
    ) -> Option<Heard> {
        let Self { local, rules, presentation } = *self;
        let membership = &*local.shared.membership;
        let verified = {
            let mut verifier = local.verifier();
            let before = verifier.counters().signatures_checked;
            let verified = verifier.verify(envelope, region, membership, &presentation.document, salt);
            local.shared.counters.signatures_checked.add(verifier.counters().signatures_checked - before);
            verified
        };
        let attestation = match verified {
            Ok(attestation) => attestation,
            Err(error) => {
                let error_id = local.error_id();
                tracing::warn!(%region, reason = error.reason(), %error_id, "a statement is not authentic");
                local.shared.counters.answers_rejected.one();
                return None;
            }
        };
        local.shared.counters.statements_verified.one();
        let listing = rules.listing(membership, &attestation);
        Some(Heard { attestation, checked_at, standing, listing })
    }
}
