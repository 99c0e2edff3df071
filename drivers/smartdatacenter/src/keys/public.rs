//! Public keys, and the fingerprints that they are known by.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use md5::{Digest, Md5};

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA: modulus and exponent, big endian, without leading zeros.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The exponent.
        exponent: Vec<u8>,
    },
    /// ECDSA: `nistp256`, `nistp384` or `nistp521`, and the point, uncompressed.
    Ecdsa {
        /// The curve, as SSH calls it.
        curve: &'static str,
        /// The point.
        point: Vec<u8>,
    },
    /// Ed25519.
    Ed25519(Vec<u8>),
}

/// The curves of ECDSA, as SSH calls them.
const CURVES: [&str; 3] = ["nistp256", "nistp384", "nistp521"];

impl PublicKey {
    /// The kind, for people.
    pub fn kind(&self) -> String {
        match self {
            Self::Rsa { modulus, .. } => format!("an rsa key of {} bits", modulus.len() * 8),
            Self::Ecdsa { curve, .. } => format!("an ecdsa key on {curve}"),
            Self::Ed25519(_) => "an ed25519 key".to_owned(),
        }
    }

    /// Reads the form that goes over the wire of SSH.
    pub fn from_blob(blob: &[u8]) -> Option<Self> {
        let mut rest = blob;
        let kind = take_string(&mut rest)?;
        let key = match std::str::from_utf8(kind).ok()? {
            "ssh-rsa" => {
                let exponent = positive(take_string(&mut rest)?);
                let modulus = positive(take_string(&mut rest)?);
                Self::Rsa { modulus, exponent }
            }
            "ssh-ed25519" => Self::Ed25519(take_string(&mut rest)?.to_vec()),
            other => {
                let name = other.strip_prefix("ecdsa-sha2-")?;
                let curve = CURVES.into_iter().find(|curve| *curve == name)?;
                take_string(&mut rest)?;
                let point = take_string(&mut rest)?.to_vec();
                Self::Ecdsa { curve, point }
            }
        };
        rest.is_empty().then_some(key)
    }

    /// The form that goes over the wire of SSH.
    pub fn to_blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        match self {
            Self::Rsa { modulus, exponent } => {
                put_string(&mut blob, b"ssh-rsa");
                put_string(&mut blob, &signed(exponent));
                put_string(&mut blob, &signed(modulus));
            }
            Self::Ecdsa { curve, point } => {
                put_string(&mut blob, format!("ecdsa-sha2-{curve}").as_bytes());
                put_string(&mut blob, curve.as_bytes());
                put_string(&mut blob, point);
            }
            Self::Ed25519(point) => {
                put_string(&mut blob, b"ssh-ed25519");
                put_string(&mut blob, point);
            }
        }
        blob
    }

    /// The fingerprint that CloudAPI knows a key by: MD5, in pairs of digits with colons.
    pub fn md5(&self) -> String {
        md5_of(&self.to_blob())
    }

    /// The fingerprint as newer tools show it: `SHA256:` and base64.
    pub fn sha256(&self) -> String {
        let hash = digest(&SHA256, &self.to_blob());
        format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(hash))
    }

    /// Whether `fingerprint` is one of this key, in any of the forms that tools write.
    pub fn is_known_as(&self, fingerprint: &str) -> bool {
        let bare = fingerprint
            .strip_prefix("MD5:")
            .or_else(|| fingerprint.strip_prefix("md5:"))
            .unwrap_or(fingerprint);
        bare.eq_ignore_ascii_case(&self.md5()) || fingerprint.trim_end_matches('=') == self.sha256()
    }
}

/// Whether a key's id is a fingerprint and not a name.
pub(crate) fn is_fingerprint(id: &str) -> bool {
    let bare = id
        .strip_prefix("MD5:")
        .or_else(|| id.strip_prefix("md5:"))
        .unwrap_or(id);
    let is_pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    id.starts_with("SHA256:") || (bare.split(':').count() == 16 && bare.split(':').all(is_pair))
}

/// The MD5 fingerprint of a public key in SSH's form.
pub(crate) fn md5_of(blob: &[u8]) -> String {
    let pairs: Vec<String> = Md5::digest(blob)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    pairs.join(":")
}

/// Takes a text with its length before it.
pub(super) fn take_string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (text, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = tail;
    Some(text)
}

/// Appends a text with its length before it.
pub(super) fn put_string(blob: &mut Vec<u8>, text: &[u8]) {
    // Nothing that is put here comes near the limit.
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    blob.extend(length.to_be_bytes());
    blob.extend(text);
}

/// A positive number without its leading zeros.
pub(super) fn positive(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

/// A positive number with the leading zero that keeps it positive.
fn signed(number: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(number.len() + 1);
    if number.first().is_some_and(|byte| byte & 0x80 != 0) {
        bytes.push(0);
    }
    bytes.extend(number);
    bytes
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::{PublicKey, is_fingerprint};

    /// Made with ssh-keygen, whose `-l -E` gave the fingerprints.
    const KEYS: [(&str, &str, &str); 2] = [
        (
            "AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti",
            "ae:6f:ba:1b:70:2c:ae:c7:5c:ab:6e:4d:5e:d4:c7:23",
            "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ",
        ),
        (
            "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMR65GXhnBDkq9j0j0aQz3MI07aMTsLG/+eGTefsApQ4g4v9bs8lXXVcVFgVmH2ViXKcytXyD1Ankqn7Gqrpy7I=",
            "c8:ef:d0:17:1d:76:ec:b9:42:32:ed:9e:7f:d4:da:65",
            "SHA256:7ecBZjpYgjNyNhZ4NKqkxcaY3Brr9NkrJs4NgoyL1Ac",
        ),
    ];

    #[test]
    fn fingerprints_are_those_of_ssh_keygen() {
        for (blob, md5, sha256) in KEYS {
            let blob = BASE64_STANDARD.decode(blob).unwrap();
            let key = PublicKey::from_blob(&blob).unwrap();
            assert_eq!(key.to_blob(), blob);
            assert_eq!(
                (key.md5(), key.sha256()),
                (md5.to_owned(), sha256.to_owned())
            );
            assert!(key.is_known_as(&format!("MD5:{}", md5.to_uppercase())));
            assert!(key.is_known_as(sha256));
            assert!(!key.is_known_as("deploy"));
        }
    }

    #[test]
    fn a_fingerprint_is_told_from_a_name() {
        assert!(is_fingerprint(
            "SHA256:hJzI7VvqdcSfbQ7FbUUpEmFUjbqcQyN3Rgr6Vt3D9AA"
        ));
        assert!(is_fingerprint(
            "54:28:ef:f1:0c:ce:22:b7:86:d5:cb:c8:25:ef:ab:5e"
        ));
        assert!(is_fingerprint(
            "MD5:54:28:ef:f1:0c:ce:22:b7:86:d5:cb:c8:25:ef:ab:5e"
        ));
        assert!(!is_fingerprint("deploy"));
        assert!(!is_fingerprint("54:28"));
    }
}
