//! The fields of a server. Nothing is kept on the way that is not kept in the end.

use std::borrow::Cow;
use std::fmt;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{
    ExtraText, ExtraWriter, Fault, ImageRef, Metadata, Node, NodeActions, NodeState,
};
use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::addresses::Addresses;
use crate::compute::flavors::Flavor;
use crate::compute::status;
use crate::marks::take_mark;
use crate::time;

/// What Nova says of a server. A cell that is down leaves everything out but the id.
#[derive(Default)]
pub(super) struct Fields {
    id: Text,
    name: Option<Text>,
    status: Option<Text>,
    metadata: Option<Metadata>,
    image: Option<Image>,
    flavor: Option<Flavor>,
    created: Option<Text>,
    addresses: Option<Addresses>,
    key_name: Option<Text>,
    zone: Option<Text>,
    task: Option<Text>,
    security_groups: Option<Groups>,
    volumes: Option<Vec<Identified>>,
    fault: Option<ServerFault>,
    /// What has no place of its own, without what says nothing.
    rest: ExtraWriter,
}

#[derive(serde::Deserialize)]
struct Image {
    id: Option<Text>,
    name: Option<Text>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: Text,
}

#[derive(serde::Deserialize)]
struct Identified {
    id: Text,
}

#[derive(serde::Deserialize)]
struct ServerFault {
    code: Option<Value>,
    message: Option<String>,
    created: Option<Text>,
}

impl Fields {
    pub(super) fn into_node(self) -> Node {
        let native_state = self.status.unwrap_or(Text::from_static("UNKNOWN"));
        let task = self.task.as_deref();
        let state = status::state(&native_state, task);
        let mut metadata = self.metadata.unwrap_or_default();
        let mark = take_mark(&mut metadata);
        let fault = self.fault.filter(|_| state == NodeState::Error);
        let volumes = self.volumes.unwrap_or_default();
        let mut node = Node {
            cloud: Text::default(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            state,
            busy: status::is_busy(state, &native_state, task),
            native_state,
            image: self.image.and_then(Image::into_ref),
            size: self.flavor.map(Flavor::into),
            location: self.zone.filter(|zone| !zone.is_empty()),
            addresses: Vec::new(),
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            key_pair: self.key_name,
            security_groups: self.security_groups.unwrap_or_default().0,
            volumes: volumes.into_iter().map(|volume| volume.id).collect(),
            metadata,
            mark,
            fault: fault.map(ServerFault::into_fault),
            created_at: time::optional(self.created.as_ref()),
            actions: NodeActions::default(),
            observed_at: Timestamp::UNIX_EPOCH,
            extra: extra(self.rest, self.task),
        };
        node.set_addresses(self.addresses.unwrap_or_default().0);
        node
    }
}

impl Image {
    fn into_ref(self) -> Option<ImageRef> {
        let id = self.id.filter(|id| !id.is_empty())?;
        Some(ImageRef {
            id,
            name: self.name,
        })
    }
}

impl ServerFault {
    fn into_fault(self) -> Fault {
        let code = self.code.and_then(|code| match code {
            Value::String(text) => Some(Text::from(text)),
            Value::Number(number) => Some(Text::from(number.to_string())),
            _ => None,
        });
        let message = self.message.unwrap_or_default();
        Fault {
            code,
            message: Text::from(message.trim().trim_end_matches('.')),
            at: time::optional(self.created.as_ref()),
        }
    }
}

fn extra(mut rest: ExtraWriter, task: Option<Text>) -> ExtraText {
    if let Some(task) = task {
        rest.add_text("OS-EXT-STS:task_state", &task);
    }
    rest.finish()
}

/// The name of a field, as it stands in the text.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut server = Fields::default();
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
                _ => server.rest.add_value(&key, &mut map)?,
            }
        }
        if !has_id {
            return Err(A::Error::missing_field("id"));
        }
        Ok(server)
    }
}

/// The names of its security groups. Nova names a group once for each port.
#[derive(Default)]
struct Groups(Vec<Text>);

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_seq(GroupsVisitor)
    }
}

struct GroupsVisitor;

impl<'de> Visitor<'de> for GroupsVisitor {
    type Value = Groups;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("security groups")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Groups, A::Error> {
        let mut names = Vec::new();
        while let Some(Named { name }) = seq.next_element()? {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Groups(names))
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
