//! Of `huxin registry`.

use std::fmt::Display;
use std::path::Path;

use super::Text;

/// How far something is.
pub fn progress(done: u64, total: u64) -> Text {
    Text::new(format!("已完成 {done} / {total}"), format!("{done} of {total}"))
}

/// A file cannot be written.
pub fn cannot_write(path: &Path, error: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!("无法写入 {path}：{error}；不覆盖已有文件，请换一个目录或先移走"),
        format!(
            "cannot write {path}: {error}; existing files are not overwritten, move them or name another folder"
        ),
    )
}

/// The example PKI has no such departments.
pub fn name_departments(region: impl Display) -> Text {
    Text::new(
        format!("示例证书体系中没有 {region} 的部门；请用 --assigner 和 --evidence-by 指明"),
        format!(
            "the example PKI has no departments of region {region}; name them with --assigner and --evidence-by"
        ),
    )
}

/// The file is not the one that was checked.
pub fn file_changed(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 在检查之后被改动，导入没有完成；请用不变的文件重来"),
        format!(
            "{path} was changed after it was checked and is not imported whole; start again with a file that stays"
        ),
    )
}

/// The certificate is another's.
pub fn not_the_departments_certificate(id: impl Display) -> Text {
    Text::new(
        format!("{id} 不是该部门的证书；请核对 --certificate 和 --department"),
        format!("{id} is not the department's certificate; check --certificate and --department"),
    )
}

/// The key is not listed.
pub fn key_not_listed(path: &Path, department: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 不是成员名单为 {department} 登记的密钥；请先登记，或改用登记的密钥"),
        format!(
            "{path} is not a key that the membership list gives {department}; have it listed, or use one that is"
        ),
    )
}

/// Lines were rejected.
pub fn lines_rejected(count: u64) -> Text {
    Text::new(
        format!("{count} 行无效；什么也没有发送，请改正后重来"),
        format!("{count} lines are invalid; nothing was sent, correct them and start again"),
    )
}

/// An import ended early.
pub fn import_stopped(done: u64, total: u64, problem: &Text) -> Text {
    Text::new(
        format!(
            "导入中断，已完成 {done} / {total}：{}\n排除后用同一文件重来即可，已导入的批次不会重复",
            problem.zh
        ),
        format!(
            "the import stopped after {done} of {total}: {}\nrun it again with the same file: batches that were taken are not taken twice",
            problem.en
        ),
    )
}
