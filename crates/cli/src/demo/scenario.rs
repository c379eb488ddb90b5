//! What a scenario is: what happened, and what had to hold.

use huxin_attest::{Kind, RegionCode};
use huxin_ledger::LogVerifierKey;
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use serde::Serialize;

use super::stage::{Stage, text};
use crate::messages::{Text, words::spoken};
use crate::receipts;

/// One scenario, played.
#[derive(Debug, Serialize)]
pub struct Scenario {
    /// Its number.
    pub id: &'static str,
    /// Its title.
    #[serde(serialize_with = "english")]
    pub title: Text,
    /// Did everything come out as it must?
    pub passed: bool,
    /// What happened.
    #[serde(serialize_with = "all_english")]
    pub lines: Vec<Text>,
    /// What had to hold.
    pub checks: Vec<Check>,
}

/// One thing that had to hold.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What.
    #[serde(serialize_with = "english")]
    pub what: Text,
    /// Did it?
    pub held: bool,
}

fn english<S: serde::Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.en)
}

fn all_english<S: serde::Serializer>(texts: &[Text], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(|text| &text.en))
}

impl Scenario {
    /// A scenario that begins.
    pub fn new(id: &'static str, zh: &str, en: &str) -> Self {
        let title = Text::new(zh, en);
        Self { id, title, passed: false, lines: Vec::new(), checks: Vec::new() }
    }

    /// Something that happened.
    pub fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.lines.push(Text::new(zh, en));
    }

    /// Something that had to hold.
    pub fn check(&mut self, held: bool, zh: impl Into<String>, en: impl Into<String>) {
        self.checks.push(Check { what: Text::new(zh, en), held });
    }

    /// The scenario is over.
    pub fn end(mut self) -> Self {
        self.passed = !self.checks.is_empty() && self.checks.iter().all(|check| check.held);
        self
    }

    /// A decision: who was asked, what was heard, what was decided and by what rule.
    pub fn decision(&mut self, decision: &v1::Decision) -> Result<(), String> {
        for asked in &decision.asked {
            self.lines.push(asked_line(asked)?);
        }
        for finding in &decision.findings {
            self.lines.push(finding_line(finding)?);
        }
        self.lines.push(decision_line(decision));
        Ok(())
    }

    /// What was decided, and in which case of the rule.
    pub fn check_outcome(&mut self, decision: &v1::Decision, outcome: v1::Outcome, case: &str) {
        let held = decision.outcome() == outcome && decision.case == case;
        let (zh, en) = outcome_words(outcome);
        self.check(held, format!("{zh}（{case}）"), format!("{en}, by case {case}"));
    }

    /// The decision's receipt must verify with nothing but the log's public key.
    pub fn check_receipt(&mut self, stage: &Stage, receipt: v1::Receipt) -> Result<(), String> {
        let origin = receipt.origin.clone();
        let (_, vkey) = stage.exercise.membership().log(&origin).ok_or("a log that nobody lists")?;
        let key = LogVerifierKey::parse(vkey).map_err(text)?;
        let receipt = receipts::from_message(receipt).map_err(text)?;
        let again = huxin_ledger::Receipt::parse(&receipt.to_text()).map_err(text)?;
        self.check(
            again.verify(&key).is_ok(),
            format!("回执离线核验：日志 {origin} 第 {} 条", receipt.index),
            format!("the receipt verifies offline: log {origin}, entry {}", receipt.index),
        );
        Ok(())
    }

    /// The answer must stand in the answerer's own log, so the person can see that Guangdong asked.
    pub async fn check_logged(&mut self, stage: &Stage, asked: &v1::Asked) -> Result<(), String> {
        let home: RegionCode = asked.region.parse().map_err(text)?;
        let channel = stage.own_channel(home.as_u8(), "operator/duty-1").await?;
        let request = v1::ProofRequest { origin: asked.origin.clone(), index: asked.index, size: 0 };
        let proof = LedgerClient::new(channel).proof(request).await.map_err(text)?.into_inner();
        let same = huxin_attest::merkle::leaf_hash(&proof.leaf).0 == asked.leaf_hash.as_ref();
        self.check(
            same,
            format!("{}日志里有这次查询（第 {} 条）", home.name_zh(), asked.index),
            format!("{}'s own log holds this query (entry {})", home.name_en(), asked.index),
        );
        Ok(())
    }
}

/// How a province that was asked answered.
pub fn answered<'d>(decision: &'d v1::Decision, region: &str) -> Option<&'d v1::Asked> {
    decision.asked.iter().find(|asked| asked.region == region)
}

/// How the policy took the codes that were heard, in their order: (region, belief, deciding).
pub fn codes(decision: &v1::Decision) -> Vec<(&str, &str, bool)> {
    let code = i32::from(Kind::HealthCode.number());
    let codes = decision.findings.iter().filter(|finding| finding.kind == code);
    codes.map(|finding| (&*finding.region, &*finding.belief, finding.deciding)).collect()
}

fn asked_line(asked: &v1::Asked) -> Result<Text, String> {
    let region: RegionCode = asked.region.parse().map_err(text)?;
    let kinds = || asked.kinds.iter().filter_map(|number| Kind::from_number(u64::try_from(*number).ok()?));
    let zh_kinds = kinds().map(Kind::name_zh).collect::<Vec<_>>().join("、");
    let en_kinds = kinds().map(Kind::name).collect::<Vec<_>>().join(", ");
    let asking = |zh: String, en: String| {
        let (zh_name, en_name) = (region.name_zh(), region.name_en());
        Text::new(format!("问{zh_name}：{zh_kinds} → {zh}"), format!("{en_name} is asked: {en_kinds} → {en}"))
    };
    let (origin, index) = (&asked.origin, asked.index);
    Ok(match asked.result() {
        v1::AskedResult::Own => {
            Text::new(format!("查本省登记库：{zh_kinds}"), format!("the own registry is read: {en_kinds}"))
        }
        v1::AskedResult::Answered => {
            asking(format!("已答（{origin} 第 {index} 条）"), format!("answered ({origin} #{index})"))
        }
        v1::AskedResult::Reused => {
            let seconds = asked.reused_age_ms / 1000;
            asking(
                format!("没有应答，沿用 {seconds} 秒前的回答（{origin} 第 {index} 条）"),
                format!("silent; its answer of {seconds} s ago is used again ({origin} #{index})"),
            )
        }
        v1::AskedResult::Refused | v1::AskedResult::Unreachable | v1::AskedResult::Unspecified => {
            asking(format!("没有回答（{}）", asked.reason), format!("no answer ({})", asked.reason))
        }
    })
}

fn finding_line(finding: &v1::Finding) -> Result<Text, String> {
    let region: RegionCode = finding.region.parse().map_err(text)?;
    let kind = u64::try_from(finding.kind).ok().and_then(Kind::from_number).ok_or("an unknown kind")?;
    let (zh_name, en_name, department) = (region.name_zh(), region.name_en(), &finding.department);
    let label = if finding.native_label.is_empty() {
        String::new()
    } else {
        format!("“{}”", finding.native_label)
    };
    let belief = &finding.belief;
    Ok(Text::new(
        format!("{zh_name} {department} 的陈述：{}{label} → {}", kind.name_zh(), spoken(belief, Lang::Zh)),
        format!("{en_name} {department} states {kind}{label} → {belief}"),
    ))
}

fn decision_line(decision: &v1::Decision) -> Text {
    let case = if decision.case.is_empty() { String::new() } else { format!("/{}", decision.case) };
    let (zh, en) = outcome_words(decision.outcome());
    let v1::Decision { rule, title, basis, owner, .. } = decision;
    let contact = decision.appeal.as_ref().map(|appeal| appeal.contact.as_str()).unwrap_or_default();
    Text::new(
        format!("结论：{zh}；规则 {rule}{case}“{title}”；依据：{basis}；负责：{owner}；申诉：{contact}"),
        format!(
            "decision: {en}; rule {rule}{case} “{title}”; basis: {basis}; owner: {owner}; appeal: {contact}"
        ),
    )
}

const fn outcome_words(outcome: v1::Outcome) -> (&'static str, &'static str) {
    match outcome {
        v1::Outcome::Admit => ("放行", "admit"),
        v1::Outcome::Review => ("转人工", "review"),
        v1::Outcome::Unspecified => ("？", "?"),
    }
}
