//! The reading of a server. Lists of thousands are read, so nothing is kept on the way that is not
//! kept in the end.

use std::borrow::Cow;
use std::fmt;

use cloudfarm_contract::Text;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::{Image, Server};

/// The name of a field, as it stands in the text.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Server {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(ServerVisitor)
    }
}

struct ServerVisitor;

impl<'de> Visitor<'de> for ServerVisitor {
    type Value = Server;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Server, A::Error> {
        let mut server = Server::default();
        let mut has_id = false;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "id" => {
                    server.id = map.next_value()?;
                    has_id = true;
                }
                "name" => server.name = map.next_value()?,
                "status" => server.status = map.next_value()?,
                "metadata" => server.metadata = map.next_value()?,
                "image" => server.image = map.next_value::<ImageOrText>()?.0,
                "flavor" => server.flavor = map.next_value()?,
                "created" => server.created = map.next_value()?,
                "addresses" => server.addresses = map.next_value()?,
                "key_name" => server.key_name = map.next_value()?,
                "OS-EXT-AZ:availability_zone" => server.zone = map.next_value()?,
                "OS-EXT-STS:task_state" => server.task = map.next_value()?,
                "security_groups" => server.security_groups = map.next_value()?,
                "os-extended-volumes:volumes_attached" => server.volumes = map.next_value()?,
                "fault" => server.fault = map.next_value()?,
                // Links lead to where nobody needs to go.
                "links" | "adminPass" => drop(map.next_value::<IgnoredAny>()?),
                _ => match map.next_value()? {
                    Value::Null => {}
                    Value::String(text) if text.is_empty() => {}
                    told => drop(server.rest.insert(Text::from(key), told)),
                },
            }
        }
        if !has_id {
            return Err(A::Error::missing_field("id"));
        }
        Ok(server)
    }
}

/// An object, or an empty text where the server boots from a volume.
struct ImageOrText(Option<Image>);

impl<'de> Deserialize<'de> for ImageOrText {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ImageVisitor).map(Self)
    }
}

struct ImageVisitor;

impl<'de> Visitor<'de> for ImageVisitor {
    type Value = Option<Image>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an image or an empty text")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Image::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
