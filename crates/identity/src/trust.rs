//! Which roots and revocation lists hold for whom, swapped while the node runs.
//!
//! Roots are never pooled: each trust domain has its own, and a certificate is judged by those of the trust domain that
//! it names, even if another's would accept it. Without a revocation list that can be used, nobody of that trust
//! domain is believed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use huxin_attest::{RegionCode, UnixMs};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use crate::files::{FileName, FileSource};
use crate::membership::{CrlSource, Membership};
use crate::name::TrustDomain;
use crate::pem;
use crate::pki::root::check_root;
use crate::tls::provider;

/// The trust that TLS connections are judged by. Handshakes in progress keep what they began with.
pub struct TrustStore {
    state: RwLock<Arc<State>>,
}

pub(crate) struct State {
    pub(crate) membership: Arc<Membership>,
    pub(crate) domains: HashMap<TrustDomain, Domain>,
    problems: Vec<(TrustDomain, TrustError)>,
}

/// One trust domain.
pub(crate) struct Domain {
    /// `None`: a supervisor's.
    pub(crate) region: Option<RegionCode>,
    pub(crate) max_crl_age_ms: i64,
    pinned: Vec<CertificateDer<'static>>,
    crls: Vec<CertificateRevocationListDer<'static>>,
    /// The oldest `thisUpdate` and the earliest `nextUpdate` of the lists; `None`: there is no list.
    pub(crate) updated: Option<Updated>,
    pub(crate) roots: Vec<Root>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Updated {
    pub(crate) this: UnixMs,
    pub(crate) next: UnixMs,
}

/// One root, with verifiers that know no other.
pub(crate) struct Root {
    pub(crate) not_before: UnixMs,
    pub(crate) not_after: UnixMs,
    pub(crate) of_clients: Arc<dyn ClientCertVerifier>,
    pub(crate) of_servers: Arc<WebPkiServerVerifier>,
}

/// What a load met.
#[derive(Debug, Clone, Default)]
pub struct Reloaded {
    /// What could not be taken over, by trust domain. The last good revocation list stays in force until it is too old.
    pub problems: Vec<(TrustDomain, TrustError)>,
}

/// How fresh a trust domain's revocation list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlStatus {
    /// The trust domain.
    pub trust_domain: TrustDomain,
    /// When the list was made; `None`: there is no list, and nobody is believed.
    pub this_update: Option<UnixMs>,
    /// From when on nobody is believed: the earlier of `nextUpdate` and `thisUpdate` + `max_age`.
    pub fails_at: Option<UnixMs>,
}

/// Why a trust domain's roots or revocation list could not be taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The revocation list cannot be read.
    #[error("revocation list {0} cannot be read: {1}")]
    Unreadable(FileName, String),
    /// The file holds no revocation lists.
    #[error("{0} must hold revocation lists in PEM form with thisUpdate and nextUpdate")]
    Malformed(FileName),
    /// The list is older than the one in force.
    #[error("revocation list {0} is older than the one in force, which stays")]
    Older(FileName),
    /// The verification library refused the roots or the list.
    #[error("the roots or the revocation list cannot be used: {0}")]
    Unusable(String),
}

impl TrustStore {
    /// Loads the trust of a membership list; `files` holds its revocation lists. See [`Self::problems`] for what could
    /// not be loaded.
    pub fn new(membership: Arc<Membership>, files: &dyn FileSource) -> Self {
        Self { state: RwLock::new(Arc::new(State::load(membership, files, None))) }
    }

    /// Takes over a membership list and its current revocation lists.
    pub fn reload(&self, membership: Arc<Membership>, files: &dyn FileSource) -> Reloaded {
        let next = Arc::new(State::load(membership, files, Some(&self.state())));
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = next;
        Reloaded { problems: self.problems() }
    }

    /// Reads the revocation lists again.
    pub fn reload_crls(&self, files: &dyn FileSource) -> Reloaded {
        self.reload(self.membership(), files)
    }

    /// The membership list in force.
    pub fn membership(&self) -> Arc<Membership> {
        Arc::clone(&self.state().membership)
    }

    /// What the last load could not take over.
    pub fn problems(&self) -> Vec<(TrustDomain, TrustError)> {
        self.state().problems.clone()
    }

    /// How fresh each trust domain's revocation list is, ordered by trust domain.
    pub fn crl_status(&self) -> Vec<CrlStatus> {
        let state = self.state();
        let mut all: Vec<_> = state.domains.iter().map(|(name, domain)| domain.crl_status(name)).collect();
        all.sort_by(|a, b| a.trust_domain.cmp(&b.trust_domain));
        all
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn load(membership: Arc<Membership>, files: &dyn FileSource, before: Option<&Self>) -> Self {
        let mut state =
            Self { membership: Arc::clone(&membership), domains: HashMap::new(), problems: Vec::new() };
        for member in membership.members() {
            state.add(&member.trust_domain, Some(member.region), &member.roots, &member.crl, files, before);
        }
        for supervisor in membership.supervisors() {
            state.add(&supervisor.trust_domain, None, &supervisor.roots, &supervisor.crl, files, before);
        }
        state
    }

    fn add(
        &mut self,
        name: &TrustDomain,
        region: Option<RegionCode>,
        pinned: &[CertificateDer<'static>],
        source: &CrlSource,
        files: &dyn FileSource,
        before: Option<&Self>,
    ) {
        // Lists of other roots say nothing about these.
        let held = before.and_then(|state| state.domains.get(name)).filter(|domain| domain.pinned == pinned);
        let mut domain = Domain {
            region,
            max_crl_age_ms: source.max_age_ms,
            pinned: pinned.to_vec(),
            crls: Vec::new(),
            updated: None,
            roots: Vec::new(),
        };
        match read_crls(source, files, held) {
            Ok((crls, updated)) => (domain.crls, domain.updated) = (crls, Some(updated)),
            Err(problem) => {
                if let Some(held) = held {
                    (domain.crls, domain.updated) = (held.crls.clone(), held.updated);
                }
                self.problems.push((name.clone(), problem));
            }
        }
        match domain.verifiers() {
            Ok(roots) => domain.roots = roots,
            Err(problem) => self.problems.push((name.clone(), problem)),
        }
        self.domains.insert(name.clone(), domain);
    }
}

fn read_crls(
    source: &CrlSource,
    files: &dyn FileSource,
    held: Option<&Domain>,
) -> Result<(Vec<CertificateRevocationListDer<'static>>, Updated), TrustError> {
    let file = &source.file;
    let text = files.read(file).map_err(|error| TrustError::Unreadable(file.clone(), error.to_string()))?;
    let malformed = || TrustError::Malformed(file.clone());
    let crls = pem::revocation_lists(&text).ok_or_else(malformed)?;
    let mut updated = Updated { this: UnixMs::MAX, next: UnixMs::MAX };
    for crl in &crls {
        let (rest, read) = CertificateRevocationList::from_der(crl).map_err(|_| malformed())?;
        let next = read.next_update().filter(|_| rest.is_empty()).ok_or_else(malformed)?;
        let time = |secs| UnixMs::from_secs(secs).ok_or_else(malformed);
        updated.this = updated.this.min(time(read.last_update().timestamp())?);
        updated.next = updated.next.min(time(next.timestamp())?);
    }
    if held.and_then(|held| held.updated).is_some_and(|held| updated.this < held.this) {
        return Err(TrustError::Older(file.clone()));
    }
    Ok((crls, updated))
}

impl Domain {
    /// One pair of verifiers a root; none without a revocation list, since the library would then check none.
    fn verifiers(&self) -> Result<Vec<Root>, TrustError> {
        if self.crls.is_empty() {
            return Ok(Vec::new());
        }
        let unusable = |error: &dyn fmt::Display| TrustError::Unusable(error.to_string());
        let mut roots = Vec::new();
        for pinned in &self.pinned {
            let validity = check_root(pinned, None).map_err(|error| unusable(&error))?;
            let mut store = RootCertStore::empty();
            store.add(pinned.clone()).map_err(|error| unusable(&error))?;
            let store = Arc::new(store);
            let provider: Arc<CryptoProvider> = provider();
            roots.push(Root {
                not_before: validity.not_before,
                not_after: validity.not_after,
                of_clients: WebPkiClientVerifier::builder_with_provider(
                    Arc::clone(&store),
                    Arc::clone(&provider),
                )
                .with_crls(self.crls.iter().cloned())
                .enforce_revocation_expiration()
                .build()
                .map_err(|error| unusable(&error))?,
                of_servers: WebPkiServerVerifier::builder_with_provider(store, provider)
                    .with_crls(self.crls.iter().cloned())
                    .enforce_revocation_expiration()
                    .build()
                    .map_err(|error| unusable(&error))?,
            });
        }
        Ok(roots)
    }

    fn crl_status(&self, name: &TrustDomain) -> CrlStatus {
        CrlStatus {
            trust_domain: name.clone(),
            this_update: self.updated.map(|updated| updated.this),
            fails_at: self
                .updated
                .map(|updated| updated.next.min(updated.this.saturating_add_ms(self.max_crl_age_ms))),
        }
    }
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("TrustStore").field("domains", &state.domains.keys()).finish_non_exhaustive()
    }
}
