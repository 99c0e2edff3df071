//! Keys of the account. CloudAPI takes public keys and generates none.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::extensions::KeyPairs;
use cloudfarm_contract::model::{Extra, KeyPair, KeyPairCreate, KeyPairCreated};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait,
};
use serde::Deserialize;
use serde_json::json;

use crate::call::Call;
use crate::errors::{gone_is_fine, not_found_if_malformed};
use crate::keys::md5_of;
use crate::list;
use crate::session::Session;

/// The keys of an account.
#[derive(Debug, Clone)]
pub(crate) struct Keys(pub(crate) Arc<Session>);

#[derive(Debug, Deserialize)]
pub(crate) struct AccountKey {
    name: Text,
    #[serde(default)]
    fingerprint: Text,
    #[serde(default)]
    key: Option<String>,
    #[serde(flatten)]
    rest: Extra,
}

impl AccountKey {
    pub(crate) fn into_key_pair(self, cloud: &Text) -> KeyPair {
        let public_key = self
            .key
            .map(|key| key.trim().to_owned())
            .filter(|key| key.split_whitespace().count() >= 2);
        let fingerprint = Some(self.fingerprint)
            .filter(|fingerprint| !fingerprint.is_empty())
            .or_else(|| public_key.as_deref().and_then(fingerprint));
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null());
        KeyPair {
            cloud: cloud.clone(),
            name: self.name,
            fingerprint,
            public_key,
            created_at: None,
            extra,
        }
    }
}

fn fingerprint(public_key: &str) -> Option<Text> {
    let blob = BASE64_STANDARD
        .decode(public_key.split_whitespace().nth(1)?)
        .ok()?;
    Some(Text::from(md5_of(&blob)))
}

#[async_trait]
impl KeyPairs for Keys {
    async fn list_key_pairs(&self, cx: &Context, query: &ListQuery) -> Result<Page<KeyPair>> {
        let response = self.0.ask(cx, &Call::get(&["keys"])).await?;
        let keys: Vec<AccountKey> = response.json()?;
        let mut pairs: Vec<_> = keys
            .into_iter()
            .map(|key| key.into_key_pair(self.0.cloud()))
            .collect();
        pairs.retain(|pair| query.matches(&pair.name));
        list::cut(pairs, |pair| &pair.name, &query.page)
    }

    async fn get_key_pair(&self, cx: &Context, name: &str) -> Result<KeyPair> {
        let response = self.0.ask(cx, &Call::get(&["keys", name])).await;
        let key: AccountKey = response.map_err(not_found_if_malformed)?.json()?;
        Ok(key.into_key_pair(self.0.cloud()))
    }

    async fn create_key_pair(
        &self,
        cx: &Context,
        request: &KeyPairCreate,
    ) -> Result<KeyPairCreated> {
        let Some(public_key) = &request.public_key else {
            return Err(Error::unsupported(
                "this cloud cannot generate key pairs (key_pair_create_generated)",
            )
            .with_field("public_key"));
        };
        let call = Call::post(&["keys"], Effect::Once)
            .body(json!({"name": request.name.as_str(), "key": public_key}));
        let response = self.0.ask(cx, &call).await.map_err(|error| {
            if error.kind() == ErrorKind::Invalid {
                return error.with_field("public_key");
            }
            error
        })?;
        let key: AccountKey = response.json()?;
        Ok(KeyPairCreated {
            key_pair: key.into_key_pair(self.0.cloud()),
            private_key: None,
        })
    }

    async fn delete_key_pair(&self, cx: &Context, name: &str) -> Result<()> {
        gone_is_fine(self.0.ask(cx, &Call::delete(&["keys", name])).await)
    }
}
