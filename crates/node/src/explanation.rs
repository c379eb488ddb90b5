//! A decision in words, on one page: for the person who stands there, from the decision alone.
//!
//! What `Recognition.Explain` answers and what a receipt shows offline is composed here, so that both say the same. Words
//! of others are quoted in one line and never interpreted.

use std::fmt::Display;

use huxin_attest::text::printable;
use huxin_attest::{Kind, RegionCode, UnixMs};
use huxin_trust_policy::{Gap, Lang, Nearest, belief_zh};
use huxin_wire::v1;
use huxin_wire::{Reason, Unanswered};

/// Explains a decision, and what a person did with it.
pub fn of_decision(decision: &v1::Decision, resolution: Option<&v1::ResolutionRecord>, lang: Lang) -> String {
    let mut page = Page { lang, text: String::new() };
    page.outcome(decision);
    if decision.findings.is_empty() && !decision.asked.is_empty() {
        let nobody = page.pick("没有任何省陈述过此人", "no province stated anything about the person");
        page.line(("凭谁", "heard"), nobody);
    }
    decision.findings.iter().for_each(|finding| page.finding(finding));
    decision.asked.iter().for_each(|asked| page.asked(asked));
    page.what_would_change(decision);
    if let Some(resolution) = resolution {
        page.resolution(resolution);
    }
    page.how_to_object(decision);
    page.text
}

/// Explains what a person did with a review.
pub fn of_resolution(resolution: &v1::ResolutionRecord, lang: Lang) -> String {
    let mut page = Page { lang, text: String::new() };
    page.resolution(resolution);
    page.line(("决定", "decision"), format_args!("{} #{}", resolution.origin, resolution.index));
    page.text
}

/// What is missing for the nearest case that would admit, in one sentence.
pub fn what_would_change(nearest: &v1::Nearest, lang: Lang) -> String {
    let v1::Nearest { case, say, gaps } = nearest;
    let gaps = gaps.iter().map(|gap| match lang {
        Lang::Zh => &*gap.text_zh,
        Lang::En => &*gap.text_en,
    });
    let gaps: Vec<_> = gaps.collect();
    let said = match (say.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("（{say}）"),
        (false, Lang::En) => format!(" ({say})"),
    };
    match lang {
        Lang::Zh => format!("{}；补齐后即按情形 {case}{said} 放行", gaps.join("；")),
        Lang::En => format!("{}; with that, case {case}{said} admits", gaps.join("; ")),
    }
}

/// The nearest case, as messages carry it.
pub fn nearest_message(nearest: &Nearest<'_>) -> v1::Nearest {
    let gap = |gap: &Gap| v1::Gap {
        condition: gap.condition.to_owned(),
        found: gap.found.clone(),
        needed: gap.needed.clone(),
        over_minutes: gap.over_minutes,
        text_zh: gap.text(Lang::Zh).to_owned(),
        text_en: gap.text(Lang::En).to_owned(),
    };
    v1::Nearest {
        case: nearest.case.to_owned(),
        say: nearest.say.to_owned(),
        gaps: nearest.gaps.iter().map(gap).collect(),
    }
}

struct Page {
    lang: Lang,
    text: String,
}

impl Page {
    fn pick<T>(&self, zh: T, en: T) -> T {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A line, unless there is nothing to say.
    fn line(&mut self, (zh, en): (&str, &str), value: impl Display) {
        let value = printable(&value.to_string());
        if !value.is_empty() {
            let label = self.pick(format!("{zh}："), format!("{en}: "));
            self.text.push_str(&label);
            self.text.push_str(&value);
            self.text.push('\n');
        }
    }

    fn outcome(&mut self, decision: &v1::Decision) {
        let outcome = match decision.outcome() {
            v1::Outcome::Admit => self.pick("放行", "admit"),
            v1::Outcome::Review => self.pick("转人工", "review: a person looks"),
            v1::Outcome::Unspecified => "",
        };
        self.line(("结论", "outcome"), outcome);
        self.line(("告知", "say"), &decision.say);
        self.line(("须办", "must"), decision.obligations.join(", "));
        let v1::Decision { rule, title, case, .. } = decision;
        match (rule.is_empty(), case.is_empty()) {
            (true, _) => self.line(
                ("规则", "rule"),
                self.pick("没有规则涉及，不查", "none reaches here; nothing is asked"),
            ),
            (false, true) => self.line(("规则", "rule"), format_args!("{rule} “{title}”")),
            (false, false) => {
                let case = self.pick(format!("情形 {case}"), format!("case {case}"));
                self.line(("规则", "rule"), format_args!("{rule} “{title}” / {case}"));
            }
        }
        self.line(("依据", "basis"), &decision.basis);
        self.line(("负责", "owner"), &decision.owner);
        self.line(("时间", "time"), time(decision.decided_unix_ms));
    }

    /// On whose word: who stated it, when it was last confirmed, and how the policy took it.
    fn finding(&mut self, finding: &v1::Finding) {
        let v1::Finding { region, department, belief, deciding, checked_unix_ms, native_label, .. } = finding;
        let (region, kind) = (self.region(region), self.kind(finding.kind));
        let label = if native_label.is_empty() { String::new() } else { format!("“{native_label}”") };
        let checked = time(*checked_unix_ms);
        let taken = self.belief(belief);
        let believed = matches!(
            &**belief,
            "green" | "contested" | "amber" | "red" | "negative" | "positive" | "believed"
        );
        let weight = match (deciding, believed) {
            (true, true) => self.pick("，据此决定", "; the decision rests on it"),
            (_, false) => self.pick("，不作数", "; it decides nothing"),
            (false, true) => "",
        };
        let line = match self.lang {
            Lang::Zh => format!("{region} {department}，{kind}{label}，{checked} 核实，{taken}{weight}"),
            Lang::En => {
                let label = if label.is_empty() { label } else { format!(" {label}") };
                format!("{region} {department}, {kind}{label}, confirmed {checked}: {taken}{weight}")
            }
        };
        self.line(("凭谁", "heard"), line);
    }

    /// Who was asked and did not simply answer.
    fn asked(&mut self, asked: &v1::Asked) {
        let region = self.region(&asked.region);
        let kinds: Vec<_> = asked.kinds.iter().map(|kind| self.kind(*kind)).collect();
        let kinds = kinds.join(self.pick("、", ", "));
        let why = self.reason(&asked.reason);
        let went = match asked.result() {
            v1::AskedResult::Answered | v1::AskedResult::Own | v1::AskedResult::Unspecified => return,
            v1::AskedResult::Refused => self.pick(format!("拒答：{why}"), format!("refused: {why}")),
            v1::AskedResult::Unreachable => {
                self.pick(format!("没有可信答复：{why}"), format!("no verified answer: {why}"))
            }
            v1::AskedResult::Reused => {
                let seconds = asked.reused_age_ms / 1000;
                self.pick(
                    format!("没有可信答复（{why}），沿用 {seconds} 秒前核验过的答复"),
                    format!("no verified answer ({why}); the one verified {seconds} s before was used again"),
                )
            }
        };
        self.line(("未答", "silent"), format_args!("{region} {kinds}{}{went}", self.pick("，", ": ")));
    }

    fn what_would_change(&mut self, decision: &v1::Decision) {
        if let Some(nearest) = &decision.nearest {
            self.line(("怎样会改变", "what would change it"), what_would_change(nearest, self.lang));
        }
    }

    fn resolution(&mut self, record: &v1::ResolutionRecord) {
        let resolved = match record.resolution() {
            v1::Resolution::Admitted => self.pick("准予通行", "admitted"),
            v1::Resolution::Refused => self.pick("不予通行", "refused"),
            v1::Resolution::Unspecified => "",
        };
        let v1::ResolutionRecord { officer, reason, app, .. } = record;
        let (at, minutes) = (time(record.resolved_unix_ms), record.open_ms / 60_000);
        let line = match self.lang {
            Lang::Zh => format!("{officer} 于 {at} 决定{resolved}，理由：{reason}（等候 {minutes} 分钟）"),
            Lang::En => {
                format!("{resolved} by {officer} at {at}, because: {reason} (open for {minutes} min)")
            }
        };
        self.line(("人工处理", "resolved"), line);
        self.line(("经办应用", "by app"), app);
    }

    fn how_to_object(&mut self, decision: &v1::Decision) {
        let Some(v1::Appeal { contact, answer_within }) = &decision.appeal else { return };
        let within = match (answer_within.is_empty(), self.lang) {
            (true, _) => String::new(),
            (false, Lang::Zh) => format!("，{answer_within} 内答复"),
            (false, Lang::En) => format!(", answered within {answer_within}"),
        };
        self.line(("不服可申诉", "to object"), format_args!("{contact}{within}"));
    }

    fn region(&self, code: &str) -> String {
        match code.parse::<RegionCode>() {
            Ok(region) => format!("{} {code}", self.pick(region.name_zh(), region.name_en())),
            Err(_) => code.to_owned(),
        }
    }

    fn kind(&self, number: i32) -> String {
        let Some(kind) = u64::try_from(number).ok().and_then(Kind::from_number) else {
            return number.to_string();
        };
        self.pick(kind.name_zh().to_owned(), kind.name().replace('_', " "))
    }

    fn belief<'a>(&self, belief: &'a str) -> &'a str {
        self.pick(belief_zh(belief).unwrap_or(belief), belief)
    }

    /// What a stable reason means, if it is one that we know.
    fn reason<'a>(&self, name: &'a str) -> &'a str {
        let reasons = Reason::ALL.iter().map(|reason| reason.words());
        let words =
            reasons.chain(Unanswered::ALL.iter().map(|word| word.words())).find(|words| words.name == name);
        words.map_or(name, |words| self.pick(words.meaning_zh, words.meaning_en))
    }
}

fn time(unix_ms: i64) -> String {
    UnixMs::from_ms(unix_ms).map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review() -> v1::Decision {
        let finding = v1::Finding {
            kind: v1::Kind::HealthCode.into(),
            region: "44".into(),
            department: "gd-data".into(),
            belief: "hearsay".into(),
            deciding: false,
            checked_unix_ms: 1_657_242_000_000,
            native_label: "粤红\nforged: line".into(),
            ..v1::Finding::default()
        };
        let asked = v1::Asked {
            region: "42".into(),
            kinds: vec![v1::Kind::HealthCode.into()],
            result: v1::AskedResult::Unreachable.into(),
            reason: "region_not_member".into(),
            ..v1::Asked::default()
        };
        let gap = v1::Gap { text_zh: "缺核酸".into(), text_en: "no test".into(), ..v1::Gap::default() };
        v1::Decision {
            outcome: v1::Outcome::Review.into(),
            rule: "R1".into(),
            title: "题".into(),
            case: "otherwise".into(),
            basis: "文一".into(),
            owner: "省".into(),
            appeal: Some(v1::Appeal { contact: "12345".into(), answer_within: "48h".into() }),
            findings: vec![finding],
            asked: vec![asked],
            nearest: Some(v1::Nearest { case: "tested".into(), say: String::new(), gaps: vec![gap] }),
            decided_unix_ms: 1_657_242_000_000,
            ..v1::Decision::default()
        }
    }

    #[test]
    fn a_page_names_rule_word_silence_and_remedy_in_both_languages() {
        let zh = of_decision(&review(), None, Lang::Zh);
        for part in [
            "转人工",
            "R1 “题”",
            "文一",
            "广东 44 gd-data，健康码",
            "转述，不作数",
            "未答：湖北 42",
            "缺核酸；补齐后",
            "12345，48h 内答复",
        ] {
            assert!(zh.contains(part), "{part}\n{zh}");
        }
        let en = of_decision(&review(), None, Lang::En);
        for part in [
            "outcome: review",
            "hearsay; it decides nothing",
            "silent: Hubei 42 health code: no verified answer: the membership list does not name this region",
            "no test; with that, case tested admits",
        ] {
            assert!(en.contains(part), "{part}\n{en}");
        }
    }

    #[test]
    fn what_others_wrote_makes_no_line_of_its_own() {
        let text = of_decision(&review(), None, Lang::En);
        assert!(!text.lines().any(|line| line.starts_with("forged")), "{text}");
    }

    #[test]
    fn a_resolution_names_the_person_and_the_reason() {
        let record = v1::ResolutionRecord {
            resolution: v1::Resolution::Refused.into(),
            officer: "0417".into(),
            reason: "证件非本人".into(),
            open_ms: 180_000,
            ..v1::ResolutionRecord::default()
        };
        let zh = of_decision(&review(), Some(&record), Lang::Zh);
        assert!(zh.contains("0417") && zh.contains("不予通行，理由：证件非本人（等候 3 分钟）"), "{zh}");
        assert!(of_resolution(&record, Lang::En).contains("refused by 0417"));
    }
}
