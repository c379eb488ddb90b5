//! The membership list of the example PKI, and every way to break it.

use huxin_attest::{KeyDirectory, Kind};

use super::*;
use crate::files::MemoryFiles;
use crate::pki::description::Description;
use crate::testing::{DESCRIPTION, Example, example, now, region};

fn problems(example: &Example, text: &str) -> String {
    match Membership::parse(text, &example.published()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

/// Changes the first occurrence of `from`.
fn refused(example: &Example, from: &str, to: &str, because: &str) {
    let text = example.federation_text();
    assert!(text.contains(from), "the sample has no {from}");
    let said = problems(example, &text.replacen(from, to, 1));
    assert!(said.contains(because), "{from} -> {to}: {said}");
}

#[test]
fn the_generated_list_answers_who_is_who() {
    let example = example();
    let list = &example.membership;
    assert_eq!((list.version(), list.threshold(), list.signers().len()), (1, 2, 3));
    assert_eq!(list.sha256(), huxin_attest::sha256(&[example.federation_text().as_bytes()]));
    assert!(list.expires() > now());
    assert_eq!(list.baseline().id, "CN-BASE");
    assert_eq!(list.risk_area_keys().len(), 1);

    let hubei = list.member(region("42")).unwrap();
    assert_eq!(hubei.trust_domain.as_str(), "hb.example");
    assert_eq!(list.member_by_trust_domain(&hubei.trust_domain).unwrap().region, hubei.region);
    assert!(list.member(region("99")).is_none());
    assert_eq!(list.log("hb.example/log/0").unwrap().0, hubei.region);
    assert!(list.log("hb.example/log/1").is_none());

    let cdc = list.department(region("42"), "hb-cdc").unwrap();
    assert_eq!(cdc.category.as_str(), "health");
    assert!(cdc.may_state.contains(Kind::HealthCode) && !cdc.may_state.contains(Kind::ExamResult));
    assert!(cdc.may_assign("cdc") && !cdc.may_assign("headquarters"));
    assert!(list.department(region("44"), "hb-cdc").is_none());

    let supervisor = list.supervisor(&"sup.example".parse().unwrap()).unwrap();
    assert!(supervisor.supervises(region("41")) && !supervisor.supervises(region("99")));
    assert!(list.member_by_trust_domain(&supervisor.trust_domain).is_none());
    assert!(list.supervisor(&hubei.trust_domain).is_none());
}

#[test]
fn a_statement_key_is_found_in_its_own_region_only() {
    let example = example();
    let list = &example.membership;
    let key = &list.department(region("42"), "hb-cdc").unwrap().keys[0];
    let listed = list.statement_key(region("42"), key.public.id()).unwrap();
    assert_eq!((listed.department, listed.key), ("hb-cdc", &key.public));
    assert_eq!((listed.from, listed.until), (key.from, key.until));
    assert!(list.statement_key(region("44"), key.public.id()).is_none());
    assert!(list.statement_key(region("42"), KeyId([0; 8])).is_none());
}

#[test]
fn every_missing_line_is_refused() {
    let example = example();
    let text = example.federation_text();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        // Who signs overlays may be left out: then nobody does.
        if line.is_empty() || line.starts_with('#') || line.starts_with("policy = ") {
            continue;
        }
        // A department's block without its header would belong to the block before, so it is refused as repeated.
        let without: Vec<&str> =
            lines.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, line)| *line).collect();
        assert_ne!(problems(&example, &without.join("\n")), "", "line {}: {line}", at + 1);
    }
}

#[test]
fn every_repeated_line_is_refused() {
    let example = example();
    let text = example.federation_text();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut twice = lines.clone();
        twice.insert(at, line);
        assert_ne!(problems(&example, &twice.join("\n")), "", "line {}: {line}", at + 1);
    }
}

#[test]
fn every_renamed_key_is_refused_by_its_name() {
    let example = example();
    let text = example.federation_text();
    let mut renamed = 0;
    for (end, _) in text.match_indices(" = ") {
        let start = text[..end]
            .rfind(|c: char| !(c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()))
            .map_or(0, |at| at + 1);
        let changed = format!("{}x_{}", &text[..start], &text[start..]);
        let said = problems(&example, &changed);
        assert!(said.contains(&format!("x_{}", &text[start..end])), "{}: {said}", &text[start..end]);
        renamed += 1;
    }
    assert!(renamed > 100);
}

#[test]
fn every_dropped_key_of_an_inline_table_is_refused() {
    let example = example();
    for (from, to) in [
        ("id = \"CN-BASE\", ", ""),
        ("version = 3, ", ""),
        ("risk_areas = { keys", "risk_areas = {} # { keys"),
        (", max_age = \"43200m\"", ""),
        ("file = \"ha.crl\", ", ""),
        ("{ origin = \"ha.example/log/0\", ", "{ "),
    ] {
        refused(&example, from, to, "is missing");
    }
}

#[test]
fn what_contradicts_itself_is_refused_with_the_reason() {
    let example = example();
    let list = &example.membership;
    let kid =
        |department: &str| list.department(region("42"), department).unwrap().keys[0].public.id().to_string();
    refused(&example, "region = \"42\"", "region = \"41\"", "region 41 is taken");
    refused(&example, "\"hb.example\"", "\"ha.example\"", "trust domain ha.example is taken");
    refused(&example, "\"sup.example\"", "\"ha.example\"", "trust domain ha.example is taken");
    refused(&example, "\"hb-cdc\"", "\"hb-data\"", "the name hb-data is taken");
    refused(&example, &kid("hb-cdc"), &kid("hb-data"), "does not belong to the key");
    refused(&example, "threshold = 2", "threshold = 4", "could never be reached");
    refused(
        &example,
        "hb.example/log/0\", vkey",
        "gd.example/log/0\", vkey",
        "must be hb.example/log/ and a number",
    );
    refused(&example, "hb.example/log/0+", "gd.example/log/0+", "must be hb.example/log/0+");
    refused(&example, "\"127.0.0.1:8442\"", "\"127.0.0.1\"", "not an endpoint");
    refused(&example, "\"hb.crl\"", "\"../hb.crl\"", "not a file name inside the folder");
    refused(&example, "[\"hb.pem\"]", "[\"/etc/hb.pem\"]", "not a file name inside the folder");
    refused(&example, "[\"hb.pem\"]", "[\"no.pem\"]", "cannot be read");
    refused(&example, "[\"hb.pem\"]", "[\"hb.crl\"]", "must hold certificates");
    refused(&example, "[\"hb.pem\"]", "[\"gd.pem\"]", "belongs to another trust domain");
    refused(&example, "\"43200m\"", "\"0m\"", "not a duration");
    refused(&example, "format = 1", "format = 2", "from 1 to 1");
    refused(&example, "version = 1", "version = 0", "from 1 to");
    refused(&example, "version = 1", "version = \"1\"", "must be a whole number");
    refused(&example, "regions = [", "regions = [\"99\", ", "region 99 is not a member");
    refused(&example, "\"health_code\"", "\"health\"", "unknown kind");
    refused(&example, "may_assign = [\"headquarters\"]", "may_assign = [\"HQ\"]", "not a term");
    refused(&example, "max_logs = 1", "max_logs = 0", "from 1 to 64");
}

#[test]
fn who_signs_overlays_is_listed_for_a_province_or_nobody_does() {
    let example = example();
    let list = &example.membership;
    let signers = list.policy_signers(region("42")).unwrap();
    let ids: Vec<_> = signers.signers.iter().map(|signer| signer.id.as_str()).collect();
    assert_eq!((signers.threshold, ids), (2, vec!["hb-bureau-1", "hb-bureau-2"]));
    assert!(list.policy_signers(region("99")).is_none());

    let text = example.federation_text();
    let line = text.lines().find(|line| line.contains("hb-bureau-1")).unwrap();
    let without = text.replace(&format!("{line}\n"), "");
    let without = Membership::parse(&without, &example.published()).unwrap();
    assert!(without.policy_signers(region("42")).is_none() && without.member(region("42")).is_some());
    assert!(without.policy_signers(region("44")).is_some());

    let key = |at: usize| crate::pki::keys::public_text(&signers.signers[at].key);
    let cdc = list.department(region("42"), "hb-cdc").unwrap();
    refused(&example, "\"hb-bureau-2\"", "\"hb-bureau-1\"", "the id hb-bureau-1 is taken");
    refused(&example, "\"hb-bureau-2\"", "\"HB 2\"", "not a name");
    refused(&example, &key(1), &key(0), "key id");
    refused(&example, &key(1), &crate::pki::keys::public_text(&cdc.keys[0].public), "key id");
    refused(&example, "{ threshold = 2", "{ threshold = 3", "could never be reached");
    refused(&example, "{ threshold = 2", "{ threshold = 0", "from 1 to");
    refused(&example, "{ threshold = 2, ", "{ ", "is missing");
    refused(&example, &line[line.find("signers").unwrap()..], "signers = [] }", "must have 1 to 16 elements");
    let until = format!("until = {}", signers.signers[0].until);
    refused(&example, &until, &format!("until = {}", signers.signers[0].from), "must be later than from");
}

#[test]
fn times_need_an_offset_and_an_order() {
    let example = example();
    let text = example.federation_text();
    let key = &example.membership.department(region("42"), "hb-cdc").unwrap().keys[0];
    refused(
        &example,
        &format!("until = {}", key.until),
        &format!("until = {}", key.from),
        "must be later than from",
    );
    let expires = text.lines().find(|line| line.starts_with("expires")).unwrap();
    refused(&example, expires, "expires = 2099-01-01T00:00:00", "a time with its offset");
    refused(&example, expires, "expires = 2099-01-01", "a time with its offset");
    refused(&example, expires, "expires = \"2099-01-01T00:00:00Z\"", "a time with its offset");
}

#[test]
fn a_log_beyond_the_allowance_is_refused() {
    let example = example();
    let second = "logs = [{ origin = \"ha.example/log/1\", vkey = \"ha.example/log/1+00c0ffee+AQID\" }, ";
    refused(&example, "logs = [", second, "more logs than max_logs = 1 allows");
}

#[test]
fn a_root_that_is_pinned_twice_is_refused() {
    let example = example();
    std::fs::copy(example.path("federation/hb.pem"), example.path("federation/hb-2.pem")).unwrap();
    refused(&example, "[\"hb.pem\"]", "[\"hb.pem\", \"hb-2.pem\"]", "root certificate with digest");
}

#[test]
fn a_party_or_a_broken_text_is_no_root() {
    let example = example();
    let mut files = MemoryFiles::new();
    let description = Description::parse(DESCRIPTION).unwrap();
    let provinces = description.provinces.iter().map(|province| &province.short);
    for short in provinces.chain(description.supervisors.iter().map(|supervisor| &supervisor.short)) {
        let name: FileName = format!("{short}.pem").parse().unwrap();
        let pem = std::fs::read(example.published().path(&name)).unwrap();
        files.insert(name, pem);
    }
    let text = example.federation_text();
    assert!(Membership::parse(&text, &files).is_ok());
    let node = std::fs::read(example.path("hb/node.pem")).unwrap();
    files.insert("hb.pem".parse().unwrap(), node);
    let error = Membership::parse(&text, &files).unwrap_err();
    assert!(error.to_string().contains("pin the authority, not a party"), "{error}");
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn a_changed_byte_never_ends_the_reader(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
            static SAMPLE: std::sync::LazyLock<Example> = std::sync::LazyLock::new(example);
            let mut bytes = SAMPLE.federation_text().into_bytes();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Err(error) = Membership::parse(&text, &SAMPLE.published()) {
                let lines = text.matches('\n').count() + 1;
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.problems().iter().all(|problem| (1..=lines).contains(&problem.line)));
            }
        }
    }
}
