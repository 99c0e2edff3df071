//! Private keys in every form, and the signatures that are published.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::{ErrorKind, Secret};
use cloudfarm_smartdatacenter::keys::{Algorithm, PrivateKey, PublicKey};
use cloudfarm_smartdatacenter::signature::signing_string;

const PASSPHRASE: &str = "correct-horse";

fn file(name: &str) -> String {
    let path = format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn parse(name: &str, passphrase: Option<&str>) -> cloudfarm_contract::Result<PrivateKey> {
    PrivateKey::parse(&file(name), passphrase.map(Secret::new).as_ref())
}

/// One key in all its forms; `ssh-keygen -l` gave the fingerprints.
const FORMS: &[(&str, &str, &[&str])] = &[
    (
        "cc:ff:44:cf:bf:7f:f0:10:dc:66:a6:8d:1a:3e:ce:69",
        "SHA256:kqhfe63vjJDMjmzmnfDQ9IX/oN5r5KGJoO0+hklz2h4",
        &[
            "rsa.pem",
            "rsa.openssh",
            "rsa.pkcs8",
            "rsa-locked.pem",
            "rsa-locked.openssh",
            "rsa-locked.pkcs8",
            "rsa-locked-sha512.pkcs8",
        ],
    ),
    (
        "cc:71:2e:cb:e4:25:05:99:8e:7d:66:bc:0c:45:26:7a",
        "SHA256:oCUv3DVE4RxFvY4hOhRpAF+dPUC6lCw6Zkz3ZQqWYzo",
        &["ecdsa256.pem", "ecdsa256.openssh", "ecdsa256.pkcs8"],
    ),
    (
        "4c:d2:a7:db:5e:7b:ce:ba:b5:1f:fb:4e:fd:71:cb:b8",
        "SHA256:ZXKT+j4DdfmZxkVLeXs+4E5AowpVV4Tvs9Ox0o6KFfU",
        &["ecdsa521.pem", "ecdsa521.openssh", "ecdsa521.pkcs8"],
    ),
    (
        "9f:11:4e:ff:03:29:40:f8:80:7c:a7:41:93:3f:7a:68",
        "SHA256:a6+vNcLQpYwK4leeVtz39OI0yDTeeQnEaxF+vOTFZ9s",
        &["ed25519.openssh", "ed25519-locked.openssh"],
    ),
];

#[test]
fn every_form_of_a_key_is_the_same_key() {
    for (md5, sha256, names) in FORMS {
        for name in *names {
            let passphrase = name.contains("locked").then_some(PASSPHRASE);
            let key = parse(name, passphrase).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(key.public().md5(), *md5, "{name}");
            assert_eq!(key.public().sha256(), *sha256, "{name}");
        }
    }
}

/// The public half as the library of cryptography takes it.
fn verifies(key: &PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let check = |known: &'static dyn VerificationAlgorithm, public: &[u8]| {
        let key = UnparsedPublicKey::new(known, public);
        key.verify(message, signature).is_ok()
    };
    match (key, algorithm) {
        (PublicKey::Rsa { modulus, exponent }, _) => {
            let parts = aws_lc_rs::signature::RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            };
            let known = match algorithm {
                Algorithm::RsaSha512 => &RSA_PKCS1_2048_8192_SHA512,
                _ => &RSA_PKCS1_2048_8192_SHA256,
            };
            parts.verify(known, message, signature).is_ok()
        }
        (PublicKey::Ecdsa { point, .. }, Algorithm::EcdsaSha256) => {
            check(&ECDSA_P256_SHA256_ASN1, point)
        }
        (PublicKey::Ecdsa { point, .. }, _) => check(&ECDSA_P521_SHA512_ASN1, point),
        (PublicKey::Ed25519(point), _) => check(&ED25519, point),
    }
}

#[test]
fn what_a_key_signs_its_public_half_verifies() {
    for (name, algorithm) in [
        ("rsa.openssh", Algorithm::RsaSha256),
        ("rsa.pkcs8", Algorithm::RsaSha512),
        ("ecdsa256.openssh", Algorithm::EcdsaSha256),
        ("ecdsa521.pkcs8", Algorithm::EcdsaSha512),
        ("ed25519.openssh", Algorithm::Ed25519),
        ("ed25519.pkcs8", Algorithm::Ed25519),
    ] {
        let key = parse(name, None).unwrap();
        let signature = key.sign(algorithm, b"a message").unwrap();
        assert!(
            verifies(key.public(), algorithm, b"a message", &signature),
            "{name}"
        );
        assert!(
            !verifies(key.public(), algorithm, b"another", &signature),
            "{name}"
        );
    }
}

/// RSA leaves nothing to chance, so the same key and message make the same signature everywhere:
/// `openssl dgst -sha256 -sign rsa.pem` made this one.
#[test]
fn an_rsa_signature_is_that_of_openssl() {
    let key = parse("rsa.openssh", None).unwrap();
    let message = signing_string(&[
        ("(request-target)", "get /demo/machines?limit=2"),
        ("date", "Sat, 21 Nov 2026 09:00:00 GMT"),
    ]);
    let signature = key.sign(Algorithm::RsaSha256, message.as_bytes()).unwrap();
    assert_eq!(
        BASE64_STANDARD.encode(signature),
        include_str!("keys/rsa.signature").trim()
    );
}

/// The vectors that come with HTTP signatures (draft-cavage-http-signatures, appendix C), which
/// http-signature's own tests use: their key, what is signed, and the signatures.
#[test]
fn published_signatures_are_over_the_text_that_is_signed_here() {
    let public = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C36rPJj+CvfSC8+q28hxA161QF\
                  NUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv\
                  8FPGfJTotc+2xjJwoYi+1hqp1fIekaxsyQIDAQAB";
    let public = BASE64_STANDARD.decode(public).unwrap();
    let date = ("date", "Sun, 05 Jan 2014 21:31:40 GMT");
    let target = ("(request-target)", "post /foo?param=value&pet=dog");
    for (headers, signature) in [
        (
            vec![date],
            "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25W\
             qS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=",
        ),
        (
            vec![target, ("host", "example.com"), date],
            "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8Vf\
             EdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=",
        ),
    ] {
        let signature = BASE64_STANDARD.decode(signature).unwrap();
        let message = signing_string(&headers);
        let key = UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, &public);
        let verified = key.verify(message.as_bytes(), &signature);
        assert!(verified.is_ok(), "{message}");
    }
}

#[test]
fn a_key_that_cannot_be_used_is_told_in_words_that_help() {
    for (name, passphrase, words) in [
        ("rsa-locked.pem", None, "encrypted"),
        ("rsa-locked.openssh", None, "encrypted"),
        ("rsa-locked.pkcs8", None, "encrypted"),
        ("rsa-locked.pem", Some("wrong"), "passphrase"),
        ("rsa-locked.openssh", Some("wrong"), "passphrase"),
        ("rsa-locked.pkcs8", Some("wrong"), "passphrase"),
        ("rsa-des.pem", Some(PASSPHRASE), "cipher"),
        ("short.pem", None, "1024 bits"),
        ("dsa.pem", None, "dsa"),
        ("koblitz.pem", None, "curve"),
        ("ecdsa384.pem", None, "p-384"),
        ("ecdsa384.openssh", None, "p-384"),
        ("ecdsa384.pkcs8", None, "p-384"),
    ] {
        let error = parse(name, passphrase).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert!(error.message().contains(words), "{name}: {error}");
    }
    for (text, words) in [
        ("", "empty"),
        ("hunter2", "no form"),
        ("ssh-ed25519 AAAA me", "no form"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA", "cut short"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\n!\n-----END RSA PRIVATE KEY-----",
            "damaged",
        ),
        (
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "public",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "certificate",
        ),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "cut short",
        ),
    ] {
        let error = PrivateKey::parse(text, None).unwrap_err();
        assert!(error.message().contains(words), "{text}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
