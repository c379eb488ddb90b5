//! Of cases: explained one by one, reached by examples, told by decision logs, and laid out as a matrix.

use std::fmt::Display;
use std::path::Path;

use huxin_attest::{AreaCode, TestResult};

use super::Text;
use crate::policy::Change;

/// A line of a decision log is none.
pub fn no_decision_line(path: &Path, number: u64, problem: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!(
            "{path}:{number}：不是一条决定记录（{problem}）；请核对文件是否由 huxin ledger decisions 导出"
        ),
        format!("{path}:{number}: {problem}; is the file what huxin ledger decisions wrote?"),
    )
}

/// A decision log of more lines where one case is wanted.
pub fn one_line_only(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 应只有一行决定记录；多行请用 huxin policy simulate"),
        format!("{path} must hold one line of a decision log; for many use huxin policy simulate"),
    )
}

/// Two files of one kind where one is wanted.
pub fn two_of_a_kind(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 是同类文件的第二份；词表、国家基线、省级规则各给一份"),
        format!("{path} is the second of its kind; give one vocabulary, one baseline, one overlay"),
    )
}

/// In which file a rule stands.
pub fn in_file(name: &str) -> Text {
    Text::new(format!("（{name}）"), format!(" ({name})"))
}

/// No rule reaches the case.
pub fn no_rule_reaches() -> Text {
    Text::new("没有规则涉及", "none reaches here")
}

/// A rule asks nothing.
pub fn asks_nothing() -> Text {
    Text::new("什么也不查，直接放行", "nothing is asked; the person is admitted")
}

/// How soon an appeal is answered.
pub fn answered_within(within: &str) -> Text {
    Text::new(format!("，{within} 内答复"), format!(", answered within {within}"))
}

/// One case of a rule: why it did not match, or that it answers.
pub fn case_traced(case: &str, matched: bool, outcome: &str, words: &str) -> Text {
    match (matched, words.is_empty()) {
        (false, _) => Text::new(format!("{case} 不成立：{words}"), format!("{case} does not hold: {words}")),
        (true, true) => Text::new(
            format!("{case} 成立（没有条件），“{outcome}”"),
            format!("{case} holds, having no condition: {outcome}"),
        ),
        (true, false) => Text::new(
            format!("{case} 成立，“{outcome}”：{words}"),
            format!("{case} holds, {outcome}: {words}"),
        ),
    }
}

/// What the baseline alone would answer now.
pub fn by_baseline_now(asked: &str, outcome: &str, rule: Option<&str>, must: &str) -> Text {
    let (rule_zh, rule_en) = match rule {
        Some(rule) => (format!("{rule}："), format!("{rule}: ")),
        None => Default::default(),
    };
    let (must_zh, must_en) = match must {
        "" => Default::default(),
        must => (format!("，须办：{must}"), format!("; must: {must}")),
    };
    Text::new(
        format!("{rule_zh}现在就是“{outcome}”（查：{asked}）{must_zh}"),
        format!("{rule_en}{outcome} now (asked: {asked}){must_en}"),
    )
}

/// How a simulation came out, in numbers.
pub fn simulated(decisions: u64, same: u64, different: u64) -> Text {
    Text::new(
        format!("决定 {decisions} 条：{same} 条答复不变，{different} 条不同"),
        format!("{decisions} decisions: {same} answered the same, {different} differently"),
    )
}

/// How an answer differs from the one before.
pub(crate) fn change(change: Change) -> Text {
    match change {
        Change::AdmitToReview => Text::new("放行 → 转人工", "admit → review"),
        Change::ReviewToAdmit => Text::new("转人工 → 放行", "review → admit"),
        Change::AskedMore => Text::new("查得更多", "more is asked"),
        Change::AskedLess => Text::new("查得更少", "less is asked"),
        Change::Obligations => Text::new("附带义务不同", "obligations differ"),
        Change::AnswerUnknown => {
            Text::new("当时没有查，答复无从得知", "not asked at the time, so the answer is not known")
        }
        Change::OnlyTheRule => {
            Text::new("答复相同，规则或情形不同", "the same answer by another rule or case")
        }
    }
}

/// The heading of the table by rule.
pub fn by_rule() -> Text {
    Text::new("按规则：", "by rule:")
}

/// The heading of the table by issuing province.
pub fn by_issuer() -> Text {
    Text::new("按来源省：", "by issuing province:")
}

/// The heading of the list of labels without a grade.
pub fn unmapped_labels() -> Text {
    Text::new("[grades] 没有对应等级的标签：", "labels that no [grades] maps:")
}

/// A label whose statement decides nothing.
pub fn label_decides_nothing() -> Text {
    Text::new("（整条陈述因此不作数）", " (so the statement decides nothing)")
}

/// The heading of what could not be judged.
pub fn not_simulated() -> Text {
    Text::new("无法判断的决定：", "decisions that cannot be judged:")
}

/// Some decisions were judged without a statement.
pub fn with_untold(count: u64) -> Text {
    Text::new(
        format!("{count} 条决定另有策略语言说不出的陈述，判断时没有计入"),
        format!("{count} decisions had statements that policies cannot tell; they were judged without them"),
    )
}

/// Tables are bounded.
pub fn rows_left_off(count: u64) -> Text {
    Text::new(
        format!("表格已满，另有 {count} 次未列出"),
        format!("tables are full: {count} more are not listed"),
    )
}

/// What a decision log never holds.
pub fn nothing_asked_is_not_here() -> Text {
    Text::new(
        "什么也没查的通行只有次数、没有记录：新规则若在那里开始查验，这里看不出来；请用 huxin policy diff",
        "passages where nothing was asked are only counted: that new rules ask there cannot be seen here; use huxin policy diff",
    )
}

/// The vocabulary does not list a purpose.
pub fn no_such_purpose(name: &str) -> Text {
    Text::new(format!("词表没有用途“{name}”"), format!("the vocabulary lists no purpose {name}"))
}

/// A matrix has too many cells.
pub fn matrix_too_large(cells: usize) -> Text {
    Text::new(
        format!("表格有 {cells} 格，太大；请用 --purpose 只看一种用途"),
        format!("the matrix has {cells} cells, which is too many; name one purpose with --purpose"),
    )
}

/// What a matrix shows.
pub fn matrix_title() -> Text {
    Text::new("哪省的哪种码在哪里放行", "Which province's which code is admitted where")
}

/// Of whom a matrix speaks.
pub fn who_stands_there(age: u8, area: Option<AreaCode>, test: Option<(TestResult, String)>) -> Text {
    let (area_zh, area_en) = match area {
        Some(area) => (format!("，在 {area}"), format!(", in {area}")),
        None => Default::default(),
    };
    let (test_zh, test_en) = match test {
        Some((TestResult::Negative, age)) => {
            (format!("{age} 前的核酸阴性"), format!("a negative test of {age} ago"))
        }
        Some((TestResult::Positive, age)) => {
            (format!("{age} 前的核酸阳性"), format!("a positive test of {age} ago"))
        }
        None => ("没有核酸".to_owned(), "no test".to_owned()),
    };
    Text::new(
        format!("{age} 岁{area_zh}，出示一个刚核实、依据齐全的码，{test_zh}"),
        format!("aged {age}{area_en}, showing one fresh, well-founded code, {test_en}"),
    )
}

/// The risk at the place.
pub fn risk_here(risks: &str) -> Text {
    Text::new(format!("当地{risks}"), format!("here {risks}"))
}

/// The risk where the person comes from.
pub fn risk_from(risks: &str) -> Text {
    Text::new(format!("来自{risks}"), format!("from {risks}"))
}

/// No rule tells places or risks apart.
pub fn everywhere() -> Text {
    Text::new("不论何处", "everywhere")
}

/// The provinces without a row of their own.
pub fn other_provinces() -> Text {
    Text::new("其余各省", "other provinces")
}

/// Where the code is not looked at.
pub fn code_not_asked() -> Text {
    Text::new("* 此处不看健康码", "* the code is not asked for here")
}

/// How many cases the examples of a file reach.
pub fn cases_reached(percent: u8, reached: usize, all: usize) -> Text {
    Text::new(
        format!("  例子触及的情形：{reached}/{all}（{percent}%）"),
        format!("  cases reached by examples: {reached} of {all} ({percent}%)"),
    )
}

/// How many regions of the difference from the baseline the examples of an overlay reach.
pub fn regions_reached(percent: u8, reached: usize, all: usize) -> Text {
    Text::new(
        format!("；与国家基线的对照区域：{reached}/{all}（{percent}%）"),
        format!("; regions of the comparison with the baseline: {reached} of {all} ({percent}%)"),
    )
}

/// A case or region that no example reaches.
pub fn not_reached_by_examples(name: &str, can_be_written: bool) -> Text {
    match can_be_written {
        true => Text::new(format!("  没有例子：{name}"), format!("  no example: {name}")),
        false => Text::new(
            format!("  没有例子，也写不出能触及它的例子：{name}"),
            format!("  no example, and none can be written that reaches it: {name}"),
        ),
    }
}

/// Examples that reach the rest follow.
pub fn examples_to_paste() -> Text {
    Text::new(
        "可贴入文件的例子（先核对结果是不是想要的）：",
        "examples to paste into the file, once somebody has checked that the answers are what is wanted:",
    )
}
