//! The body of a page, read in one go: the items without a tree of values between.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What a page says.
#[derive(Debug)]
pub(super) struct Body<T> {
    /// None where the key is missing.
    pub(super) items: Option<Vec<T>>,
    /// The link to the next page.
    pub(super) next: Option<String>,
}

/// Reads the page of a list whose items are at `key`, with room for so many of them.
pub(super) fn of<T>(key: &'static str, room: usize) -> PageOf<T> {
    PageOf {
        key,
        room,
        items: PhantomData,
    }
}

pub(super) struct PageOf<T> {
    key: &'static str,
    room: usize,
    items: PhantomData<T>,
}

impl<T> Clone for PageOf<T> {
    fn clone(&self) -> Self {
        of(self.key, self.room)
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for PageOf<T> {
    type Value = Body<T>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageOf<T> {
    type Value = Body<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with {}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut body = Body {
            items: None,
            next: None,
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                body.items = Some(map.next_value_seed(Items {
                    room: self.room,
                    item: PhantomData,
                })?);
            } else if key == "next" {
                // Glance writes one link, the others a list of them.
                if let Value::String(link) = map.next_value()? {
                    body.next = Some(link);
                }
            } else if key.strip_prefix(self.key) == Some("_links") {
                let link = next_of(map.next_value()?);
                body.next = body.next.or(link);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(body)
    }
}

struct Items<T> {
    room: usize,
    item: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Items<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::with_capacity(self.room);
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

fn next_of(links: Value) -> Option<String> {
    let Value::Array(links) = links else {
        return None;
    };
    let next = links.iter().find(|link| link["rel"] == "next")?;
    Some(next["href"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeSeed;
    use serde_json::{Value, json};

    use super::{Body, of};

    fn read(body: &Value) -> Body<u32> {
        of("servers", 1).deserialize(body).unwrap()
    }

    #[test]
    fn both_forms_of_a_link_are_found_wherever_they_stand() {
        let link = json!([{"rel": "previous", "href": "?a"}, {"rel": "next", "href": "?b"}]);
        for body in [
            json!({"servers": [1, 2], "servers_links": link}),
            json!({"servers_links": link, "more": {"servers": []}, "servers": [1, 2]}),
            json!({"first": "?a", "next": "?b", "servers": [1, 2]}),
        ] {
            let read = read(&body);
            assert_eq!(read.items.as_deref(), Some(&[1, 2][..]), "{body}");
            assert_eq!(read.next.as_deref(), Some("?b"), "{body}");
        }
    }

    #[test]
    fn what_is_no_link_ends_the_list() {
        for body in [
            json!({"servers": [], "next": null}),
            json!({"servers": [], "servers_links": null}),
            json!({"servers": [], "servers_links": [{"rel": "self", "href": "?a"}]}),
            json!({"servers": [], "servers_links": [{"rel": "next"}, 5]}),
        ] {
            assert_eq!(read(&body).next, None, "{body}");
        }
        assert!(read(&json!({"nodes": []})).items.is_none());
    }
}
