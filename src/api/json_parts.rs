//! The insides of JSON's lists and objects.

use serde::ser::{self, Serialize};

use super::json::{Json, Unwritable, Written};
use super::json_text::write_name;

/// Writes the items of a list.
#[derive(Debug)]
pub(super) struct Items<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
    end: &'static str,
}

impl<'a> Items<'a> {
    /// Of a list that is open already and ends with `end`.
    pub(super) fn new(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        let is_first = true;
        Self { out, is_first, end }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        value.serialize(Json(self.out))
    }

    fn close(self) -> Written {
        self.out.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

/// Writes the fields of an object.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
    end: &'static str,
}

impl<'a> Fields<'a> {
    /// Of an object that is open already and ends with `end`.
    pub(super) fn new(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        let is_first = true;
        Self { out, is_first, end }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
    }

    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        write_name(self.out, std::mem::take(&mut self.is_first), name);
        value.serialize(Json(self.out))
    }

    fn close(self) -> Written {
        self.out.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

macro_rules! list {
    ($($trait:ident: $method:ident;)*) => {
        $(
        impl ser::$trait for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.item(value)
            }

            fn end(self) -> Written {
                self.close()
            }
        }
        )*
    };
}

list! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! object {
    ($($trait:ident;)*) => {
        $(
        impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = Unwritable;

            #[inline(always)]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Written {
                self.field(name, value)
            }

            fn end(self) -> Written {
                self.close()
            }
        }
        )*
    };
}

object! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.separate();
        let start = self.out.len();
        key.serialize(Json(self.out))?;
        if self.out.get(start) == Some(&b'"') {
            Ok(())
        } else {
            Err(ser::Error::custom("a key must be text"))
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn end(self) -> Written {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use serde::Serialize;
    use serde_json::Value;

    use super::super::json::encode;

    fn same(value: &(impl Serialize + ?Sized)) {
        let ours = String::from_utf8(encode(value, 0).unwrap()).unwrap();
        assert_eq!(ours, serde_json::to_string(value).unwrap());
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(u8),
        Pair(i64, &'static str),
        Named { text: String, none: Option<u8> },
    }

    #[test]
    fn every_shape_is_as_serde_json_writes_it() {
        same(&[Shape::Unit, Shape::New(7), Shape::Pair(-1, "\u{1f}\"")]);
        same(&Shape::Named {
            text: "a\\b\n\u{8}\u{c}\r\t".to_owned(),
            none: None,
        });
        same(&((), 'x', '"', 1.5_f32, f64::NAN, u128::MAX, Some(true)));
        same(&std::net::IpAddr::from([10, 0, 0, 1]));
        same(&BTreeMap::from([("a", vec![1]), ("b\"", Vec::new())]));
        assert!(encode(&BTreeMap::from([(1, 2)]), 0).is_err());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            let pairs = proptest::collection::btree_map(any::<String>(), inner.clone(), 0..8);
            prop_oneof![
                proptest::collection::vec(inner, 0..8).prop_map(Value::from),
                pairs.prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_as_serde_json_writes_it(value in json()) {
            same(&value);
        }

        #[test]
        fn any_text_is_as_serde_json_writes_it(text in "[ -~\u{0}-\u{1f}\"\\\\äß€😀]{0,40}") {
            same(&text);
        }
    }
}
