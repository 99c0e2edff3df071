//! A key pair to be imported or generated.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{KeyPair, KeyPairCreate, Mark};
use cloudfarm_contract::{Context, Driver, Error, ErrorKind, Extension, Result, SideEffect, Text};
use serde_json::{Value, json};

use super::create::{Creation, Made};
use crate::farm::{Resource, extension};

impl Creation for KeyPairCreate {
    type Of = KeyPair;

    const ACTION: &'static str = "CreateKeyPair";

    fn params(&self) -> Value {
        json!({ "name": self.name, "public_key": self.public_key })
    }

    async fn create(&self, driver: &Layered, cx: &Context, mark: Mark) -> Result<Made<KeyPair>> {
        let request = Self {
            mark: Some(mark),
            ..self.clone()
        };
        let created = extension(driver, driver.key_pairs(), Extension::KeyPairs)?
            .create_key_pair(cx, &request)
            .await?;
        let key = created.private_key;
        Ok(Made {
            resource: created.key_pair,
            secret: key.map(|key| (Text::from_static("private_key"), key)),
        })
    }

    /// A key pair shows no mark, but its name is its own. An imported one is as good as if the
    /// reply had come; the private key of a generated one was in the reply and is lost.
    async fn find_made(
        &self,
        driver: &Layered,
        cx: &Context,
        _mark: &Mark,
    ) -> Result<Option<KeyPair>> {
        match KeyPair::get(driver, cx, &self.name).await {
            Ok(found) if self.public_key.is_some() => Ok(Some(found)),
            Ok(found) => Err(Error::provider_error(format!(
                "the private key of key pair {:?} was lost with the cloud's reply",
                found.name.as_str()
            ))
            .with_hint("delete the key pair and make it again")
            .with_retry(cloudfarm_contract::Retry::Never)
            .with_side_effect(SideEffect::Done)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
