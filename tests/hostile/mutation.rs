//! What is done to a valid request: to a message, to its frame, or to the bytes of both.

use huxin_tests::raw::framed;

use crate::random::Random;
use crate::tree;

/// Changes a request of these messages and frames it.
pub fn mutated(messages: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut messages = messages.to_vec();
    match random.below(20) {
        // As it is: what is valid stays accepted in the midst of the rest.
        0 => frames(&messages),
        1..=11 => {
            for _ in 0..=random.below(3) {
                if let Some(message) = pick(&mut messages, random) {
                    *message = tree::change(message, random);
                }
            }
            frames(&messages)
        }
        12 => {
            if let Some(message) = pick(&mut messages, random) {
                let length = random.below(message.len());
                message.truncate(length);
            }
            frames(&messages)
        }
        13 | 14 => {
            if let Some(message) = pick(&mut messages, random) {
                flip(message, random);
            }
            frames(&messages)
        }
        15 => {
            let copy = messages.first().cloned().unwrap_or_default();
            let place = random.below(messages.len() + 1);
            messages.insert(place, copy);
            if random.one_in(2) {
                messages.swap_remove(0);
            }
            frames(&messages)
        }
        16 if random.one_in(8) => oversize(messages, random),
        _ => misframed(&messages, random),
    }
}

/// Changes the bytes of one message.
pub fn mutated_message(message: &[u8], random: &mut Random) -> Vec<u8> {
    let mut message = message.to_vec();
    match random.below(8) {
        0 => {}
        1 => message.truncate(random.below(message.len())),
        2 => flip(&mut message, random),
        _ => (0..=random.below(3)).for_each(|_| message = tree::change(&message, random)),
    }
    message
}

fn pick<'a>(messages: &'a mut [Vec<u8>], random: &mut Random) -> Option<&'a mut Vec<u8>> {
    let place = random.below(messages.len());
    messages.get_mut(place)
}

/// These messages, one after another in their frames.
pub fn frames(messages: &[Vec<u8>]) -> Vec<u8> {
    messages.iter().flat_map(|message| framed(message)).collect()
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let place = random.below(bytes.len());
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1 << random.below(8);
        }
    }
}

/// A message of more than 64 KiB.
fn oversize(mut messages: Vec<Vec<u8>>, random: &mut Random) -> Vec<u8> {
    if let Some(message) = pick(&mut messages, random) {
        // Field 15, whether it is known or not.
        message.push(15 << 3 | 2);
        let length = *random.pick(&[65_000_u32, 65_536, 70_000]);
        message.extend([length | 0x80, length >> 7 | 0x80, length >> 14].map(|part| part.to_le_bytes()[0]));
        message.extend(vec![b'x'; usize::try_from(length).unwrap()]);
    }
    frames(&messages)
}

/// Frames that are none.
fn misframed(messages: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut body = frames(messages);
    match random.below(7) {
        // The flag for compression without a compression, or a flag that does not exist.
        0 => set(&mut body, 0, *random.pick(&[1, 2, 255])),
        // A length that is too long, too short or enormous.
        1 => set(&mut body, 1, *random.pick(&[1, 127, 255])),
        2 => {
            let place = *random.pick(&[2, 3, 4]);
            set(&mut body, place, random.next().to_le_bytes()[0]);
        }
        3 => body.truncate(random.below(body.len())),
        4 => body.extend(random.bytes(7)),
        5 => body.clear(),
        _ => body = vec![0; 5],
    }
    body
}

fn set(body: &mut [u8], place: usize, value: u8) {
    if let Some(byte) = body.get_mut(place) {
        *byte = value;
    }
}
