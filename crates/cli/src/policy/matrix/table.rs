//! The matrix as text: columns are numbered, and what each stands for is listed above.

use huxin_attest::text::printable;
use huxin_trust_policy::Lang;

use super::{Sheet, answer, issuer};
use crate::messages;

pub(super) fn render(sheet: &Sheet<'_>, lang: Lang) -> String {
    let mut text = format!("{}\n{}\n", sheet.policy, sheet.who(lang));
    for section in &sheet.sections {
        text.push_str(&format!("\n{}\n", sheet.word(section.purpose, lang)));
        for (number, column) in (1..).zip(&section.matrix.columns) {
            text.push_str(&printable(&format!("  [{number}] {}", sheet.situations(column, lang))));
            text.push('\n');
        }
        let numbers = (1..=section.matrix.columns.len()).map(|number| format!("[{number}]"));
        let mut lines: Vec<Vec<String>> =
            vec![std::iter::repeat_n(String::new(), 3).chain(numbers).collect()];
        let mut unasked = false;
        for row in &section.matrix.rows {
            let cells = row.cells.iter().map(|cell| {
                unasked |= !cell.code_asked;
                format!("{}{}", answer(cell).get(lang), if cell.code_asked { "" } else { "*" })
            });
            let heading = [issuer(row, lang), printable(row.label), sheet.grade(row.grade, lang).to_owned()];
            lines.push(heading.into_iter().chain(cells).collect());
        }
        text.push_str(&aligned(&lines));
        if unasked {
            text.push_str(messages::code_not_asked().get(lang));
            text.push('\n');
        }
    }
    text
}

/// Lines whose columns begin under each other, also where Chinese and Latin letters are mixed.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| width(cell)).max();
    let widths: Vec<_> = (0..columns).map(|at| widest(at).unwrap_or_default()).collect();
    let mut text = String::new();
    for line in lines {
        let mut shown = String::from("  ");
        for (cell, width_of_column) in line.iter().zip(&widths) {
            shown.push_str(cell);
            shown.extend(std::iter::repeat_n(' ', width_of_column.saturating_sub(width(cell)) + 2));
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
    text
}

/// How many columns of a terminal a text takes: East Asian letters take two.
pub(super) fn width(text: &str) -> usize {
    let wide = |character: char| {
        matches!(u32::from(character),
            0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
            | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd)
    };
    text.chars().map(|character| if wide(character) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let lines = [["绿码", "a"], ["x", "放行"]].map(|line| line.map(str::to_owned).to_vec());
        assert_eq!(aligned(&lines), "  绿码  a\n  x     放行\n");
    }
}
