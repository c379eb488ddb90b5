//! Of `huxin pki`.

use std::fmt::Display;
use std::path::Path;

use super::Text;

/// Nothing was issued.
pub fn not_issued(error: impl Display) -> Text {
    Text::new(format!("没有完成：{error}"), format!("not done: {error}"))
}

/// An endpoint of a province that the description leaves out.
pub fn not_described(region: impl Display) -> Text {
    Text::new(
        format!("描述文件中没有 {region}；请核对 --endpoint"),
        format!("the description has no province {region}; check --endpoint"),
    )
}

/// A description without provinces.
pub fn no_provinces(path: &Path) -> Text {
    let path = path.display();
    Text::new(format!("{path} 没有写任何省份"), format!("{path} describes no province"))
}

/// One program holds the keys of all.
pub fn for_exercises_only() -> Text {
    Text::new(
        "仅供演练：各方的私钥都在这一个目录里，真实部署由各方自己生成",
        "for exercises only: the private keys of all lie in this one folder; in earnest each party makes its own",
    )
}

/// Hosts belong to nodes.
pub fn hosts_are_for_nodes() -> Text {
    Text::new(
        "节点证书至少要有一个 --host，其他角色的证书不写",
        "a node's certificate needs at least one --host, any other has none",
    )
}

/// A revocation list was issued.
pub fn list_issued(file: &str, number: u64, revoked: usize) -> Text {
    Text::new(
        format!("{file}：第 {number} 号吊销列表，吊销 {revoked} 张证书；请分发给所有成员"),
        format!("{file}: list {number}, {revoked} revoked certificates; hand it to every member"),
    )
}
