//! A protobuf message taken apart by its wire format alone, changed somewhere, and put together again.
//!
//! Bytes that happen to read as a message are taken apart as one. So messages that travel inside bytes fields are
//! changed inside too.

use crate::random::Random;

/// How deep messages are taken apart.
const DEPTH: usize = 8;
/// The most bytes that one repetition adds.
const LONGEST: usize = 100_000;
/// What strings are replaced with.
const TEXTS: [&[u8]; 9] = [
    b"",
    b"\0",
    b"\xff\xfe invalid UTF-8 \xc0\x80",
    b"a\nb\tc\x1b[2J",
    "\u{202e}\u{feff}广东\u{1f4a9}".as_bytes(),
    "٤٤".as_bytes(),
    b"../../../../etc/passwd",
    b"' OR 1=1 --",
    b"%s%n{}${jndi:x}",
];
/// What numbers are replaced with.
const NUMBERS: [u64; 9] = [0, 1, 2, 127, 4096, u32::MAX as u64, i64::MAX as u64, i64::MIN as u64, u64::MAX];

/// One field.
#[derive(Clone)]
enum Field {
    Varint(u64, u64),
    Fixed(u64, Vec<u8>),
    Bytes(u64, Vec<u8>),
    Message(u64, Vec<Field>),
    /// Written as it is.
    Raw(Vec<u8>),
}

/// Changes one place of a message.
pub fn change(message: &[u8], random: &mut Random) -> Vec<u8> {
    let Some(mut fields) = take_apart(message, DEPTH) else { return random.bytes(20) };
    let places: usize = fields.iter().map(count).sum();
    if places == 0 {
        return put_together(&[invented(random)]);
    }
    let mut place = random.below(places);
    change_at(&mut fields, &mut place, random);
    put_together(&fields)
}

fn count(field: &Field) -> usize {
    match field {
        Field::Message(_, inner) => 1 + inner.iter().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// Finds the place and changes it; returns true once it was found.
fn change_at(fields: &mut Vec<Field>, place: &mut usize, random: &mut Random) -> bool {
    for index in 0..fields.len() {
        if *place == 0 {
            change_here(fields, index, random);
            return true;
        }
        *place -= 1;
        if let Field::Message(_, inner) = &mut fields[index]
            && change_at(inner, place, random)
        {
            return true;
        }
    }
    false
}

fn change_here(fields: &mut Vec<Field>, index: usize, random: &mut Random) {
    let field = fields[index].clone();
    match random.below(12) {
        0 => {
            fields.remove(index);
        }
        1 => fields.insert(index, field),
        2 => {
            let length = put_together(std::slice::from_ref(&field)).len();
            let times = (*random.pick(&[2, 10, 100, 1000])).min(LONGEST / length.max(1));
            fields.splice(index..index, std::iter::repeat_n(field, times));
        }
        3 => fields.insert(index, invented(random)),
        4 => {
            let other = random.below(fields.len());
            fields.swap(index, other);
        }
        5 => fields[index] = renumbered(field, random),
        6 => fields[index] = retyped(&field, random),
        7 => fields[index] = nested(number(&field), random),
        8 => fields[index] = mislabelled(&field, random),
        _ => fields[index] = revalued(field, random),
    }
}

fn number(field: &Field) -> u64 {
    match field {
        Field::Varint(number, _)
        | Field::Fixed(number, _)
        | Field::Bytes(number, _)
        | Field::Message(number, _) => *number,
        Field::Raw(_) => 1,
    }
}

/// A field that no message has.
fn invented(random: &mut Random) -> Field {
    let number = *random.pick(&[19, 100, 19_000, 536_870_911]);
    match random.below(3) {
        0 => Field::Varint(number, random.next()),
        1 => Field::Bytes(number, random.bytes(40)),
        _ => Field::Fixed(number, random.bytes(8)),
    }
}

fn renumbered(field: Field, random: &mut Random) -> Field {
    let new = *random.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 536_870_911, 536_870_912]);
    match field {
        Field::Varint(_, value) => Field::Varint(new, value),
        Field::Fixed(_, value) => Field::Fixed(new, value),
        Field::Bytes(_, value) => Field::Bytes(new, value),
        Field::Message(_, inner) => Field::Message(new, inner),
        raw @ Field::Raw(_) => raw,
    }
}

/// The same content under another wire type; groups and the two that do not exist included.
fn retyped(field: &Field, random: &mut Random) -> Field {
    let mut raw = Vec::new();
    key(number(field), random.next() % 8, &mut raw);
    let content = put_together(std::slice::from_ref(field));
    raw.extend_from_slice(content.get(1..).unwrap_or_default());
    Field::Raw(raw)
}

/// A message in a message, many times, or groups that are never closed.
fn nested(number: u64, random: &mut Random) -> Field {
    if random.one_in(3) {
        let mut raw = Vec::new();
        (0..2000).for_each(|_| key(number, 3, &mut raw));
        return Field::Raw(raw);
    }
    let depth = *random.pick(&[2, 99, 101, 1000]);
    let field = (0..depth).fold(Field::Varint(1, 1), |inner, _| Field::Message(number, vec![inner]));
    // Flat bytes: a deep tree would be walked by recursion here.
    Field::Raw(put_together(&[field]))
}

/// A length that is not that of what follows.
fn mislabelled(field: &Field, random: &mut Random) -> Field {
    let content = match field {
        Field::Bytes(_, value) => value.clone(),
        Field::Message(_, inner) => put_together(inner),
        _ => random.bytes(9),
    };
    let length = content.len() as u64;
    let said = *random.pick(&[0, length / 2, length + 1, 65_537, u64::from(u32::MAX), u64::MAX]);
    let mut raw = Vec::new();
    key(number(field), 2, &mut raw);
    varint(said, &mut raw);
    raw.extend_from_slice(&content);
    Field::Raw(raw)
}

fn revalued(field: Field, random: &mut Random) -> Field {
    match field {
        Field::Varint(number, _) if random.one_in(6) => {
            // More bytes than a number has.
            let mut raw = Vec::new();
            key(number, 0, &mut raw);
            raw.extend_from_slice(&[0xff; 11]);
            raw.push(0);
            Field::Raw(raw)
        }
        Field::Varint(number, value) => {
            let near = [value.wrapping_add(1), value.wrapping_sub(1), random.next()];
            let chosen = if random.one_in(3) { random.pick(&near) } else { random.pick(&NUMBERS) };
            Field::Varint(number, *chosen)
        }
        Field::Fixed(number, value) => Field::Fixed(number, random.bytes(value.len())),
        Field::Bytes(number, value) => Field::Bytes(number, revalued_bytes(value, random)),
        Field::Message(number, inner) => Field::Bytes(number, revalued_bytes(put_together(&inner), random)),
        raw @ Field::Raw(_) => raw,
    }
}

fn revalued_bytes(mut value: Vec<u8>, random: &mut Random) -> Vec<u8> {
    match random.below(6) {
        0 => value.truncate(value.len() / 2),
        1 => value.extend(random.bytes(3)),
        2 => value = random.bytes(value.len()),
        3 => value = vec![b'x'; *random.pick(&[65, 513, 4097, 20_000])],
        4 => {
            if let Some(byte) = value.get_mut(0) {
                *byte ^= 1 << random.below(8);
            }
        }
        _ => value = random.pick(&TEXTS).to_vec(),
    }
    value
}

/// The fields of a message; `None`: it is none.
fn take_apart(mut bytes: &[u8], depth: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = read_varint(&mut bytes)?;
        let number = key >> 3;
        if number == 0 {
            return None;
        }
        fields.push(match key & 7 {
            0 => Field::Varint(number, read_varint(&mut bytes)?),
            1 => Field::Fixed(number, take(&mut bytes, 8)?),
            5 => Field::Fixed(number, take(&mut bytes, 4)?),
            2 => {
                let length = usize::try_from(read_varint(&mut bytes)?).ok()?;
                let content = take(&mut bytes, length)?;
                let inner =
                    if depth == 0 || content.is_empty() { None } else { take_apart(&content, depth - 1) };
                inner.map_or(Field::Bytes(number, content), |inner| Field::Message(number, inner))
            }
            _ => return None,
        });
    }
    Some(fields)
}

fn take(bytes: &mut &[u8], length: usize) -> Option<Vec<u8>> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken.to_vec())
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn put_together(fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        match field {
            Field::Varint(number, value) => {
                key(*number, 0, &mut out);
                varint(*value, &mut out);
            }
            Field::Fixed(number, value) => {
                key(*number, if value.len() == 8 { 1 } else { 5 }, &mut out);
                out.extend_from_slice(value);
            }
            Field::Bytes(number, value) => bytes(*number, value, &mut out),
            Field::Message(number, inner) => bytes(*number, &put_together(inner), &mut out),
            Field::Raw(raw) => out.extend_from_slice(raw),
        }
    }
    out
}

fn bytes(number: u64, value: &[u8], out: &mut Vec<u8>) {
    key(number, 2, out);
    varint(value.len() as u64, out);
    out.extend_from_slice(value);
}

fn key(number: u64, wire_type: u64, out: &mut Vec<u8>) {
    varint((number << 3) | wire_type, out);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

#[test]
fn what_is_not_changed_is_put_together_as_it_was() {
    use prost::Message as _;
    let query = huxin_tests::hand::query(&huxin_tests::person(1)).encode_to_vec();
    let ask = huxin_wire::v1::Ask { id: 1, query: query.into() }.encode_to_vec();
    let fields = take_apart(&ask, DEPTH).unwrap();
    assert!(fields.iter().map(count).sum::<usize>() > 8, "the query inside is taken apart too");
    assert_eq!(put_together(&fields), ask);
}
