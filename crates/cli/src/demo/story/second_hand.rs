//! Scenario 2, 7 July 2022: a red code that arrives second-hand decides nothing; its origin is asked.

use huxin_wire::v1;

use crate::demo::facts::{Fact, Says, person};
use crate::demo::scenario::{Scenario, answered, codes};
use crate::demo::stage::Stage;

/// Guangdong heard that a Henan traveller is "high risk"; Henan says green.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn heard(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "2",
        "2022-07-07：广东收到转来的“高风险”，河南的码是绿的",
        "2022-07-07: Guangdong hears “high risk” of a traveller whose Henan code is green",
    );
    let person = person(41, 19900512, 2)?;
    let green = Fact { region: 41, department: "ha-data", subject: &person, says: Says::Green("豫绿") };
    let heard = Fact { region: 44, department: "gd-cdc", subject: &person, says: Says::HeardRed(41) };
    let test = Fact { region: 44, department: "gd-lab-1", subject: &person, says: Says::Negative(12 * 60) };
    for fact in [green, heard, test] {
        stage.state(&fact).await?;
    }
    scenario.say(
        "广东疾控把听来的红码按“转述”签名登记（hop 1）；河南大数据局签的是绿码；广东检测机构签了核酸阴性",
        "Guangdong's centre for disease control registers what it heard, signed as heard (hop 1); Henan's data bureau \
         signed green; a Guangdong laboratory signed a negative test",
    );
    let (decision, receipt) = stage.at_the_station(&person, 41).await?;
    scenario.decision(&decision)?;
    scenario.check_outcome(&decision, v1::Outcome::Admit, "green-tested");
    let origin_asked =
        answered(&decision, "41").is_some_and(|asked| asked.result() == v1::AskedResult::Answered);
    scenario.check(origin_asked, "问了来源省河南", "the origin, Henan, was asked");
    let codes = codes(&decision);
    scenario.check(
        codes.contains(&("44", "hearsay", false)),
        "转述列在旁边，不起作用",
        "the copy is reported beside the answer and decides nothing",
    );
    scenario.check(
        codes.contains(&("41", "green", true)),
        "起作用的是河南的绿码",
        "Henan's green code decides",
    );
    scenario.check_receipt(stage, receipt)?;
    Ok(scenario.end())
}
