//! `huxin demo`: four provinces start on this machine, a question crosses a border and comes back as a proof.
//!
//! Nothing is staged but the people: the nodes, certificates, policies, logs and gates are those of a real federation.

mod border;
mod facts;
mod scenario;
mod stage;
mod story;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args as ClapArgs;
use huxin_attest::{RegionCode, UnixMs};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::messages::Text;
use crate::{CliError, Context, Exit};
use facts::traveller;
use scenario::Scenario;
use stage::{PROVINCES, Stage};

/// 演示：在本机演出一段跨省互认 / Show the story on this machine
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Put everything here and leave it [default: a temporary folder, removed at the end]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Leave the nodes running, and print commands to try
    #[arg(long)]
    keep: bool,
    /// Where the clock of facts and policies starts; certificates use the real clock
    #[arg(long, value_name = "TIME", default_value = "2022-07-08T09:00:00+08:00")]
    at: String,
}

#[derive(Serialize)]
struct Shown {
    scenarios: Vec<Scenario>,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<Kept>,
}

/// What `--keep` leaves running.
#[derive(Serialize)]
struct Kept {
    folder: PathBuf,
    federation: PathBuf,
    nodes: Vec<KeptNode>,
    commands: Vec<String>,
}

#[derive(Serialize)]
struct KeptNode {
    region: String,
    endpoint: String,
    folder: PathBuf,
}

/// Plays the story.
///
/// # Errors
/// If the stage cannot be set. A scenario that comes out wrong ends with [`Exit::Finding`].
pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let at = UnixMs::parse_rfc3339(&args.at).ok_or_else(|| {
        CliError::usage(Text::new(
            "--at 须为带时区的 RFC 3339 时间，如 2022-07-08T09:00:00+08:00",
            "--at takes an RFC 3339 time with offset, such as 2022-07-08T09:00:00+08:00",
        ))
    })?;
    let (folder, temporary) = match &args.dir {
        Some(folder) => (folder.clone(), None),
        None => {
            let temporary = tempfile::Builder::new().prefix("huxin-demo-").tempdir().map_err(environment)?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    // With --keep the nodes go on, and so does their folder.
    let _temporary = match temporary {
        Some(temporary) if args.keep => {
            let _ = temporary.keep();
            None
        }
        other => other,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(environment)?;
    let began = Instant::now();
    let (stage, scenarios) = runtime.block_on(play(&folder.join("federation"), at)).map_err(environment)?;
    let kept = if args.keep { Some(kept(&stage).map_err(environment)?) } else { None };
    let passed = scenarios.iter().all(|scenario| scenario.passed);
    let shown = Shown { scenarios, seconds: began.elapsed().as_secs_f64(), kept };
    context.show(&shown, |shown| shown.text(context))?;
    if args.keep {
        runtime.block_on(told_to_stop()).map_err(environment)?;
    }
    stage.clear().map_err(environment)?;
    Ok(if passed { Exit::Clean } else { Exit::Finding })
}

async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

async fn play(folder: &Path, at: UnixMs) -> Result<(Stage, Vec<Scenario>), String> {
    let mut stage = Stage::set(folder, at).await?;
    stage.await_streams(&[41, 42, 43]).await?;
    let mut scenarios = vec![
        story::recognised(&stage).await?,
        story::heard(&stage).await?,
        story::refused_at_home(&stage).await?,
        story::forced_in(&mut stage).await?,
        story::not_asked(&stage).await?,
        story::red_at_the_hospital(&stage).await?,
        story::to_the_minute(&stage).await?,
        story::under_three(&stage).await?,
    ];
    scenarios.push(story::home_silent(&mut stage).await?);
    Ok((stage, scenarios))
}

fn environment(error: impl std::fmt::Display) -> CliError {
    CliError::environment(error.to_string())
}

fn kept(stage: &Stage) -> Result<Kept, String> {
    let folder = stage.exercise.folder().to_owned();
    let federation = folder.join("federation").join("federation.toml");
    let mut nodes = Vec::new();
    for code in PROVINCES {
        let region = RegionCode::new(code).map_err(stage::text)?;
        let endpoint = stage.address(code).map(|address| address.to_string()).unwrap_or_default();
        nodes.push(KeptNode {
            region: region.to_string(),
            endpoint,
            folder: stage.exercise.province_folder(region),
        });
    }
    let guangdong = RegionCode::new(44).map_err(stage::text)?;
    let app = stage.exercise.party(guangdong, "app/gd-transport/checkpoint").map_err(stage::text)?;
    let endpoint = stage.address(44).map(|address| address.to_string()).unwrap_or_default();
    let number = traveller()?.number().to_owned();
    let root = stage.exercise.province_folder(guangdong).join("ca.pem");
    let certificate = app.certificate.display();
    let key = app.key.display();
    let commands = vec![
        format!(
            "huxin query --federation {} --certificate {certificate} --endpoint {endpoint} --place gz-south-station \
             --purpose travel --document 111:{number} --home 42 --tested-in 43 --origin 420102 --receipt receipt.txt",
            federation.display()
        ),
        format!("huxin receipt verify receipt.txt --federation {}", federation.display()),
        format!("huxin receipt show receipt.txt --federation {}", federation.display()),
        format!(
            "huxin reviews --federation {} --certificate {certificate} --endpoint {endpoint}",
            federation.display()
        ),
        format!(
            "grpcurl -cacert {} -cert {certificate} -key {key} {endpoint} huxin.v1.Ledger/Checkpoint",
            root.display()
        ),
    ];
    Ok(Kept { folder, federation, nodes, commands })
}

impl Shown {
    fn text(&self, context: &Context) -> String {
        let pick = |text: &Text| text.get(context.lang).to_owned();
        let mut out = pick(&Text::new(
            "四个省（41 河南、42 湖北、43 湖南、44 广东）在本机运行，各有自己的库、证书机构、密钥、日志和端口。人是虚构的。\n",
            "Four provinces (41 Henan, 42 Hubei, 43 Hunan, 44 Guangdong) run on this machine, each with its own store, \
             authority, keys, log and port. The people are synthetic.\n",
        ));
        for scenario in &self.scenarios {
            out += &format!("\n[{}] {}\n", scenario.id, pick(&scenario.title));
            for line in &scenario.lines {
                out += &format!("    {}\n", pick(line));
            }
            for check in &scenario.checks {
                out += &format!("  {} {}\n", if check.held { "✓" } else { "✗" }, pick(&check.what));
            }
        }
        out += "\n";
        for scenario in &self.scenarios {
            let mark = if scenario.passed { "✓" } else { "✗" };
            out += &format!("  {mark} {:>3}  {}\n", scenario.id, pick(&scenario.title));
        }
        let passed = self.scenarios.iter().filter(|scenario| scenario.passed).count();
        let (all, seconds) = (self.scenarios.len(), self.seconds);
        out += &pick(&Text::new(
            format!("\n{all} 个场景中 {passed} 个如期结束，用时 {seconds:.1} 秒\n"),
            format!("\n{passed} of {all} scenarios came out as they must, in {seconds:.1} s\n"),
        ));
        if let Some(kept) = &self.kept {
            out += &pick(&Text::new(
                "\n节点继续运行；按 Ctrl-C 停止。可以试：\n",
                "\nThe nodes run on; Ctrl-C stops them. To try:\n",
            ));
            kept.commands.iter().for_each(|command| out += &format!("  {command}\n"));
        }
        out
    }
}
