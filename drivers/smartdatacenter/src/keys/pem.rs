//! Keys between lines of dashes: which form it is, and the forms that hold DER.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::{Error, Result, Secret};

use super::unlock::{self, locked};
use super::{PrivateKey, der, openssh};

const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// The shortest RSA key that is signed with.
const RSA_BITS_MIN: usize = 2048;

/// Reads a key in any form.
pub(super) fn read(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey> {
    let block = Block::find(text)?;
    match block.label {
        "OPENSSH PRIVATE KEY" => openssh::read(block.whole, passphrase),
        "RSA PRIVATE KEY" => rsa_pkcs1(&block.der(passphrase)?),
        "EC PRIVATE KEY" => sec1(&block.der(passphrase)?),
        "PRIVATE KEY" => pkcs8(&block.der(passphrase)?),
        "ENCRYPTED PRIVATE KEY" => {
            let passphrase = passphrase.ok_or_else(locked)?;
            pkcs8(&unlock::pkcs8(&block.bytes()?, passphrase)?)
        }
        "DSA PRIVATE KEY" => Err(refused_kind("a dsa key")),
        label if label.ends_with("PUBLIC KEY") => Err(Error::invalid(
            "this is a public key: requests are signed with the private one",
        )),
        label if label.contains("CERTIFICATE") => Err(Error::invalid(
            "this is a certificate: requests are signed with a private key",
        )),
        _ => Err(refused_kind("a key of this kind")),
    }
}

/// The error for a key that no request is signed with.
pub(super) fn refused_kind(what: &str) -> Error {
    Error::invalid(format!("{what} is not taken: use rsa, ecdsa or ed25519"))
}

/// Refuses what is too short to be safe, in words that say so.
pub(super) fn check_rsa_bits(bits: usize) -> Result<()> {
    if bits < RSA_BITS_MIN {
        return Err(Error::invalid(format!(
            "an rsa key of {bits} bits is too short: use one of {RSA_BITS_MIN} bits or more"
        )));
    }
    Ok(())
}

/// What stands between two lines of dashes.
struct Block<'t> {
    label: &'t str,
    whole: &'t str,
    headers: Vec<(&'t str, &'t str)>,
    base64: String,
}

impl<'t> Block<'t> {
    fn find(text: &'t str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::invalid("the key is empty"));
        }
        let not_a_key = || {
            let hint = if text.trim_start().starts_with("PuTTY-User-Key-File") {
                "this is a key of putty: export it in openssh's form"
            } else if text.trim_start().starts_with("ssh-") || text.starts_with("ecdsa-") {
                "this is a public key: give the private one"
            } else {
                "it begins with a line such as -----BEGIN RSA PRIVATE KEY-----"
            };
            Error::invalid("the key is in no form that is known").with_hint(hint)
        };
        let begin = text.find("-----BEGIN ").ok_or_else(not_a_key)?;
        let whole = &text[begin..];
        let (label, rest) = whole["-----BEGIN ".len()..]
            .split_once("-----")
            .ok_or_else(not_a_key)?;
        let end = format!("-----END {label}-----");
        let at = rest
            .find(&end)
            .ok_or_else(|| Error::invalid(format!("the key is cut short: there is no {end}")))?;
        let (headers, base64) = split_headers(&rest[..at]);
        let length = "-----BEGIN ".len() + label.len() + "-----".len() + at + end.len();
        Ok(Self {
            label,
            whole: &whole[..length],
            headers,
            base64,
        })
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        BASE64_STANDARD.decode(&self.base64).map_err(|_| damaged())
    }

    /// The DER, unlocked in the old way of OpenSSL where headers say so.
    fn der(&self, passphrase: Option<&Secret>) -> Result<Vec<u8>> {
        let header = |name: &str| {
            let found = self.headers.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| *value)
        };
        let bytes = self.bytes()?;
        if !header("Proc-Type").is_some_and(|kind| kind.ends_with("ENCRYPTED")) {
            return Ok(bytes);
        }
        let info = header("DEK-Info").ok_or_else(damaged)?;
        unlock::old_openssl(info, bytes, passphrase.ok_or_else(locked)?)
    }
}

/// The headers, which end with an empty line, and the base64 in one piece.
fn split_headers(body: &str) -> (Vec<(&str, &str)>, String) {
    let mut headers = Vec::new();
    let mut base64 = String::new();
    for line in body.lines().map(str::trim) {
        match line.split_once(": ") {
            Some(header) => headers.push(header),
            None => base64.push_str(line),
        }
    }
    (headers, base64)
}

fn rsa_pkcs1(bytes: &[u8]) -> Result<PrivateKey> {
    check_modulus(bytes)?;
    PrivateKey::rsa(RsaKeyPair::from_der(bytes).map_err(|_| damaged())?)
}

/// The modulus is the second number of a private key.
fn check_modulus(pkcs1: &[u8]) -> Result<()> {
    let mut rest = pkcs1;
    let modulus = der::take_a(&mut rest, der::SEQUENCE).and_then(|mut fields| {
        der::take_a(&mut fields, der::INTEGER)?;
        der::take_a(&mut fields, der::INTEGER)
    });
    let modulus = super::public::positive(modulus.ok_or_else(damaged)?);
    check_rsa_bits(modulus.len() * 8)
}

fn sec1(bytes: &[u8]) -> Result<PrivateKey> {
    let (curve, algorithm) = curve(der::sec1_curve(bytes).ok_or_else(damaged)?)?;
    let pair = EcdsaKeyPair::from_private_key_der(algorithm, bytes).map_err(|_| damaged())?;
    Ok(PrivateKey::ecdsa(curve, pair))
}

fn pkcs8(bytes: &[u8]) -> Result<PrivateKey> {
    match der::pkcs8_algorithm(bytes).ok_or_else(damaged)? {
        (OID_RSA, _) => {
            let inner = pkcs8_inner(bytes).ok_or_else(damaged)?;
            check_modulus(inner)?;
            PrivateKey::rsa(RsaKeyPair::from_pkcs8(bytes).map_err(|_| damaged())?)
        }
        (OID_EC, Some(parameter)) => {
            let (curve, algorithm) = curve(parameter)?;
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, bytes).map_err(|_| damaged())?;
            Ok(PrivateKey::ecdsa(curve, pair))
        }
        (OID_ED25519, _) => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes);
            Ok(PrivateKey::ed25519(pair.map_err(|_| damaged())?))
        }
        _ => Err(refused_kind("a key of this kind")),
    }
}

fn pkcs8_inner(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    let mut fields = der::take_a(&mut rest, der::SEQUENCE)?;
    der::take_a(&mut fields, der::INTEGER)?;
    der::take_a(&mut fields, der::SEQUENCE)?;
    der::take_a(&mut fields, der::OCTETS)
}

fn curve(oid: &[u8]) -> Result<(&'static str, &'static EcdsaSigningAlgorithm)> {
    match oid {
        OID_P256 => Ok(("nistp256", &ECDSA_P256_SHA256_ASN1_SIGNING)),
        OID_P384 => Err(super::refused_p384()),
        OID_P521 => Ok(("nistp521", &ECDSA_P521_SHA512_ASN1_SIGNING)),
        _ => Err(Error::invalid(
            "an ecdsa key on this curve is not taken: use p-256 or p-521",
        )),
    }
}

fn damaged() -> Error {
    Error::invalid("the key cannot be read: it is cut short or damaged")
}
