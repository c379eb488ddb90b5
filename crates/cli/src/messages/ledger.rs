//! Of `huxin ledger`.

use std::fmt::Write as _;

use super::Text;
use crate::ledger::Exported;

/// A running node's log holds.
pub fn log_holds() -> Text {
    Text::new("成立：检查点由成员名单所列公钥签名", "the checkpoint is signed by the listed key")
}

/// A log continues what was known of it.
pub fn continues(from: u64) -> Text {
    Text::new(
        format!("此前 {from} 条原样在内，只增未改"),
        format!("the first {from} entries are as they were; the log only grew"),
    )
}

/// A stopped node's log holds.
pub fn folder_holds() -> Text {
    Text::new(
        "成立：每个条目的哈希、每块瓦片、日志段中每条记录的签名都对得上",
        "every entry's hash, every tile and every journal record's signature holds",
    )
}

/// The last record was torn.
pub fn torn(at: u64) -> Text {
    Text::new(
        format!("最后一条记录（字节 {at} 起）没有写完，下次启动时丢弃；此前没有人被告知过它"),
        format!(
            "the last record, from byte {at}, was torn while it was written; the next start drops it, and nobody was told of it"
        ),
    )
}

/// A node shows the log of somebody else.
pub fn another_log(name: &str) -> Text {
    Text::new(
        format!("节点给出的是另一个日志“{name}”"),
        format!("the node shows another log, {name}, than was asked for"),
    )
}

/// What became of a node's decisions.
pub(crate) fn decisions_exported(exported: &Exported) -> Text {
    let Exported { written, with_untold, nothing_asked, left_out } = exported;
    let mut zh = format!("导出决定 {written} 条；另有 {nothing_asked} 次什么也没查，日志只记次数，不在其中");
    let mut en = format!(
        "{written} decisions exported; {nothing_asked} more asked nothing: the log only counts those, and they are not among them"
    );
    if *with_untold > 0 {
        // Writing to a string does not fail.
        let _ = write!(zh, "；{with_untold} 条有策略语言说不出的陈述，略去并注明");
        let _ = write!(en, "; {with_untold} hold statements that policies cannot tell, left out and named");
    }
    for (why, count) in left_out {
        let _ = write!(zh, "；{count} 条没有导出：{why}");
        let _ = write!(en, "; {count} not exported: {why}");
    }
    Text { zh, en }
}
