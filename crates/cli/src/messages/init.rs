//! Of `huxin init` and `huxin operator`.

use std::fmt::Display;
use std::path::Path;

use huxin_trust_policy::Lang;

use super::Text;

/// Something is in the place of a file that is to be made.
pub fn exists(path: &Path) -> Text {
    let path = path.display();
    Text::new(
        format!("{path} 已存在，没有改动任何文件；请另选目录"),
        format!("{path} exists, and nothing was changed; choose another folder"),
    )
}

/// A trust domain that no log can be named after.
pub fn no_origin(origin: &str) -> Text {
    Text::new(
        format!("“{origin}”不能作日志名；请换一个信任域"),
        format!("{origin} is no name of a log; choose another trust domain"),
    )
}

/// What follows is to be done.
pub const fn next(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "接下来：\n",
        Lang::En => "next:\n",
    }
}

/// What is missing until a new node starts.
pub fn next_steps(dir: &Path, trust_domain: impl Display, vkey: impl Display) -> Vec<Text> {
    let (federation, policy) = (dir.join("federation"), dir.join("policy"));
    let (federation, policy) = (federation.display(), policy.display());
    let (config, secret) = (dir.join("node.toml"), dir.join("province.secret"));
    let (config, secret, dir) = (config.display(), secret.display(), dir.display());
    vec![
        Text::new(
            format!(
                "请 {trust_domain} 的证书机构签发节点证书，放入 {dir}：\
                 huxin pki issue --ca CA_DIR --role node/NAME --host HOST --out {dir}"
            ),
            format!(
                "have the authority of {trust_domain} issue the node's certificate into {dir}: huxin pki issue --ca \
                 CA_DIR --role node/NAME --host HOST --out {dir}"
            ),
        ),
        Text::new(
            format!("把日志公钥 {vkey} 和节点地址报给成员名单的维护方"),
            format!(
                "hand the log's public key {vkey} and the node's address to those who keep the membership list"
            ),
        ),
        Text::new(
            format!("把 federation.toml 及其所列的根证书和吊销列表放入 {federation}"),
            format!(
                "place federation.toml, with the roots and revocation lists that it names, in {federation}"
            ),
        ),
        Text::new(
            format!(
                "把 vocabulary.toml、national.toml、risk-areas.toml 及其 .sig 放入 {policy}，并登记场所 places.toml"
            ),
            format!(
                "place vocabulary.toml, national.toml and risk-areas.toml with its .sig in {policy}, and register \
                 places in places.toml"
            ),
        ),
        Text::new(
            format!("另存一份 {secret}：丢失它就丢失登记库的索引"),
            format!("keep a copy of {secret} apart: whoever loses it loses the registry's index"),
        ),
        Text::new(
            format!("启动：huxin node --config {config}"),
            format!("start: huxin node --config {config}"),
        ),
    ]
}

/// Nothing came into force.
pub fn nothing_changed() -> Text {
    Text::new("没有变化：现行文件与磁盘上的一致", "nothing changed: the files are those in force already")
}
