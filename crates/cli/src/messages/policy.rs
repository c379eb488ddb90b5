//! Of `huxin policy`.

use std::path::Path;

use super::Text;

/// A policy file holds, perhaps with warnings.
pub fn valid_file(name: &str, kind: &str, warnings: usize) -> Text {
    let (zh, en) = match warnings {
        0 => (String::new(), String::new()),
        1 => ("，有 1 处警告".into(), ", 1 warning".into()),
        more => (format!("，有 {more} 处警告"), format!(", {more} warnings")),
    };
    Text::new(format!("{name}：有效（{kind}）{zh}"), format!("{name}: valid ({kind}){en}"))
}

/// Labels map in baselines only.
pub fn seen_needs_a_baseline() -> Text {
    Text::new(
        "--seen 要同时给出国家基线：标签的等级写在那里",
        "--seen needs a baseline among the files: it is where labels get their grades",
    )
}

/// An overlay is right by itself and reaches too far.
pub fn over_reaching_file(name: &str) -> Text {
    Text::new(
        format!("{name}：越权，节点不会载入；要改的地方见上"),
        format!("{name}: over-reach; no node loads it until what is listed above is mended"),
    )
}

/// A policy file rests on an invalid one.
pub fn not_judged(name: &str, rests_on: &str) -> Text {
    Text::new(
        format!("{name}：未检查，它所依据的 {rests_on} 无效；请先改正后者"),
        format!(
            "{name}: not judged, because {rests_on}, which it rests on, is invalid; correct that one first"
        ),
    )
}

/// A file is of no kind of policy.
pub fn no_policy_file(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 不是策略文件：找不到 [vocabulary]、[policy]、[[place]]、[[area]] 或 covers"),
        format!(
            "{path} is no policy file: it has neither [vocabulary] nor [policy], [[place]], [[area]] or covers"
        ),
    )
}

/// How the examples of a file came out.
pub fn examples(name: &str, passed: usize, failed: usize) -> Text {
    Text::new(
        format!("{name}：例子 {passed} 个通过，{failed} 个不成立"),
        format!("{name}: {passed} examples passed, {failed} failed"),
    )
}

/// Only baselines and overlays have examples.
pub fn no_examples(name: &str) -> Text {
    Text::new(
        format!("{name} 不含例子；只有国家基线和省级规则有例子"),
        format!("{name} holds no examples; only baselines and overlays do"),
    )
}

/// A file is of another kind than its place on the command line.
pub fn not_of_kind(path: &Path, kind: &str) -> Text {
    let path = path.display();
    Text::new(
        format!(
            "{path} 不是{}；先写国家基线，再写省级规则",
            super::words::spoken(kind, huxin_trust_policy::Lang::Zh)
        ),
        format!("{path} is no {kind}; name the baseline first, then the overlay"),
    )
}

/// How many regions of an overlay's rules were compared, and how they came out.
pub fn regions_compared(same: u32, stricter: u32, looser: u32, mixed: u32) -> Text {
    Text::new(
        format!(
            "共比较 {} 个区域：相同 {same}，更严 {stricter}，更宽 {looser}，有宽有严 {mixed}",
            same + stricter + looser + mixed
        ),
        format!(
            "{} regions compared: {same} same, {stricter} stricter, {looser} looser, {mixed} mixed",
            same + stricter + looser + mixed
        ),
    )
}
