//! Key pairs: check and begin to make.

use cloudfarm_contract::layers::check_key_pair_create;
use cloudfarm_contract::model::{KeyPair, KeyPairCreate};
use cloudfarm_contract::{Driver, Error, ErrorKind, Extension, Result};

use super::{Call, Orchestrator, validate};
use crate::farm::{Resource, extension};
use crate::jobs::JobHandle;

impl Orchestrator {
    /// Begins to import or generate a key pair.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` if the name is taken; `unsupported`.
    pub async fn create_key_pair(
        &self,
        call: &Call,
        cloud: &str,
        mut request: KeyPairCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        request.public_key = request.public_key.map(public_key).transpose()?;
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.key_pairs(), Extension::KeyPairs)?;
        on.check(|can| check_key_pair_create(can, &request))?;
        match KeyPair::get(&on.driver, call.cx(), &request.name).await {
            Ok(taken) => Err(Error::conflict(format!(
                "there is a key pair {:?} already",
                taken.name.as_str()
            ))
            .with_field("name")
            .with_cloud(on.cloud)),
            Err(error) if error.kind() == ErrorKind::NotFound => on.create(request).await,
            Err(error) => Err(error),
        }
    }
}

/// The key without the end of line that files have. Which kinds of keys are taken only the cloud
/// knows.
fn public_key(key: String) -> Result<String> {
    let key = key.trim();
    let wrong = if key.is_empty() {
        "public_key is empty"
    } else if key.contains("PRIVATE KEY") {
        "public_key is a private key"
    } else if key.chars().any(char::is_control) {
        "public_key is more than one line"
    } else if key.split_ascii_whitespace().nth(1).is_none() {
        "public_key is not a public key"
    } else {
        return Ok(key.to_owned());
    };
    Err(Error::invalid(wrong)
        .with_field("public_key")
        .with_hint("give the one line of a file like id_ed25519.pub"))
}
