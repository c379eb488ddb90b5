//! Files of facts, good and bad, and an import that is killed half-way.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use huxin_registry::{EmbeddedRegistry, ProvinceSecret};
use serde_json::Value;

use crate::provinces::Provinces;
use crate::support::{DAY, Said, arg, command, huxin};

/// Makes the files of so many people, and returns their folder.
fn generate(provinces: &Provinces, people: u32, format: &str) -> PathBuf {
    let folder = provinces.folder.path().join("people");
    let people = people.to_string();
    let generate = ["registry", "generate", "--region", "42", "--people", &people, "--at", DAY];
    let made = huxin(&[&generate[..], &["--file-format", format, "--out", arg(&folder)]].concat());
    assert_eq!(made.exit, 0, "{}", made.err);
    folder
}

/// The arguments of an import of codes by the data bureau.
fn import_codes<'a>(provinces: &Provinces, file: &'a Path, more: &[&'a str]) -> Vec<String> {
    let path = |name: &str| provinces.path(name).to_str().unwrap().to_owned();
    let key = path("hb/statement-hb-data.key");
    let mut arguments: Vec<String> =
        ["--format", "json", "registry", "import", arg(file)].map(str::to_owned).into();
    arguments.extend([
        "--key".to_owned(),
        key,
        "--federation".to_owned(),
        path("federation/federation.toml"),
    ]);
    arguments.extend(["--certificate".to_owned(), path("hb/department-hb-data.pem")]);
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    arguments
}

fn run(arguments: &[String]) -> Said {
    huxin(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn lines_of(path: &Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

#[test]
fn an_import_that_is_killed_goes_on_without_loss_and_without_doubles() {
    const PEOPLE: u32 = 4 * 4096 + 100;
    let provinces = Provinces::prepare();
    let people = generate(&provinces, PEOPLE, "jsonl");
    let node = provinces.start("hb");
    provinces.import("evidence.jsonl", "hb-headquarters").json();
    let (codes, note) = (people.join("codes.jsonl"), people.join("codes.jsonl.import"));
    let arguments = import_codes(&provinces, &codes, &["--at", DAY]);

    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while lines_of(&note) < 2 {
        assert!(began.elapsed() < Duration::from_secs(60), "no batch was noted");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "the import was over before it was killed");

    // As if the kill had fallen between the node's commit and the note of the last batch.
    let noted = fs::read_to_string(&note).unwrap();
    let mut kept: Vec<&str> = noted.lines().collect();
    kept.pop();
    fs::write(&note, kept.join("\n") + "\n{\"batch\":9,\"cha").unwrap();

    // Other facts or another time are not what the note is of.
    let other = provinces.folder.path().join("other.jsonl");
    fs::write(&other, fs::read_to_string(&codes).unwrap().lines().next().unwrap()).unwrap();
    let wrong = run(&import_codes(&provinces, &other, &["--at", DAY, "--state", arg(&note)]));
    assert!(wrong.exit == 64 && wrong.err.contains("file_sha256"), "{}", wrong.err);
    let wrong = run(&import_codes(&provinces, &codes, &["--at", "2022-07-08T09:00:01+08:00"]));
    assert!(wrong.exit == 64 && wrong.err.contains("stated_at"), "{}", wrong.err);

    // Without --at the time is the note's.
    let resumed = run(&import_codes(&provinces, &codes, &[])).json();
    let all = Value::from(PEOPLE);
    assert_eq!((&resumed["facts"], &resumed["changed"], &resumed["unchanged"]), (&all, &all, &0.into()));
    assert!(!note.exists());

    assert_eq!(node.stop(), 0);
    let secret = ProvinceSecret::from_bytes(&[0x5a; 32]).unwrap();
    let registry = EmbeddedRegistry::open(&provinces.path("hb/data/registry.redb"), &secret).unwrap();
    let counts = huxin_registry::Registry::counts(&registry).unwrap();
    let evidence = lines_of(&people.join("evidence.jsonl"));
    assert_eq!((counts.people, counts.statements), (PEOPLE.into(), u64::from(PEOPLE) + evidence as u64));
}

#[test]
fn of_a_half_bad_file_nothing_is_sent_unless_the_rest_is_asked_for() {
    let provinces = Provinces::prepare();
    let people = generate(&provinces, 300, "csv");
    let node = provinces.start("hb");
    provinces.import("evidence.csv", "hb-headquarters").json();
    let good = fs::read_to_string(people.join("codes.csv")).unwrap();
    let mut lines: Vec<&str> = good.lines().collect();
    lines[7] = "111,no";
    lines[9] = "";
    let bad = people.join("bad.csv");
    fs::write(&bad, format!("\u{feff}{}\r\n", lines.join("\r\n"))).unwrap();

    let refused = run(&import_codes(&provinces, &bad, &["--at", DAY]));
    let said: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((refused.exit, &said["rejected"]), (2, &2.into()), "{said}");
    assert_eq!((&said["lines"][0]["line"], &said["lines"][0]["reason"]), (&8.into(), &"line_cells".into()));

    // A file that was cut off is refused whole, in Chinese too.
    let cut = people.join("cut.csv");
    fs::write(&cut, &good[..good.len() - 30]).unwrap();
    let mut arguments = import_codes(&provinces, &cut, &["--at", DAY]);
    arguments.splice(..2, ["--lang".to_owned(), "zh".to_owned()]);
    let refused = run(&arguments);
    assert!(refused.exit == 2 && refused.out.contains("line_cut_off: 文件在本行中断"), "{}", refused.out);

    let list = people.join("rejected.jsonl");
    let rest = ["--at", DAY, "--skip-rejected", "--rejected", arg(&list)];
    let imported = run(&import_codes(&provinces, &bad, &rest)).json();
    assert_eq!((&imported["changed"], &imported["rejected"]), (&298.into(), &2.into()), "{imported}");
    assert_eq!(lines_of(&list), 2);
    // What is left: the whole file, of which the others are stated anew.
    let whole = run(&import_codes(&provinces, &people.join("codes.csv"), &["--at", DAY])).json();
    assert_eq!((&whole["facts"], &whole["changed"]), (&300.into(), &300.into()));

    // A file whose form its name does not tell, and one that is too old for the node.
    let unnamed = people.join("codes");
    fs::copy(people.join("codes.csv"), &unnamed).unwrap();
    assert_eq!(run(&import_codes(&provinces, &unnamed, &["--at", DAY])).exit, 64);
    let old = ["--input-format", "csv", "--at", "2022-06-30T08:00:00+08:00"];
    let old = run(&import_codes(&provinces, &unnamed, &old));
    assert!(old.exit == 4 && old.err.contains("at most 7 days old"), "{}", old.err);
    assert_eq!(node.stop(), 0);
}

/// Runs a command of the data bureau with this standard input.
fn with_input(provinces: &Provinces, words: &[&str], input: &str) -> Said {
    let federation = provinces.path("federation/federation.toml");
    let certificate = provinces.path("hb/department-hb-data.pem");
    let connection = ["--federation", arg(&federation), "--certificate", arg(&certificate)];
    let words = [&["--format", "json", "registry"], words, &connection].concat();
    let mut child =
        command(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Said::of(child.wait_with_output().unwrap())
}

#[test]
fn a_fact_is_stated_looked_up_and_withdrawn_by_its_department() {
    const PERSON: &str = "111:11010519491231002X\n";
    let provinces = Provinces::prepare();
    let node = provinces.start("hb");
    let key = provinces.path("hb/statement-hb-data.key");
    let state = ["state", "--document", "-", "--kind", "health_code", "--key", arg(&key), "--at", DAY];
    let green = ["--status", "00", "--native-label", "绿码"];
    let stated = with_input(&provinces, &[&state[..], &green].concat(), PERSON).json();
    assert_eq!(stated["changed"], true);
    let digest = stated["digest"].as_str().unwrap();
    let missing = with_input(&provinces, &state, PERSON);
    assert!(missing.exit == 64 && missing.err.contains("status"), "{}", missing.err);

    let history = ["history", "--document", "-"];
    let found = with_input(&provinces, &history, PERSON).json();
    assert_eq!(found["statements"][0]["digest"], digest);
    assert_eq!(
        (&found["statements"][0]["state"], &found["statements"][0]["status"]),
        (&"head".into(), &"green".into())
    );

    let withdraw = ["withdraw", "--document", "-", "--digest", digest];
    assert_eq!(with_input(&provinces, &withdraw, PERSON).json()["changed"], true);
    assert_eq!(with_input(&provinces, &withdraw, PERSON).json()["changed"], false);
    let unknown = "0".repeat(64);
    let unknown = ["withdraw", "--document", "-", "--digest", &unknown];
    assert_eq!(with_input(&provinces, &unknown, PERSON).exit, 4);

    // The store itself is read only while no node has it.
    let (data, secret) = (provinces.path("hb/data"), provinces.path("hb/province.secret"));
    let document = PERSON.trim();
    let offline = ["--format", "json", "registry", "history", "--document", document, "--data", arg(&data)];
    let offline = [&offline[..], &["--secret", arg(&secret)]].concat();
    let locked = huxin(&offline);
    assert!(locked.exit == 4 && locked.err.contains("ask the node instead"), "{}", locked.err);
    assert_eq!(node.stop(), 0);
    let before = fs::read(data.join("registry.redb")).unwrap();
    let found = huxin(&offline).json();
    assert_eq!(
        (&found["statements"][0]["digest"], &found["statements"][0]["state"]),
        (&digest.into(), &"withdrawn".into())
    );
    assert_eq!(fs::read(data.join("registry.redb")).unwrap(), before, "reading changes nothing");
    fs::write(&secret, "5b".repeat(32)).unwrap();
    assert_eq!(huxin(&offline).exit, 2, "another secret");
}
