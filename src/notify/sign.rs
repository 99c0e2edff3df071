//! Signatures, by which a receiver knows who sent what it got.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign as sign_with};
use cloudfarm_contract::Secret;

/// The value of the header: the time, and HMAC-SHA256 over the time, a dot and the body.
pub(super) fn sign(secret: &Secret, second: i64, body: &[u8]) -> String {
    let key = Key::new(HMAC_SHA256, secret.expose().as_bytes());
    let mut signed = format!("{second}.").into_bytes();
    signed.extend_from_slice(body);
    let tag = sign_with(&key, &signed);
    format!("t={second},v1={}", hex::encode(tag))
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Secret;

    use super::sign;

    /// As `hmac.new(b"key", b"1800000000.{}", "sha256").hexdigest()` of Python says.
    #[test]
    fn the_signature_is_what_others_compute() {
        assert_eq!(
            sign(&Secret::from("key"), 1_800_000_000, b"{}"),
            "t=1800000000,v1=7321475872b03ff21bdc2dfd86ea2d99ec29c479fbe4a77aa6acf4509505493f"
        );
    }
}
