use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark};
use crate::{Secret, Text};

/// A public key that nodes are made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KeyPair {
    /// The cloud it is on.
    pub cloud: Text,
    /// The name, which is unique on its cloud and serves as id.
    pub name: Text,
    /// The fingerprint as the provider writes it.
    pub fingerprint: Option<Text>,
    /// The public key in OpenSSH's form; `null` where the provider does not show it.
    pub public_key: Option<String>,
    /// When the provider made it.
    pub created_at: Option<Timestamp>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// A key pair to be imported or generated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyPairCreate {
    /// The name.
    pub name: Text,
    /// The public key to import; `None` lets the provider generate a pair.
    pub public_key: Option<String>,
    /// The mark to leave on it, where the provider has a place for one.
    pub mark: Option<Mark>,
}

/// A key pair that was made.
#[derive(Debug, Clone)]
pub struct KeyPairCreated {
    /// As the provider shows it.
    pub key_pair: KeyPair,
    /// The private key of a generated pair; the provider gives it once.
    pub private_key: Option<Secret>,
}
