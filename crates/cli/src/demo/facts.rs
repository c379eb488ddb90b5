//! What departments state in the story, and about whom. All people are synthetic: prefecture 99 exists nowhere.

use huxin_attest::{
    ClaimFields, Claims, CodeStatus, DepartmentName, Digest, Document, DocumentType, EvidenceRef, Kind,
    SubjectCommitment, SubjectSalt, TestResult, UnixMs, UnixSecs,
};

use super::stage::{region, text};

/// A fact to be stated now.
#[derive(Clone)]
pub struct Fact<'a> {
    /// The province.
    pub region: u8,
    /// The department.
    pub department: &'a str,
    /// The person.
    pub subject: &'a Document,
    /// What is stated.
    pub says: Says<'a>,
}

/// What a fact says.
#[derive(Clone)]
pub enum Says<'a> {
    /// A green code, under the province's own label.
    Green(&'a str),
    /// A red code, under the province's own label.
    Red(&'a str, Assigned<'a>),
    /// A red code that was only heard of, from this province.
    HeardRed(u8),
    /// A negative test, reported so many minutes ago.
    Negative(i64),
    /// Evidence of this kind; it never leaves the province.
    Evidence(&'a str),
}

/// Who assigned a red code, and on what.
#[derive(Clone, Default)]
pub struct Assigned<'a> {
    /// The department that assigned it and its role, if one is named.
    pub by: Option<(&'a str, &'a str)>,
    /// The reason, if one is given.
    pub reason: Option<&'a str>,
    /// The evidence: its kind and its digest.
    pub evidence: Vec<(&'a str, Digest)>,
}

impl Fact<'_> {
    /// The claims, stated at `now`.
    ///
    /// # Errors
    /// If a name is none.
    pub fn claims(&self, now: UnixMs, salt: &SubjectSalt) -> Result<Claims, String> {
        let home = region(self.region)?;
        let department: DepartmentName = self.department.parse().map_err(text)?;
        let kind = match self.says {
            Says::Green(_) | Says::Red(..) | Says::HeardRed(_) => Kind::HealthCode,
            Says::Negative(_) => Kind::NucleicTest,
            Says::Evidence(_) => Kind::Evidence,
        };
        let commitment = SubjectCommitment::of(self.subject, salt);
        let mut fields = ClaimFields::new(kind, home, department, UnixSecs::at(now), commitment);
        match &self.says {
            Says::Green(label) => {
                fields.status = Some(CodeStatus::Green);
                fields.native_label = Some(label.parse().map_err(text)?);
            }
            Says::Red(label, Assigned { by, reason, evidence }) => {
                fields.status = Some(CodeStatus::Red);
                fields.native_label = Some(label.parse().map_err(text)?);
                if let Some((assigner, role)) = by {
                    fields.assigner = Some(assigner.parse().map_err(text)?);
                    fields.assigner_role = Some(role.parse().map_err(text)?);
                }
                fields.assigned_for = reason.map(str::parse).transpose().map_err(text)?;
                let reference = |(kind, digest): &(&str, Digest)| {
                    Ok(EvidenceRef { kind: kind.parse().map_err(text)?, digest: *digest })
                };
                fields.evidence = evidence.iter().map(reference).collect::<Result<_, String>>()?;
            }
            Says::HeardRed(origin) => {
                fields.region = region(*origin)?;
                fields.hop = 1;
                fields.status = Some(CodeStatus::Red);
            }
            Says::Negative(minutes) => {
                let reported = UnixSecs::at(now.saturating_add_ms(-minutes * 60_000));
                fields.result = Some(TestResult::Negative);
                (fields.sampled_at, fields.reported_at) = (Some(reported), Some(reported));
            }
            Says::Evidence(item) => fields.item = Some(item.parse().map_err(text)?),
        }
        Claims::new(fields).map_err(text)
    }
}

/// A person with an identity number of prefecture 99 of a province, born on this date (`yyyymmdd`); `number`, up to 999, tells
/// people apart.
///
/// # Errors
/// If the date is none.
pub fn person(province: u8, born: u32, number: u16) -> Result<Document, String> {
    let body = format!("{province}9901{born:08}{number:03}");
    let check = huxin_attest::document::resident_id_check(&body).ok_or("17 digits")?;
    Document::parse(DocumentType::ResidentId, &format!("{body}{check}")).map_err(text)
}

/// The traveller of most scenarios.
///
/// # Errors
/// Never: the date is one.
pub fn traveller() -> Result<Document, String> {
    person(42, 19880101, 1)
}
