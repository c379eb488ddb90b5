//! Of `huxin registry`.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use huxin_registry::{HeaderError, LineError};

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
        format!("{path} 在检查之后被改动，导入没有完成；请恢复原文件后用同一命令继续"),
        format!(
            "{path} was changed after it was checked and is not imported whole; put the file back as it was and run the same command again"
        ),
    )
}

/// The form of a file is not clear from its name.
pub fn name_the_format(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 的扩展名不是 .csv 或 .jsonl；请用 --input-format 指明格式"),
        format!("{path} ends in neither .csv nor .jsonl; name its form with --input-format"),
    )
}

/// A file has no byte.
pub fn file_empty() -> Text {
    Text::new("文件为空；请核对导出是否完成", "the file is empty; check whether its export came to its end")
}

/// A file has no fact.
pub fn file_without_facts() -> Text {
    Text::new("文件中没有任何陈述", "the file holds no fact")
}

/// JSON begins with a byte order mark.
pub fn file_bom() -> Text {
    Text::new(
        "文件以字节顺序标记（BOM）开头，JSON 不允许；请存为不带 BOM 的 UTF-8",
        "the file begins with a byte order mark, which JSON forbids; save it as UTF-8 without one",
    )
}

/// The first line of CSV is no header.
pub fn header_problem(error: HeaderError) -> Text {
    let zh = match error {
        HeaderError::NotUtf8 => "表头不是 UTF-8 文本；请将文件存为 UTF-8".to_owned(),
        HeaderError::TooLong => "表头过长".to_owned(),
        HeaderError::Quote => "表头中的引号没有在本行内闭合".to_owned(),
        HeaderError::UnknownColumn { column } => {
            format!("表头第 {column} 列不是任何字段的名称；首行须为表头，字段名见格式说明")
        }
        HeaderError::DuplicateColumn { column, name } => format!("表头第 {column} 列重复了 {name}"),
        HeaderError::MissingColumn { name } => format!("表头缺少必有的列 {name}"),
    };
    Text::new(zh, error.to_string())
}

/// A line is no fact.
pub fn line_problem(error: LineError) -> Text {
    let zh = match error {
        LineError::TooLong => "行过长，最多 4096 字节".to_owned(),
        LineError::NotUtf8 => "不是 UTF-8 文本；请将文件存为 UTF-8".to_owned(),
        LineError::CutOff => "文件在本行中断：可能被截断，或缺少末尾的换行".to_owned(),
        LineError::NotJson { column } => format!("不是 JSON，见第 {column} 字节"),
        LineError::NotAFact { column } => {
            format!("不是由已知字段组成的对象，每个字段只能出现一次且类型须正确；见第 {column} 字节及之前")
        }
        LineError::Quote => "引号没有在本行内闭合；任何值都不得含换行".to_owned(),
        LineError::Columns { found, expected } => format!("本行有 {found} 格，表头有 {expected} 列"),
        LineError::Document(_) => "证件类型或号码有误；请核对".to_owned(),
        LineError::Field(field) => format!("字段 {field} 的值不在允许范围内；见格式说明"),
        LineError::Claims(error) => format!("各字段合起来不成陈述：{error}"),
    };
    Text::new(zh, error.to_string())
}

/// Lines were read.
pub fn checked(lines: u64) -> Text {
    Text::new(format!("正在检查，已读 {lines} 行"), format!("checking, {lines} lines read"))
}

/// How far an import is.
pub fn imported(done: u64, total: u64, rate: f64, left: Option<Duration>) -> Text {
    let left = left.map(|left| format!("{}:{:02}", left.as_secs() / 60, left.as_secs() % 60));
    let (zh, en) = match &left {
        Some(left) => (format!("，约剩 {left}"), format!(", about {left} left")),
        None => Default::default(),
    };
    Text::new(
        format!("已导入 {done} / {total}，每秒 {rate} 条{zh}"),
        format!("{done} of {total} imported, {rate} a second{en}"),
    )
}

/// The note of an import cannot be read or written.
pub fn resume_unusable(path: &Path, error: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!("续传记录 {path} 无法读写：{error}；请核对权限和空间，或用 --state 换一个位置"),
        format!(
            "the import's note {path} cannot be read or written: {error}; check permissions and space, or name another place with --state"
        ),
    )
}

/// Another import uses the note.
pub fn resume_in_use(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("另一个导入正在使用续传记录 {path}；请等它结束"),
        format!("another import is using the note {path}; wait until it ends"),
    )
}

/// The note is not what was written.
pub fn resume_damaged(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("续传记录 {path} 已损坏；可删除后重新导入：已导入的陈述会以新的时间再陈述一次"),
        format!(
            "the import's note {path} is damaged; remove it to start anew: what was imported is then stated once more, at the new time"
        ),
    )
}

/// The note is of another import.
pub fn resume_of_another(path: &Path, what: &str) -> Text {
    let path = path.display();
    Text::new(
        format!(
            "续传记录 {path} 属于另一次导入（{what} 不同）；请用当时的文件和参数继续，或用 --state 另起一次"
        ),
        format!(
            "the note {path} is of another import ({what} differs); go on with the file and flags of that one, or begin a new one with --state"
        ),
    )
}

/// The node no longer takes the time at which an import states its facts.
pub fn import_too_old(stated_at: impl Display, path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!(
            "本次导入的陈述时间是 {stated_at}，节点只接受 7 天以内的；请核对时钟。若导入确已开始 7 天以上，请删除 {path} 后重新导入：已导入的陈述会以新的时间再陈述一次"
        ),
        format!(
            "this import states its facts at {stated_at}, and the node takes what is at most 7 days old; check the clock. If the import began more than 7 days ago, remove {path} and import again: what was imported is then stated once more, at the new time"
        ),
    )
}

/// Some lines are left out.
pub fn lines_skipped(count: u64) -> Text {
    Text::new(
        format!("按 --skip-rejected 跳过 {count} 行"),
        format!("{count} lines are left out, as --skip-rejected asks"),
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
        format!("{count} 行无效；什么也没有发送，请改正后重来，或用 --skip-rejected 只导入其余的行"),
        format!(
            "{count} lines are invalid; nothing was sent, correct them and start again, or import the others with --skip-rejected"
        ),
    )
}

/// An import ended early.
pub fn import_stopped(done: u64, total: u64, problem: &Text) -> Text {
    Text::new(
        format!(
            "导入中断，已完成 {done} / {total}：{}\n排除后用同一命令继续即可，已导入的批次不会重复",
            problem.zh
        ),
        format!(
            "the import stopped after {done} of {total}: {}\nrun the same command again: it goes on from there, and what was taken is not taken twice",
            problem.en
        ),
    )
}

/// Neither a fact nor its subject and kind was given.
pub fn name_the_fact() -> Text {
    Text::new(
        "请用 --fact 给出整项陈述，或用 --document 和 --kind",
        "give the fact with --fact, or with --document and --kind",
    )
}

/// The standard input is not what was asked for.
pub fn input_wrong(error: impl Display) -> Text {
    Text::new(
        format!("标准输入的内容不对：{error}"),
        format!("the standard input is not what was asked for: {error}"),
    )
}

/// A fact was stated.
pub fn stated(changed: bool) -> Text {
    if changed {
        Text::new("已入库，变更已记入日志", "it is durable, and its change is logged")
    } else {
        Text::new("登记库中已有同一陈述", "the registry held this very statement before")
    }
}

/// A statement was withdrawn.
pub fn withdrawn(changed: bool) -> Text {
    if changed {
        Text::new("已撤回，变更已记入日志", "withdrawn, and the change is logged")
    } else {
        Text::new("此前已经撤回", "it was withdrawn before")
    }
}

/// Neither a node nor a store was named.
pub fn name_the_registry() -> Text {
    Text::new(
        "请用 --federation 和 --certificate 指明节点，或用 --data 和 --secret 指明停着的节点的数据",
        "name a node with --federation and --certificate, or the data of one that does not run with --data and --secret",
    )
}

/// A node has the store open.
pub fn registry_in_use(data: &Path) -> Text {
    let data = data.display();
    Text::new(
        format!(
            "{data} 的登记库正被运行中的节点使用；请改为向节点查询（--federation、--certificate），或先停下节点"
        ),
        format!(
            "a running node has the registry of {data} open; ask the node instead (--federation, --certificate), or stop it first"
        ),
    )
}

/// A kept statement cannot be read.
pub fn statement_unreadable(error: impl Display) -> Text {
    Text::new(
        format!("所存的陈述无法解读：{error}；请核对程序版本，必要时从备份恢复"),
        format!("a kept statement cannot be read: {error}; check the program's version, or restore a backup"),
    )
}

/// Nothing is known about a person.
pub fn nothing_stated() -> Text {
    Text::new("没有关于此人的陈述", "nothing was stated about this person")
}

/// There is more than was asked for.
pub fn more_stated() -> Text {
    Text::new("还有更多；可加大 --limit", "there is more; raise --limit")
}
