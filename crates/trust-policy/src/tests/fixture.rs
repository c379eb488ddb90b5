//! Small files that load, and short ways to change and use them.

use huxin_attest::{Kind, RegionCode, TestResult, UnixMs};

use crate::statement::{Standing, Statement};
use crate::terms::Set;
use crate::{Diagnostics, Draft, Evidence, Facts, Grade, Lang, Policy, Situation, Source, Vocabulary};

pub(super) const VOCABULARY: &str = r#"
[vocabulary]
id = "V"
version = 2
[purpose]
visit = { zh = "进入", en = "visit" }
treatment = { zh = "就医", en = "treatment" }
travel = { zh = "出行", en = "travel" }
exam_reuse = { zh = "互认", en = "reuse" }
[place]
shop = { zh = "商店", en = "shop" }
hospital = { zh = "医院", en = "hospital" }
[risk]
low = { zh = "低", en = "low" }
high = { zh = "高", en = "high" }
unknown = { zh = "不明", en = "unknown" }
[grade]
green = { zh = "绿", en = "green" }
amber = { zh = "黄", en = "amber" }
red = { zh = "红", en = "red" }
[obligation]
mask = { zh = "戴口罩", en = "mask" }
test = { zh = "做核酸", en = "test" }
[assigned_for]
contact = { zh = "密接", en = "contact" }
rumour = { zh = "传闻", en = "rumour" }
[evidence]
lab = { zh = "报告", en = "report" }
letter = { zh = "信", en = "letter" }
[assigner]
cdc = { zh = "疾控", en = "cdc" }
shopkeeper = { zh = "店主", en = "shopkeeper" }
[exam_item]
ct = { zh = "胸片", en = "chest CT", modality = "imaging" }
blood = { zh = "血常规", en = "blood" }
[exam_quality]
national = { zh = "全国", en = "national" }
none = { zh = "无", en = "none" }
[department]
health = { zh = "卫健", en = "health" }
bureau = { zh = "数据局", en = "bureau" }
lab = { zh = "检测", en = "laboratory" }
"#;

pub(super) const BASELINE: &str = r#"
[policy]
format = 1
layer = "national"
id = "BASE"
version = 3
title = "国家基线"
owner = "国家"
basis = "方案"
from = 2022-07-01T00:00:00+08:00
until = 2022-08-01T00:00:00+08:00
vocabulary = { id = "V", version = 2 }
[otherwise]
say = "不查"
appeal = { contact = "12345", answer_within = "48h" }
province_may = "nothing"
[[trust]]
id = "T1"
kind = "health_code"
issuers = ["all"]
departments = ["health", "bureau"]
max_age = "24h"
measured_from = "checked_at"
red_or_amber = { assigners = ["cdc"], assigned_for = ["contact"], evidence_any = ["lab"] }
province_may_distrust = { days = 14, issuers = 1, again_after_days = 30 }
[[trust]]
id = "T2"
kind = "nucleic_test"
issuers = ["42", "43"]
departments = ["lab"]
max_age = "7d"
measured_from = "reported_at"
[[trust]]
id = "T3"
kind = "exam_result"
issuers = ["all"]
departments = ["health"]
max_age = "30d"
measured_from = "reported_at"
[[disclose]]
id = "D1"
kinds = ["health_code", "nucleic_test"]
purposes = ["travel", "visit"]
to_departments = ["health"]
per_peer_per_minute = 100
misses_per_peer_per_hour = 10
[[disclose]]
id = "D2"
kinds = ["exam_result"]
purposes = ["exam_reuse"]
to_departments = ["health"]
per_peer_per_minute = 200
misses_per_peer_per_hour = 20
[grades.all]
"00" = "green"
"01" = "amber"
"10" = "red"
[grades."42"]
"弹窗3" = "amber"
"来自疫区" = "red"
[hours.by_place]
hospital = { low = "48h", high = "24h", unknown = "24h" }
[[rule]]
id = "R1"
title = "商店不查"
when = { purpose = ["visit"], place = ["shop"], here_risk = ["low"] }
ask = []
province_may = "nothing"
owner = "甲"
basis = "一"
[[rule]]
id = "R2"
title = "出行"
when = { purpose = ["travel"], from_risk = ["low"] }
ask = ["health_code", "nucleic_test"]
cases = [
  { id = "infant", age_below = 3, then = "admit" },
  { id = "positive", pcr = ["positive"], then = "review", say = "阳性" },
  { id = "tested", code = ["green"], pcr = ["negative"], pcr_within = "48h", then = "admit", must = ["mask", "test"] },
  { id = "contested", code = ["contested"], then = "review", say = "申诉中" },
  { id = "unfounded", code = ["unfounded", "hearsay"], pcr = ["negative"], then = "admit" },
  { id = "withdrawn", code = ["none"], pcr = ["stale"], then = "review", say = "都没有" },
]
otherwise = { then = "review", say = "不全" }
province_may = "both"
owner = "乙"
basis = "二"
[[rule]]
id = "R3"
title = "医院"
when = { purpose = ["visit"], place = ["hospital"] }
ask = ["nucleic_test"]
cases = [ { id = "tested", pcr = ["negative"], pcr_within = "by_place", then = "admit" } ]
otherwise = { then = "review", say = "过期" }
province_may = "tighten"
owner = "丙"
basis = "三"
[[rule]]
id = "R4"
title = "互认"
when = { purpose = ["exam_reuse"], area = ["42", "4401"] }
ask = ["exam_result"]
cases = [ { id = "listed", exam_item = ["ct"], exam_quality = ["national"], exam_within = "7d", then = "admit" } ]
otherwise = { then = "review", say = "医师定" }
province_may = "both"
owner = "丁"
basis = "四"
[[example]]
name = "不查"
given = { purpose = "visit", place = "shop", here_risk = "low" }
expect = { then = "admit", ask = [], by = "R1" }
"#;

pub(super) const OVERLAY: &str = r#"
[policy]
format = 1
layer = "provincial"
id = "P44"
version = 5
region = "44"
extends = "BASE"
title = "省级"
owner = "省"
basis = "省文"
from = 2022-07-05T00:00:00+08:00
until = 2022-07-20T00:00:00+08:00
[[distrust]]
id = "X1"
kind = "health_code"
issuers = ["42"]
departments = ["bureau"]
say = "核查中"
owner = "省"
basis = "函"
from = 2022-07-06T00:00:00+08:00
until = 2022-07-10T00:00:00+08:00
[[rule]]
id = "P2"
replaces = "R2"
title = "省内出行"
when = { purpose = ["travel"], from_risk = ["low"], area = ["4401"] }
ask = ["nucleic_test"]
cases = [ { id = "tested", pcr = ["negative"], then = "admit" } ]
otherwise = { then = "review", say = "没有核酸" }
owner = "省"
basis = "省二"
[[example]]
name = "广州"
given = { purpose = "travel", from_risk = "low", area = "440106", pcr = { from = "42", by = "lab", result = "negative", reported = "6d" } }
expect = { then = "admit", by = "P2", case = "tested" }
"#;

/// [`BASELINE`] without anything to warn of: a rule for people who do not say where they come from, and an example for
/// every rule.
pub(super) fn quiet() -> String {
    let examples = [
        ("出行", "purpose = \"travel\", from_risk = \"low\"", "R2"),
        ("医院", "purpose = \"visit\", place = \"hospital\"", "R3"),
        ("互认", "purpose = \"exam_reuse\", area = \"420106\"", "R4"),
        ("来源不明", "purpose = \"travel\"", "R5"),
    ];
    let blocks = examples.map(|(name, given, rule)| {
        format!("[[example]]\nname = \"{name}\"\ngiven = {{ {given} }}\nexpect = {{ by = \"{rule}\" }}\n")
    });
    format!("{BASELINE}{UNKNOWN_ORIGIN}{}", blocks.concat())
}

const UNKNOWN_ORIGIN: &str = r#"[[rule]]
id = "R5"
title = "来源不明"
when = { purpose = ["travel"], from_risk = ["unknown"] }
ask = ["health_code", "nucleic_test"]
otherwise = { then = "review", say = "请说明从哪里来" }
province_may = "loosen"
owner = "乙"
basis = "二之二"
"#;

pub(super) fn region(code: u8) -> RegionCode {
    RegionCode::new(code).unwrap()
}

pub(super) fn at(text: &str) -> UnixMs {
    UnixMs::parse_rfc3339(text).unwrap()
}

/// Inside every validity and the distrust of [`OVERLAY`].
pub(super) fn now() -> UnixMs {
    at("2022-07-08T09:00:00+08:00")
}

pub(super) fn minutes_ago(minutes: i64) -> UnixMs {
    now().saturating_add_ms(-minutes * 60_000)
}

pub(super) fn vocabulary() -> Vocabulary {
    Vocabulary::parse("vocabulary.toml", VOCABULARY).unwrap()
}

/// Read, checked and compared, but not guarded.
pub(super) fn draft(baseline: &str, overlay: Option<&str>) -> Result<Draft, Diagnostics> {
    Draft::load(
        region(44),
        Source { name: "vocabulary.toml", text: VOCABULARY },
        Source { name: "national.toml", text: baseline },
        overlay.map(|text| Source { name: "province.toml", text }),
    )
}

/// What the guard lets pass; over-reach stops the test.
pub(super) fn load(baseline: &str, overlay: Option<&str>) -> Result<Policy, Diagnostics> {
    draft(baseline, overlay).map(|draft| draft.guard(&[]).unwrap_or_else(|over| panic!("{over}")))
}

pub(super) fn policy() -> Policy {
    load(BASELINE, None).unwrap_or_else(|found| panic!("{}", found.render(Lang::En, false)))
}

pub(super) fn with_overlay() -> Policy {
    load(BASELINE, Some(OVERLAY)).unwrap_or_else(|found| panic!("{}", found.render(Lang::En, false)))
}

/// `text` with its one `from` replaced.
pub(super) fn edit(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` must occur once");
    text.replace(from, to)
}

/// What a load found: codes with the text that the caret marks.
pub(super) fn found(result: Result<impl Sized, Diagnostics>) -> Vec<String> {
    let diagnostics = result.err().expect("the files must be refused");
    diagnostics.iter().map(|finding| finding.code).collect()
}

pub(super) fn code(status: &str) -> Statement {
    let grade = match status {
        "00" => Some(Grade::Green),
        "01" => Some(Grade::Amber),
        "10" => Some(Grade::Red),
        _ => None,
    };
    let vocabulary = vocabulary();
    Statement {
        kind: Kind::HealthCode,
        issuer: region(42),
        category: vocabulary.department("health"),
        may_state: true,
        copy: false,
        grade,
        standing: Standing::None,
        assigner: vocabulary.find("cdc"),
        assigner_may: true,
        assigned_for: vocabulary.find("contact"),
        evidence: vocabulary.find("lab").into_iter().collect(),
        result: None,
        item: None,
        quality: None,
        sampled_at: None,
        reported_at: None,
        checked_at: now(),
        stated_at: now(),
        valid_until: None,
    }
}

pub(super) fn test(result: TestResult, reported_minutes_ago: i64) -> Statement {
    let reported_at = minutes_ago(reported_minutes_ago);
    Statement {
        kind: Kind::NucleicTest,
        category: vocabulary().department("lab"),
        grade: None,
        assigner: None,
        assigned_for: None,
        evidence: Set::default(),
        result: Some(result),
        reported_at: Some(reported_at),
        stated_at: reported_at,
        ..code("00")
    }
}

pub(super) fn exam(item: &str, quality: &str, reported_minutes_ago: i64) -> Statement {
    let vocabulary = vocabulary();
    Statement {
        kind: Kind::ExamResult,
        category: vocabulary.department("health"),
        item: vocabulary.find(item),
        quality: vocabulary.find(quality),
        result: None,
        ..test(TestResult::Negative, reported_minutes_ago)
    }
}

pub(super) fn facts<'a>(
    age: Option<u8>,
    code: &'a [Statement],
    pcr: &'a [Statement],
    exam: &'a [Statement],
) -> Facts<'a> {
    let of = |statements| Evidence { statements, unreachable: false };
    Facts { age, evidence: [of(code), of(pcr), of(exam)] }
}

pub(super) fn situation(purpose: &str) -> Situation {
    let vocabulary = vocabulary();
    Situation {
        purpose: vocabulary.purpose(purpose).unwrap(),
        place: None,
        area: None,
        here_risk: vocabulary.unknown(),
        from_risk: vocabulary.unknown(),
    }
}

/// Travel from a low-risk area: rule R2.
pub(super) fn travel() -> Situation {
    Situation { from_risk: vocabulary().low(), ..situation("travel") }
}
