//! Of cases: explained one by one, and as the decision log tells them.

use std::fmt::Display;
use std::path::Path;

use super::Text;

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
