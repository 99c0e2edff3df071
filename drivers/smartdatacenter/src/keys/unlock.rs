//! Keys that are locked with a passphrase, in the two ways of OpenSSL.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use cloudfarm_contract::{Error, Result, Secret};
use md5::{Digest, Md5};

use super::der::{INTEGER, OCTETS, OID, SEQUENCE, take, take_a};

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const HMAC_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
const HMAC_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b];
/// AES in CBC mode: the last byte tells the length of the key.
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];

/// More rounds than any tool takes; a damaged key must not keep the start waiting.
const MOST_ROUNDS: u32 = 20_000_000;

/// The error for a key that wants a passphrase.
pub(super) fn locked() -> Error {
    Error::invalid("the key is encrypted, and there is no passphrase")
        .with_field("extra_params.passphrase")
        .with_hint("give the passphrase, or let an ssh agent hold the key")
}

/// The error for a passphrase that opens nothing.
pub(super) fn wrong_passphrase() -> Error {
    Error::invalid("the passphrase does not open the key").with_field("extra_params.passphrase")
}

/// The way of `Proc-Type: 4,ENCRYPTED`, which `ssh-keygen` took until 2018.
pub(super) fn old_openssl(info: &str, bytes: Vec<u8>, passphrase: &Secret) -> Result<Vec<u8>> {
    let unknown = || {
        Error::invalid("the key is encrypted with a cipher that is not known: use aes")
            .with_hint("ssh-keygen -p -f KEY writes it anew")
    };
    let (cipher, iv) = info.split_once(',').ok_or_else(unknown)?;
    let algorithm = match cipher {
        "AES-128-CBC" => &AES_128,
        "AES-192-CBC" => &AES_192,
        "AES-256-CBC" => &AES_256,
        _ => return Err(unknown()),
    };
    let iv = unhex(iv.trim()).ok_or_else(unknown)?;
    let salt = iv.get(..8).ok_or_else(unknown)?;
    let key = stretched(passphrase, salt, key_bytes(algorithm));
    decrypt(algorithm, &key, &iv, bytes)
}

/// The key that OpenSSL makes of a passphrase: MD5 upon MD5.
fn stretched(passphrase: &Secret, salt: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::new();
    let mut last = Vec::new();
    while key.len() < length {
        let mut hash = Md5::new();
        hash.update(&last);
        hash.update(passphrase.expose());
        hash.update(salt);
        last = hash.finalize().to_vec();
        key.extend(&last);
    }
    key.truncate(length);
    key
}

/// The way of `ENCRYPTED PRIVATE KEY`: PBES2 with PBKDF2 and AES.
pub(super) fn pkcs8(der: &[u8], passphrase: &Secret) -> Result<Vec<u8>> {
    let lock = Lock::read(der).ok_or_else(|| {
        Error::invalid("the key is encrypted in a way that is not known: use pbes2 with aes")
            .with_hint("openssl pkcs8 -topk8 -v2 aes-256-cbc writes it anew")
    })?;
    let mut key = vec![0; key_bytes(lock.cipher)];
    let secret = passphrase.expose().as_bytes();
    pbkdf2::derive(lock.hash, lock.rounds, lock.salt, secret, &mut key);
    decrypt(lock.cipher, &key, lock.iv, lock.locked.to_vec())
}

/// What the head of an encrypted key says.
struct Lock<'d> {
    hash: pbkdf2::Algorithm,
    salt: &'d [u8],
    rounds: NonZeroU32,
    cipher: &'static Algorithm,
    iv: &'d [u8],
    locked: &'d [u8],
}

impl<'d> Lock<'d> {
    fn read(der: &'d [u8]) -> Option<Self> {
        let mut rest = der;
        let mut fields = take_a(&mut rest, SEQUENCE)?;
        let mut head = take_a(&mut fields, SEQUENCE)?;
        let locked = take_a(&mut fields, OCTETS)?;
        if take_a(&mut head, OID)? != PBES2 {
            return None;
        }
        let mut schemes = take_a(&mut head, SEQUENCE)?;
        let (hash, salt, rounds) = derivation(take_a(&mut schemes, SEQUENCE)?)?;
        let mut cipher = take_a(&mut schemes, SEQUENCE)?;
        let algorithm = match take_a(&mut cipher, OID)?.strip_prefix(AES)? {
            [2] => &AES_128,
            [22] => &AES_192,
            [42] => &AES_256,
            _ => return None,
        };
        Some(Self {
            hash,
            salt,
            rounds,
            cipher: algorithm,
            iv: take_a(&mut cipher, OCTETS)?,
            locked,
        })
    }
}

fn derivation(mut scheme: &[u8]) -> Option<(pbkdf2::Algorithm, &[u8], NonZeroU32)> {
    if take_a(&mut scheme, OID)? != PBKDF2 {
        return None;
    }
    let mut parameters = take_a(&mut scheme, SEQUENCE)?;
    let salt = take_a(&mut parameters, OCTETS)?;
    let rounds = take_a(&mut parameters, INTEGER)?;
    if rounds.len() > 5 {
        return None;
    }
    let rounds = rounds
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let rounds = u32::try_from(rounds).ok().filter(|it| *it <= MOST_ROUNDS)?;
    let mut hash = HMAC_SHA1;
    while let Some((tag, content)) = take(&mut parameters) {
        // The length of the key may stand before the hash.
        if tag == SEQUENCE {
            hash = take_a(&mut &*content, OID)?;
        }
    }
    let hash = match hash {
        HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
        HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
        HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return None,
    };
    Some((hash, salt, NonZeroU32::new(rounds)?))
}

fn key_bytes(algorithm: &Algorithm) -> usize {
    match algorithm {
        _ if algorithm == &AES_128 => 16,
        _ if algorithm == &AES_192 => 24,
        _ => 32,
    }
}

fn decrypt(
    algorithm: &'static Algorithm,
    key: &[u8],
    iv: &[u8],
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>> {
    let iv: [u8; 16] = iv
        .try_into()
        .map_err(|_| Error::invalid("the key cannot be read: it is cut short or damaged"))?;
    let key = UnboundCipherKey::new(algorithm, key)
        .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
        .map_err(|_| Error::internal("the key cannot be decrypted here"))?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let plain = key
        .decrypt(&mut bytes, context)
        .map_err(|_| wrong_passphrase())?
        .to_vec();
    // With a wrong passphrase the padding is right once in 256 times.
    match take_a(&mut plain.as_slice(), SEQUENCE) {
        Some(_) => Ok(plain),
        None => Err(wrong_passphrase()),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
