//! `huxin bench import`: a department imports a file of codes into its node, beside a raw load of the same rows into redb.
//!
//! Node and importer are processes of their own. The raw load writes the very keys and values that the node's store holds
//! afterwards, into a file of its own on the same disk: a transaction for each batch of 4,096, sorted by key inside the
//! batch, each commit flushed, with the same memory for pages. It parses, signs, verifies and logs nothing.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use huxin_attest::{MAX_BATCH, RegionCode};
use huxin_node::province_secret;
use huxin_registry::ProvinceSecret;
use huxin_registry::embedded::DEFAULT_CACHE;
use huxin_registry::line::FactLine;
use huxin_registry::synthetic::generate;
use redb::{Database, Durability, ReadableDatabase as _, TableDefinition};
use serde::Serialize;
use serde_json::Value;

use super::federation::{DAY, Federation, facts_of, text};
use super::process::{cpu_of, peak_memory};
use super::report::file_system;
use huxin_identity::pki::example::FEDERATION;

/// Person → rows, as in the node's store.
const HEADS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("heads");
const HOME: u8 = 42;

/// What a bench of an import says.
#[derive(Debug, Serialize)]
pub struct Report {
    bench: &'static str,
    /// How many times longer the import takes than the raw load, turned around: people a second by people a second.
    pub ratio_to_raw: f64,
    people: u32,
    statements: u64,
    file_system: String,
    file_bytes: u64,
    stored_bytes: u64,
    /// From the start of the importing process to its end: checking, signing, sending, making durable, logging.
    import_seconds: f64,
    seconds_checking: f64,
    people_a_second: f64,
    statements_a_second: f64,
    raw_seconds: f64,
    raw_people_a_second: f64,
    importer: Used,
    node: Used,
    log_entries: u64,
    log_flushes: u64,
}

/// What a process used.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Used {
    cpu_seconds: f64,
    /// Of resident memory.
    peak_mib: u64,
}

/// Runs the bench in a fresh folder.
///
/// # Errors
/// If anything cannot be set up, or the import does not take every fact.
pub fn bench(folder: &Path, people: u32, runtimes: usize) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
    let home = RegionCode::new(HOME).map_err(text)?;
    let federation = runtime.block_on(Federation::start(&folder.join("federation"), &[home], runtimes))?;
    let facts = Facts::write(folder, home, people)?;
    import(&federation, &facts.evidence, "hb-headquarters")?;

    let node = federation.nodes.get(&home).ok_or("the node is not there")?;
    let before = runtime.block_on(federation.status(home))?;
    let cpu_before = node.cpu().map_err(text)?;
    let imported = import(&federation, &facts.codes, "hb-data")?;
    let node_used = Used {
        cpu_seconds: (node.cpu().map_err(text)? - cpu_before).as_secs_f64(),
        peak_mib: peak_memory(node.id()).map_err(text)? >> 20,
    };
    let after = runtime.block_on(federation.status(home))?;
    let number = |name: &str| imported.said.get(name).and_then(Value::as_u64).unwrap_or_default();
    if number("changed") != u64::from(people) {
        return Err(format!("{} of {people} facts are new: {}", number("changed"), imported.said));
    }

    let own = federation.exercise.province_folder(home);
    // Its node is killed; redb puts the file in order when it is opened next.
    drop(federation);
    let secret = province_secret(&own.join("province.secret")).map_err(text)?;
    let raw = raw_load(&own.join("data/registry.redb"), &folder.join("raw.redb"), &secret, home, people)?;
    let seconds = imported.elapsed.as_secs_f64();
    Ok(Report {
        bench: "import",
        ratio_to_raw: raw.elapsed.as_secs_f64() / seconds,
        people,
        statements: number("facts"),
        file_system: file_system(folder).unwrap_or_else(|| "unknown".to_owned()),
        file_bytes: std::fs::metadata(&facts.codes).map_err(text)?.len(),
        stored_bytes: raw.bytes,
        import_seconds: seconds,
        seconds_checking: imported.said.get("seconds_checking").and_then(Value::as_f64).unwrap_or_default(),
        people_a_second: f64::from(people) / seconds,
        statements_a_second: number("facts") as f64 / seconds,
        raw_seconds: raw.elapsed.as_secs_f64(),
        raw_people_a_second: f64::from(people) / raw.elapsed.as_secs_f64(),
        importer: imported.used,
        node: node_used,
        log_entries: after.log_entries - before.log_entries,
        log_flushes: after.log_flushes - before.log_flushes,
    })
}

/// The files that the departments hand in.
struct Facts {
    evidence: PathBuf,
    codes: PathBuf,
}

impl Facts {
    fn write(folder: &Path, home: RegionCode, people: u32) -> Result<Self, String> {
        let facts = Self { evidence: folder.join("evidence.jsonl"), codes: folder.join("codes.jsonl") };
        let open = |path: &Path| File::create(path).map(BufWriter::new).map_err(text);
        let (mut evidence, mut codes) = (open(&facts.evidence)?, open(&facts.codes)?);
        let put =
            |file: &mut BufWriter<File>, fact: &FactLine| writeln!(file, "{}", fact.to_line()).map_err(text);
        for person in generate(facts_of(home, people)?) {
            put(&mut codes, &person.code)?;
            person.evidence.iter().try_for_each(|fact| put(&mut evidence, fact))?;
        }
        evidence.flush().and_then(|()| codes.flush()).map_err(text)?;
        Ok(facts)
    }
}

/// What an importing process did.
struct Imported {
    said: Value,
    elapsed: Duration,
    used: Used,
}

/// Runs `huxin registry import` to its end.
fn import(federation: &Federation, file: &Path, department: &str) -> Result<Imported, String> {
    let home = RegionCode::new(HOME).map_err(text)?;
    let own = federation.exercise.province_folder(home);
    let party = federation.exercise.party(home, &format!("department/{department}")).map_err(text)?;
    let began = Instant::now();
    let child = Command::new(std::env::current_exe().map_err(text)?)
        .args(["--format", "json", "registry", "import"])
        .arg(file)
        .arg("--key")
        .arg(own.join(format!("statement-{department}.key")))
        .args(["--at", DAY, "--federation"])
        .arg(federation.exercise.folder().join(FEDERATION).join("federation.toml"))
        .arg("--certificate")
        .arg(&party.certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(text)?;
    let used = watch(&child);
    let output = child.wait_with_output().map_err(text)?;
    let elapsed = began.elapsed();
    if !output.status.success() {
        return Err(format!("the import failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let said = serde_json::from_slice(&output.stdout).map_err(text)?;
    let used = used.join().map_err(|_| "the watching thread panicked")?;
    Ok(Imported { said, elapsed, used })
}

/// Looks at a child now and then until it is gone.
fn watch(child: &Child) -> std::thread::JoinHandle<Used> {
    let pid = child.id();
    std::thread::spawn(move || {
        let mut used = Used::default();
        while let (Ok(cpu), Ok(peak)) = (cpu_of(pid), peak_memory(pid)) {
            used = Used { cpu_seconds: cpu.as_secs_f64(), peak_mib: peak >> 20 };
            std::thread::sleep(Duration::from_millis(20));
        }
        used
    })
}

struct Raw {
    elapsed: Duration,
    bytes: u64,
}

/// Copies the rows of the people, in the order of the file, batch by batch. Only writing is timed.
fn raw_load(
    from: &Path,
    to: &Path,
    secret: &ProvinceSecret,
    home: RegionCode,
    people: u32,
) -> Result<Raw, String> {
    let source = Database::open(from).map_err(text)?;
    let heads = source.begin_read().map_err(text)?.open_table(HEADS).map_err(text)?;
    let database = Database::builder().set_cache_size(DEFAULT_CACHE).create(to).map_err(text)?;
    let keys: Vec<[u8; 32]> =
        generate(facts_of(home, people)?).map(|person| secret.person(&person.document).0).collect();
    let mut raw = Raw { elapsed: Duration::ZERO, bytes: 0 };
    for batch in keys.chunks(MAX_BATCH.into()) {
        let mut rows = Vec::with_capacity(batch.len());
        for key in batch {
            let value = heads.get(key).map_err(text)?.ok_or("a person has no row")?;
            rows.push((*key, value.value().to_vec()));
        }
        raw.bytes += rows.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum::<u64>();
        let began = Instant::now();
        rows.sort_unstable_by_key(|(key, _)| *key);
        let mut transaction = database.begin_write().map_err(text)?;
        transaction.set_durability(Durability::Immediate).map_err(text)?;
        {
            let mut table = transaction.open_table(HEADS).map_err(text)?;
            for (key, value) in &rows {
                table.insert(key, value.as_slice()).map_err(text)?;
            }
        }
        transaction.commit().map_err(text)?;
        raw.elapsed += began.elapsed();
    }
    Ok(raw)
}

impl Report {
    /// The report for people.
    pub fn text(&self) -> String {
        let Used { cpu_seconds: importer_cpu, peak_mib: importer_peak } = self.importer;
        let Used { cpu_seconds: node_cpu, peak_mib: node_peak } = self.node;
        format!(
            "import: ratio to the raw load {:.3}\n\
             {} people, {} statements, {} MB of JSON Lines, {} MB of keys and rows, files on {}\n\
             import   {:>8.1} s  {:>8.0} people/s  {:>8.0} statements/s, {:.1} s of it checking the file\n\
             raw load {:>8.1} s  {:>8.0} people/s\n\
             importer {:>8.1} s of CPU, peak {} MiB\n\
             node     {:>8.1} s of CPU, peak {} MiB; {} log entries in {} flushes\n",
            self.ratio_to_raw,
            self.people,
            self.statements,
            self.file_bytes / 1_000_000,
            self.stored_bytes / 1_000_000,
            self.file_system,
            self.import_seconds,
            self.people_a_second,
            self.statements_a_second,
            self.seconds_checking,
            self.raw_seconds,
            self.raw_people_a_second,
            importer_cpu,
            importer_peak,
            node_cpu,
            node_peak,
            self.log_entries,
            self.log_flushes
        )
    }
}
