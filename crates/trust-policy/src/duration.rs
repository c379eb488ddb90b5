//! Durations: whole minutes, the only unit that a policy compares.

use std::fmt;

/// The longest duration: ten years.
const MAX: u32 = 3650 * 24 * 60;

/// A duration in whole minutes, at least one, at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minutes(u32);

impl Minutes {
    /// Reads a positive integer without sign or leading zero, followed by `m`, `h` or `d`.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = match text.bytes().next_back()? {
            b'm' => 1,
            b'h' => 60,
            b'd' => 24 * 60,
            _ => return None,
        };
        let digits = text.get(..text.len() - 1)?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let minutes = digits.parse::<u32>().ok()?.checked_mul(unit)?;
        (minutes <= MAX).then_some(Self(minutes))
    }

    /// How many minutes.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// How many milliseconds.
    pub const fn as_ms(self) -> i64 {
        self.0 as i64 * 60_000
    }
}

/// In the largest unit that divides it, as it is written in files: `48h`, `7d`, `90m`.
impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            minutes if minutes % (24 * 60) == 0 && minutes > 48 * 60 => write!(f, "{}d", minutes / (24 * 60)),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_positive_integer_and_a_unit() {
        assert_eq!(Minutes::parse("48h").map(Minutes::get), Some(2880));
        assert_eq!(Minutes::parse("1m").map(Minutes::get), Some(1));
        assert_eq!(Minutes::parse("3650d").map(Minutes::get), Some(MAX));
        for bad in
            ["", "h", "0h", "-1h", "+1h", "01h", "1.5h", "48", "48H", "48 h", "3651d", "4294967296m", "４８h"]
        {
            assert_eq!(Minutes::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_duration_is_shown_as_files_write_it() {
        for text in ["48h", "7d", "90m", "24h", "12h"] {
            assert_eq!(Minutes::parse(text).unwrap().to_string(), text);
        }
    }
}
