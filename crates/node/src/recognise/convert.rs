//! An app's question: from the wire into the domain's types, and the narrowed form that a decision commits to.

use huxin_attest::{AreaCode, Digest, Document, RegionCode, UnixMs, sha256};
use huxin_wire::convert::{InvalidField, document, document_message, fixed, text};
use huxin_wire::v1;
use prost::Message as _;

use crate::limits;

const MAX_ID: usize = 64;
const MAX_AGE: u32 = 150;

/// A request that is well formed; whether the app may make it is not decided here.
pub struct Request {
    /// The place, as `places.toml` names it.
    pub place_id: String,
    /// Why.
    pub purpose: String,
    /// Where the holder says to come from.
    pub origin_area: Option<AreaCode>,
    /// The caller's own reference.
    pub case_ref: String,
    /// The same in a retry.
    pub request_id: [u8; 16],
    /// Who stands there.
    pub presentations: Vec<Presentation>,
}

/// What one person shows.
pub struct Presentation {
    /// The document shown.
    pub document: Document,
    /// The province that holds the person's code.
    pub home: RegionCode,
    /// Where the holder was tested, beside there and here.
    pub test_regions: Vec<RegionCode>,
    /// The age, and where it came from.
    pub age: Age,
}

/// An age in full years.
#[derive(Clone, Copy)]
pub struct Age {
    /// `None`: unknown.
    pub years: Option<u8>,
    /// Where it came from.
    pub source: v1::AgeSource,
    /// What a proxy declared, whether or not it counts.
    pub declared: Option<u8>,
}

/// What a request says of everybody in it.
pub struct Frame {
    /// See [`Request`].
    pub place_id: String,
    /// See [`Request`].
    pub purpose: String,
    /// See [`Request`].
    pub case_ref: String,
    /// See [`Request`].
    pub request_id: [u8; 16],
}

impl Request {
    /// Reads a request; ages are counted on the local date of `now`.
    ///
    /// # Errors
    /// If a field is missing or out of its bounds.
    pub fn parse(message: v1::RecogniseRequest, now: UnixMs) -> Result<Self, InvalidField> {
        let v1::RecogniseRequest { presentations, place_id, purpose, origin_area, case_ref, request_id } =
            message;
        if !(1..=limits::PRESENTATIONS).contains(&presentations.len()) {
            return Err(InvalidField::form("presentations", "one to eight"));
        }
        let area = |text: &str| text.parse().map_err(|error| InvalidField::form("origin_area", error));
        Ok(Self {
            place_id: mandatory(place_id, "place_id")?,
            purpose: mandatory(purpose, "purpose")?,
            origin_area: (!origin_area.is_empty()).then(|| area(&origin_area)).transpose()?,
            case_ref: text(case_ref, "case_ref", MAX_ID)?,
            request_id: fixed(&request_id, "request_id")?,
            presentations: presentations
                .into_iter()
                .map(|one| presentation(one, now))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn mandatory(value: String, field: &'static str) -> Result<String, InvalidField> {
    if value.is_empty() { Err(InvalidField::Missing(field)) } else { text(value, field, MAX_ID) }
}

fn presentation(message: v1::Presentation, now: UnixMs) -> Result<Presentation, InvalidField> {
    let v1::Presentation { document: presented, test_regions, declared_age } = message;
    let presented = presented.ok_or(InvalidField::Missing("presentations.document"))?;
    let v1::PresentedDocument { document: message, home_region } = presented;
    let document = document(message, "presentations.document")?;
    let region =
        |text: &str, field| text.parse::<RegionCode>().map_err(|error| InvalidField::form(field, error));
    if test_regions.len() > limits::TEST_REGIONS {
        return Err(InvalidField::form("test_regions", "at most three"));
    }
    let tested =
        test_regions.iter().map(|text| region(text, "test_regions")).collect::<Result<Vec<_>, _>>()?;
    if declared_age.is_some_and(|age| age > MAX_AGE) {
        return Err(InvalidField::form("declared_age", "0 to 150"));
    }
    let declared = declared_age.and_then(|age| u8::try_from(age).ok());
    let age = match (document.age_on(now.local_date()), declared) {
        (Some(years), _) => Age { years: Some(years), source: v1::AgeSource::Document, declared },
        // A document that states a birth date in the future states no age, and none can be declared beside it.
        (None, Some(years)) if document.birth_date().is_none() => {
            Age { years: Some(years), source: v1::AgeSource::Declared, declared }
        }
        (None, _) => Age { years: None, source: v1::AgeSource::Unknown, declared },
    };
    Ok(Presentation { document, home: region(&home_region, "home_region")?, test_regions: tested, age })
}

impl Frame {
    /// The request narrowed to one presentation: its bytes, and the hash that the decision commits to.
    pub fn narrow(&self, one: &Presentation, origin_area: Option<AreaCode>) -> (Vec<u8>, Digest) {
        let presentation = v1::Presentation {
            document: Some(v1::PresentedDocument {
                document: Some(document_message(&one.document)),
                home_region: one.home.to_string(),
            }),
            test_regions: one.test_regions.iter().map(ToString::to_string).collect(),
            declared_age: one.age.declared.map(u32::from),
        };
        let narrowed = v1::RecogniseRequest {
            presentations: vec![presentation],
            place_id: self.place_id.clone(),
            purpose: self.purpose.clone(),
            origin_area: origin_area.map(|area| area.to_string()).unwrap_or_default(),
            case_ref: self.case_ref.clone(),
            request_id: bytes::Bytes::copy_from_slice(&self.request_id),
        };
        let bytes = narrowed.encode_to_vec();
        let hash = sha256(&[&bytes]);
        (bytes, hash)
    }
}
