//! What nodes are made of, in JSON: texts, numbers, times, addresses, words and their lists.

use std::net::IpAddr;
use std::sync::OnceLock;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{
    AddressKind, AddressScope, ExtraText, ImageRef, IpVersion, Metadata, NodeAction, NodeActions,
    NodeAddress, NodeState, SizeRef, TimeText,
};
use jiff::Timestamp;
use serde::Serialize;

use super::json::Json;
use super::json_text::{write_piece, write_text};

/// Writes names and values of fields. They begin with a brace or, after others, with a comma.
macro_rules! fields {
    ($out:ident; $start:literal $first:ident $(, $field:ident)*) => {
        $out.extend_from_slice(concat!($start, "\"", stringify!($first), "\":").as_bytes());
        $first.write_to($out);
        $(
        $out.extend_from_slice(concat!(",\"", stringify!($field), "\":").as_bytes());
        $field.write_to($out);
        )*
    };
}
pub(super) use fields;

/// The value of a field.
pub(super) trait Value {
    fn write_to(&self, out: &mut Vec<u8>);
}

impl Value for Text {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_text(out, self);
    }
}

impl Value for String {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_text(out, self);
    }
}

impl Value for bool {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// Numbers of up to three digits, and how many they have.
const SMALL: [([u8; 3], usize); 256] = small_numbers();

const fn small_numbers() -> [([u8; 3], usize); 256] {
    let mut numbers = [([0; 3], 0); 256];
    let mut number = 0;
    while number < numbers.len() {
        let (hundreds, tens) = (number / 100, number / 10 % 10);
        let digits = [hundreds, tens, number % 10];
        let length = if hundreds > 0 {
            3
        } else if tens > 0 {
            2
        } else {
            1
        };
        let mut place = 0;
        while place < length {
            numbers[number].0[place] = b'0' + digits[3 - length + place] as u8;
            place += 1;
        }
        numbers[number].1 = length;
        number += 1;
    }
    numbers
}

impl Value for u64 {
    fn write_to(&self, out: &mut Vec<u8>) {
        if let Ok(small) = u8::try_from(*self) {
            let (digits, length) = &SMALL[usize::from(small)];
            write_piece(out, digits, *length);
        } else {
            out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
        }
    }
}

impl Value for u32 {
    fn write_to(&self, out: &mut Vec<u8>) {
        u64::from(*self).write_to(out);
    }
}

impl<T: Value> Value for Option<T> {
    fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write_to(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    fn write_to(&self, out: &mut Vec<u8>) {
        write_list(out, self, |out, item| item.write_to(out));
    }
}

/// Most nodes are without any.
impl Value for Metadata {
    fn write_to(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            out.extend_from_slice(b"{}");
        } else {
            write_any(out, self);
        }
    }
}

impl Value for ExtraText {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_json().as_bytes());
    }
}

impl Value for Timestamp {
    fn write_to(&self, out: &mut Vec<u8>) {
        let is_written = write_in_place(out, |text| TimeText::write(*self, text));
        if !is_written {
            write_any(out, self);
        }
    }
}

impl Value for IpAddr {
    fn write_to(&self, out: &mut Vec<u8>) {
        let Self::V4(ip) = self else {
            write_any(out, self);
            return;
        };
        write_in_place(out, |text: &mut [u8; 18]| {
            let mut end = 0;
            for octet in ip.octets() {
                let (digits, length) = &SMALL[usize::from(octet)];
                text[end..end + 3].copy_from_slice(digits);
                text[end + length] = b'.';
                end += length + 1;
            }
            Some(end - 1)
        });
    }
}

/// Writes a text in quotes by putting it together where it belongs: to read again at once what was
/// written in small pieces keeps the processor waiting. `write` gives its length, or nothing.
#[inline(always)]
fn write_in_place<const N: usize>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut [u8; N]) -> Option<usize>,
) -> bool {
    let start = out.len();
    out.push(b'"');
    out.extend_from_slice(&[b'"'; N]);
    let text = out[start + 1..].first_chunk_mut();
    let Some(length) = text.and_then(write) else {
        out.truncate(start);
        return false;
    };
    let end = start + 1 + length;
    out.truncate(end);
    out.push(b'"');
    true
}

/// Objects of which every field is written. One that is forgotten here does not compile.
macro_rules! objects {
    ($($type:ident { $($field:ident),* })*) => {$(
        impl Value for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                fields!(out; "{" $($field),*);
                out.push(b'}');
            }
        }
    )*};
}

objects! {
    ImageRef { id, name }
    SizeRef { id, name, vcpus, ram_mb, disk_gb }
    NodeAddress { ip, version, scope, network, kind }
}

impl Value for IpVersion {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::V4 => b'4',
            Self::V6 => b'6',
        });
    }
}

/// A word in quotes, with commas after it; and how long it is without those.
type Word = ([u8; 24], usize);

const fn word(name: &str) -> Word {
    let mut word = [b','; 24];
    word[0] = b'"';
    let mut index = 0;
    while index < name.len() {
        word[index + 1] = name.as_bytes()[index];
        index += 1;
    }
    word[index + 1] = b'"';
    (word, index + 2)
}

/// The words of a type, in the order of its values, put together when this is compiled.
macro_rules! words {
    ($type:ident) => {{
        const WORDS: [Word; $type::ALL.len()] = {
            let mut words = [word(""); $type::ALL.len()];
            let mut index = 0;
            while index < words.len() {
                words[index] = word($type::ALL[index].as_str());
                index += 1;
            }
            words
        };
        &WORDS
    }};
}

/// Types of which each value is a word.
macro_rules! named {
    ($($type:ident),*) => {$(
        impl Value for $type {
            fn write_to(&self, out: &mut Vec<u8>) {
                let (word, length) = &words!($type)[*self as usize];
                write_piece(out, word, *length);
            }
        }
    )*};
}

named!(NodeState, AddressKind, AddressScope);

/// Sets of actions in JSON. Of all that there could be a farm has a few: one for each state of each
/// kind of cloud. Two that want the same place are written out.
static ACTIONS: [OnceLock<(NodeActions, Box<[u8]>)>; 64] = [const { OnceLock::new() }; 64];

impl Value for NodeActions {
    fn write_to(&self, out: &mut Vec<u8>) {
        // The upper bits of a product depend on all bits of the factors.
        let place = self.bits().wrapping_mul(0x9E37_79B1) >> 26;
        let (set, json) = ACTIONS[place as usize].get_or_init(|| {
            let mut json = Vec::new();
            write_actions(&mut json, *self);
            (*self, json.into())
        });
        if set == self {
            out.extend_from_slice(json);
        } else {
            write_actions(out, *self);
        }
    }
}

fn write_actions(out: &mut Vec<u8>, actions: NodeActions) {
    out.push(b'[');
    let start = out.len();
    for action in actions.iter() {
        let (word, length) = &words!(NodeAction)[action as usize];
        write_piece(out, word, *length + 1);
    }
    // The end takes the place of the last comma.
    out.truncate(start.max(out.len() - 1));
    out.push(b']');
}

/// Writes what is rare as everything else is written.
pub(super) fn write_any<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let written = value.serialize(Json(out));
    debug_assert!(written.is_ok(), "every key in it is a text");
}

pub(super) fn write_list<T>(
    out: &mut Vec<u8>,
    items: &[T],
    mut write: impl FnMut(&mut Vec<u8>, &T),
) {
    let mut before = b'[';
    for item in items {
        out.push(before);
        write(out, item);
        before = b',';
    }
    if items.is_empty() {
        out.push(before);
    }
    out.push(b']');
}
