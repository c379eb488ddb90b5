//! Scenario 7: a child under three needs nothing; on its third birthday it is no longer that case.

use huxin_attest::UnixMs;
use huxin_wire::v1;

use crate::demo::facts::person;
use crate::demo::scenario::Scenario;
use crate::demo::stage::{Stage, text};

/// Two children without any statement: three years old tomorrow, and today.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn under_three(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "7",
        "不满 3 周岁的孩子什么材料也没有，从低风险区来",
        "a child under three, without any statement, travels from a low-risk area",
    );
    // The date of the facts clock, in the time zone of the provinces.
    let three_years_before = |time: UnixMs| -> Result<u32, String> {
        let date = time.to_string().get(..10).unwrap_or_default().replace('-', "");
        Ok(date.parse::<u32>().map_err(text)? - 30_000)
    };
    let today = three_years_before(stage.now())?;
    let tomorrow = three_years_before(stage.now().saturating_add_ms(24 * 3_600_000))?;
    let (decision, _) = stage.at_the_station(&person(42, tomorrow, 71)?, 42).await?;
    scenario.decision(&decision)?;
    scenario.check_outcome(&decision, v1::Outcome::Admit, "under-3");
    let (decision, receipt) = stage.at_the_station(&person(42, today, 72)?, 42).await?;
    scenario.decision(&decision)?;
    scenario.check(
        decision.case != "under-3",
        "满 3 周岁当天起不再适用这一条",
        "on the third birthday no longer by that case",
    );
    scenario.check(decision.outcome() == v1::Outcome::Review, "转人工", "review");
    scenario.check_receipt(stage, receipt)?;
    Ok(scenario.end())
}
