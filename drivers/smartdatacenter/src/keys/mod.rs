//! Private keys, and what signs with them.
//!
//! A key comes from a text in PEM or OpenSSH's form, or stays with an SSH agent. Whatever it is, it
//! says how the provider calls its kind of signature, and by which fingerprint it is known.

mod agent;
mod der;
mod openssh;
mod pem;
mod public;
mod unlock;

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair,
};
use cloudfarm_contract::{Context, Error, Result, Secret};

pub use agent::AgentKey;
pub use public::PublicKey;
pub(crate) use public::{is_fingerprint, md5_of};

/// A kind of signature, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with PKCS#1 padding over SHA-256.
    RsaSha256,
    /// RSA with PKCS#1 padding over SHA-512.
    RsaSha512,
    /// ECDSA on P-256 over SHA-256.
    EcdsaSha256,
    /// ECDSA on P-521 over SHA-512.
    EcdsaSha512,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::RsaSha512 => "rsa-sha512",
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha512 => "ecdsa-sha512",
            Self::Ed25519 => "ed25519-sha512",
        }
    }

    /// The kind of signature that a key makes, as far as `wished` leaves it open.
    ///
    /// # Errors
    ///
    /// `invalid` for a wish that the key cannot fulfil, and for a key that CloudAPI has no name for.
    fn of(key: &PublicKey, wished: Option<&str>) -> Result<Self> {
        let possible: &[Self] = match key {
            PublicKey::Rsa { .. } => &[Self::RsaSha256, Self::RsaSha512],
            PublicKey::Ecdsa { curve, .. } => match *curve {
                "nistp256" => &[Self::EcdsaSha256],
                "nistp384" => return Err(refused_p384()),
                _ => &[Self::EcdsaSha512],
            },
            PublicKey::Ed25519(_) => &[Self::Ed25519],
        };
        let Some(wished) = wished else {
            return Ok(possible[0]);
        };
        let found = possible.iter().find(|known| known.as_str() == wished);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = possible.iter().map(|known| known.as_str()).collect();
            Error::invalid(format!(
                "algorithm: {} signs with {}",
                key.kind(),
                names.join(" or ")
            ))
            .with_field("extra_params.algorithm")
        })
    }
}

/// SSH signs on this curve over SHA-384, which CloudAPI's own library refuses.
fn refused_p384() -> Error {
    Error::invalid("an ecdsa key on p-384 is not taken: use p-256 or p-521, rsa or ed25519")
}

/// A private key that is at hand.
pub struct PrivateKey {
    public: PublicKey,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Reads a key in PEM or OpenSSH's form.
    ///
    /// # Errors
    ///
    /// `invalid`, naming no field: what is missing, wrong, locked, or of a kind that is not taken.
    pub fn parse(text: &str, passphrase: Option<&Secret>) -> Result<Self> {
        pem::read(text, passphrase)
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    fn rsa(pair: RsaKeyPair) -> Result<Self> {
        let public = der::rsa_public(pair.public_key().as_ref())
            .ok_or_else(|| Error::invalid("the public half of the rsa key cannot be read"))?;
        Ok(Self {
            public,
            pair: Pair::Rsa(pair),
        })
    }

    fn ecdsa(curve: &'static str, pair: EcdsaKeyPair) -> Self {
        let public = PublicKey::Ecdsa {
            curve,
            point: pair.public_key().as_ref().to_vec(),
        };
        Self {
            public,
            pair: Pair::Ecdsa(pair),
        }
    }

    fn ed25519(pair: Ed25519KeyPair) -> Self {
        Self {
            public: PublicKey::Ed25519(pair.public_key().as_ref().to_vec()),
            pair: Pair::Ed25519(pair),
        }
    }

    /// Signs.
    ///
    /// # Errors
    ///
    /// `internal` if the library of cryptography fails.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::internal("the request cannot be signed");
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding = match algorithm {
                    Algorithm::RsaSha512 => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&random, message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// What signs: a key at hand, or an agent that has one.
#[derive(Debug)]
pub enum Key {
    /// A key at hand.
    Private(PrivateKey, Algorithm),
    /// A key in an agent.
    Agent(AgentKey),
}

impl Key {
    /// A key at hand that signs as `wished`, where that is said.
    ///
    /// # Errors
    ///
    /// `invalid` for an algorithm that the key does not have.
    pub fn private(key: PrivateKey, wished: Option<&str>) -> Result<Self> {
        let algorithm = Algorithm::of(key.public(), wished)?;
        Ok(Self::Private(key, algorithm))
    }

    /// Signs, and says how.
    ///
    /// # Errors
    ///
    /// `unavailable` if the agent cannot be reached, `provider_auth` if it does not have the key or
    /// does not sign with it.
    pub async fn sign(&self, cx: &Context, message: &[u8]) -> Result<(Algorithm, Vec<u8>)> {
        match self {
            Self::Private(key, algorithm) => Ok((*algorithm, key.sign(*algorithm, message)?)),
            Self::Agent(agent) => agent.sign(cx, message).await,
        }
    }
}
