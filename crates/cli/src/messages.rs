//! What people read, in Chinese and English: every sentence that this program says of itself stands here.
//!
//! What a library says stands in both languages as it is. Machines get English.

use std::fmt::Display;
use std::path::Path;

use huxin_trust_policy::Lang;

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

/// A node cannot start.
pub fn cannot_start(error: impl Display) -> Text {
    Text::new(format!("节点无法启动：{error}"), format!("the node cannot start: {error}"))
}
