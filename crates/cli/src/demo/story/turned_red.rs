//! Scenario 3, Zhengzhou in June 2022: 1,317 depositors are turned red, "in isolation". The registry refuses; and where it
//! is made not to, the code is worth nothing abroad.

use std::collections::BTreeSet;

use huxin_attest::{Digest, Document, SubjectSalt, SystemRandom, sha256};
use huxin_wire::error::reason_of;
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use tokio::task::JoinSet;

use crate::demo::facts::{Assigned, Fact, Says, person};
use crate::demo::scenario::{Scenario, codes};
use crate::demo::stage::{Stage, stating, text};
use crate::department;

/// How many depositors were turned red.
const DEPOSITORS: u16 = 1317;
/// Who assigned, as its own department and in its own role.
const ASSIGNER: &str = "ha-headquarters";
/// Calls in flight at a time.
const IN_FLIGHT: usize = 128;

/// The depositors: synthetic, so many a birthday.
fn depositor(number: u16) -> Result<Document, String> {
    person(41, 19700101 + u32::from(number / 900), number % 900)
}

/// What was claimed: "in isolation", on a record that nobody keeps.
fn claimed(evidence: Option<Digest>) -> Assigned<'static> {
    Assigned {
        by: Some((ASSIGNER, "headquarters")),
        reason: Some("in_isolation"),
        evidence: evidence.map(|digest| ("isolation", digest)).into_iter().collect(),
    }
}

/// 3a: at home the registry refuses the codes, logs the attempts and raises the alarm.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn refused_at_home(stage: &Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "3a",
        "郑州，2022 年 6 月：1,317 名储户被以“正在隔离”赋红码；省内登记库拒收",
        "Zhengzhou, June 2022: 1,317 depositors are to turn red, “in isolation”; the registry at home refuses",
    );
    let before = stage.status(41).await?;
    let client = RegistryClient::new(stage.own_channel(41, &format!("department/{ASSIGNER}")).await?);
    let (mut calls, mut reasons) = (JoinSet::new(), Vec::new());
    for number in 0..DEPOSITORS {
        let subject = depositor(number)?;
        let record = sha256(&[subject.number().as_bytes()]);
        let says = Says::Red("豫红", claimed(Some(record)));
        let fact = Fact { region: 41, department: ASSIGNER, subject: &subject, says };
        let (mut client, request) = (client.clone(), stating(stage.signed(&fact)?));
        calls.spawn(async move { client.state(request).await });
        if calls.len() == IN_FLIGHT {
            reasons.extend(calls.join_next().await);
        }
    }
    while let Some(reply) = calls.join_next().await {
        reasons.push(reply);
    }
    let mut refused = BTreeSet::new();
    for reply in &reasons {
        let status = reply.as_ref().map_err(text)?.as_ref().err();
        refused.insert(status.and_then(reason_of).map(|(reason, _)| reason).unwrap_or_default());
    }
    let found = refused.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    scenario.say(
        "指挥部签名赋码 1,317 次，每次都附一份“隔离记录”的摘要；没有别的部门签过这样的记录",
        "the headquarters signs 1,317 red codes, each on the digest of an “isolation record”; no other department ever \
         stated such a record",
    );
    scenario.check(
        found == "unfounded_evidence",
        format!("每一次都被拒收（{found}）"),
        format!("each is refused ({found})"),
    );
    let after = stage.status(41).await?;
    let count = |status: &v1::StatusReply| status.counters.unwrap_or_default().statements_refused;
    let logged = count(&after) - count(&before);
    scenario.check(
        logged == u64::from(DEPOSITORS) && after.statements == before.statements,
        format!("登记库没有变；{logged} 次尝试都记入日志"),
        format!("the registry is unchanged; {logged} attempts are in the log"),
    );
    let warning = format!("mass_change:{ASSIGNER}");
    scenario.check(
        after.warnings.contains(&warning),
        format!("告警：{warning}"),
        format!("the alarm is raised: {warning}"),
    );
    Ok(scenario.end())
}

/// 3b: forced in by a node that skips the check, the codes decide nothing abroad.
///
/// # Errors
/// If the stage fails; what comes out wrong is a failed check instead.
pub async fn forced_in(stage: &mut Stage) -> Result<Scenario, String> {
    let mut scenario = Scenario::new(
        "3b",
        "绕过核查硬塞进去：外省看到的是“依据不足”，不作数",
        "forced in past the check: abroad the code is unfounded and decides nothing",
    );
    stage.stop(41)?;
    stage.skip_foundedness(41)?;
    stage.start_again(41)?;
    stage.await_streams(&[41]).await?;
    let warned = stage.status(41).await?.warnings;
    scenario.check(
        warned.iter().any(|warning| warning == "foundedness_skipped"),
        "河南节点以 dangerous_skip_foundedness 重启，状态里写明",
        "Henan's node is started with dangerous_skip_foundedness, and its status says so",
    );
    let facts = (0..DEPOSITORS).map(|number| {
        let document = depositor(number)?;
        let salt = SubjectSalt::random(&mut SystemRandom);
        let says = Says::Red("豫红", claimed(None));
        let fact = Fact { region: 41, department: ASSIGNER, subject: &document, says };
        Ok(department::Fact { claims: fact.claims(stage.now(), &salt)?, document, salt })
    });
    let facts = facts.collect::<Result<Vec<_>, String>>()?;
    let key = stage.statement_key(41, ASSIGNER)?;
    let statements = department::sign(&facts, &key).map_err(text)?;
    let mut client = RegistryClient::new(stage.own_channel(41, &format!("department/{ASSIGNER}")).await?);
    let reply = department::send(&mut client, [3; 16], statements).await.map_err(text)?;
    scenario.say(
        format!("{} 份没有依据的红码登记成功", reply.changed),
        format!("{} red codes without evidence are registered", reply.changed),
    );

    let subject = depositor(871)?;
    let test = Fact { region: 44, department: "gd-lab-1", subject: &subject, says: Says::Negative(9 * 60) };
    stage.state(&test).await?;
    let (decision, receipt) = stage.at_the_station(&subject, 41).await?;
    scenario.decision(&decision)?;
    scenario.check(
        codes(&decision) == [("41", "unfounded", false)],
        "红码没有依据，不作数",
        "the red code is unfounded and decides nothing",
    );
    scenario.check_outcome(&decision, v1::Outcome::Admit, "not-used");
    scenario.check_receipt(stage, receipt)?;
    Ok(scenario.end())
}
