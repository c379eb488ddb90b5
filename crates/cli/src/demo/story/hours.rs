//! Scenario 6: 48 hours, counted from the report, to the minute.

use huxin_wire::v1;

use crate::demo::facts::{Fact, Says, person};
use crate::demo::scenario::Scenario;
use crate::demo::stage::Stage;

/// The limit of the sample rule, in minutes.
const LIMIT: i64 = 48 * 60;

/// A test of 48 hours counts; one minute more does not, and the answer says by how much.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn to_the_minute(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "6",
        "核酸出具满 48 小时的那一分钟仍有效，再过一分钟转人工",
        "a test of 48 h to the minute counts, one minute more does not",
    );
    let (in_time, too_late) = (person(42, 19790303, 61)?, person(42, 19790303, 62)?);
    for (person, minutes) in [(&in_time, LIMIT), (&too_late, LIMIT + 1)] {
        let code =
            Fact { region: 42, department: "hb-data", subject: person, says: Says::Green("鄂汇绿") };
        let test =
            Fact { region: 42, department: "hb-lab-1", subject: person, says: Says::Negative(minutes) };
        stage.state(&code).await?;
        stage.state(&test).await?;
    }
    scenario.say(
        "两位湖北旅客，核酸分别在 48 小时和 48 小时 1 分前出报告",
        "two travellers from Hubei; their tests were reported 48 h and 48 h 1 min ago",
    );
    let (decision, _) = stage.at_the_station(&in_time, 42).await?;
    scenario.check_outcome(&decision, v1::Outcome::Admit, "green-tested");
    let (decision, receipt) = stage.at_the_station(&too_late, 42).await?;
    scenario.decision(&decision)?;
    scenario.check_outcome(&decision, v1::Outcome::Review, "otherwise");
    let nearest = decision.nearest.unwrap_or_default();
    for gap in &nearest.gaps {
        scenario
            .say(format!("怎样可以放行：{}", gap.text_zh), format!("what would change it: {}", gap.text_en));
    }
    let gaps: Vec<_> = nearest.gaps.iter().map(|gap| (&*gap.condition, gap.over_minutes)).collect();
    scenario.check(
        gaps == [("nucleic_test_within", 1)],
        "差的只是核酸时限，超过 1 分钟",
        "all that is missing is the test's age, by 1 minute",
    );
    scenario.check_receipt(stage, receipt)?;
    Ok(scenario.end())
}
