//! Findings as text: the cited line, and carets that stand right under wide characters.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{Diagnostics, Finding};
use crate::lang::Lang;

pub(super) fn render(diagnostics: &Diagnostics, lang: Lang, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in &diagnostics.findings {
        out.push_str(&one(&renderer, finding, lang));
        out.push_str("\n\n");
    }
    if diagnostics.left_off > 0 {
        let count = diagnostics.left_off;
        out.push_str(&match lang {
            Lang::Zh => format!("另有 {count} 处错误未列出\n"),
            Lang::En => format!("{count} more errors are not shown\n"),
        });
    }
    out
}

fn one(renderer: &Renderer, finding: &Finding, lang: Lang) -> String {
    let (code, message) = (finding.code, finding.message(lang));
    let title = match lang {
        Lang::Zh => format!("错误 {code}：{message}"),
        Lang::En => format!("error {code}: {message}"),
    };
    let help = finding.help(lang);
    let title = Level::ERROR.no_name().primary_title(title);
    let group = match &finding.excerpt {
        Some(line) => title.element(
            Snippet::source(line)
                .path(finding.file.as_str())
                .line_start(finding.line)
                .annotation(AnnotationKind::Primary.span(finding.mark.clone()).label(help)),
        ),
        None => title
            .element(Origin::path(finding.file.as_str()).line(finding.line).char_column(finding.column))
            .element(Level::HELP.no_name().message(help)),
    };
    renderer.render(&[group])
}
