//! Scenario 4: where nothing has to be asked, nothing is.

use std::collections::BTreeMap;

use huxin_attest::RegionCode;
use huxin_wire::error::reason_of;
use huxin_wire::v1;

use crate::demo::border::Crossed;
use crate::demo::facts::traveller;
use crate::demo::scenario::Scenario;
use crate::demo::stage::{Stage, question, text};

/// Scenario 4: a shop in a low-risk area.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn not_asked(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario =
        Scenario::new("4", "低风险区商场：什么也不查", "a shop in a low-risk area: nothing is asked");
    let person = traveller()?;
    let before = (stage.crossed(), stage.status(44).await?);
    let request = question(&person, 42, "gz-shop-low", "visit");
    let result = stage.recognise("app/commerce-1/gate", request).await.map_err(text)?;
    let after = (stage.crossed(), stage.status(44).await?);
    let decision = result.decision.ok_or("a result without a decision")?;
    scenario.decision(&decision)?;
    scenario.check(decision.outcome() == v1::Outcome::Admit, "放行", "admitted");
    scenario.check(decision.asked.is_empty(), "没有问任何人", "nobody was asked");
    scenario.check(result.receipt.is_none(), "没有关于此人的日志条目", "no entry about the person exists");
    let bytes =
        |crossed: &BTreeMap<RegionCode, Crossed>| crossed.values().map(|one| one.total()).sum::<u64>();
    let crossed = bytes(&after.0) - bytes(&before.0);
    scenario.check(
        crossed == 0,
        format!("过省界的字节：{crossed}"),
        format!("bytes across any province border: {crossed}"),
    );
    let sent = |status: &v1::StatusReply| status.counters.unwrap_or_default().queries_sent;
    scenario.check(sent(&before.1) == sent(&after.1), "没有发出查询", "no query was sent");

    for (place, purpose, app, reason) in [
        ("gz-south-station", "travel", "app/commerce-1/gate", "place_not_bound"),
        ("gz-shop-low", "travel", "app/commerce-1/gate", "purpose_not_allowed"),
        ("no-such-place", "visit", "app/commerce-1/gate", "place_unknown"),
    ] {
        let refused = stage.recognise(app, question(&person, 42, place, purpose)).await;
        let found =
            refused.err().and_then(|status| reason_of(&status)).map(|(reason, _)| reason).unwrap_or_default();
        scenario.check(
            found == reason,
            format!("商场的应用自称在 {place} 办 {purpose}：被拒（{found}）"),
            format!("the shop's app claims {place} and {purpose}: refused ({found})"),
        );
    }
    Ok(scenario.end())
}
