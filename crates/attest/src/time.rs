//! Time as the protocol knows it, and the clock that is passed in.

use std::fmt;

use jiff::{Timestamp, civil, tz::Offset};

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. Signed statements hold whole seconds of it, leaves
/// milliseconds. Values are bounded to the years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UnixMs(i64);

/// Whole seconds since 1970-01-01T00:00:00Z, leap seconds ignored, as signed statements hold them. Bounded as
/// [`UnixMs`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UnixSecs(i64);

/// The facts and the certificates are read against clocks that the caller chooses.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> UnixMs;
}

/// China Standard Time, the offset in which local dates (birthdays) are counted: +08:00.
const LOCAL_OFFSET_HOURS: i8 = 8;

impl UnixMs {
    /// 9999-12-30T22:00:00Z, the latest time that can be written.
    pub const MAX: Self = Self(253_402_207_200_000);

    /// From milliseconds; `None` outside 1970–9999.
    pub fn from_ms(ms: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&ms).then_some(Self(ms))
    }

    /// From whole seconds; `None` outside 1970–9999.
    pub fn from_secs(secs: i64) -> Option<Self> {
        secs.checked_mul(1000).and_then(Self::from_ms)
    }

    /// Milliseconds since the epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time moved by `ms` milliseconds, kept within the bounds.
    #[must_use]
    pub fn saturating_add_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(0, Self::MAX.0))
    }

    /// Milliseconds from `earlier` to this time; negative if `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The date on China's calendar (+08:00), on which ages are counted.
    pub fn local_date(self) -> civil::Date {
        Offset::constant(LOCAL_OFFSET_HOURS).to_datetime(self.timestamp()).date()
    }

    /// Reads an RFC 3339 time. An offset is mandatory; fractions below a millisecond are cut.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().and_then(|time| Self::from_ms(time.as_millisecond()))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl UnixSecs {
    /// From whole seconds; `None` outside 1970–9999.
    pub fn new(secs: i64) -> Option<Self> {
        UnixMs::from_secs(secs).map(|_| Self(secs))
    }

    /// The second that `time` lies in.
    pub const fn at(time: UnixMs) -> Self {
        Self(time.as_secs())
    }

    /// Seconds since the epoch.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The first millisecond of this second.
    pub const fn to_ms(self) -> UnixMs {
        UnixMs(self.0 * 1000)
    }
}

impl From<UnixSecs> for UnixMs {
    fn from(secs: UnixSecs) -> Self {
        secs.to_ms()
    }
}

impl fmt::Display for UnixSecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_ms().fmt(f)
    }
}

impl fmt::Debug for UnixSecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixSecs({self})")
    }
}

/// RFC 3339 with the offset +08:00, milliseconds only where there are any.
impl fmt::Display for UnixMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Offset::constant(LOCAL_OFFSET_HOURS).to_datetime(self.timestamp());
        write!(f, "{time}+{LOCAL_OFFSET_HOURS:02}:00")
    }
}

impl fmt::Debug for UnixMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixMs({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_shown_with_its_offset() {
        let time = UnixMs::parse_rfc3339("2022-07-08T01:00:00Z").unwrap();
        assert_eq!(time.to_string(), "2022-07-08T09:00:00+08:00");
        assert_eq!(UnixMs::parse_rfc3339(&time.to_string()), Some(time));
        assert_eq!(UnixMs::parse_rfc3339("2022-07-08T09:00:00"), None);
    }

    #[test]
    fn the_local_date_turns_at_midnight_in_china() {
        let before = UnixMs::parse_rfc3339("2022-07-08T23:59:59+08:00").unwrap();
        assert_eq!(before.local_date(), civil::date(2022, 7, 8));
        assert_eq!(before.saturating_add_ms(1000).local_date(), civil::date(2022, 7, 9));
    }

    #[test]
    fn seconds_are_cut_not_rounded() {
        let time = UnixMs::from_ms(1_999).unwrap();
        assert_eq!(UnixSecs::at(time).to_ms(), UnixMs::from_secs(1).unwrap());
        assert_eq!(UnixSecs::new(-1), None);
        assert_eq!(UnixSecs::new(UnixMs::MAX.as_secs()).map(UnixSecs::to_ms), Some(UnixMs::MAX));
    }

    #[test]
    fn times_outside_the_bounds_are_refused() {
        assert_eq!(UnixMs::from_ms(-1), None);
        assert_eq!(UnixMs::from_secs(i64::MAX), None);
        assert_eq!(UnixMs::MAX.saturating_add_ms(i64::MAX), UnixMs::MAX);
        assert_eq!(UnixMs::parse_rfc3339(&UnixMs::MAX.to_string()), Some(UnixMs::MAX));
    }
}
