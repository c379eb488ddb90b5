//! Document numbers: every person another one, without remembering those that were given.
//!
//! The index runs through all pairs of county and sequence number, then again with other birth dates. The dates of one
//! pair are spread by steps of the golden ratio, whose first n points lie at least 0.38/n apart; the densest band of
//! births holds 4.8·10⁻⁵ of all people a day, so no date comes twice within 7,900 rounds.

use huxin_attest::{Document, DocumentType, UnixSecs, document::resident_id_check};
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use super::Scene;
use super::random::{GOLDEN, SplitMix64};

/// The most people of one scene: more than the largest province has.
pub const MAX_PEOPLE: u32 = 200_000_000;

/// GB/T 2260 assigns no prefecture 99.
const PREFECTURE: u32 = 99;
const COUNTIES: u32 = 99;
const SEQUENCES: u32 = 999;

/// The years of birth of a band, and its share in a hundred.
const BANDS: [(i16, i16, u64); 6] = [
    (1930, 1949, 9),
    (1950, 1961, 12),
    (1962, 1976, 26),
    (1977, 1996, 30),
    (1997, 2006, 10),
    (2007, 2022, 13),
];

/// The bands as days, cut at the day before now.
pub(super) struct Calendar {
    bands: Vec<(Date, u64, u64)>,
}

impl Calendar {
    pub(super) fn until(now: UnixSecs) -> Self {
        let yesterday = now.to_ms().local_date().saturating_sub(1.day());
        let band = |(first, last, share): (i16, i16, u64)| {
            let from = date(first, 1, 1).min(yesterday);
            let days = from.duration_until(date(last, 12, 31).min(yesterday)).as_hours() / 24;
            (from, days.unsigned_abs() + 1, share)
        };
        Self { bands: BANDS.map(band).to_vec() }
    }

    /// The day at a share of all births, as a fraction of 2⁶⁴.
    fn day(&self, share: u64) -> Date {
        let mut rest = u128::from(share) * 100;
        for (from, days, percent) in &self.bands {
            let width = u128::from(*percent) << 64;
            if rest < width {
                let day = rest * u128::from(*days) / width;
                return from.saturating_add(Span::new().days(i64::try_from(day).unwrap_or_default()));
            }
            rest -= width;
        }
        self.bands.last().map_or(Date::MIN, |(from, ..)| *from)
    }
}

/// The document of the person with this index.
#[allow(
    clippy::expect_used,
    reason = "the number is built by the rules that parsing checks; a test runs through many"
)]
pub(super) fn document(scene: &Scene, calendar: &Calendar, index: u32) -> Document {
    let (round, slot) = (index / (COUNTIES * SEQUENCES), index % (COUNTIES * SEQUENCES));
    let (county, sequence) = (slot / SEQUENCES + 1, slot % SEQUENCES + 1);
    let start = SplitMix64::new(scene.seed, scene.region.as_u8().into(), slot.into()).next();
    let born = calendar.day(start.wrapping_add(u64::from(round).wrapping_mul(GOLDEN)));
    let region = scene.region;
    let (year, month, day) = (born.year(), born.month(), born.day());
    let body = format!("{region}{PREFECTURE}{county:02}{year:04}{month:02}{day:02}{sequence:03}");
    let check = resident_id_check(&body).expect("seventeen digits");
    Document::parse(DocumentType::ResidentId, &format!("{body}{check}")).expect("a valid number")
}
