//! The gaps of one case, for machines and in words.

use huxin_attest::Kind;

use super::Known;
use super::mended::{Mended, believed_exam, found, results};
use crate::belief::View;
use crate::decide::believed_age;
use crate::duration::Minutes;
use crate::lang::Phrase;
use crate::model::Conditions;
use crate::policy::Policy;
use crate::state::{Belief, Mask, State};
use crate::terms::{Set, Term};
use crate::{Lang, Vocabulary};

/// One condition that did not hold, and by how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What it is about: `age_below`, `health_code`, `nucleic_test`, `nucleic_test_within`, `exam_item`,
    /// `exam_quality` or `exam_within`.
    pub condition: &'static str,
    /// What was found: a value or state by its name in files, a number of years or minutes; `unknown` and `unlisted`
    /// where there is no name; empty where no statement is there to be held against the condition.
    pub found: String,
    /// What would hold, in the same terms; alternatives are separated by a comma and a space.
    pub needed: String,
    /// How many minutes too old; 0 where the condition is not of time, or nothing is there to be measured.
    pub over_minutes: u32,
    /// The same in words.
    text: Phrase,
}

impl Gap {
    /// The gap in words, of one line.
    pub fn text(&self, lang: Lang) -> &str {
        self.text.get(lang)
    }

    /// Is a new test or examination enough?
    pub(super) fn is_mended_by_a_test(&self) -> bool {
        !matches!(self.condition, "age_below" | "health_code")
    }
}

/// Every condition of a case, in the order of the format's keys, and whether it holds.
pub(crate) fn conditions(policy: &Policy, conditions: &Conditions, known: &Known) -> Vec<(bool, Gap)> {
    let Conditions { age_below, code, pcr, pcr_within, exam_item, exam_quality, exam_within } = conditions;
    let [code_view, pcr_view, exam_view] = &known.views;
    let mut all = Vec::new();
    if let Some(limit) = age_below {
        all.push((known.age.is_some_and(|age| age < *limit), age(known.age, *limit)));
    }
    let codes = (Kind::HealthCode, "健康码", "code", code_view);
    let tests = (Kind::NucleicTest, "核酸", "test", pcr_view);
    for (named, (kind, zh, en, view)) in [(code, codes), (pcr, tests)] {
        if let Some(named) = named {
            all.push((named.meets(found(view)), value(kind, zh, en, view, *named)));
        }
    }
    let mut of_time = |condition, zh, en, minutes: Option<u32>, limit: u32| {
        let gap = within(condition, zh, en, minutes, limit);
        match minutes.filter(|minutes| *minutes <= limit) {
            Some(minutes) => all.push((true, Gap { text: young_enough(zh, en, minutes, limit), ..gap })),
            None => all.push((false, gap)),
        }
    };
    if let Some((limit, _)) = pcr_within {
        // Without a cell in the table of hours nothing is young enough.
        let limit = policy.limit(*limit, &known.situation).unwrap_or_default();
        let [_, known_minutes, _] = known.minutes;
        // Of a test that is not believed only being too old is told.
        let minutes = believed_age(pcr_view).or(known_minutes.filter(|minutes| *minutes > limit));
        of_time("nucleic_test_within", "核酸", "test", minutes, limit);
    }
    let exam = believed_exam(exam_view);
    if let Some(limit) = exam_within.map(Minutes::get) {
        let [.., known_minutes] = known.minutes;
        let minutes = exam.map(|(.., age)| age).or(known_minutes.filter(|minutes| *minutes > limit));
        of_time("exam_within", "检查检验结果", "examination", minutes, limit);
    }
    let (item, quality) = (exam.and_then(|(item, ..)| item), exam.and_then(|(_, quality, _)| quality));
    if let Some(items) = exam_item {
        let phrases = ("检查检验项目", "the examination");
        let gap = term(policy.vocabulary(), "exam_item", phrases, exam_view, item, *items);
        all.push((item.is_some_and(|item| items.contains(item)), gap));
    }
    if let Some(marks) = exam_quality {
        let phrases = ("质控标识", "the quality mark");
        let gap = term(policy.vocabulary(), "exam_quality", phrases, exam_view, quality, *marks);
        all.push((quality.is_some_and(|mark| marks.contains(mark)), gap));
    }
    all
}

fn young_enough(zh: &str, en: &str, minutes: u32, limit: u32) -> Phrase {
    let ((age_zh, age_en), (limit_zh, limit_en)) = (spoken(minutes), spoken(limit));
    // A statement of less than a minute ago has no words of its own.
    let (age_zh, age_en) = if minutes == 0 { (" 0 分钟".into(), "0 min".into()) } else { (age_zh, age_en) };
    Phrase::both(
        format!("{zh}已有{age_zh}，在{limit_zh}以内"),
        format!("the {en} is {age_en} old, which is within {limit_en}"),
    )
}

/// The gaps between what is known and the case with these conditions.
pub(super) fn of(policy: &Policy, conditions: &Conditions, known: &Known, mended: &Mended) -> Vec<Gap> {
    let Conditions { age_below, code: _, pcr, pcr_within, exam_item, exam_quality, exam_within } = conditions;
    let [code_view, pcr_view, exam_view] = &known.views;
    let [_, pcr_minutes, exam_minutes] = known.minutes;
    let mut gaps = Vec::new();
    if let (Some(limit), None) = (age_below, known.age) {
        gaps.push(age(None, *limit));
    }
    if mended.code.open && !mended.code.values.meets(found(code_view)) {
        gaps.push(value(Kind::HealthCode, "健康码", "code", code_view, mended.code.values));
    }
    let pcr_limit = pcr_within.and_then(|(within, _)| policy.limit(within, &known.situation));
    let pcr_limit = pcr_limit.filter(|limit| believed_age(pcr_view).is_none_or(|age| age > *limit));
    // Where a young test of any result will do, only its age is missing.
    let any_result = pcr_limit.is_some() && pcr.is_none() && mended.pcr.values == results();
    if mended.pcr.open && !any_result && !mended.pcr.values.meets(found(pcr_view)) {
        gaps.push(value(Kind::NucleicTest, "核酸", "test", pcr_view, mended.pcr.values));
    }
    if let Some(limit) = pcr_limit {
        gaps.push(within("nucleic_test_within", "核酸", "test", pcr_minutes, limit));
    }
    let exam = believed_exam(exam_view);
    let (item, quality) = (exam.and_then(|(item, ..)| item), exam.and_then(|(_, quality, _)| quality));
    if let Some(items) = exam_item.filter(|items| !item.is_some_and(|item| items.contains(item))) {
        let phrases = ("检查检验项目", "the examination");
        gaps.push(term(policy.vocabulary(), "exam_item", phrases, exam_view, item, items));
    }
    if let Some(marks) = exam_quality.filter(|marks| !quality.is_some_and(|mark| marks.contains(mark))) {
        let phrases = ("质控标识", "the quality mark");
        gaps.push(term(policy.vocabulary(), "exam_quality", phrases, exam_view, quality, marks));
    }
    if let Some(limit) =
        exam_within.map(|limit| limit.get()).filter(|limit| exam.is_none_or(|(.., age)| age > *limit))
    {
        gaps.push(within("exam_within", "检查检验结果", "examination", exam_minutes, limit));
    }
    gaps
}

fn age(found: Option<u8>, limit: u8) -> Gap {
    let (zh, en) = match found {
        Some(age) => (format!("年龄 {age}"), format!("the age is {age}")),
        None => ("年龄不详".to_owned(), "the age is unknown".to_owned()),
    };
    Gap {
        condition: "age_below",
        found: found.map_or_else(|| "unknown".to_owned(), |age| age.to_string()),
        needed: limit.to_string(),
        over_minutes: 0,
        text: Phrase::both(
            format!("{zh}，须不满 {limit} 周岁"),
            format!("{en}; below {limit} years is needed"),
        ),
    }
}

fn value(kind: Kind, zh: &str, en: &str, view: &Option<View>, needed: Mask) -> Gap {
    let (found, found_zh) = found(view).names().next().unwrap_or_default();
    let (names, names_zh): (Vec<_>, Vec<_>) = needed.names().unzip();
    let needed = names.join(", ");
    Gap {
        condition: kind.name(),
        over_minutes: 0,
        text: match found == State::None.name() {
            true => Phrase::both(
                format!("没有{zh}，须为“{}”", names_zh.join("”或“")),
                format!("there is no {en}; needed: {}", names.join(" or ")),
            ),
            false => Phrase::both(
                format!("{zh}为“{found_zh}”，须为“{}”", names_zh.join("”或“")),
                format!("the {en} is {found}; needed: {}", names.join(" or ")),
            ),
        },
        found: found.to_owned(),
        needed,
    }
}

fn within(condition: &'static str, zh: &str, en: &str, minutes: Option<u32>, limit: u32) -> Gap {
    let over_minutes = minutes.map_or(0, |minutes| minutes.saturating_sub(limit));
    let (limit_zh, limit_en) = spoken(limit);
    let text = match minutes.filter(|_| over_minutes > 0).map(spoken) {
        Some((age_zh, age_en)) => {
            let (over_zh, over_en) = spoken(over_minutes);
            Phrase::both(
                format!("{zh}已有{age_zh}，须在{limit_zh}以内，超过{over_zh}"),
                format!("the {en} is {age_en} old; at most {limit_en} is needed: {over_en} too old"),
            )
        }
        None => Phrase::both(
            format!("没有可以采信的{zh}，须有{limit_zh}以内的"),
            format!("no {en} is believed; one of at most {limit_en} is needed"),
        ),
    };
    let found = minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    Gap { condition, found, needed: limit.to_string(), over_minutes, text }
}

fn term<T: Term>(
    vocabulary: &Vocabulary,
    condition: &'static str,
    (zh, en): (&str, &str),
    view: &Option<View>,
    term: Option<T>,
    needed: Set<T>,
) -> Gap {
    let (found, found_zh, found_en) = match (term, view.map(|view| view.belief)) {
        (Some(term), _) => (vocabulary.name(term), vocabulary.name_zh(term), vocabulary.name_en(term)),
        // For machines nothing: a mark or an item may be called like a state.
        (None, Some(Belief::Not(state))) => ("", state.name_zh(), state.name()),
        (None, _) => ("unlisted", "未列入词表", "not listed"),
    };
    let all = |name: fn(&Vocabulary, T) -> &str, between: &str| {
        needed.iter().map(|term| name(vocabulary, term)).collect::<Vec<_>>().join(between)
    };
    Gap {
        condition,
        found: found.to_owned(),
        needed: all(Vocabulary::name, ", "),
        over_minutes: 0,
        text: Phrase::both(
            format!("{zh}为“{found_zh}”，须为“{}”", all(Vocabulary::name_zh, "”或“")),
            format!("{en} is {found_en}; needed: {}", all(Vocabulary::name_en, " or ")),
        ),
    }
}

/// A number of minutes in words, in Chinese and English: in minutes, in hours up to 72, above in days.
pub(crate) fn spoken(minutes: u32) -> (String, String) {
    const DAY: u32 = 24 * 60;
    let parts = match minutes {
        0..60 => [(0, "", ""), (0, "", ""), (minutes, "分钟", "min")],
        60..=4320 => [(0, "", ""), (minutes / 60, "小时", "h"), (minutes % 60, "分", "min")],
        _ => [(minutes / DAY, "天", "d"), (minutes % DAY / 60, "小时", "h"), (minutes % 60, "分", "min")],
    };
    let filled: Vec<_> = parts.into_iter().filter(|(count, ..)| *count > 0).collect();
    let zh = filled.iter().map(|(count, zh, _)| format!(" {count} {zh}")).collect::<String>();
    let en = filled.iter().map(|(count, _, en)| format!("{count} {en}")).collect::<Vec<_>>().join(" ");
    (zh, en)
}
