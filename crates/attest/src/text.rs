//! Text from elsewhere in one line: nothing in it may break the line, hide or turn round what stands beside it.

/// Is this a control character, or one that changes what is seen without being seen?
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// The text with U+FFFD in place of what is unprintable.
pub fn printable(text: &str) -> String {
    text.replace(is_unprintable, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_or_turns_a_line_is_shown_as_a_replacement() {
        assert_eq!(
            printable("绿码 a\nb\u{1b}[31m\u{202e}c\u{2028}"),
            "绿码 a\u{fffd}b\u{fffd}[31m\u{fffd}c\u{fffd}"
        );
        assert_eq!(printable("鄂汇绿（A1）"), "鄂汇绿（A1）");
    }
}
