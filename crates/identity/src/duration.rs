//! Durations in files: a positive integer and `m`, `h` or `d`, such as `24h`.

/// The longest duration that a file may name: a hundred years.
const MAX_MS: i64 = 36_525 * 86_400_000;

/// Reads a duration in milliseconds.
pub(crate) fn parse_ms(text: &str) -> Result<i64, String> {
    let unit_ms = match text.bytes().last() {
        Some(b'm') => 60_000,
        Some(b'h') => 3_600_000,
        Some(b'd') => 86_400_000,
        _ => return Err(BAD.into()),
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return Err(BAD.into());
    }
    let count: i64 = digits.parse().map_err(|_| BAD)?;
    count.checked_mul(unit_ms).filter(|ms| *ms <= MAX_MS).ok_or_else(|| BAD.into())
}

const BAD: &str = "not a duration: a positive integer and m, h or d, such as 24h, at most a hundred years";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_positive_count_of_a_unit() {
        assert_eq!(parse_ms("24h"), Ok(86_400_000));
        assert_eq!(parse_ms("1d"), parse_ms("1440m"));
        for bad in
            ["", "h", "0h", "-1h", "+1h", "1", "1s", "1.5h", "01h", "١h", "99999999999999999999d", "36526d"]
        {
            assert!(parse_ms(bad).is_err(), "{bad}");
        }
    }
}
