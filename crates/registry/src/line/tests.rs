use huxin_attest::{DocumentType, UnixMs};
use proptest::prelude::*;

use super::*;

const TEST_LINE: &str = r#"{"document_type":111,"number":"11010519491231002X","kind":"nucleic_test","result":"negative","sampled_at":"2022-07-08T01:00:00+08:00","reported_at":"2022-07-08T07:30:00+08:00"}"#;

fn specimen() -> Document {
    Document::parse(DocumentType::ResidentId, "11010519491231002X").unwrap()
}

fn secs(text: &str) -> UnixSecs {
    UnixSecs::at(UnixMs::parse_rfc3339(text).unwrap())
}

fn full() -> FactLine {
    FactLine {
        hop: 1,
        region: "41".parse().ok(),
        native_label: "红\"码\"".parse().ok(),
        status: Some(CodeStatus::Red),
        local_reason: "密接".parse().ok(),
        assigner: "hb-cdc".parse().ok(),
        assigner_role: "cdc".parse().ok(),
        assigned_for: "close_contact".parse().ok(),
        evidence: vec![EvidenceRef {
            kind: "case_file".parse().unwrap(),
            digest: huxin_attest::sha256(&[b"file"]),
        }],
        sampled_at: Some(secs("2022-07-08T01:00:00+08:00")),
        reported_at: Some(secs("2022-07-08T07:30:00+08:00")),
        result: Some(TestResult::Positive),
        item: "ct_chest".parse().ok(),
        quality: "national".parse().ok(),
        valid_until: Some(secs("2022-07-18T07:30:00+08:00")),
        appeal: "12345".parse().ok(),
        stated_at: Some(secs("2022-07-08T08:00:00+08:00")),
        subject_salt: Some(SubjectSalt([0xab; 16])),
        ..FactLine::new(specimen(), Kind::HealthCode)
    }
}

fn with(field: &str, value: &str) -> Result<FactLine, LineError> {
    let line = format!(
        r#"{{"document_type":111,"number":"11010519491231002X","kind":"health_code","{field}":{value}}}"#
    );
    parse_line(&line)
}

#[test]
fn a_line_with_every_field_survives_writing_and_reading() {
    let line = full().to_line();
    assert!(!line.contains('\n'));
    assert_eq!(parse_line(&line), Ok(full()));
    assert_eq!(parse_line(&format!("{line}\r\n")), Ok(full()));
}

#[test]
fn a_line_becomes_the_claims_of_the_importing_department() {
    let fact = parse_line(TEST_LINE).unwrap();
    let (now, salt) = (secs("2022-07-08T09:00:00+08:00"), SubjectSalt([1; 16]));
    let department = "hb-lab-1".parse().unwrap();
    let ready = fact.into_claims(department, "42".parse().unwrap(), now, salt).unwrap();
    assert_eq!(ready.claims.department, department);
    assert_eq!(ready.claims.region.as_u8(), 42);
    assert_eq!(ready.claims.stated_at, now);
    assert_eq!(ready.claims.sampled_at, Some(secs("2022-07-08T01:00:00+08:00")));
    assert!(ready.claims.subject_commitment.opens(&ready.document, &salt));
}

#[test]
fn a_line_may_fix_time_salt_and_region_of_its_statement() {
    let mut fact = parse_line(TEST_LINE).unwrap();
    fact.stated_at = Some(secs("2022-07-08T08:00:00+08:00"));
    fact.subject_salt = Some(SubjectSalt([2; 16]));
    (fact.hop, fact.region) = (1, "41".parse().ok());
    let ready = fact
        .into_claims(
            "x".parse().unwrap(),
            "42".parse().unwrap(),
            secs("2022-07-08T09:00:00+08:00"),
            SubjectSalt([1; 16]),
        )
        .unwrap();
    assert_eq!(ready.claims.stated_at, secs("2022-07-08T08:00:00+08:00"));
    assert_eq!((ready.salt, ready.claims.region.as_u8()), (SubjectSalt([2; 16]), 41));
    assert!(ready.claims.subject_commitment.opens(&ready.document, &SubjectSalt([2; 16])));
}

#[test]
fn a_fact_that_its_kind_does_not_allow_is_refused_when_it_becomes_claims() {
    let (now, salt) = (secs("2022-07-08T09:00:00+08:00"), SubjectSalt([1; 16]));
    let claims = |fact: FactLine| fact.into_claims("x".parse().unwrap(), "42".parse().unwrap(), now, salt);
    assert!(claims(full()).is_err());
    assert!(claims(FactLine::new(specimen(), Kind::HealthCode)).is_err());
}

#[test]
fn what_is_not_a_fact_is_refused_with_a_stable_reason_and_without_a_quote() {
    let reason = |line: &str| parse_line(line).unwrap_err().reason();
    assert_eq!(reason(""), "line_not_json");
    assert_eq!(reason("{"), "line_not_json");
    assert_eq!(reason("[]"), "line_not_a_fact");
    assert_eq!(reason(&format!("{TEST_LINE}{TEST_LINE}")), "line_not_json");
    assert_eq!(reason(&TEST_LINE.replace("result", "outcome")), "line_not_a_fact");
    assert_eq!(reason(&TEST_LINE.replace("sampled_at", "reported_at")), "line_not_a_fact");
    assert_eq!(reason(&TEST_LINE.replace("\"11010519491231002X\"", "11010519491231")), "line_not_a_fact");
    assert_eq!(reason(&TEST_LINE.replace("002X", "0021")), "line_document");
    assert_eq!(reason(&TEST_LINE.replace("111", "112")), "line_document");
    let secret = TEST_LINE.replace(":111,", ":\"11010519491231002X\",");
    assert!(!parse_line(&secret).unwrap_err().to_string().contains("1101"));
}

#[test]
fn a_value_outside_its_field_is_refused_by_the_name_of_the_field() {
    for (field, value) in [
        ("region", r#""16""#),
        ("native_label", r#""""#),
        ("status", r#""02""#),
        ("assigner", r#""HB CDC""#),
        ("assigned_for", r#""Close""#),
        ("sampled_at", r#""2022-07-08T01:00:00""#),
        ("reported_at", r#""2022-07-08T01:00:00.5+08:00""#),
        ("result", r#""maybe""#),
        ("subject_salt", r#""ab""#),
    ] {
        assert_eq!(with(field, value), Err(LineError::Field(field)), "{field}");
    }
    assert_eq!(
        with("evidence", r#"[{"kind":"lab","digest":"00"}]"#),
        Err(LineError::Field("evidence.digest"))
    );
    assert!(matches!(with("hop", "256"), Err(LineError::NotAFact { .. })));
}

#[test]
fn a_line_is_at_most_4_kib_long() {
    let mut line = TEST_LINE.to_owned();
    line.push_str(&" ".repeat(MAX_LINE - line.len()));
    assert!(parse_line(&format!("{line}\n")).is_ok());
    line.push(' ');
    assert_eq!(parse_line(&line), Err(LineError::TooLong));
}

/// A valid line with some bytes replaced, removed or doubled.
fn damaged(line: String) -> impl Strategy<Value = String> {
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<char>(), 0..3_u8), 1..6);
    edits.prop_map(move |edits| {
        let mut line: Vec<char> = line.chars().collect();
        for (at, character, edit) in edits {
            let at = at.index(line.len());
            match edit {
                0 => line[at] = character,
                1 => drop(line.remove(at)),
                _ => line.insert(at, character),
            }
        }
        line.into_iter().collect()
    })
}

fn csv() -> LineParser {
    LineParser::csv(csv_header().as_bytes()).unwrap()
}

#[test]
fn a_csv_line_with_every_field_survives_writing_and_reading() {
    let line = full().to_csv();
    assert_eq!(csv().parse(line.as_bytes()), Ok(full()));
    assert_eq!(csv().parse(format!("{line}\r\n").as_bytes()), Ok(full()));
}

#[test]
fn csv_columns_stand_in_any_order_and_empty_cells_are_not_stated() {
    let parser = LineParser::csv(b"kind,\"number\",status,document_type,appeal\r\n").unwrap();
    let fact = parser.parse(b"health_code,\"11010519491231002X\",01,111,\n").unwrap();
    assert_eq!((fact.status, fact.appeal), (Some(CodeStatus::Amber), None));
    let two = "lab:".to_owned() + &"0".repeat(64) + ";case_file:" + &"f".repeat(64);
    let parser = LineParser::csv(b"document_type,number,kind,evidence").unwrap();
    let line = format!("111,11010519491231002X,health_code,{two}");
    assert_eq!(parser.parse(line.as_bytes()).unwrap().evidence.len(), 2);
}

#[test]
fn a_header_that_does_not_name_the_fields_is_refused() {
    let reason = |header: &[u8]| LineParser::csv(header).unwrap_err().reason();
    assert_eq!(reason(b""), "header_missing_column");
    assert_eq!(reason(b"document_type,number"), "header_missing_column");
    assert_eq!(reason(b"document_type,number,kind,number"), "header_duplicate_column");
    assert_eq!(reason(b"document_type,number,kind,Status"), "header_unknown_column");
    assert_eq!(reason(b"111,11010519491231002X,health_code"), "header_unknown_column");
    assert_eq!(reason(b"document_type,number,kind,\"status"), "header_quote_open");
    assert_eq!(reason(b"document_type,number,kind,\xff"), "header_not_utf8");
    assert!(!LineParser::csv(b"11010519491231002X").unwrap_err().to_string().contains("1101"));
}

#[test]
fn a_csv_line_that_is_no_fact_is_refused_with_reason_and_field() {
    let parser = LineParser::csv(b"document_type,number,kind,hop,evidence").unwrap();
    let found = |line: &[u8]| {
        let error = parser.parse(line).unwrap_err();
        (error.reason(), error.field())
    };
    assert_eq!(found(b"111,11010519491231002X,health_code,"), ("line_cells", None));
    assert_eq!(found(b""), ("line_cells", None));
    assert_eq!(found(b"111,11010519491231002X,\"health_code,,"), ("line_quote_open", None));
    assert_eq!(found(b"111,\"1101\n0519\",health_code,,"), ("line_document", Some("number")));
    assert_eq!(found(b"111,,health_code,,"), ("line_document", Some("number")));
    assert_eq!(found(b"112,11010519491231002X,health_code,,"), ("line_document", Some("document_type")));
    assert_eq!(found(b",11010519491231002X,health_code,,"), ("line_document", Some("document_type")));
    assert_eq!(found(b"+111,11010519491231002X,health_code,,"), ("line_field", Some("document_type")));
    assert_eq!(found(b"111,11010519491231002X,,,"), ("line_field", Some("kind")));
    assert_eq!(found(b"111,11010519491231002X,health_code,256,"), ("line_field", Some("hop")));
    assert_eq!(found(b"111,11010519491231002X,health_code,,lab"), ("line_field", Some("evidence")));
    assert_eq!(found(b"\xff"), ("line_not_utf8", None));
}

proptest! {
    #[test]
    fn reading_never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = LineParser::json().parse(&bytes);
        let _ = csv().parse(&bytes);
        let _ = LineParser::csv(&bytes);
    }

    #[test]
    fn reading_never_panics_on_any_text(text in any::<String>()) {
        let _ = parse_line(&text);
        let _ = csv().parse(text.as_bytes());
    }

    #[test]
    fn a_damaged_csv_line_is_refused_or_means_what_it_says(line in damaged(full().to_csv())) {
        if let Ok(fact) = csv().parse(line.as_bytes()) {
            prop_assert_eq!(csv().parse(fact.to_csv().as_bytes()), Ok(fact));
        }
    }

    #[test]
    fn a_damaged_line_is_refused_or_means_what_it_says(line in damaged(full().to_line())) {
        if let Ok(fact) = parse_line(&line) {
            prop_assert_eq!(parse_line(&fact.to_line()), Ok(fact));
        }
    }
}
