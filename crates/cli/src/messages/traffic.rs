//! Of the decision log and what reads it.

use std::fmt::Display;
use std::path::Path;

use super::Text;

/// A line of a decision log is none.
pub fn no_decision_line(path: &Path, number: u64, problem: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!(
            "{path}:{number}：不是一条决定记录（{problem}）；请核对文件是否由 huxin ledger decisions 导出"
        ),
        format!("{path}:{number}: {problem}; is the file what huxin ledger decisions wrote?"),
    )
}
