//! Keys in the forms of OpenSSH.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use cloudfarm_contract::{Error, Result, Secret, Text};

const ED25519: &str = "ssh-ed25519";

/// The types of key that can be imported.
const TYPES: &[&str] = &[
    ED25519,
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// A key pair that `ssh` takes.
pub(crate) struct GeneratedKey {
    pub(crate) public: String,
    pub(crate) private: Secret,
}

impl GeneratedKey {
    /// A fresh key with a comment.
    pub(crate) fn new(comment: &str) -> Result<Self> {
        let failed = || Error::internal("no key could be generated");
        let pair = Ed25519KeyPair::generate().map_err(|_| failed())?;
        let seed = pair.seed().map_err(|_| failed())?;
        let seed = seed.as_be_bytes().map_err(|_| failed())?;
        let public = pair.public_key().as_ref();
        let blob = [field(ED25519.as_bytes()), field(public)].concat();
        let private = private_blob(&blob, public, seed.as_ref(), comment);
        Ok(Self {
            public: format!("{ED25519} {} {comment}", STANDARD.encode(&blob)),
            private: Secret::new(armoured(&private)),
        })
    }
}

/// A field of the wire: its length, then itself.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// The private key, not encrypted, as described in OpenSSH's PROTOCOL.key.
fn private_blob(blob: &[u8], public: &[u8], seed: &[u8], comment: &str) -> Vec<u8> {
    let check = fastrand::u32(..).to_be_bytes();
    let mut secret = [
        check.to_vec(),
        check.to_vec(),
        field(ED25519.as_bytes()),
        field(public),
        field(&[seed, public].concat()),
        field(comment.as_bytes()),
    ]
    .concat();
    // The padding counts up from one to the block size of the cipher `none`.
    let missing = secret.len().next_multiple_of(8) - secret.len();
    secret.extend((1_u8..8).take(missing));
    [
        b"openssh-key-v1\0".to_vec(),
        field(b"none"),
        field(b"none"),
        field(b""),
        1_u32.to_be_bytes().to_vec(),
        field(blob),
        field(&secret),
    ]
    .concat()
}

fn armoured(bytes: &[u8]) -> String {
    let mut text = String::from("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let encoded = STANDARD.encode(bytes);
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % 70 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END OPENSSH PRIVATE KEY-----\n");
    text
}

/// The fingerprint of a public key, as `ssh-keygen -l` writes it.
pub(crate) fn fingerprint(public_key: &str) -> Result<Text> {
    let refuse = || {
        Error::invalid("public_key is not a key in the form of OpenSSH, as \"ssh-ed25519 AAAA...\"")
            .with_field("public_key")
    };
    let mut words = public_key.split_whitespace();
    let (Some(kind), Some(encoded)) = (words.next(), words.next()) else {
        return Err(refuse());
    };
    let blob = STANDARD.decode(encoded).map_err(|_| refuse())?;
    let named = field(kind.as_bytes());
    if !TYPES.contains(&kind) || !blob.starts_with(&named) || blob.len() <= named.len() {
        return Err(refuse());
    }
    let hash = digest(&SHA256, &blob);
    let hash = STANDARD_NO_PAD.encode(hash.as_ref());
    Ok(Text::from(format!("SHA256:{hash}")))
}

#[cfg(test)]
mod tests {
    use super::{GeneratedKey, fingerprint};

    #[test]
    fn a_known_key_has_the_fingerprint_that_ssh_keygen_shows() {
        let key = "ssh-ed25519 \
            AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github.com";
        assert_eq!(
            fingerprint(key).unwrap().as_str(),
            "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        );
    }

    #[test]
    fn a_generated_key_has_a_fingerprint_and_no_other_is_like_it() {
        let (one, two) = (
            GeneratedKey::new("a").unwrap(),
            GeneratedKey::new("b").unwrap(),
        );
        assert_ne!(
            fingerprint(&one.public).unwrap(),
            fingerprint(&two.public).unwrap()
        );
        let private = one.private.expose();
        assert!(private.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        assert!(private.ends_with("\n-----END OPENSSH PRIVATE KEY-----\n"));
        assert!(private.lines().all(|line| line.len() <= 70));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 !!!",
            "ssh-dss AAAA",
            "ssh-rsa AAAAC3Nz",
        ] {
            let error = fingerprint(text).unwrap_err();
            assert_eq!(error.field().unwrap().as_str(), "public_key");
        }
    }
}
