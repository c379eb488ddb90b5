//! A message of any type with values that it might well hold, made from its descriptor.

use huxin_tests::{fresh_id, person};
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::random::Random;

/// How deep messages are filled.
const DEPTH: usize = 6;

/// The bytes of a message in which every field has a plausible value, and of alternatives one.
pub fn plausible(descriptor: &MessageDescriptor, now: i64, random: &mut Random) -> Vec<u8> {
    message(descriptor, now, DEPTH, random).encode_to_vec()
}

fn message(descriptor: &MessageDescriptor, now: i64, depth: usize, random: &mut Random) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    let chosen: Vec<FieldDescriptor> = descriptor
        .oneofs()
        .map(|oneof| {
            let fields: Vec<_> = oneof.fields().collect();
            random.pick(&fields).clone()
        })
        .collect();
    for field in descriptor.fields() {
        if field.containing_oneof().is_some() && !chosen.contains(&field) {
            continue;
        }
        if depth == 0 && matches!(field.kind(), Kind::Message(_)) {
            continue;
        }
        let one = value(&field, now, depth, random);
        let value = if field.is_list() { Value::List(vec![one]) } else { one };
        message.set_field(&field, value);
    }
    message
}

fn value(field: &FieldDescriptor, now: i64, depth: usize, random: &mut Random) -> Value {
    match field.kind() {
        Kind::Message(inner) => Value::Message(message(&inner, now, depth - 1, random)),
        Kind::Enum(names) => {
            let numbers: Vec<i32> = names.values().map(|value| value.number()).collect();
            Value::EnumNumber(*random.pick(&numbers))
        }
        Kind::String => Value::String(text(field.name()).to_owned()),
        Kind::Bytes => Value::Bytes(bytes(field.name(), random).into()),
        Kind::Bool => Value::Bool(random.one_in(2)),
        Kind::Uint32 => Value::U32(u32::try_from(number(field.name(), now, random)).unwrap_or(1)),
        Kind::Uint64 => Value::U64(u64::try_from(number(field.name(), now, random)).unwrap_or(1)),
        Kind::Int64 => Value::I64(number(field.name(), now, random)),
        other => {
            panic!("{}: no field had the type {other:?} so far; give it a value here", field.full_name())
        }
    }
}

fn text(name: &str) -> String {
    let known = match name {
        "number" => return person(1).number().to_owned(),
        "region" | "home_region" | "test_regions" => "44",
        "place_id" => "gz-south-station",
        "purpose" => "travel",
        "department" | "assigner" => "gd-cdc",
        "origin" | "reuse_origin" => "gd.example/log/0",
        "origin_area" => "440104",
        "status" => "00",
        "result" => "negative",
        "page_token" => "",
        _ => "text",
    };
    known.to_owned()
}

fn bytes(name: &str, random: &mut Random) -> Vec<u8> {
    match name {
        "request_id" | "request_tag" | "nonce" | "subject_salt" => fresh_id().to_vec(),
        "kid" => random.bytes(8),
        "signature" => random.bytes(64),
        _ => random.bytes(32),
    }
}

fn number(name: &str, now: i64, random: &mut Random) -> i64 {
    match name {
        "type" => 111,
        "deadline_ms" => 1000,
        "page_size" => 20,
        name if name.ends_with("unix_ms") => now,
        _ => i64::try_from(random.below(4)).unwrap(),
    }
}
