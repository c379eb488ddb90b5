//! Scenario 5: a red code at a hospital's door leads to the separate entrance, never away; treatment asks nothing.

use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;

use crate::demo::facts::{Assigned, Fact, Says, person};
use crate::demo::scenario::{Scenario, codes};
use crate::demo::stage::{Stage, fresh_id, question, text};

const RECEPTION: &str = "app/gd-hospital-1/reception";

/// A visitor with a well-founded red code, the human who lets him in, and the same person as a patient.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn red_at_the_hospital(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "5",
        "红码到医院探视：走专用通道；来看病什么也不查",
        "a hospital visit with a red code: the separate entrance; for treatment nothing is asked",
    );
    let person = person(42, 19651120, 5)?;
    let evidence =
        Fact { region: 42, department: "hb-hospital-1", subject: &person, says: Says::Evidence("case_file") };
    let digest = stage.state(&evidence).await?;
    let assigned = Assigned {
        by: Some(("hb-cdc", "cdc")),
        reason: Some("close_contact"),
        evidence: vec![("case_file", digest)],
    };
    let red =
        Fact { region: 42, department: "hb-cdc", subject: &person, says: Says::Red("鄂汇红", assigned) };
    stage.state(&red).await?;
    scenario.say(
        "湖北疾控以密接赋红码；依据是医院签的病例材料，材料不出省，外省只见其类别和摘要",
        "Hubei's centre for disease control assigns red to a close contact, on a case file that a hospital signed; the file \
         stays at home, others see its kind and digest",
    );
    let visit =
        stage.recognise(RECEPTION, question(&person, 42, "gz-hospital", "visit")).await.map_err(text)?;
    let decision = visit.decision.ok_or("a result without a decision")?;
    let receipt = visit.receipt.ok_or("a decision without a receipt")?;
    scenario.decision(&decision)?;
    scenario.check_outcome(&decision, v1::Outcome::Review, "red");
    scenario.check(
        codes(&decision) == [("42", "red", true)],
        "红码有依据，作数",
        "the red code is founded and counts",
    );
    scenario.check(decision.obligations == ["red_channel"], "走专用通道", "the separate entrance");

    let request = v1::ResolveRequest {
        request_id: fresh_id(),
        origin: receipt.origin.clone(),
        index: receipt.index,
        resolution: v1::Resolution::Admitted.into(),
        officer: "值班医师 017".to_owned(),
        reason: "经专用通道探视，已做防护".to_owned(),
    };
    let mut reception = RecognitionClient::new(stage.own_channel(44, RECEPTION).await?);
    let resolved = reception.resolve(request).await.map_err(text)?.into_inner();
    let resolution = resolved.receipt.ok_or("a resolution without a receipt")?;
    scenario.say(
        "值班医师放行并写明理由；机器不拒绝任何人，拒绝只能由人署名作出",
        "the doctor on duty admits and says why; the machine refuses nobody, only a person may, by name",
    );
    scenario.check_receipt(stage, receipt)?;
    scenario.check_receipt(stage, resolution)?;

    let treatment = question(&person, 42, "gz-hospital", "treatment");
    let treated = stage.recognise(RECEPTION, treatment).await.map_err(text)?;
    let decision = treated.decision.ok_or("a result without a decision")?;
    scenario.decision(&decision)?;
    scenario.check(
        decision.outcome() == v1::Outcome::Admit && decision.asked.is_empty() && treated.receipt.is_none(),
        "看病：什么也不查，放行",
        "treatment: nothing is asked, admitted",
    );
    Ok(scenario.end())
}
