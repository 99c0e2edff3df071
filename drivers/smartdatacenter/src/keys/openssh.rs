//! Keys in OpenSSH's own form.

use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair, RsaPublicKeyComponents,
};
use cloudfarm_contract::{Error, Result, Secret};
use num_bigint::BigUint;
use ssh_key::private::{EcdsaKeypair, KeypairData, RsaKeypair};

use super::PrivateKey;
use super::unlock::{locked, wrong_passphrase};

/// Reads a key.
pub(super) fn read(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey> {
    let key =
        ssh_key::PrivateKey::from_openssh(text).map_err(|error| broken().with_internal(error))?;
    let key = match (key.is_encrypted(), passphrase) {
        (false, _) => key,
        (true, None) => return Err(locked()),
        (true, Some(passphrase)) => key
            .decrypt(passphrase.expose())
            .map_err(|error| wrong_passphrase().with_internal(error))?,
    };
    match key.key_data() {
        KeypairData::Rsa(pair) => rsa(pair),
        KeypairData::Ecdsa(pair) => ecdsa(pair),
        KeypairData::Ed25519(pair) => {
            let pair =
                Ed25519KeyPair::from_seed_and_public_key(&pair.private.to_bytes(), &pair.public.0);
            Ok(PrivateKey::ed25519(pair.map_err(|_| broken())?))
        }
        KeypairData::Dsa(_) => Err(super::pem::refused_kind("a dsa key")),
        _ => Err(super::pem::refused_kind("a key of this kind")),
    }
}

fn rsa(pair: &RsaKeypair) -> Result<PrivateKey> {
    let (public, private) = (pair.public(), pair.private());
    let bytes = |number: &ssh_key::Mpint| {
        number
            .as_positive_bytes()
            .map(<[u8]>::to_vec)
            .ok_or_else(broken)
    };
    super::pem::check_rsa_bits(bytes(public.n())?.len() * 8)?;
    let d = BigUint::from_bytes_be(&bytes(private.d())?);
    let [p, q] = [private.p(), private.q()].map(bytes);
    let (p, q) = (p?, q?);
    let remainder = |prime: &[u8]| -> Result<Vec<u8>> {
        let prime = BigUint::from_bytes_be(prime);
        if prime <= BigUint::from(1_u8) {
            return Err(broken());
        }
        Ok((&d % (prime - 1_u8)).to_bytes_be())
    };
    let components = KeyPairComponents {
        public_key: RsaPublicKeyComponents {
            n: bytes(public.n())?,
            e: bytes(public.e())?,
        },
        dP: remainder(&p)?,
        dQ: remainder(&q)?,
        qInv: bytes(private.iqmp())?,
        d: d.to_bytes_be(),
        p,
        q,
    };
    PrivateKey::rsa(RsaKeyPair::from_components(&components).map_err(|_| broken())?)
}

fn ecdsa(pair: &EcdsaKeypair) -> Result<PrivateKey> {
    let (curve, algorithm) = match pair {
        EcdsaKeypair::NistP256 { .. } => ("nistp256", &ECDSA_P256_SHA256_ASN1_SIGNING),
        EcdsaKeypair::NistP384 { .. } => return Err(super::refused_p384()),
        EcdsaKeypair::NistP521 { .. } => ("nistp521", &ECDSA_P521_SHA512_ASN1_SIGNING),
    };
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        algorithm,
        pair.private_key_bytes(),
        pair.public_key_bytes(),
    );
    Ok(PrivateKey::ecdsa(curve, pair.map_err(|_| broken())?))
}

fn broken() -> Error {
    Error::invalid("the openssh key cannot be read: it is cut short or damaged")
}
