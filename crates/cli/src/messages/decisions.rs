//! Of `huxin resolve`, `huxin explain`, `huxin reviews` and `huxin receipt show`.

use super::Text;

/// A node says that it resolved a review, and proves nothing.
pub fn no_resolution_receipt() -> Text {
    Text::new(
        "节点没有给出人工处理的凭据；请用 huxin explain 查看是否已经记入",
        "the node gave no receipt of the resolution; see with huxin explain whether it was logged",
    )
}

/// Nothing waits.
pub fn no_open_review() -> Text {
    Text::new("没有等待人工处理的决定", "no review waits")
}

/// There are more than were shown.
pub fn more_reviews() -> Text {
    Text::new("还有更多；请加大 --limit", "there are more; give a larger --limit")
}

/// How long a review has been open.
pub fn waits(minutes: i64) -> Text {
    Text::new(format!("，已等 {minutes} 分钟"), format!(", open for {minutes} min"))
}

/// A receipt is shown without its log's key.
pub fn only_shown() -> Text {
    Text::new(
        "未验证：只是照样显示。请用 --federation 或 --vkey 给出日志公钥来验证",
        "not verified, only shown; give the log's key with --federation or --vkey to verify it",
    )
}

/// A receipt holds hashes where the words would stand.
pub fn words_not_in_receipt() -> Text {
    Text::new(
        "凭据中没有决定原文，只有其哈希，无法说明理由",
        "the receipt holds the hash of what was decided, not its words; it cannot be explained",
    )
}
