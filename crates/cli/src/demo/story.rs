//! What a scenario is, and the first ones: a traveller is recognised, and a shop asks nothing.

use std::collections::BTreeMap;

use huxin_attest::{Kind, RegionCode};
use huxin_ledger::LogVerifierKey;
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::ledger_client::LedgerClient;
use serde::Serialize;

use super::border::Crossed;
use super::stage::{Fact, Says, Stage, question, region, text, traveller};
use crate::messages::Text;
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
    fn new(id: &'static str, zh: &str, en: &str) -> Self {
        let title = Text::new(zh, en);
        Self { id, title, passed: false, lines: Vec::new(), checks: Vec::new() }
    }

    fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.lines.push(Text::new(zh, en));
    }

    fn check(&mut self, held: bool, zh: impl Into<String>, en: impl Into<String>) {
        self.checks.push(Check { what: Text::new(zh, en), held });
    }

    fn end(mut self) -> Self {
        self.passed = !self.checks.is_empty() && self.checks.iter().all(|check| check.held);
        self
    }
}

/// Scenario 1: a green traveller from Hubei, tested 30 hours ago in Hunan, arrives in Guangdong.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn recognised(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "1",
        "湖北绿码旅客，30 小时前在湖南做过核酸，到广东",
        "a green traveller from Hubei, tested 30 h ago in Hunan, arrives in Guangdong",
    );
    let person = traveller()?;
    let code = Fact { region: 42, department: "hb-data", subject: &person, says: Says::Green("绿码") };
    let test = Fact { region: 43, department: "hn-lab-1", subject: &person, says: Says::Negative(30) };
    stage.state(&code).await?;
    stage.state(&test).await?;
    scenario.say(
        "湖北大数据局签了绿码，湖南检测机构签了核酸阴性；两份陈述都只在本省",
        "Hubei's data bureau signed the green code, Hunan's laboratory the negative test; each stays in its province",
    );
    let mut request = question(&person, "42", "gz-south-station", "travel");
    request.origin_area = "420102".to_owned();
    if let Some(presentation) = request.presentations.first_mut() {
        presentation.test_regions = vec!["43".to_owned()];
    }
    let before = stage.crossed();
    let result = stage.recognise("app/gd-transport/checkpoint", request).await.map_err(text)?;
    let crossed = stage.crossed();
    let decision = result.decision.ok_or("a result without a decision")?;
    for asked in &decision.asked {
        scenario.lines.push(asked_line(asked, &before, &crossed)?);
    }
    for finding in &decision.findings {
        scenario.lines.push(finding_line(finding)?);
    }
    scenario.lines.push(decision_line(&decision));
    scenario.check(decision.outcome() == v1::Outcome::Admit, "放行", "admitted");
    let answered = |code: &str, kind: Kind| {
        decision.asked.iter().any(|asked| {
            asked.region == code
                && asked.result() == v1::AskedResult::Answered
                && asked.kinds.contains(&i32::from(kind.number()))
        })
    };
    scenario.check(answered("42", Kind::HealthCode), "问了湖北要健康码", "Hubei was asked for the code");
    scenario.check(answered("43", Kind::NucleicTest), "问了湖南要核酸", "Hunan was asked for the test");
    let henan = region(41)?;
    let to_henan = crossed.get(&henan).copied().unwrap_or_default();
    let to_henan = to_henan.since(before.get(&henan).copied().unwrap_or_default());
    scenario.check(
        to_henan.total() == 0,
        "没有问河南，一个字节也没有过境",
        "Henan was not asked: no byte crossed",
    );
    check_receipt(&mut scenario, stage, result.receipt)?;
    for asked in decision.asked.iter().filter(|asked| asked.result() == v1::AskedResult::Answered) {
        check_logged(&mut scenario, stage, asked).await?;
    }
    Ok(scenario.end())
}

/// Scenario 4: a shop in a low-risk area.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn not_asked(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario =
        Scenario::new("4", "低风险区商场：什么也不查", "a shop in a low-risk area: nothing is asked");
    let person = traveller()?;
    let before = (stage.crossed(), stage.status(44).await?);
    let request = question(&person, "42", "gz-shop-low", "visit");
    let result = stage.recognise("app/commerce-1/gate", request).await.map_err(text)?;
    let after = (stage.crossed(), stage.status(44).await?);
    let decision = result.decision.ok_or("a result without a decision")?;
    scenario.lines.push(decision_line(&decision));
    scenario.check(decision.outcome() == v1::Outcome::Admit, "放行", "admitted");
    scenario.check(decision.asked.is_empty(), "没有问任何人", "nobody was asked");
    scenario.check(result.receipt.is_none(), "没有关于此人的日志条目", "no entry about the person exists");
    let bytes =
        |crossed: &BTreeMap<RegionCode, Crossed>| crossed.values().map(|one| one.total()).sum::<u64>();
    let crossed = bytes(&after.0) - bytes(&before.0);
    scenario.check(
        crossed == 0,
        format!("过省界的字节：{crossed}"),
        format!("bytes across any province border: {crossed}"),
    );
    let sent = |status: &v1::StatusReply| status.counters.unwrap_or_default().queries_sent;
    scenario.check(sent(&before.1) == sent(&after.1), "没有发出查询", "no query was sent");

    for (place, purpose, app, reason) in [
        ("gz-south-station", "travel", "app/commerce-1/gate", "place_not_bound"),
        ("gz-shop-low", "travel", "app/commerce-1/gate", "purpose_not_allowed"),
        ("no-such-place", "visit", "app/commerce-1/gate", "place_unknown"),
    ] {
        let refused = stage.recognise(app, question(&person, "42", place, purpose)).await;
        let found =
            refused.err().and_then(|status| reason_of(&status)).map(|(reason, _)| reason).unwrap_or_default();
        scenario.check(
            found == reason,
            format!("商场的应用自称在 {place} 办 {purpose}：被拒（{found}）"),
            format!("the shop's app claims {place} and {purpose}: refused ({found})"),
        );
    }
    Ok(scenario.end())
}

fn asked_line(
    asked: &v1::Asked,
    before: &BTreeMap<RegionCode, Crossed>,
    after: &BTreeMap<RegionCode, Crossed>,
) -> Result<Text, String> {
    let region: RegionCode = asked.region.parse().map_err(text)?;
    let kinds = || asked.kinds.iter().filter_map(|number| Kind::from_number(u64::try_from(*number).ok()?));
    let zh_kinds = kinds().map(Kind::name_zh).collect::<Vec<_>>().join("、");
    let en_kinds = kinds().map(Kind::name).collect::<Vec<_>>().join(", ");
    if asked.result() == v1::AskedResult::Own {
        return Ok(Text::new(
            format!("广东查自己的登记库：{zh_kinds}"),
            format!("Guangdong reads its own registry: {en_kinds}"),
        ));
    }
    let get = |all: &BTreeMap<RegionCode, Crossed>| all.get(&region).copied().unwrap_or_default();
    let Crossed { inward, outward } = get(after).since(get(before));
    Ok(Text::new(
        format!(
            "广东问{}：{zh_kinds} → {}；过境 {inward} 字节（证件、种类、用途、依据、部门、随机数）／{outward} 字节（签名陈述、盐、核对时间、日志证明）；对方日志 {} 第 {} 条",
            region.name_zh(),
            if asked.result() == v1::AskedResult::Answered { "已答" } else { "未答" },
            asked.origin,
            asked.index
        ),
        format!(
            "Guangdong asks {}: {en_kinds} → {}; across the border {inward} B (document, kinds, purpose, basis, department, nonce) / {outward} B back (signed statements, salts, checked-at, log proof); their log {} entry {}",
            region.name_en(),
            if asked.result() == v1::AskedResult::Answered { "answered" } else { "no answer" },
            asked.origin,
            asked.index
        ),
    ))
}

fn finding_line(finding: &v1::Finding) -> Result<Text, String> {
    let region: RegionCode = finding.region.parse().map_err(text)?;
    let kind = u64::try_from(finding.kind).ok().and_then(Kind::from_number).ok_or("an unknown kind")?;
    let label = if finding.native_label.is_empty() {
        String::new()
    } else {
        format!(" “{}”", finding.native_label)
    };
    Ok(Text::new(
        format!(
            "{} {} 的陈述：{}{label} → {}",
            region.name_zh(),
            finding.department,
            kind.name_zh(),
            finding.belief
        ),
        format!("{} {} states {kind}{label} → {}", region.name_en(), finding.department, finding.belief),
    ))
}

fn decision_line(decision: &v1::Decision) -> Text {
    let case = if decision.case.is_empty() { String::new() } else { format!("/{}", decision.case) };
    let (zh, en) = match decision.outcome() {
        v1::Outcome::Admit => ("放行", "admit"),
        v1::Outcome::Review => ("转人工", "review"),
        v1::Outcome::Unspecified => ("？", "?"),
    };
    let v1::Decision { rule, title, basis, owner, .. } = decision;
    let contact = decision.appeal.as_ref().map(|appeal| appeal.contact.as_str()).unwrap_or_default();
    Text::new(
        format!("结论：{zh}；规则 {rule}{case}“{title}”；依据：{basis}；负责：{owner}；申诉：{contact}"),
        format!(
            "decision: {en}; rule {rule}{case} “{title}”; basis: {basis}; owner: {owner}; appeal: {contact}"
        ),
    )
}

/// The decision's receipt must verify with nothing but the log's public key.
fn check_receipt(scenario: &mut Scenario, stage: &Stage, receipt: Option<v1::Receipt>) -> Result<(), String> {
    let receipt = receipt.ok_or("a decision without a receipt")?;
    let origin = receipt.origin.clone();
    let (_, vkey) = stage.exercise.membership().log(&origin).ok_or("a log that nobody lists")?;
    let key = LogVerifierKey::parse(vkey).map_err(text)?;
    let receipt = receipts::from_message(receipt).map_err(text)?;
    let text_form = receipt.to_text();
    let again = huxin_ledger::Receipt::parse(&text_form).map_err(text)?;
    let verified = again.verify(&key);
    scenario.check(
        verified.is_ok(),
        format!("回执离线核验：日志 {origin} 第 {} 条", receipt.index),
        format!("the receipt verifies offline: log {origin}, entry {}", receipt.index),
    );
    Ok(())
}

/// The answer must stand in the answerer's own log, so the person can see that Guangdong asked.
async fn check_logged(scenario: &mut Scenario, stage: &Stage, asked: &v1::Asked) -> Result<(), String> {
    let home: RegionCode = asked.region.parse().map_err(text)?;
    let channel = stage.exercise.connect(home, "operator/duty-1", home).await.map_err(text)?;
    let request = v1::ProofRequest { origin: asked.origin.clone(), index: asked.index, size: 0 };
    let proof = LedgerClient::new(channel).proof(request).await.map_err(text)?.into_inner();
    let same = huxin_attest::merkle::leaf_hash(&proof.leaf).0 == asked.leaf_hash.as_ref();
    scenario.check(
        same,
        format!("{}日志里有这次查询（第 {} 条）", home.name_zh(), asked.index),
        format!("{}'s own log holds this query (entry {})", home.name_en(), asked.index),
    );
    Ok(())
}
