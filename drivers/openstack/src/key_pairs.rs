//! Key pairs, which are Nova's.

use cloudfarm_contract::extensions::KeyPairs;
use cloudfarm_contract::model::{Extra, KeyPair, KeyPairCreate, KeyPairCreated};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Secret, Text, async_trait,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;
use crate::compute::Compute;
use crate::errors::{about_field, gone_is_fine, not_found_if_malformed};
use crate::list::{self, Collection, Listed};
use crate::time;
use crate::version::Microversion;

pub(crate) const KEY_PAIRS: Collection = Collection {
    service: COMPUTE,
    key: "keypairs",
};

/// Since then the list comes in pages.
const IN_PAGES: Microversion = Microversion::new(2, 35);
/// The last version in which Nova generates a pair.
const LAST_TO_GENERATE: Microversion = Microversion::new(2, 91);

#[derive(Debug, Deserialize)]
pub(crate) struct Wrapped {
    pub(crate) keypair: NovaKeyPair,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NovaKeyPair {
    name: Text,
    fingerprint: Option<Text>,
    public_key: Option<String>,
    #[serde(default)]
    private_key: Option<String>,
    #[serde(default)]
    created_at: Option<Text>,
    #[serde(default, rename = "type")]
    kind: Option<Text>,
}

impl Listed for Wrapped {
    fn marker(&self) -> &str {
        &self.keypair.name
    }
}

impl NovaKeyPair {
    pub(crate) fn into_key_pair(self, cloud: &Text) -> KeyPair {
        let mut extra = Extra::new();
        if let Some(kind) = &self.kind {
            extra.insert("type".into(), Value::from(kind.as_str()));
        }
        KeyPair {
            cloud: cloud.clone(),
            name: self.name,
            fingerprint: self.fingerprint.filter(|text| !text.is_empty()),
            public_key: self
                .public_key
                .map(|key| key.trim().to_owned())
                .filter(|k| !k.is_empty()),
            created_at: time::optional(self.created_at.as_ref()),
            extra,
        }
    }
}

#[async_trait]
impl KeyPairs for Compute {
    async fn list_key_pairs(&self, cx: &Context, query: &ListQuery) -> Result<Page<KeyPair>> {
        let call = Call::get(&["os-keypairs"]);
        let cloud = self.session.cloud();
        if self.session.speaks(cx, COMPUTE, IN_PAGES).await? {
            let page =
                list::page::<Wrapped>(&self.session, cx, KEY_PAIRS, &call, &query.page).await?;
            let mut pairs = page.map(|wrapped| wrapped.keypair.into_key_pair(cloud));
            pairs.items.retain(|pair| query.matches(&pair.name));
            return Ok(pairs);
        }
        let all = list::whole::<Wrapped>(&self.session, cx, KEY_PAIRS, &call).await?;
        let pairs = all
            .into_iter()
            .map(|wrapped| wrapped.keypair.into_key_pair(cloud));
        let wanted = pairs.filter(|pair| query.matches(&pair.name));
        list::cut(wanted.collect(), |pair| &pair.name, &query.page)
    }

    async fn get_key_pair(&self, cx: &Context, name: &str) -> Result<KeyPair> {
        let call = Call::get(&["os-keypairs", name]);
        let asked = self.session.ask(cx, COMPUTE, &call).await;
        let reply: Wrapped = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.keypair.into_key_pair(self.session.cloud()))
    }

    async fn create_key_pair(
        &self,
        cx: &Context,
        request: &KeyPairCreate,
    ) -> Result<KeyPairCreated> {
        let mut key_pair = json!({"name": request.name.as_str()});
        if let Some(key) = &request.public_key {
            key_pair["public_key"] = Value::from(key.as_str());
        }
        let body = json!({"keypair": key_pair});
        let mut call = Call::post(&["os-keypairs"], Effect::Once, body);
        if request.public_key.is_none() {
            call = call.at_most(LAST_TO_GENERATE).secret_reply();
        }
        let made = self.session.ask(cx, COMPUTE, &call).await;
        let reply: Wrapped = made.map_err(refused)?.json()?;
        let mut made = reply.keypair;
        let private_key = made.private_key.take().filter(|key| !key.is_empty());
        Ok(KeyPairCreated {
            key_pair: made.into_key_pair(self.session.cloud()),
            private_key: private_key.map(Secret::new),
        })
    }

    async fn delete_key_pair(&self, cx: &Context, name: &str) -> Result<()> {
        let call = Call::delete(&["os-keypairs", name]);
        gone_is_fine(self.session.ask(cx, COMPUTE, &call).await)
    }
}

fn refused(error: Error) -> Error {
    if error.kind() != ErrorKind::Invalid {
        return error;
    }
    let about_name = crate::errors::says(&error, &["name"]);
    about_field(&error, if about_name { "name" } else { "public_key" })
}
