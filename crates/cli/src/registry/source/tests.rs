use std::io::Write as _;

use huxin_attest::sha256;
use huxin_registry::line::MAX_LINE;
use proptest::prelude::*;

use super::*;

const GOOD: &str =
    r#"{"document_type":111,"number":"11010519491231002X","kind":"health_code","status":"01"}"#;
const HEADER: &str = "document_type,number,kind,status";
const ROW: &str = "111,11010519491231002X,health_code,01";

fn stating() -> Stating {
    Stating {
        department: "hb-data".parse().unwrap(),
        region: RegionCode::new(42).unwrap(),
        at: UnixSecs::new(1_657_242_000).unwrap(),
    }
}

/// The file, what is left to import of it, and what is rejected.
fn check(format: FileFormat, text: &[u8]) -> (tempfile::NamedTempFile, Option<Source>, Rejections) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let mut rejections = Rejections::default();
    let source = Source::check(file.path(), format, stating(), &mut rejections, |_| {}).unwrap();
    (file, source, rejections)
}

fn found(format: FileFormat, text: &[u8]) -> Vec<(u64, &'static str)> {
    let (_, _, rejections) = check(format, text);
    rejections.shown.iter().map(|one| (one.line, one.reason)).collect()
}

fn sizes(source: &mut Source) -> Vec<(u64, usize)> {
    let mut batches = source.batches(stating(), |_| SubjectSalt([7; 16])).unwrap();
    let mut sizes = Vec::new();
    while let Some((number, batch)) = batches.next().unwrap() {
        sizes.push((number, batch.len()));
    }
    sizes
}

#[test]
fn every_bad_line_is_named_with_its_number_and_reason_and_none_is_quoted() {
    let long = "x".repeat(MAX_LINE * 3);
    let no_status = GOOD.replace(r#","status":"01""#, "");
    let text = format!("{GOOD}\n{long}\nno\n{GOOD}\n\n{no_status}\n{GOOD}");
    let (_, source, rejections) = check(FileFormat::Jsonl, text.as_bytes());
    let found: Vec<_> = rejections.shown.iter().map(|one| (one.line, one.reason, one.field)).collect();
    assert_eq!(
        found,
        [
            (2, "line_too_long", None),
            (3, "line_not_json", None),
            (5, "line_not_json", None),
            (6, "line_claims", Some("status"))
        ]
    );
    assert_eq!(source.unwrap().facts, 3);
    assert!(rejections.shown.iter().all(|one| !one.message.contains("1101")));
}

#[test]
fn a_file_that_is_refused_as_a_whole_says_why() {
    use FileFormat::{Csv, Jsonl};
    for (format, text, reason) in [
        (Jsonl, String::new(), "file_empty"),
        (Csv, String::new(), "file_empty"),
        (Csv, format!("{HEADER}\r\n"), "file_without_facts"),
        (Csv, "\u{feff}".to_owned(), "file_without_facts"),
        (Jsonl, format!("\u{feff}{GOOD}\n"), "file_bom"),
        (Csv, format!("{HEADER},status\n{ROW},01\n"), "header_duplicate_column"),
        (Csv, format!("{HEADER},colour\n{ROW},x\n"), "header_unknown_column"),
        (Csv, format!("{ROW}\n"), "header_unknown_column"),
        (Csv, "x".repeat(MAX_LINE * 2), "header_too_long"),
    ] {
        let (_, source, rejections) = check(format, text.as_bytes());
        assert!(source.is_none(), "{reason}");
        assert_eq!(rejections.shown.iter().map(|one| one.reason).collect::<Vec<_>>(), [reason]);
    }
}

#[test]
fn csv_may_begin_with_a_byte_order_mark_and_end_its_lines_either_way() {
    let (_, source, rejections) =
        check(FileFormat::Csv, format!("\u{feff}{HEADER}\r\n{ROW}\r\n{ROW}\n").as_bytes());
    assert_eq!((source.unwrap().facts, rejections.count), (2, 0));
}

#[test]
fn a_file_that_was_cut_off_is_noticed_at_its_last_line() {
    use FileFormat::{Csv, Jsonl};
    assert_eq!(found(Jsonl, format!("{GOOD}\n{}", &GOOD[..40]).as_bytes()), [(2, "line_cut_off")]);
    // The brace closes a line of JSON; nothing closes a cell.
    assert_eq!(found(Jsonl, format!("{GOOD}\n{GOOD}").as_bytes()), []);
    assert_eq!(found(Csv, format!("{HEADER}\n{ROW}\n{ROW}").as_bytes()), [(3, "line_cut_off")]);
}

#[test]
fn bytes_that_are_no_text_and_open_quotes_spoil_one_line_only() {
    let text = [HEADER.as_bytes(), b"\n\xff\n111,\"1101,health_code,01\n", ROW.as_bytes(), b"\n"].concat();
    assert_eq!(found(FileFormat::Csv, &text), [(2, "line_not_utf8"), (3, "line_quote_open")]);
    assert_eq!(found(FileFormat::Jsonl, b"\xff\n"), [(1, "line_not_utf8")]);
}

#[test]
fn batches_hold_every_fact_once_and_the_digest_is_the_files() {
    let text = format!("{GOOD}\n").repeat(4099);
    let (_file, source, _) = check(FileFormat::Jsonl, text.as_bytes());
    let mut source = source.unwrap();
    assert_eq!((source.facts, source.digest), (4099, sha256(&[text.as_bytes()])));
    assert_eq!(sizes(&mut source), [(0, 4096), (1, 3)]);
}

#[test]
fn rejected_lines_at_any_place_are_passed_over() {
    for text in [
        format!("no\n{}", format!("{GOOD}\n").repeat(4096)),
        format!("{}no\n", format!("{GOOD}\n").repeat(4096)),
        format!("no\n{}no\n", format!("{GOOD}\nno\n").repeat(4096)),
    ] {
        let (_file, source, _) = check(FileFormat::Jsonl, text.as_bytes());
        assert_eq!(sizes(&mut source.unwrap()), [(0, 4096)]);
    }
}

#[test]
fn a_batch_of_a_file_that_changed_is_not_handed_on() {
    let text = format!("{GOOD}\n").repeat(5000);
    let changes: [fn(&str) -> String; 4] = [
        |text| text.replacen("01", "10", 1),
        |text| format!("{text}{GOOD}\n"),
        |text| text[..text.len() - GOOD.len() - 1].to_owned(),
        |text| format!("{text}\n"),
    ];
    for (change, whole) in changes.into_iter().zip([0, 1, 1, 1]) {
        let (file, source, _) = check(FileFormat::Jsonl, text.as_bytes());
        std::fs::write(file.path(), change(&text)).unwrap();
        let mut source = source.unwrap();
        let mut batches = source.batches(stating(), |_| SubjectSalt([7; 16])).unwrap();
        for _ in 0..whole {
            batches.next().unwrap().unwrap();
        }
        assert_eq!(batches.next().unwrap_err().exit, crate::Exit::Environment);
    }
}

#[test]
fn rejected_lines_are_counted_beyond_those_that_are_shown_and_all_can_be_listed() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all("no\n".repeat(250).as_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("rejected.jsonl");
    let mut rejections = Rejections::new(Some(&list)).unwrap();
    Source::check(file.path(), FileFormat::Jsonl, stating(), &mut rejections, |_| {}).unwrap();
    rejections.close().unwrap();
    assert_eq!((rejections.count, rejections.shown.len()), (250, crate::registry::rejected::MAX_SHOWN));
    let listed = std::fs::read_to_string(&list).unwrap();
    assert_eq!(listed.lines().count(), 250);
    let last: serde_json::Value = serde_json::from_str(listed.lines().last().unwrap()).unwrap();
    assert_eq!((&last["line"], &last["reason"]), (&250.into(), &"line_not_json".into()));
    assert!(Rejections::new(Some(&list)).is_err(), "a list is never overwritten");
}

/// Good lines, bad lines and any bytes, in any order.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(format!("{GOOD}\n").into_bytes()),
        Just(format!("{ROW}\n").into_bytes()),
        Just(format!("{HEADER}\r\n").into_bytes()),
        Just(vec![b'"'; 3]),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(vec![b'x'; MAX_LINE + 3]),
        proptest::collection::vec(any::<u8>(), 0..80),
    ];
    proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_line_of_any_file_is_a_fact_or_a_rejection_with_its_number(bytes in any_file()) {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
        for (format, header) in [(FileFormat::Jsonl, 0), (FileFormat::Csv, 1)] {
            let (_file, source, rejections) = check(format, &bytes);
            prop_assert!(rejections.shown.iter().all(|one| (1..=lines.max(1)).contains(&one.line)));
            let Some(mut source) = source else {
                prop_assert_eq!(rejections.count, 1);
                continue;
            };
            prop_assert_eq!(source.facts + rejections.count + header, lines);
            let handed: usize = sizes(&mut source).iter().map(|(_, size)| size).sum();
            prop_assert_eq!(handed as u64, source.facts);
        }
    }
}
