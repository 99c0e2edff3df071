//! What a job is written as, so that another process can do it.
//!
//! Payloads hold secrets in clear, and only here can they be written: requests that hold secrets
//! cannot be serialised themselves.

use cloudfarm_contract::model::{
    AddressAllocate, Extra, ImageCreate, KeyPairCreate, Mark, Metadata, NetworkAttachment,
    NetworkCreate, NodeCreate, NodeSnapshotCreate, RootVolume, RouterCreate, SecurityGroupCreate,
    SubnetCreate, VolumeCreate, VolumeSnapshotCreate,
};
use cloudfarm_contract::{Error, Result, Secret, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What can be written as a part of a payload.
pub trait Payload: Sized {
    /// As JSON, with secrets in clear.
    ///
    /// # Errors
    ///
    /// `internal` if it cannot be written.
    fn to_payload(&self) -> Result<Value>;

    /// From JSON.
    ///
    /// # Errors
    ///
    /// `internal` if it was not written by [`Payload::to_payload`].
    fn from_payload(payload: Value) -> Result<Self>;
}

pub(super) fn write(payload: &impl Serialize) -> Result<Value> {
    serde_json::to_value(payload)
        .map_err(|error| Error::internal("the job could not be written").with_internal(error))
}

/// What serde says about a payload may quote a secret out of it, so that not even the log has it.
pub(super) fn read<T: DeserializeOwned>(payload: Value) -> Result<T> {
    serde_json::from_value(payload)
        .map_err(|_| Error::internal("the job could not be read by this version"))
}

macro_rules! plain {
    ($($type:ty),* $(,)?) => {$(
        impl Payload for $type {
            fn to_payload(&self) -> Result<Value> {
                write(self)
            }

            fn from_payload(payload: Value) -> Result<Self> {
                read(payload)
            }
        }
    )*};
}

plain!(
    AddressAllocate,
    ImageCreate,
    KeyPairCreate,
    NetworkCreate,
    NodeSnapshotCreate,
    RouterCreate,
    SecurityGroupCreate,
    SubnetCreate,
    VolumeCreate,
    VolumeSnapshotCreate,
);

impl Payload for NodeCreate {
    fn to_payload(&self) -> Result<Value> {
        NodeCreateDef::serialize(self, serde_json::value::Serializer)
            .map_err(|error| Error::internal("the job could not be written").with_internal(error))
    }

    fn from_payload(payload: Value) -> Result<Self> {
        NodeCreateDef::deserialize(payload)
            .map_err(|_| Error::internal("the job could not be read by this version"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NodeCreate")]
struct NodeCreateDef {
    name: Text,
    image: Text,
    size: Text,
    #[serde(default)]
    location: Option<Text>,
    #[serde(default)]
    key_pair: Option<Text>,
    #[serde(default, with = "in_clear")]
    user_data: Option<Secret>,
    #[serde(default, with = "in_clear")]
    admin_password: Option<Secret>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    networks: Vec<NetworkAttachment>,
    #[serde(default)]
    security_groups: Vec<Text>,
    #[serde(default)]
    root_volume: Option<RootVolume>,
    #[serde(default)]
    options: Extra,
    #[serde(default)]
    mark: Option<Mark>,
}

/// A secret as itself.
pub(super) mod in_clear {
    use cloudfarm_contract::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        Option::deserialize(deserializer)
    }
}
