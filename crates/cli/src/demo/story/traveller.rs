//! Scenario 1: the code of one province and the test of another admit a traveller in a third.

use huxin_attest::Kind;
use huxin_wire::v1;

use crate::demo::border::Crossed;
use crate::demo::facts::{Fact, Says, traveller};
use crate::demo::scenario::Scenario;
use crate::demo::stage::{Stage, question, region, text};

/// Scenario 1: a green traveller from Hubei, tested 30 hours ago in Hunan, arrives in Guangdong.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn recognised(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "1",
        "湖北绿码旅客，30 小时前在湖南做过核酸，到广东",
        "a green traveller from Hubei, tested 30 h ago in Hunan, arrives in Guangdong",
    );
    let person = traveller()?;
    let code = Fact { region: 42, department: "hb-data", subject: &person, says: Says::Green("绿码") };
    let test = Fact { region: 43, department: "hn-lab-1", subject: &person, says: Says::Negative(30 * 60) };
    stage.state(&code).await?;
    stage.state(&test).await?;
    scenario.say(
        "湖北大数据局签了绿码，湖南检测机构签了核酸阴性；两份陈述都只在本省",
        "Hubei's data bureau signed the green code, Hunan's laboratory the negative test; each stays in its province",
    );
    let mut request = question(&person, 42, "gz-south-station", "travel");
    request.origin_area = "420102".to_owned();
    if let Some(presentation) = request.presentations.first_mut() {
        presentation.test_regions = vec!["43".to_owned()];
    }
    let before = stage.crossed();
    let result = stage.recognise("app/gd-transport/checkpoint", request).await.map_err(text)?;
    let crossed = stage.crossed();
    let decision = result.decision.ok_or("a result without a decision")?;
    scenario.decision(&decision)?;
    for code in [42, 43] {
        let region = region(code)?;
        let of = |all: &std::collections::BTreeMap<_, Crossed>| all.get(&region).copied().unwrap_or_default();
        let Crossed { inward, outward } = of(&crossed).since(of(&before));
        scenario.say(
            format!(
                "过境到{}：{inward} 字节（证件、种类、用途、依据、部门、随机数）；回来 {outward} 字节（签名陈述、盐、核对时间、日志证明）",
                region.name_zh()
            ),
            format!(
                "across the border to {}: {inward} B (document, kinds, purpose, basis, department, nonce); back: {outward} B (signed statements, salts, checked-at, log proof)",
                region.name_en()
            ),
        );
    }
    scenario.check_outcome(&decision, v1::Outcome::Admit, "green-tested");
    let answered = |code: &str, kind: Kind| {
        decision.asked.iter().any(|asked| {
            asked.region == code
                && asked.result() == v1::AskedResult::Answered
                && asked.kinds.contains(&i32::from(kind.number()))
        })
    };
    scenario.check(answered("42", Kind::HealthCode), "问了湖北要健康码", "Hubei was asked for the code");
    scenario.check(answered("43", Kind::NucleicTest), "问了湖南要核酸", "Hunan was asked for the test");
    let henan = region(41)?;
    let to_henan = crossed.get(&henan).copied().unwrap_or_default();
    let to_henan = to_henan.since(before.get(&henan).copied().unwrap_or_default());
    scenario.check(
        to_henan.total() == 0,
        "没有问河南，一个字节也没有过境",
        "Henan was not asked: no byte crossed",
    );
    scenario.check_receipt(stage, result.receipt.ok_or("a decision without a receipt")?)?;
    for asked in decision.asked.iter().filter(|asked| asked.result() == v1::AskedResult::Answered) {
        scenario.check_logged(stage, asked).await?;
    }
    Ok(scenario.end())
}
