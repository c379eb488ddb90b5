//! What a province calls its codes. Labels travel unchanged, so a synthetic province must speak its own words.
//!
//! Those of 北京, 广西 and the exercise regions follow what is known or what the sample policies grade; the others are
//! the plain colours.

use huxin_attest::{CodeStatus, RegionCode};

/// The labels that a province gives a status.
pub(super) fn labels(region: RegionCode, status: CodeStatus) -> &'static [&'static str] {
    let [green, amber, red] = table(region.as_u8());
    match status {
        CodeStatus::Green | CodeStatus::NoneStated => green,
        CodeStatus::Amber => amber,
        CodeStatus::Red => red,
    }
}

fn table(region: u8) -> [&'static [&'static str]; 3] {
    match region {
        11 => [&["未见异常"], &["弹窗3"], &["红码"]],
        41 => [&["豫康码绿码"], &["豫康码黄码"], &["豫康码红码"]],
        42 => [&["湖北健康码绿码"], &["湖北健康码黄码"], &["湖北健康码红码"]],
        44 => [&["粤康码绿码"], &["粤康码黄码"], &["粤康码红码"]],
        45 => [
            &["绿码"],
            &["B1", "B2", "B3", "B4", "B5", "B6"],
            &["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"],
        ],
        91 => [&["无异常"], &["弹窗3"], &["红码"]],
        92 => [&["绿码"], &["绿码弹窗"], &["红码"]],
        _ => [&["绿码"], &["黄码"], &["红码"]],
    }
}
