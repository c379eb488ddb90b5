//! The matrix as a picture: one SVG without any outside part, in Chinese and English side by side.
//!
//! Nothing is told by colour alone: each cell holds its word, and its rule and case as a title. All texts come from
//! files and are escaped.

use huxin_attest::text::printable;
use huxin_trust_policy::{Lang, MatrixCell, MatrixRow, Outcome};

use super::table::width;
use super::{Section, Sheet, answer, issuer};
use crate::messages;

const MARGIN: usize = 24;
const LINE: usize = 22;
const CELL_WIDTH: usize = 76;
const CELL_HEIGHT: usize = 40;
/// Of one column of a terminal, in a text of [`FONT_SIZE`].
const LETTER: usize = 8;
const FONT_SIZE: usize = 14;
/// The longest line of a legend, in columns of a terminal.
const MAX_WIDTH: usize = 120;

/// The picture so far, and where the next line goes.
struct Drawing {
    body: String,
    y: usize,
    width: usize,
}

pub(super) fn render(sheet: &Sheet<'_>) -> String {
    let mut drawing = Drawing { body: String::new(), y: MARGIN, width: 0 };
    let title = messages::matrix_title();
    drawing.text(20, "bold", &format!("{} / {}", title.zh, title.en));
    drawing.text(FONT_SIZE, "normal", &sheet.policy);
    drawing.text(FONT_SIZE, "normal", &sheet.who(Lang::Zh));
    drawing.text(FONT_SIZE, "normal", &sheet.who(Lang::En));
    for section in &sheet.sections {
        drawing.section(sheet, section);
    }
    let not_asked = messages::code_not_asked();
    drawing.text(FONT_SIZE, "normal", &format!("{} / {}", not_asked.zh, not_asked.en));
    let (width, height) = (drawing.width + MARGIN, drawing.y + MARGIN / 2);
    let heading = escaped(&format!("{} / {}", title.zh, title.en));
    let about = escaped(&format!("{}; {}; {}", sheet.policy, sheet.who(Lang::Zh), sheet.who(Lang::En)));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"title about\" font-family=\"'Noto Sans CJK SC','Source Han Sans SC','Microsoft \
         YaHei','PingFang SC',sans-serif\">\n<title id=\"title\">{heading}</title>\n<desc id=\"about\">{about}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
        drawing.body
    )
}

impl Drawing {
    fn section(&mut self, sheet: &Sheet<'_>, section: &Section<'_>) {
        let purpose = section.purpose;
        self.y += LINE / 2;
        let heading = format!("{} / {}", sheet.word(purpose, Lang::Zh), sheet.word(purpose, Lang::En));
        self.text(18, "bold", &heading);
        for (number, column) in (1..).zip(&section.matrix.columns) {
            let (zh, en) = (sheet.situations(column, Lang::Zh), sheet.situations(column, Lang::En));
            self.wrapped(&format!("[{number}] {zh}"));
            self.wrapped(&format!("      {en}"));
        }
        let names: Vec<_> = section.matrix.rows.iter().map(|row| row_name(sheet, row)).collect();
        let longest = names.iter().map(|name| width(name)).max().unwrap_or_default();
        let left = MARGIN + longest * LETTER + 12;
        for number in 1..=section.matrix.columns.len() {
            let middle = left + (number - 1) * CELL_WIDTH + CELL_WIDTH / 2;
            self.centred(middle, self.y + 14, FONT_SIZE, "#111111", &format!("[{number}]"));
        }
        self.y += LINE;
        for (row, name) in section.matrix.rows.iter().zip(&names) {
            let middle = self.y + CELL_HEIGHT / 2 + 5;
            self.body.push_str(&format!(
                "<text x=\"{MARGIN}\" y=\"{middle}\" font-size=\"{FONT_SIZE}\" fill=\"#111111\">{}</text>\n",
                escaped(name)
            ));
            for (at, cell) in row.cells.iter().enumerate() {
                self.cell(left + at * CELL_WIDTH, cell, &format!("{name} [{}]", at + 1));
            }
            self.y += CELL_HEIGHT;
        }
        self.y += LINE / 2;
        self.width = self.width.max(left + section.matrix.columns.len() * CELL_WIDTH);
    }

    fn cell(&mut self, x: usize, cell: &MatrixCell<'_>, name: &str) {
        let word = answer(cell);
        let rule = [cell.rule, cell.case].into_iter().flatten().collect::<Vec<_>>().join("/");
        let mark = if cell.code_asked { "" } else { "*" };
        let (fill, ink) = match (cell.outcome, cell.code_asked) {
            (Some(Outcome::Admit), true) => ("#1b7837", "#ffffff"),
            (Some(Outcome::Admit), false) => ("#d9f0d3", "#111111"),
            (Some(Outcome::Review), true) => ("#a34a00", "#ffffff"),
            (Some(Outcome::Review), false) => ("#fde0c5", "#111111"),
            (None, _) => ("#542788", "#ffffff"),
        };
        let title = escaped(&format!("{name}: {} {} {rule}", word.zh, word.en));
        let (y, w, h) = (self.y, CELL_WIDTH - 2, CELL_HEIGHT - 2);
        self.body.push_str(&format!(
            "<g><title>{title}</title><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>"
        ));
        let middle = x + w / 2;
        self.centred(middle, y + 17, FONT_SIZE, ink, &format!("{}{mark}", word.zh));
        self.centred(middle, y + 32, 12, ink, &word.en);
        self.body.push_str("</g>\n");
    }

    /// A long text, in lines of at most [`MAX_WIDTH`] columns; a line may end after a space or a Chinese comma.
    fn wrapped(&mut self, text: &str) {
        let mut line = String::new();
        for part in text.split_inclusive([' ', '、']) {
            if width(&line) + width(part) > MAX_WIDTH {
                self.text(FONT_SIZE, "normal", &line);
                line = "      ".to_owned();
            }
            line.push_str(part);
        }
        self.text(FONT_SIZE, "normal", &line);
    }

    fn text(&mut self, size: usize, weight: &str, text: &str) {
        let baseline = self.y + size;
        self.body.push_str(&format!(
            "<text x=\"{MARGIN}\" y=\"{baseline}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"#111111\" xml:space=\"preserve\">{}</text>\n",
            escaped(text)
        ));
        self.y += size + LINE - FONT_SIZE;
        self.width = self.width.max(MARGIN + width(text) * LETTER * size / FONT_SIZE);
    }

    fn centred(&mut self, x: usize, y: usize, size: usize, ink: &str, text: &str) {
        self.body.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{ink}\" text-anchor=\"middle\">{}</text>",
            escaped(text)
        ));
    }
}

fn row_name(sheet: &Sheet<'_>, row: &MatrixRow<'_>) -> String {
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| (issuer(row, lang), sheet.grade(row.grade, lang)));
    let issuers = match row.issuer {
        Some(region) => format!("{} {}", zh.0, region.name_en()),
        None => format!("{} / {}", zh.0, en.0),
    };
    format!("{issuers} · {} → {} {}", row.label, zh.1, en.1)
}

/// A text as XML holds it: markup is escaped, and what XML cannot hold is replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_text() {
        assert_eq!(
            escaped("</text><script>&'\"\u{0}\u{ffff}"),
            "&lt;/text&gt;&lt;script&gt;&amp;&#39;&quot;\u{fffd}\u{fffd}"
        );
    }
}
