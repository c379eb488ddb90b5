//! What is done to a file: to its bytes, to its lines, or to the words of the format.

use crate::random::Random;

/// Words and marks of the format, and such as have broken other readers of TOML.
const TOKENS: &[&str] = &[
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "\\",
    "\\u0000",
    "\\uD800",
    "\u{0}",
    "\u{7f}",
    "\u{1b}[31m",
    "\u{feff}",
    "\u{202e}",
    "绿码",
    "“",
    "：",
    "，",
    "[[rule]]\n",
    "[[trust]]\n",
    "[[example]]\n",
    "[[distrust]]\n",
    "[[disclose]]\n",
    "[[place]]\n",
    "[[area]]\n",
    "[policy]\n",
    "[otherwise]\n",
    "[grades.all]\n",
    "[grades.\"44\"]\n",
    "[hours.by_place]\n",
    "[rule.when]\n",
    "when = {}\n",
    "ask = []\n",
    "cases = []\n",
    "then = \"refuse\"",
    "\"admit\"",
    "\"review\"",
    "\"by_place\"",
    "\"all\"",
    "\"unreachable\"",
    "\"hearsay\"",
    "\"red\"",
    "\"health_code\"",
    "\"nucleic_test\"",
    "\"otherwise\"",
    "\"0m\"",
    "\"48h\"",
    "\"4294967296m\"",
    "\"99999999999d\"",
    "-1",
    "0",
    "1e9999",
    "nan",
    "inf",
    "0x1F",
    "9223372036854775807",
    "2022-07-01",
    "2022-07-01T00:00:00+08:00",
    "9999-12-31T23:59:60Z",
    "true",
    "a.b = 1\n",
    "replaces = \"G-20\"\n",
    "province_may = \"both\"\n",
    "area = [\"4\"]",
    "age_below = 3",
    "spiffe://",
];

/// The file with one to four changes.
pub fn changed(text: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        change(&mut bytes, random);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(16) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            let length = 1 + random.below(3);
            let junk = random.bytes(length);
            bytes.splice(at..at, junk);
        }
        // Wherever it falls, in the midst of a character too.
        2 => drop(bytes.drain(at..(at + random.below(24)).min(bytes.len()))),
        3 | 4 => {
            let cut = whole(bytes, at, random.below(24));
            bytes.drain(cut);
        }
        5 => {
            // A piece from elsewhere in the file.
            let from = random.below(bytes.len());
            let piece = bytes[whole(bytes, from, random.below(40))].to_vec();
            let at = whole(bytes, at, 0);
            bytes.splice(at, piece);
        }
        6 if random.one_in(8) => bytes.truncate(at),
        6..=8 => {
            let at = whole(bytes, at, *random.pick(&[0, 0, 12]));
            bytes.splice(at, random.pick(TOKENS).bytes());
        }
        9..=11 => words(bytes, random),
        12 | 13 => digit(bytes, random),
        _ => lines(bytes, random),
    }
}

/// A range of some `length` near `at` that cuts no character.
fn whole(bytes: &[u8], at: usize, length: usize) -> std::ops::Range<usize> {
    let begins = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let from = |at: usize| (at.min(bytes.len())..).find(begins).unwrap_or_default();
    from(at)..from(at + length)
}

/// One digit stands for another.
fn digit(bytes: &mut [u8], random: &mut Random) {
    let mut digits: Vec<&mut u8> = bytes.iter_mut().filter(|byte| byte.is_ascii_digit()).collect();
    let at = random.below(digits.len());
    if let Some(digit) = digits.get_mut(at) {
        **digit = *random.pick(b"0123456789");
    }
}

/// One quoted word stands for another, so that the file stays one of the format and means something else.
fn words(bytes: &mut Vec<u8>, random: &mut Random) {
    let quotes: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'"').map(|(at, _)| at).collect();
    let word = |random: &mut Random| {
        let first = random.below(quotes.len() / 2) * 2;
        Some(*quotes.get(first)?..*quotes.get(first + 1)?)
    };
    if let (Some(one), Some(other)) = (word(random), word(random)) {
        let other = bytes[other].to_vec();
        bytes.splice(one, other);
    }
}

/// A line comes twice, goes, or changes places with another.
fn lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    if lines.is_empty() {
        return;
    }
    match random.below(4) {
        0 => lines.insert(one, lines[one]),
        1 => lines.insert(other, lines[one]),
        2 => drop(lines.remove(one)),
        _ => lines.swap(one, other),
    }
    *bytes = lines.concat();
}
