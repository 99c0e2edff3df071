//! A key pair to be imported or generated.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{KeyPair, KeyPairCreate, Mark};
use cloudfarm_contract::{Context, Driver, Error, ErrorKind, Extension, Result, Text};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::create::{Creation, Found, Made};
use crate::farm::{Resource, extension};
use crate::jobs::run::Run;

/// By how much the clock of a cloud may differ from ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

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

    /// A key pair shows no mark, but its name is its own, and it was free when the job was asked
    /// for. An imported one is as good as if the reply had come; the private key of a generated
    /// one was in the reply and is lost.
    async fn find_made(&self, driver: &Layered, run: &Run) -> Result<Found<KeyPair>> {
        let found = match KeyPair::get(driver, run.cx(), &self.name).await {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        if is_older(&found, run) || is_another(&found, self.public_key.as_deref()) {
            return Err(Error::conflict(format!(
                "there is another key pair {:?}",
                found.name.as_str()
            ))
            .with_field("name"));
        }
        Ok(match self.public_key {
            Some(_) => Found::Made(found),
            None => Found::Useless(found),
        })
    }
}

/// Whether the key pair was there long before the cloud was asked for one. Clocks differ a little.
fn is_older(found: &KeyPair, run: &Run) -> bool {
    match (found.created_at, run.asked_at()) {
        (Some(made), Some(asked)) => made + CLOCKS_DIFFER < asked,
        _ => false,
    }
}

/// Whether the key is not the one that was to be imported. Its comment does not matter.
fn is_another(found: &KeyPair, asked: Option<&str>) -> bool {
    fn parts(key: &str) -> Vec<&str> {
        key.split_ascii_whitespace().take(2).collect()
    }
    match (found.public_key.as_deref(), asked) {
        (Some(found), Some(asked)) => parts(found) != parts(asked),
        _ => false,
    }
}
