//! Writes the text of an example's `federation.toml`, one key a line.

use std::fmt::{Display, Write};

use huxin_attest::{PublicKey, UnixMs};

use super::{Listed, Parameters};
use crate::endpoint::Endpoint;
use crate::membership::Pin;
use crate::name::Name;
use crate::pki::Validity;
use crate::pki::description::{DepartmentDescription, Description, Lifetimes, Province, Supervision};
use crate::pki::keys::public_text;

pub(super) fn head(
    description: &Description,
    expires: UnixMs,
    signers: &[PublicKey],
    risk_areas: &[PublicKey],
    parameters: &Parameters<'_>,
) -> String {
    let signers = signers
        .iter()
        .map(|key| format!("{{ id = {}, key = {} }}", quoted(key.id()), quoted(public_text(key))));
    let risk_areas = risk_areas.iter().map(|key| quoted(public_text(key)));
    format!(
        "# 成员名单（示例）/ membership list (example)\nformat = 1\nversion = {}\nexpires = {}\nthreshold = {}\n\
         signers = {}\nbaseline = {}\nvocabulary = {}\nrisk_areas = {{ keys = {} }}\n",
        description.version,
        seconds(expires),
        description.threshold,
        list(signers),
        pin(&parameters.baseline),
        pin(&parameters.vocabulary),
        list(risk_areas),
    )
}

pub(super) fn member(
    province: &Province,
    endpoints: &[Endpoint],
    lifetimes: Lifetimes,
    (origin, vkey): (&str, &str),
    policy_keys: &[(&Name, PublicKey)],
    keys: &[Listed],
    valid: Validity,
) -> String {
    let mut text = format!(
        "\n[[member]]\nregion = {}\ntrust_domain = {}\nroots = {}\nendpoints = {}\ncrl = {}\nmax_logs = 1\n\
         logs = [{{ origin = {}, vkey = {} }}]\n{}",
        quoted(province.region),
        quoted(&province.trust_domain),
        list([quoted(format!("{}.pem", province.short))]),
        list(endpoints.iter().map(quoted)),
        crl(&province.short, lifetimes),
        quoted(origin),
        quoted(vkey),
        province
            .policy
            .as_ref()
            .map(|policy| signing(policy.threshold, policy_keys, valid))
            .unwrap_or_default(),
    );
    for listed in &province.departments {
        let own =
            keys.iter().filter(|key| key.department == listed.name).map(|key| statement_key(&key.key, valid));
        // Writing to a text cannot fail.
        let _ = write!(text, "{}", department(listed, own));
    }
    text
}

pub(super) fn supervisor(supervision: &Supervision, lifetimes: Lifetimes) -> String {
    format!(
        "\n[[supervisor]]\ntrust_domain = {}\nroots = {}\ncrl = {}\nregions = {}\n",
        quoted(&supervision.trust_domain),
        list([quoted(format!("{}.pem", supervision.short))]),
        crl(&supervision.short, lifetimes),
        list(supervision.regions.iter().map(quoted)),
    )
}

fn department(department: &DepartmentDescription, keys: impl Iterator<Item = String>) -> String {
    format!(
        "[[member.department]]\nname = {}\ncategory = {}\nmay_state = {}\nmay_assign = {}\nkeys = {}\n",
        quoted(department.name),
        quoted(department.category),
        list(department.may_state.iter().map(quoted)),
        list(department.may_assign.iter().map(quoted)),
        list(keys),
    )
}

fn signing(threshold: u32, keys: &[(&Name, PublicKey)], valid: Validity) -> String {
    let signers = keys.iter().map(|(id, key)| {
        format!("{{ id = {}, key = {}, {} }}", quoted(id), quoted(public_text(key)), validity(valid))
    });
    format!("policy = {{ threshold = {threshold}, signers = {} }}\n", list(signers))
}

fn validity(valid: Validity) -> String {
    format!("from = {}, until = {}", seconds(valid.from), seconds(valid.until))
}

fn statement_key(key: &PublicKey, valid: Validity) -> String {
    format!("{{ kid = {}, public = {}, {} }}", quoted(key.id()), quoted(public_text(key)), validity(valid))
}

fn pin(pin: &Pin) -> String {
    format!("{{ id = {}, version = {}, sha256 = {} }}", quoted(&pin.id), pin.version, quoted(pin.sha256))
}

fn crl(short: &impl Display, lifetimes: Lifetimes) -> String {
    let minutes = format!("{}m", lifetimes.crl_max_age_ms / 60_000);
    format!("{{ file = {}, max_age = {} }}", quoted(format!("{short}.crl")), quoted(minutes))
}

/// Without milliseconds.
fn seconds(time: UnixMs) -> UnixMs {
    UnixMs::from_secs(time.as_secs()).unwrap_or_default()
}

fn quoted(value: impl Display) -> String {
    toml::Value::String(value.to_string()).to_string()
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}
