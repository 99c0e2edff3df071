//! Key pairs.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::extensions::KeyPairs;
use cloudfarm_contract::model::{Extra, KeyPair, KeyPairCreate, KeyPairCreated};
use cloudfarm_contract::{Context, ErrorKind, ListQuery, Page, Result, Secret, Text, async_trait};
use serde::Deserialize;

use crate::compute::instance::present;
use crate::driver::Ec2Driver;
use crate::errors::{again, gone_is_fine, is_code, unknown};
use crate::list;
use crate::query::Query;
use crate::time;
use crate::xml::Set;

#[derive(Debug, Deserialize)]
pub(crate) struct Keys {
    #[serde(rename = "keySet")]
    pub(crate) keys: Set<Wire>,
}

#[derive(Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "keyName")]
    name: Text,
    #[serde(rename = "keyFingerprint", default)]
    fingerprint: Option<Text>,
    #[serde(rename = "keyMaterial", default)]
    private_key: Option<Secret>,
    #[serde(rename = "publicKey", default)]
    public_key: Option<Text>,
    #[serde(rename = "createTime", default)]
    created_at: Option<Text>,
    #[serde(rename = "keyPairId", default)]
    id: Option<Text>,
    #[serde(rename = "keyType", default)]
    kind: Option<Text>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Ec2Driver {
    pub(crate) fn key_pair(&self, key: Wire) -> KeyPair {
        let mut extra = Extra::new();
        for (name, value) in [("id", key.id), ("type", key.kind)] {
            if let Some(value) = present(value) {
                extra.insert(name.into(), value.as_str().into());
            }
        }
        KeyPair {
            cloud: self.cloud(),
            name: key.name,
            fingerprint: present(key.fingerprint),
            public_key: present(key.public_key).map(String::from),
            created_at: time::optional(key.created_at.as_ref()),
            extra,
        }
    }
}

#[async_trait]
impl KeyPairs for Ec2Driver {
    async fn list_key_pairs(&self, cx: &Context, query: &ListQuery) -> Result<Page<KeyPair>> {
        let keys: Keys = self
            .session
            .read(cx, Query::read("DescribeKeyPairs"))
            .await?;
        let pairs = keys.keys.items.into_iter().map(|key| self.key_pair(key));
        let pairs = pairs.filter(|pair| query.matches(&pair.name)).collect();
        list::whole(pairs, |pair| &pair.name, &query.page)
    }

    async fn get_key_pair(&self, cx: &Context, name: &str) -> Result<KeyPair> {
        let call = Query::read("DescribeKeyPairs").list("KeyName", [name]);
        let keys: Keys = self.session.read(cx, call).await?;
        let found = keys.keys.items.into_iter().find(|key| key.name == *name);
        let key = found.ok_or_else(|| unknown("key pair", name))?;
        Ok(self.key_pair(key))
    }

    async fn create_key_pair(
        &self,
        cx: &Context,
        request: &KeyPairCreate,
    ) -> Result<KeyPairCreated> {
        let call = match &request.public_key {
            None => Query::once("CreateKeyPair").secret_answer(),
            Some(key) => Query::once("ImportKeyPair")
                .set("PublicKeyMaterial", BASE64_STANDARD.encode(key.trim())),
        };
        let call = call.set("KeyName", request.name.as_str());
        let mut key: Wire = self.session.read(cx, call).await.map_err(|error| {
            if is_code(&error, &["InvalidKey.Format", "InvalidKeyPair.Format"]) {
                return again(&error, ErrorKind::Invalid).with_field("public_key");
            }
            error
        })?;
        Ok(KeyPairCreated {
            private_key: key.private_key.take().filter(|secret| !secret.is_empty()),
            key_pair: self.key_pair(key),
        })
    }

    async fn delete_key_pair(&self, cx: &Context, name: &str) -> Result<()> {
        let call = Query::change("DeleteKeyPair").set("KeyName", name);
        gone_is_fine(self.session.act(cx, call).await)
    }
}
