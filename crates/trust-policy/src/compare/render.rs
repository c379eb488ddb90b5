//! A comparison for people: each over-reach with its person and both answers, then what is permitted, then distrusts.

use huxin_attest::text::printable;

use super::{Difference, RuleRef};
use crate::draft::Draft;
use crate::guard::Distrusting;
use crate::lang::{Lang, Phrase};
use crate::read::OTHERWISE;

const DAY_MS: i64 = 24 * 60 * 60_000;

/// Over-reach, and with `all` also what is permitted.
pub(crate) fn report(draft: &Draft, distrusts: &[Distrusting], lang: Lang, all: bool) -> String {
    let differences = &draft.compare().differences;
    let (granted, beyond): (Vec<_>, Vec<_>) = differences.iter().partition(|difference| difference.granted);
    let (within, excessive): (Vec<_>, Vec<_>) =
        distrusts.iter().partition(|distrust| distrust.excesses.is_empty());
    let mut text = String::new();
    let mut add = |phrase: Phrase| {
        text.push_str(phrase.get(lang));
        text.push('\n');
    };
    beyond.into_iter().for_each(|difference| add(of_difference(draft, difference)));
    excessive.into_iter().for_each(|distrust| add(of_distrust(draft, distrust)));
    if all {
        granted.into_iter().for_each(|difference| add(of_difference(draft, difference)));
        within.into_iter().for_each(|distrust| add(of_distrust(draft, distrust)));
    }
    text
}

/// The mark at the beginning of a finding.
fn mark(granted: bool) -> (&'static str, &'static str) {
    if granted { ("[合规]", "[permitted]") } else { ("[越权]", "[over-reach]") }
}

fn of_difference(draft: &Draft, difference: &Difference) -> Phrase {
    let Difference { baseline, overlay, kind, granted, province_may, basis, person, .. } = difference;
    let vocabulary = draft.vocabulary();
    let (mark_zh, mark_en) = mark(*granted);
    let (may_zh, may_en) = province_may.words();
    let (before, after) = (&difference.baseline_answer, &difference.overlay_answer);
    let answers = |lang| (before.words(after, vocabulary, lang), after.words(before, vocabulary, lang));
    let ((before_zh, after_zh), (before_en, after_en)) = (answers(Lang::Zh), answers(Lang::En));
    let basis = printable(basis);
    Phrase::both(
        format!(
            "{mark_zh} {} → {}：{}（基线：{may_zh}；依据：{basis}）\n   \
             举例：{}\n   基线：{before_zh}        省级：{after_zh}",
            baseline.words(Lang::Zh),
            overlay.words(Lang::Zh),
            kind.name_zh(),
            person.words(vocabulary, Lang::Zh),
        ),
        format!(
            "{mark_en} {} → {}: {} (baseline: {may_en}; basis: {basis})\n   \
             for example: {}\n   baseline: {before_en}        overlay: {after_en}",
            baseline.words(Lang::En),
            overlay.words(Lang::En),
            kind.name(),
            person.words(vocabulary, Lang::En),
        ),
    )
}

fn of_distrust(draft: &Draft, distrust: &Distrusting) -> Phrase {
    let Distrusting { id, kind, issuers, departments, from, until, say, excesses } = distrust;
    let vocabulary = draft.vocabulary();
    let (mark_zh, mark_en) = mark(excesses.is_empty());
    let whose = issuers.as_ref().map(|issuers| {
        let codes: Vec<_> = issuers.iter().map(ToString::to_string).collect();
        (codes.join("、"), codes.join(", "))
    });
    let (whose_zh, whose_en) = whose.unwrap_or_else(|| ("各省".into(), "every member".into()));
    let by = departments.map(|departments| {
        let names = departments
            .iter()
            .map(|by| Phrase::both(vocabulary.name_zh(by), vocabulary.name(by)).printable());
        let names: Vec<_> = names.collect();
        let joined =
            |lang, between: &str| names.iter().map(|name| name.get(lang)).collect::<Vec<_>>().join(between);
        (format!("（{}）", joined(Lang::Zh, "、")), format!(" by {}", joined(Lang::En, ", ")))
    });
    let (by_zh, by_en) = by.unwrap_or_default();
    let days = until.ms_since(*from).saturating_add(DAY_MS - 1) / DAY_MS;
    let beyond =
        |lang| excesses.iter().map(|excess| format!("\n   {}", excess.words(lang))).collect::<String>();
    let say = printable(say);
    Phrase::both(
        format!(
            "{mark_zh} 停止采信 {id}：{whose_zh}{by_zh}的{}，{days} 天，{say}{}",
            kind.name_zh(),
            beyond(Lang::Zh)
        ),
        format!(
            "{mark_en} distrust {id}: {kind} of {whose_en}{by_en}, {days} days, {say}{}",
            beyond(Lang::En)
        ),
    )
}

impl RuleRef {
    /// In words for people.
    pub fn words(&self, lang: Lang) -> String {
        let Some(rule) = &self.rule else {
            let phrase = Phrase::both("（没有规则）", "(no rule)");
            return phrase.get(lang).to_owned();
        };
        match (self.case.as_deref(), lang) {
            (None, _) => rule.to_string(),
            (Some(OTHERWISE), Lang::Zh) => format!("{rule} 其余情形"),
            (Some(case), _) => format!("{rule} {case}"),
        }
    }
}
