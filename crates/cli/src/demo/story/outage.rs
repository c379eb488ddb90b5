//! Scenario 10: the home province cannot be reached: another endpoint, then a fresh earlier answer, then what the policy says.

use huxin_wire::v1;

use crate::demo::facts::{Fact, Says, person};
use crate::demo::scenario::{Scenario, answered};
use crate::demo::stage::Stage;

/// Hubei loses one endpoint, then its node; a traveller whom it vouched for a moment ago passes, and so does one with a
/// valid test.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn home_silent(stage: &mut Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "10",
        "来源省节点失联：换入口、沿用刚核验过的回答、按策略处理",
        "the home node is down: another endpoint, an answer of a moment ago, then what the policy says",
    );
    let (known, new) = (person(42, 19920909, 101)?, person(42, 19920909, 102)?);
    for person in [&known, &new] {
        let code =
            Fact { region: 42, department: "hb-data", subject: person, says: Says::Green("鄂汇绿") };
        let test =
            Fact { region: 44, department: "gd-lab-1", subject: person, says: Says::Negative(10 * 60) };
        stage.state(&code).await?;
        stage.state(&test).await?;
    }

    stage.close_gate(42, 0)?;
    scenario.say("湖北的第一个入口断了", "Hubei's first endpoint is gone");
    stage.await_streams(&[42]).await?;
    let (decision, _) = stage.at_the_station(&known, 42).await?;
    scenario.decision(&decision)?;
    scenario.check(
        result(&decision) == v1::AskedResult::Answered,
        "经第二个入口得到回答",
        "answered over the second endpoint",
    );
    scenario.check_outcome(&decision, v1::Outcome::Admit, "green-tested");

    stage.stop(42)?;
    scenario.say("湖北节点停了", "Hubei's node is down");
    let (decision, receipt) = stage.at_the_station(&known, 42).await?;
    scenario.decision(&decision)?;
    scenario.check(
        result(&decision) == v1::AskedResult::Reused,
        "沿用并标明，记入日志",
        "an earlier answer is used again, marked and logged",
    );
    scenario.check_outcome(&decision, v1::Outcome::Admit, "green-tested");
    scenario.check_receipt(stage, receipt)?;
    let (decision, receipt) = stage.at_the_station(&new, 42).await?;
    scenario.decision(&decision)?;
    scenario.check(
        result(&decision) == v1::AskedResult::Unreachable,
        "没有可沿用的：列为联系不上",
        "nothing to use again: listed as unreachable",
    );
    scenario.check_outcome(&decision, v1::Outcome::Admit, "home-silent");
    scenario.check_receipt(stage, receipt)?;

    stage.start_again(42)?;
    let reported =
        stage.until(42, |status| status.counters.unwrap_or_default().reports_received == 1).await?;
    scenario.check(
        reported,
        "湖北恢复后收到报告：此人的访问记录里有这一次",
        "once Hubei is back it is told: the person's record of accesses holds this one",
    );
    Ok(scenario.end())
}

fn result(decision: &v1::Decision) -> v1::AskedResult {
    answered(decision, "42").map(v1::Asked::result).unwrap_or_default()
}
