//! Encrypts what nobody may read who has only the database.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use cloudfarm_contract::{Error, Result, Secret};
use uuid::Uuid;

/// The bytes of a nonce, which stands before what is sealed.
const NONCE_LENGTH: usize = 12;
/// Shorter ones can be guessed.
const KEY_LENGTH_MIN: usize = 32;

/// AES-256-GCM under the key of the store.
pub(super) struct Sealer(RandomizedNonceKey);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([secret])")
    }
}

impl Sealer {
    /// Under the key that this text gives: what is long and random is as good as 32 bytes.
    pub(super) fn new(key: &Secret) -> Result<Self> {
        if key.expose().len() < KEY_LENGTH_MIN {
            return Err(Error::invalid(format!(
                "store.key is too short: it needs {KEY_LENGTH_MIN} characters or more"
            ))
            .with_field("store.key")
            .with_hint("`openssl rand -base64 32` makes a good one"));
        }
        let key = digest(&SHA256, key.expose().as_bytes());
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref())
            .map(Self)
            .map_err(|error| Error::internal("no key could be made").with_internal(error))
    }

    /// Encrypts `clear`. It can only be opened again for the same job and purpose.
    pub(super) fn seal(&self, id: Uuid, purpose: &str, clear: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = clear.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(aad(id, purpose), &mut sealed)
            .map_err(|error| Error::internal("it could not be sealed").with_internal(error))?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        Ok(whole)
    }

    /// Decrypts what [`Sealer::seal`] gave.
    pub(super) fn open(&self, id: Uuid, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong = || {
            Error::internal("what was sealed cannot be opened")
                .with_hint("store.key is another than when it was sealed")
        };
        let (nonce, body) = sealed.split_at_checked(NONCE_LENGTH).ok_or_else(wrong)?;
        let nonce =
            aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut body = body.to_vec();
        let length = self
            .0
            .open_in_place(nonce, aad(id, purpose), &mut body)
            .map_err(|_| wrong())?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

fn aad(id: Uuid, purpose: &str) -> Aad<Vec<u8>> {
    let mut about = id.as_bytes().to_vec();
    about.extend_from_slice(purpose.as_bytes());
    Aad::from(about)
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Secret;
    use uuid::Uuid;

    use super::Sealer;

    fn sealer(key: &str) -> Sealer {
        Sealer::new(&Secret::from(key.repeat(32))).unwrap()
    }

    #[test]
    fn only_the_same_key_job_and_purpose_open_it() {
        let id = Uuid::now_v7();
        let sealed = sealer("a").seal(id, "payload", b"text").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"text"));
        assert_eq!(sealer("a").open(id, "payload", &sealed).unwrap(), b"text");
        assert!(sealer("b").open(id, "payload", &sealed).is_err());
        assert!(
            sealer("a")
                .open(Uuid::now_v7(), "payload", &sealed)
                .is_err()
        );
        assert!(sealer("a").open(id, "secrets", &sealed).is_err());
        assert!(sealer("a").open(id, "payload", &sealed[..9]).is_err());
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(Sealer::new(&Secret::from("short")).is_err());
    }
}
