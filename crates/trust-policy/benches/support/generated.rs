//! Policies of any size for benches and tests: `rules` rules in the baseline and as many in an overlay of region 90.
//!
//! The same number gives the same texts. Boxes are disjoint, every case can be met, and the overlay stays inside what
//! the baseline permits: a quarter of its rules loosens, a quarter tightens, a quarter does both, a quarter restates
//! what may not be changed. Every rule has an example.

use std::fmt::Write as _;

/// The overlay's region, one of those set aside for exercises.
pub(crate) const REGION: u8 = 90;
/// A file has a limit of one mebibyte, and a rule with its example takes most of a kibibyte.
pub(crate) const MAX_RULES: usize = 1_000;

const GROUPS: usize = 20;
const BOXES_OF_A_PURPOSE: usize = 2 * GROUPS;
const LOW: &str = r#"["low"]"#;
const OTHERS: &str = r#"["mid", "high", "unknown"]"#;

/// Three texts that load together.
pub(crate) struct Generated {
    pub(crate) vocabulary: String,
    pub(crate) baseline: String,
    pub(crate) overlay: String,
}

/// The texts with `rules` rules each, 1 to [`MAX_RULES`].
pub(crate) fn generated(rules: usize) -> Generated {
    assert!((1..=MAX_RULES).contains(&rules), "1 to {MAX_RULES} rules");
    let mut baseline = BASELINE.replace("{hours}", &hours());
    let mut overlay = OVERLAY.to_owned();
    for rule in (0..rules).map(Rule) {
        rule.write_baseline(&mut baseline);
        rule.write_overlay(&mut overlay);
    }
    Generated { vocabulary: vocabulary(rules), baseline, overlay }
}

/// What a province may do to a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Loosen,
    Tighten,
    Both,
    Nothing,
}

/// One rule by its number.
#[derive(Clone, Copy)]
struct Rule(usize);

/// What differs between a rule and its replacement: hours for the first and the second tier, age, obligations.
struct Limits {
    first: usize,
    second: usize,
    age: usize,
    more: &'static str,
}

impl Rule {
    fn may(self) -> May {
        match self.0 / 2 % 4 {
            0 => May::Loosen,
            1 => May::Tighten,
            2 => May::Both,
            _ => May::Nothing,
        }
    }

    /// A number below `choices` that depends on the rule and on what it is for.
    fn pick(self, salt: usize, choices: usize) -> usize {
        let mixed = (self.0 as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(7 * salt as u32 + 11);
        (mixed >> 32) as usize % choices
    }

    fn purpose(self) -> usize {
        self.0 / BOXES_OF_A_PURPOSE
    }

    /// Two places of one group, and half of the risks: the risk here, or where the person comes from.
    fn when(self, area: &str) -> String {
        let group = self.0 % BOXES_OF_A_PURPOSE / 2;
        let risk = if self.purpose() % 3 == 1 { "from_risk" } else { "here_risk" };
        let half = if self.0.is_multiple_of(2) { LOW } else { OTHERS };
        let (place, other) = (2 * group, 2 * group + 1);
        let purpose = self.purpose();
        format!(
            r#"{{ purpose = ["purpose_{purpose:02}"], place = ["place_{place:02}", "place_{other:02}"], {risk} = {half}{area} }}"#
        )
    }

    /// The situation of an example in the box.
    fn situation(self, area: &str) -> String {
        let place = self.0 % BOXES_OF_A_PURPOSE / 2 * 2;
        let risk = if self.purpose() % 3 == 1 { "from_risk" } else { "here_risk" };
        let half = if self.0.is_multiple_of(2) { "low" } else { "high" };
        format!(
            r#"purpose = "purpose_{:02}", place = "place_{place:02}", {risk} = "{half}"{area}"#,
            self.purpose()
        )
    }

    fn limits(self) -> Limits {
        let first = 12 + 12 * self.pick(1, 3);
        Limits { first, second: first + 24 + 12 * self.pick(2, 3), age: 3 + self.pick(3, 3), more: "" }
    }

    /// In the overlay, as far as the baseline lets it.
    fn replaced(self) -> Limits {
        let Limits { first, second, age, more } = self.limits();
        match self.may() {
            May::Loosen => Limits { first: first + 6, second: second + 12, age: age + 1, more },
            May::Tighten => Limits { first: first - 6, second: second - 12, age, more: r#""mask""# },
            May::Both => Limits { first: first - 6, second: second + 12, age, more },
            May::Nothing => Limits { first, second, age, more },
        }
    }

    /// What is asked (a code, a test, both, an examination), its cases, and what follows otherwise.
    fn branches(self, limits: &Limits) -> String {
        let Limits { first, second, age, more } = limits;
        let comma = if more.is_empty() { "" } else { ", " };
        let text = match self.0 % 6 {
            0 => format!(
                r#"ask = ["health_code"]
cases = [
  {{ id = "young", age_below = {age}, then = "admit" }},
  {{ id = "green", code = ["green"], then = "admit", must = [{more}] }},
  {{ id = "contested", code = ["contested"], then = "review", say = "已申诉" }},
]
otherwise = {{ then = "review", say = "没有绿码" }}
"#
            ),
            1 => format!(
                r#"ask = ["exam_result"]
cases = [
  {{ id = "imaging", exam_item = ["ct", "mri"], exam_quality = ["national"], exam_within = "{first}h", then = "admit", must = [{more}] }},
  {{ id = "laboratory", exam_item = ["blood"], exam_within = "{second}h", then = "admit", must = ["register"{comma}{more}] }},
]
otherwise = {{ then = "review", say = "由医师决定" }}
"#
            ),
            2 if self.may() == May::Nothing => format!(
                r#"ask = ["health_code", "nucleic_test"]
cases = [
  {{ id = "positive", pcr = ["positive"], then = "review", say = "阳性", must = ["clinic"] }},
  {{ id = "tested", code = ["green"], pcr = ["negative"], pcr_within = "by_place", then = "admit" }},
  {{ id = "silent", code = ["unreachable", "none"], pcr = ["negative"], pcr_within = "{first}h", then = "admit", must = ["register"] }},
]
otherwise = {{ then = "review", say = "不齐" }}
"#
            ),
            4 => format!(
                r#"ask = ["nucleic_test"]
cases = [
  {{ id = "positive", pcr = ["positive"], then = "review", say = "阳性", must = ["clinic"] }},
  {{ id = "fresh", pcr = ["negative"], pcr_within = "{first}h", then = "admit", must = [{more}] }},
  {{ id = "older", pcr = ["negative"], pcr_within = "{second}h", then = "admit", must = ["register"{comma}{more}] }},
]
otherwise = {{ then = "review", say = "核酸过期" }}
"#
            ),
            _ => format!(
                r#"ask = ["health_code", "nucleic_test"]
cases = [
  {{ id = "positive", pcr = ["positive"], then = "review", say = "阳性", must = ["clinic"] }},
  {{ id = "young", age_below = {age}, then = "admit" }},
  {{ id = "fresh", code = ["green"], pcr = ["negative"], pcr_within = "{first}h", then = "admit", must = [{more}] }},
  {{ id = "older", code = ["green"], pcr = ["negative"], pcr_within = "{second}h", then = "admit", must = ["register"{comma}{more}] }},
  {{ id = "not-used", code = ["unfounded", "hearsay", "unreachable"], pcr = ["negative"], pcr_within = "{second}h", then = "admit", must = ["register"{comma}{more}] }},
  {{ id = "contested", code = ["contested"], then = "review", say = "已申诉" }},
]
otherwise = {{ then = "review", say = "不齐" }}
"#
            ),
        };
        text.replace(", must = []", "")
    }

    /// An example that meets the first condition on evidence.
    fn example(self, out: &mut String, area: &str, by: &str, more: &str) {
        let code = r#"code = { from = "41", by = "health", status = "00" }"#;
        let pcr = r#"pcr = { from = "41", by = "laboratory", result = "negative", reported = "5h" }"#;
        let exam =
            r#"exam = { from = "41", by = "health", item = "ct", quality = "national", reported = "5h" }"#;
        let (given, case) = match self.0 % 6 {
            0 => (code.to_owned(), "green"),
            1 => (exam.to_owned(), "imaging"),
            2 if self.may() == May::Nothing => (format!("{code}, {pcr}"), "tested"),
            4 => (pcr.to_owned(), "fresh"),
            _ => (format!("{code}, {pcr}"), "fresh"),
        };
        let situation = self.situation(area);
        let _ = write!(
            out,
            r#"
[[example]]
name = "{by}：放行"
given = {{ {situation}, age = 30, {given} }}
expect = {{ then = "admit", by = "{by}", case = "{case}", must = [{more}] }}
"#
        );
    }

    fn write_baseline(self, out: &mut String) {
        let may = match self.may() {
            May::Loosen => "loosen",
            May::Tighten => "tighten",
            May::Both => "both",
            May::Nothing => "nothing",
        };
        let id = format!("G-{:04}", self.0);
        let _ = write!(
            out,
            r#"
[[rule]]
id = "{id}"
title = "第 {} 条：凭码或核酸进入"
when = {}
{}province_may = "{may}"
owner = "国家工作组"
basis = "方案"
"#,
            self.0,
            self.when(self.baseline_area()),
            self.branches(&self.limits()),
        );
        let area = if self.baseline_area().is_empty() { "" } else { r#", area = "410101""# };
        self.example(out, area, &id, "");
    }

    /// One rule in ten holds in some areas only.
    fn baseline_area(self) -> &'static str {
        if self.0 % 10 == 9 { r#", area = ["41", "9001", "9002"]"# } else { "" }
    }

    /// Most rules replace one of the baseline everywhere; some in one city, some two cities by a rule each, and some
    /// stand on ground that the baseline leaves free.
    fn write_overlay(self, out: &mut String) {
        let id = format!("P-{:04}", self.0);
        let (of, area, at) = match self.0 % 20 {
            4 => (self, r#", area = ["9001"]"#, r#", area = "900101""#),
            5 => (Rule(self.0 - 1), r#", area = ["9002", "900301"]"#, r#", area = "900201""#),
            9 => (self, r#", area = ["9001"]"#, r#", area = "900101""#),
            19 => return self.write_free(out, &id),
            _ => (self, "", ""),
        };
        let limits = of.replaced();
        let _ = write!(
            out,
            r#"
[[rule]]
id = "{id}"
replaces = "G-{:04}"
title = "本省第 {} 条"
when = {}
{}owner = "省指挥部"
basis = "省文第 {} 条"
"#,
            of.0,
            self.0,
            of.when(area),
            of.branches(&limits),
            self.0,
        );
        of.example(out, at, &id, limits.more);
    }

    fn write_free(self, out: &mut String, id: &str) {
        let _ = write!(
            out,
            r#"
[[rule]]
id = "{id}"
title = "本省第 {} 条：看码"
when = {}
ask = ["health_code"]
cases = [ {{ id = "green", code = ["green"], then = "admit" }} ]
otherwise = {{ then = "review", say = "没有绿码" }}
owner = "省指挥部"
basis = "省文第 {} 条"

[[example]]
name = "{id}：放行"
given = {{ {}, code = {{ from = "41", by = "health", status = "00" }} }}
expect = {{ then = "admit", by = "{id}", case = "green" }}
"#,
            self.0,
            self.when(r#", area = ["9003"]"#),
            self.0,
            self.situation(r#", area = "900301""#),
        );
    }
}

fn hours() -> String {
    let mut rows = String::new();
    for place in 0..2 * GROUPS {
        let low = 24 + 12 * (place % 5);
        let _ = writeln!(
            rows,
            r#"place_{place:02} = {{ low = "{low}h", mid = "24h", high = "12h", unknown = "12h" }}"#
        );
    }
    rows
}

fn vocabulary(rules: usize) -> String {
    let mut text = VOCABULARY.to_owned();
    let mut list = |name: &str, zh: &str, count: usize| {
        let _ = writeln!(text, "[{name}]");
        for index in 0..count {
            let _ = writeln!(text, r#"{name}_{index:02} = {{ zh = "{zh}{index}", en = "{name} {index}" }}"#);
        }
    };
    list("purpose", "目的", rules.div_ceil(BOXES_OF_A_PURPOSE));
    list("place", "场所", 2 * GROUPS);
    text
}

const VOCABULARY: &str = r#"[vocabulary]
id = "GENERATED-VOCABULARY"
version = 1
[risk]
low = { zh = "低风险", en = "low risk" }
mid = { zh = "中风险", en = "medium risk" }
high = { zh = "高风险", en = "high risk" }
unknown = { zh = "风险不明", en = "unknown risk" }
[grade]
green = { zh = "绿码", en = "green" }
amber = { zh = "黄码", en = "amber" }
red = { zh = "红码", en = "red" }
[obligation]
register = { zh = "登记", en = "register" }
clinic = { zh = "去发热门诊", en = "go to the fever clinic" }
mask = { zh = "戴口罩", en = "wear a mask" }
[assigned_for]
contact = { zh = "密切接触", en = "close contact" }
[evidence]
report = { zh = "检测报告", en = "laboratory report" }
[assigner]
cdc = { zh = "疾控中心", en = "centre for disease control" }
[exam_item]
ct = { zh = "胸部CT", en = "chest CT", modality = "imaging" }
mri = { zh = "头颅磁共振", en = "head MRI", modality = "imaging" }
blood = { zh = "血常规", en = "blood count", modality = "laboratory" }
[exam_quality]
national = { zh = "全国互认", en = "recognised nationwide" }
none = { zh = "无互认标识", en = "no mark" }
[department]
health = { zh = "卫生健康部门", en = "health" }
laboratory = { zh = "检测机构", en = "laboratory" }
"#;

const BASELINE: &str = r#"[policy]
format = 1
layer = "national"
id = "GENERATED-BASELINE"
version = 1
title = "生成的基线"
owner = "国家工作组"
basis = "方案"
from = 2022-07-01T00:00:00+08:00
until = 2022-09-28T00:00:00+08:00
vocabulary = { id = "GENERATED-VOCABULARY", version = 1 }
[otherwise]
say = "此处无需查验"
appeal = { contact = "12345", answer_within = "48h" }
province_may = "tighten"
[[trust]]
id = "T-10"
kind = "health_code"
issuers = ["all"]
departments = ["health"]
max_age = "24h"
measured_from = "checked_at"
red_or_amber = { assigners = ["cdc"], assigned_for = ["contact"], evidence_any = ["report"] }
province_may_distrust = { days = 14, issuers = 1, again_after_days = 30 }
[[trust]]
id = "T-20"
kind = "nucleic_test"
issuers = ["all"]
departments = ["health", "laboratory"]
max_age = "7d"
measured_from = "reported_at"
[[trust]]
id = "T-30"
kind = "exam_result"
issuers = ["all"]
departments = ["health"]
max_age = "90d"
measured_from = "reported_at"
[grades.all]
"00" = "green"
"01" = "amber"
"10" = "red"
[grades."42"]
"鄂汇黄" = "amber"
"鄂汇红" = "red"
[hours.by_place]
{hours}"#;

const OVERLAY: &str = r#"[policy]
format = 1
layer = "provincial"
id = "GENERATED-OVERLAY"
version = 1
region = "90"
extends = "GENERATED-BASELINE"
title = "生成的省级规则"
owner = "省指挥部"
basis = "省文"
from = 2022-07-01T00:00:00+08:00
until = 2022-09-01T00:00:00+08:00
[[distrust]]
id = "P-D1"
kind = "health_code"
issuers = ["92"]
say = "正在核查"
owner = "省指挥部"
basis = "函"
from = 2022-07-05T00:00:00+08:00
until = 2022-07-15T00:00:00+08:00
"#;
