//! Writes JSON into memory, where lists of a thousand nodes are the rule.
//!
//! The bytes are those of `serde_json`, of which this knows less: keys are text, and numbers are
//! whole or given to it. Texts are looked at eight bytes at a time, and nothing goes through a
//! writer that could fail.

use std::fmt::{Display, Write as _};

use cloudfarm_contract::{Error, Result};
use serde::ser::{self, Serialize};

use super::json_parts::{Fields, Items};

/// Why a value cannot be written: it has keys that are not text.
#[derive(Debug)]
pub(super) struct Unwritable(String);

impl Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The JSON of `value`, in a buffer that begins with room for `capacity` bytes.
///
/// # Errors
///
/// `internal` for a value that JSON cannot hold.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T, capacity: usize) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(capacity);
    value
        .serialize(Json(&mut out))
        .map_err(|error| Error::internal("the answer could not be written").with_internal(error))?;
    Ok(out)
}

/// Writes one value.
#[derive(Debug)]
pub(super) struct Json<'a>(pub(super) &'a mut Vec<u8>);

pub(super) type Written = std::result::Result<(), Unwritable>;

const ESCAPED: [u8; 256] = escapes();

/// For each byte 0 if it stands for itself, `u` for a code, else the letter after the backslash.
const fn escapes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0A] = b'n';
    table[0x0C] = b'f';
    table[0x0D] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
}

/// Whether one of eight bytes is below 0x20, a quote or a backslash. Where it says no there is
/// none; the highest bits are set for each byte that may be one.
const fn may_need_escape(bytes: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const fn has_zero(bytes: u64) -> u64 {
        bytes.wrapping_sub(ONES) & !bytes
    }
    let control = bytes.wrapping_sub(ONES * 0x20) & !bytes;
    let quote = has_zero(bytes ^ (ONES * b'"' as u64));
    let backslash = has_zero(bytes ^ (ONES * b'\\' as u64));
    (control | quote | backslash) & HIGH != 0
}

/// Whether every byte stands for itself. What is left over of the eights is looked at together with
/// bytes that were seen already.
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<8>() {
        let (words, _) = text.as_chunks::<8>();
        let mut words = words.iter().chain([last]);
        words.all(|word| !may_need_escape(u64::from_le_bytes(*word)))
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let [first, last] = [*first, *last].map(u32::from_le_bytes).map(u64::from);
        !may_need_escape(first | last << 32)
    } else {
        text.iter().all(|byte| ESCAPED[usize::from(*byte)] == 0)
    }
}

/// Writes the name of a field and the colon. Names come from the code, so none needs an escape.
pub(super) fn write_name(out: &mut Vec<u8>, name: &'static str) {
    debug_assert!(is_plain(name.as_bytes()), "{name:?} needs an escape");
    out.reserve(name.len() + 3);
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a text in quotes.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    out.reserve(text.len() + 2);
    out.push(b'"');
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        write_escaped(out, text);
    }
    out.push(b'"');
}

#[cold]
fn write_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match ESCAPED[usize::from(*byte)] {
            0 => out.push(*byte),
            b'u' => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
    }
}

/// Escapes what is formatted.
struct Escaping<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let text = text.as_bytes();
        if is_plain(text) {
            self.0.extend_from_slice(text);
        } else {
            write_escaped(self.0, text);
        }
        Ok(())
    }
}

macro_rules! whole_numbers {
    ($($method:ident($type:ty);)*) => {
        $(
        fn $method(self, number: $type) -> Written {
            let mut digits = itoa::Buffer::new();
            self.0.extend_from_slice(digits.format(number).as_bytes());
            Ok(())
        }
        )*
    };
}

impl<'a> Json<'a> {
    /// What is rare is written by `serde_json`.
    fn by_serde_json<T: Serialize>(self, value: T) -> Written {
        serde_json::to_writer(self.0, &value).map_err(ser::Error::custom)
    }

    fn items(self) -> Items<'a> {
        self.0.push(b'[');
        Items::new(self.0, "]")
    }

    fn fields(self) -> Fields<'a> {
        self.0.push(b'{');
        Fields::new(self.0, "}")
    }

    /// The beginning of `{"variant":`, that an enum's variant with contents has around it.
    fn variant(self, variant: &str) -> &'a mut Vec<u8> {
        self.0.push(b'{');
        write_text(self.0, variant);
        self.0.push(b':');
        self.0
    }
}

impl<'a> ser::Serializer for Json<'a> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    whole_numbers! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.0
            .extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Written {
        self.by_serde_json(number)
    }

    fn serialize_f64(self, number: f64) -> Written {
        self.by_serde_json(number)
    }

    fn serialize_char(self, character: char) -> Written {
        write_text(self.0, character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Written {
        write_text(self.0, text);
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Written {
        self.0.push(b'"');
        write!(Escaping(self.0), "{value}").map_err(ser::Error::custom)?;
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        self.by_serde_json(bytes)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let out = self.variant(variant);
        value.serialize(Json(out))?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> std::result::Result<Items<'a>, Unwritable> {
        Ok(self.items())
    }

    fn serialize_tuple(self, _: usize) -> std::result::Result<Items<'a>, Unwritable> {
        Ok(self.items())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Items<'a>, Unwritable> {
        Ok(self.items())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Items<'a>, Unwritable> {
        let out = self.variant(variant);
        out.push(b'[');
        Ok(Items::new(out, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> std::result::Result<Fields<'a>, Unwritable> {
        Ok(self.fields())
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Fields<'a>, Unwritable> {
        Ok(self.fields())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Fields<'a>, Unwritable> {
        let out = self.variant(variant);
        out.push(b'{');
        Ok(Fields::new(out, "}}"))
    }
}
