//! What people read, in Chinese and English: every sentence that this program says of itself stands here.
//!
//! What a library says stands in both languages as it is. Machines get English.

mod cases;
mod decisions;
mod init;
mod ledger;
mod pki;
mod policy;
mod query;
mod registry;
pub(crate) mod words;

use std::fmt::Display;
use std::path::Path;

use huxin_trust_policy::Lang;
use huxin_wire::Reason;
use tonic::Status;

pub use cases::*;
pub use decisions::*;
pub use init::*;
pub use ledger::*;
pub use pki::*;
pub use policy::*;
pub use query::*;
pub use registry::*;

/// One message in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A message in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The message in this language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { zh: text.clone(), en: text }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// A file cannot be read.
pub fn cannot_read(path: &Path, error: impl Display) -> Text {
    let path = path.display();
    Text::new(
        format!("无法读取 {path}：{error}；请核对路径和权限"),
        format!("cannot read {path}: {error}; check the path and who may read it"),
    )
}

/// The results cannot be written.
pub fn cannot_print(error: impl Display) -> Text {
    Text::new(format!("无法输出结果：{error}"), format!("the results cannot be written: {error}"))
}

/// A node serves.
pub fn serving(region: &str, address: &str) -> Text {
    Text::new(
        format!("{region} 省节点已在 {address} 提供服务；按 Ctrl-C 停止"),
        format!("the node of region {region} serves at {address}; Ctrl-C stops it"),
    )
}

/// A file is larger than anything of its kind.
pub fn too_large(path: &Path, bytes: u64) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 太大：最多 {bytes} 字节；请核对是否给错了文件"),
        format!("{path} is larger than {bytes} bytes; check whether it is the right file"),
    )
}

/// A file is not what it should be.
pub fn wrong_file(path: &Path, problem: impl Display) -> Text {
    let path = path.display();
    Text::new(format!("{path} 无效：{problem}"), format!("{path}: {problem}"))
}

/// The system refused something basic.
pub fn system(error: impl Display) -> Text {
    Text::new(format!("系统拒绝：{error}"), format!("the system refused: {error}"))
}

/// The system does not let a node run.
pub fn system_refused(error: impl Display) -> Text {
    Text::new(
        format!("节点没有启动：{error}；请核对地址是否空闲、目录能否写入"),
        format!(
            "the node does not start: {error}; check that the address is free and the folder may be written"
        ),
    )
}

/// A file of a node is not what it should be.
pub fn node_file_wrong(error: impl Display) -> Text {
    Text::new(
        format!("节点没有启动：{error}\n请改正文件后再启动"),
        format!("the node does not start: {error}\ncorrect the file and start again"),
    )
}

/// Another node runs on the data folder.
pub fn folder_in_use(folder: &Path) -> Text {
    let folder = folder.display();
    Text::new(
        format!("节点没有启动：另一个节点正在使用目录 {folder}；请先停止它，或给本节点另设目录"),
        format!(
            "the node does not start: another node runs on the folder {folder}; stop it, or give this one a folder of \
             its own"
        ),
    )
}

/// The certificate is of no province.
pub fn name_the_region(id: impl Display) -> Text {
    Text::new(
        format!("{id} 不属于任何一个省；请用 --region 指明要问哪个省的节点"),
        format!("{id} belongs to no province; name the one that is asked with --region"),
    )
}

/// The membership list has no such member.
pub fn no_member(region: impl Display) -> Text {
    Text::new(
        format!("成员名单中没有 {region}；请核对 --region 和 --federation"),
        format!("the membership list has no member of region {region}; check --region and --federation"),
    )
}

/// The membership list has no address of a member.
pub fn no_endpoint(region: impl Display) -> Text {
    Text::new(
        format!("成员名单中没有 {region} 的地址；请用 --endpoint 指明"),
        format!("the membership list has no address of region {region}; give one with --endpoint"),
    )
}

/// The membership list has no such log.
pub fn unknown_log(origin: &str) -> Text {
    Text::new(
        format!("成员名单中没有日志“{origin}”，无从验证"),
        format!("the membership list names no log {origin}; nothing can be verified"),
    )
}

/// A node was not reached.
pub fn not_reached(error: impl Display) -> Text {
    Text::new(
        format!("没有连上节点：{error}；请核对地址、证书和时钟，并确认节点在运行"),
        format!("the node was not reached: {error}; check address, certificates and clock, and that it runs"),
    )
}

/// A node did not answer the dialling.
pub fn dial_timed_out(endpoint: impl Display) -> Text {
    Text::new(
        format!("节点 {endpoint} 在 10 秒内没有应答；请核对地址和网络"),
        format!("the node at {endpoint} did not answer within 10 s; check address and network"),
    )
}

/// A call failed for good.
pub fn refused(reason: Option<Reason>, status: &Status) -> Text {
    let message = status.message();
    match reason {
        Some(reason) => Text::new(
            format!("{}（{}：{message}）", reason.text_zh(), reason.name()),
            format!("the node refuses ({}): {message}", reason.name()),
        ),
        None => Text::new(
            format!("请求失败（{:?}）：{message}；请核对网络后再试", status.code()),
            format!("the call failed ({:?}): {message}; check the network and try again", status.code()),
        ),
    }
}

/// Neither a membership list and a log's name nor a key was given.
pub fn name_the_log() -> Text {
    Text::new(
        "请用 --origin 指明日志名，或用 --vkey 给出日志公钥",
        "name the log with --origin, or give its key with --vkey",
    )
}

/// A receipt proves nothing.
pub fn not_verified(problem: Text) -> Text {
    Text::new(format!("验证不成立：{}", problem.zh), format!("not verified: {}", problem.en))
}

/// A receipt's public half is not what its type says.
pub fn public_half() -> Text {
    Text::new("公开部分与条目类型不符", "the public half is not what the entry's type says")
}

/// A receipt's body says another thing than its public half.
pub fn halves_differ() -> Text {
    Text::new(
        "决定正文与日志公开部分的结论不一致：请保留凭据并向监督方反映",
        "the decision's body and the log's public half differ; keep the receipt and tell a supervisor",
    )
}

/// A receipt holds.
pub fn receipt_holds() -> Text {
    Text::new("成立：该条目在签名的日志中", "the entry stands in the signed log")
}

/// A receipt holds personal data.
pub fn receipt_is_personal() -> Text {
    Text::new(
        "凭据内含请求和决定原文，属个人信息，请妥善保管",
        "the receipt holds the request and the decision themselves: personal data, keep it safe",
    )
}
