//! Findings as text: the cited line, and carets that stand right under wide characters.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Diagnostics, Finding, Severity};
use crate::lang::Lang;

pub(super) fn render(diagnostics: &Diagnostics, lang: Lang, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in &diagnostics.findings {
        out.push_str(&one(&renderer, finding, lang));
        out.push('\n');
    }
    let left_off = &diagnostics.left_off;
    for (severity, count) in [(Severity::Error, left_off.errors), (Severity::Warning, left_off.warnings)] {
        if count > 0 {
            out.push_str(&match lang {
                Lang::Zh => format!("另有 {count} 处{}未列出\n", severity.name_zh()),
                Lang::En => format!("{count} more {}s are not shown\n", severity.name()),
            });
        }
    }
    out
}

fn one(renderer: &Renderer, finding: &Finding, lang: Lang) -> String {
    let (issue, message) = (finding.issue, finding.message(lang));
    let severity = issue.severity();
    let title = match lang {
        Lang::Zh => format!("{} {issue}：{message}", severity.name_zh()),
        Lang::En => format!("{} {issue}: {message}", severity.name()),
    };
    let help = finding.help(lang);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.no_name().primary_title(title);
    let group = match &finding.excerpt {
        Some(line) => title.element(
            Snippet::source(line)
                .path(finding.file.as_str())
                .line_start(finding.start.line)
                .annotation(AnnotationKind::Primary.span(finding.mark.clone()).label(help)),
        ),
        None => title
            .element(
                Origin::path(finding.file.as_str())
                    .line(finding.start.line)
                    .char_column(finding.start.column),
            )
            .element(Level::HELP.no_name().message(help)),
    };
    without_empty_gutter(&renderer.render(&[group]))
}

/// Leaves out the line between the place and the cited line, which holds a bar and nothing else.
fn without_empty_gutter(rendered: &str) -> String {
    let mut out = String::with_capacity(rendered.len() + 1);
    for line in rendered.lines().filter(|line| !is_bar(line)) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Blanks and one bar, coloured or not?
fn is_bar(line: &str) -> bool {
    let mut seen = false;
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            ' ' => {}
            '|' if !seen => seen = true,
            '\u{1b}' => {
                // A colour: up to and with its `m`.
                rest.by_ref().find(|character| *character == 'm');
            }
            _ => return false,
        }
    }
    seen
}
