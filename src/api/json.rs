//! Writes JSON into memory, where lists of a thousand nodes are the rule.
//!
//! The bytes are those of `serde_json`, of which this knows less: keys are text, and numbers are
//! whole or given to it. Texts are looked at sixteen bytes at a time, and nothing goes through a
//! writer that could fail.

use std::fmt::{Display, Write as _};

use cloudfarm_contract::{Error, Result};
use serde::ser::{self, Serialize};

use super::json_parts::{Fields, Items};
use super::json_text::{Escaping, write_text, write_word};

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

    #[inline(always)]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        write_word(self.0, variant);
        Ok(())
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
