//! Of `huxin query`.

use std::fmt::Display;

use super::Text;

/// A node decided about nobody, or about several.
pub fn not_one_decision() -> Text {
    Text::new("节点的答复不是恰好一个决定", "the node's reply is not exactly one decision")
}

/// A node asked others about a person and proves nothing.
pub fn no_receipt() -> Text {
    Text::new(
        "节点查询了个人信息，却没有给出凭据；不予采信",
        "the node asked about a person but gave no receipt; its decision is not believed",
    )
}

/// A receipt is of something else.
pub fn of_another_question() -> Text {
    Text::new("凭据不是这一问题、这一决定的", "the receipt is not of this question and this decision")
}

/// There is no receipt because nothing was asked.
pub fn nothing_to_save() -> Text {
    Text::new("什么也没有查，没有凭据可存", "nothing was asked, so there is no receipt to save")
}

/// There is no receipt because nothing was asked.
pub fn nothing_was_asked() -> Text {
    Text::new("无（什么也没有查）", "none (nothing was asked)")
}

/// A receipt was not saved; the decision stands.
pub fn receipt_not_saved(error: impl Display) -> Text {
    Text::new(
        format!("决定有效，但凭据没有存下：{error}"),
        format!("the decision stands, but the receipt was not saved: {error}"),
    )
}

/// Marks the statement that a decision rests on.
pub fn deciding() -> Text {
    Text::new("（据此决定）", " (deciding)")
}
