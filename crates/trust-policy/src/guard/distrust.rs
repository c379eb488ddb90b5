//! How long, how many and how soon again a province may stop believing.
//!
//! A distrust is held to every trust entry of its kind that shares an issuer and a department with it. Three limits:
//!
//! - *days*: how long one issuer is distrusted without a break. Distrusts of one kind and issuer that overlap in time,
//!   past ones included, count as one, so that a file cannot add up what one entry may not ask for.
//! - *issuers*: how many issuers of the kind are distrusted at one instant by the file; `all` is every code that there
//!   is. Files that it succeeds do not count: they hold no longer.
//! - *pause*: how long an issuer is believed between one such time and the next, counted also from past ones.

use huxin_attest::{Kind, RegionCode, UnixMs};

use crate::lang::{Lang, Phrase};
use crate::model::{Baseline, Distrust, DistrustLimits, Overlay, Trust};
use crate::terms::{DepartmentCategory, Set};

const DAY_MS: i64 = 24 * 60 * 60_000;

/// A distrust of one issuer that was in force before, or still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastDistrust {
    /// Of what kind.
    pub kind: Kind,
    /// Whose statements.
    pub issuer: RegionCode,
    /// From when on, inclusive.
    pub from: UnixMs,
    /// Until when, exclusive; where its file was replaced earlier, until then.
    pub until: UnixMs,
}

/// One `[[distrust]]`, held to its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrusting {
    /// The entry's id.
    pub id: Box<str>,
    /// What is not believed.
    pub kind: Kind,
    /// Whose statements are not; `None`: nobody's.
    pub issuers: Option<Vec<RegionCode>>,
    /// Of which departments; `None`: all.
    pub departments: Option<Set<DepartmentCategory>>,
    /// From when on, inclusive.
    pub from: UnixMs,
    /// Until when, exclusive.
    pub until: UnixMs,
    /// Why, in words for people.
    pub say: Box<str>,
    /// How it goes beyond its limits; empty: it does not.
    pub excesses: Vec<Excess>,
}

/// One limit that a distrust goes beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// The trust entry that sets it.
    pub trust: Box<str>,
    /// What it is.
    pub limit: Limit,
}

/// A limit and what was found instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The entry lets no province distrust.
    NotGranted,
    /// Longer than so many days without a break.
    Days {
        /// How many are granted.
        granted: u32,
        /// How many it would be; days begun count.
        found: u32,
    },
    /// More issuers at one instant.
    Issuers {
        /// How many are granted.
        granted: u32,
        /// How many there would be.
        found: u32,
    },
    /// Too soon again.
    Pause {
        /// After how many days it is granted again.
        granted: u32,
        /// After how many whole days it would begin.
        found: u32,
        /// Whom it is about.
        issuer: RegionCode,
    },
}

impl Excess {
    /// In words for people.
    pub fn words(&self, lang: Lang) -> String {
        let phrase = match self.limit {
            Limit::NotGranted => Phrase::both("不许省级停止采信", "lets no province stop believing"),
            Limit::Days { granted, found } => Phrase::both(
                format!("最多连续 {granted} 天，这里是 {found} 天"),
                format!("at most {granted} days without a break; here {found}"),
            ),
            Limit::Issuers { granted, found } => Phrase::both(
                format!("同一时刻最多 {granted} 个省，这里是 {found} 个"),
                format!("at most {granted} issuers at one instant; here {found}"),
            ),
            Limit::Pause { granted, found, issuer } => Phrase::both(
                format!("对 {issuer} 须间隔 {granted} 天，这里隔 {found} 天"),
                format!("again after {granted} days for {issuer}; here after {found}"),
            ),
        };
        match lang {
            Lang::Zh => format!("{}：{}", self.trust, phrase.get(lang)),
            Lang::En => format!("{}: {}", self.trust, phrase.get(lang)),
        }
    }
}

/// Holds every distrust of the overlay to its limits.
pub(super) fn judge(baseline: &Baseline, overlay: &Overlay, past: &[PastDistrust]) -> Vec<Distrusting> {
    overlay
        .distrusts
        .iter()
        .map(|distrust| {
            let touched = baseline.trusts.iter().filter(|trust| distrust.touches(trust));
            let excesses = touched.flat_map(|trust| {
                let limits = match &trust.province_may_distrust {
                    Some(limits) => beyond(limits, distrust, overlay, past),
                    None => vec![Limit::NotGranted],
                };
                limits.into_iter().map(|limit| Excess { trust: trust.id.clone(), limit })
            });
            Distrusting {
                id: distrust.id.clone(),
                kind: distrust.kind,
                issuers: (!distrust.issuers.is_all()).then(|| distrust.issuers.iter().collect()),
                departments: distrust.departments,
                from: distrust.from,
                until: distrust.until,
                say: distrust.say.clone(),
                excesses: excesses.collect(),
            }
        })
        .collect()
}

impl Distrust {
    fn touches(&self, trust: &Trust) -> bool {
        self.kind == trust.kind
            && self.issuers.intersection(trust.issuers).iter().next().is_some()
            && self.departments.is_none_or(|listed| !listed.intersection(trust.departments).is_empty())
    }
}

/// Each limit that the distrust goes beyond, once.
fn beyond(
    limits: &DistrustLimits,
    distrust: &Distrust,
    overlay: &Overlay,
    past: &[PastDistrust],
) -> Vec<Limit> {
    let mut found = Vec::new();
    let spells = distrust.issuers.iter().map(|issuer| Spell::around(distrust, issuer, overlay, past));
    let spells: Vec<_> = spells.collect();
    if let Some(longest) = spells.iter().map(|spell| spell.until.ms_since(spell.from)).max()
        && longest > i64::from(limits.days) * DAY_MS
    {
        let found_days = longest.saturating_add(DAY_MS - 1) / DAY_MS;
        found.push(Limit::Days { granted: limits.days, found: in_u32(found_days) });
    }
    let most = overlay.most_at_once(distrust);
    if most > limits.issuers {
        found.push(Limit::Issuers { granted: limits.issuers, found: most });
    }
    let soonest = spells.iter().filter_map(|spell| Some((spell.pause_ms?, spell.issuer))).min();
    if let Some((pause, issuer)) = soonest
        && pause < i64::from(limits.again_after_days) * DAY_MS
    {
        found.push(Limit::Pause { granted: limits.again_after_days, found: in_u32(pause / DAY_MS), issuer });
    }
    found
}

fn in_u32(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// One issuer's distrust without a break, and how long the issuer was believed before or after it.
struct Spell {
    issuer: RegionCode,
    from: UnixMs,
    until: UnixMs,
    /// The shorter one; `None`: it is the only one.
    pause_ms: Option<i64>,
}

impl Spell {
    /// The spell that holds `distrust` for `issuer`.
    fn around(distrust: &Distrust, issuer: RegionCode, overlay: &Overlay, past: &[PastDistrust]) -> Self {
        let ours = overlay.distrusts.iter().filter(|other| other.kind == distrust.kind);
        let ours = ours.filter(|other| other.issuers.contains(issuer)).map(|other| (other.from, other.until));
        let past = past.iter().filter(|past| past.kind == distrust.kind && past.issuer == issuer);
        let mut periods: Vec<_> = ours.chain(past.map(|past| (past.from, past.until))).collect();
        periods.sort_unstable();
        let mut spell = Self { issuer, from: distrust.from, until: distrust.until, pause_ms: None };
        // In order of their beginnings; what overlaps becomes one.
        let mut merged: Vec<(UnixMs, UnixMs)> = Vec::new();
        for (from, until) in periods {
            match merged.last_mut() {
                Some((_, end)) if from < *end => *end = until.max(*end),
                _ => merged.push((from, until)),
            }
        }
        let holds = |(from, until): &(UnixMs, UnixMs)| *from <= distrust.from && distrust.until <= *until;
        if let Some(place) = merged.iter().position(holds) {
            let at = |index: Option<usize>| index.and_then(|index| merged.get(index)).copied();
            if let Some((from, until)) = at(Some(place)) {
                (spell.from, spell.until) = (from, until);
            }
            let before = at(place.checked_sub(1)).map(|(_, end)| spell.from.ms_since(end));
            let after = at(place.checked_add(1)).map(|(start, _)| start.ms_since(spell.until));
            spell.pause_ms = before.into_iter().chain(after).min();
        }
        spell
    }
}

impl Overlay {
    /// The most issuers of the distrust's kind that this file distrusts at one instant of it.
    fn most_at_once(&self, distrust: &Distrust) -> u32 {
        let same = || self.distrusts.iter().filter(|other| other.kind == distrust.kind);
        // The number grows only where one begins.
        let instants = same().map(|other| other.from).chain([distrust.from]);
        let during = instants.filter(|at| distrust.from <= *at && *at < distrust.until);
        let counts = during.map(|at| {
            let live = same().filter(|other| other.from <= at && at < other.until);
            live.fold(distrust.issuers, |all, other| all.union(other.issuers)).iter().count()
        });
        counts.max().and_then(|count| u32::try_from(count).ok()).unwrap_or(u32::MAX)
    }
}
