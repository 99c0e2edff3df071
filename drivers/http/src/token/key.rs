//! Under what a token source is shared.

use std::fmt;
use std::sync::OnceLock;

use cloudfarm_contract::{Error, Result, Secret, Text};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Who asks whom with which secret. Two clouds share tokens only if all of it is equal; a user with
/// a changed or wrong secret never gets the token of the right one.
///
/// The secret is in it as a keyed hash under a key that lives as long as the process, so a key that
/// is printed or dumped helps nobody to guess the secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialKey {
    identity: Vec<Text>,
    secret: [u8; 32],
}

impl CredentialKey {
    /// The key for `identity` (the address of the identity service, user, domain, project, in a
    /// fixed order) with `secret`.
    ///
    /// # Errors
    ///
    /// `internal` if the machine gives no random numbers.
    pub fn new(
        identity: impl IntoIterator<Item = impl Into<Text>>,
        secret: &Secret,
    ) -> Result<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(process_key()?)
            .map_err(|error| Error::internal("no keyed hash can be made").with_internal(error))?;
        mac.update(secret.expose().as_bytes());
        Ok(Self {
            identity: identity.into_iter().map(Into::into).collect(),
            secret: mac.finalize().into_bytes().into(),
        })
    }
}

impl fmt::Debug for CredentialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialKey")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

fn process_key() -> Result<&'static [u8; 32]> {
    static KEY: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    KEY.get_or_init(|| {
        let mut key = [0; 32];
        // The kernel's own numbers: the generator of the TLS stack gathers entropy for tens of
        // milliseconds before its first, which a process that speaks plain HTTP never needs.
        getrandom::fill(&mut key).is_ok().then_some(key)
    })
    .as_ref()
    .ok_or_else(|| Error::internal("the machine gives no random numbers"))
}

#[cfg(test)]
mod tests {
    use super::CredentialKey;

    #[test]
    fn the_secret_tells_keys_apart_and_is_not_shown() {
        let key = |user: &str, secret: &str| {
            CredentialKey::new(["https://id.example/v3", user], &secret.into()).unwrap()
        };
        assert_eq!(key("demo", "canary"), key("demo", "canary"));
        assert_ne!(key("demo", "canary"), key("demo", "other"));
        assert_ne!(key("demo", "canary"), key("admin", "canary"));
        let shown = format!("{:?}", key("demo", "canary"));
        assert!(
            shown.contains("demo") && !shown.contains("canary"),
            "{shown}"
        );
    }
}
