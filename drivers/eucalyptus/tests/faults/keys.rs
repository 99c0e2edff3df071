//! Credentials that are refused, or end.

use std::sync::Arc;

use cloudfarm_contract::{ErrorKind, ManualClock, Retry, SystemClock};
use serde_json::json;

use crate::wire::{Reply, Wire, cx, ok, refused};

const ZONES: &str = "<DescribeAvailabilityZonesResponse><availabilityZoneInfo/>\
    </DescribeAvailabilityZonesResponse>";

#[tokio::test]
async fn a_refusal_says_what_to_look_at() {
    for (code, says) in [
        ("SignatureDoesNotMatch", "secret key"),
        ("InvalidClientTokenId", "access key id"),
        ("AuthFailure", "signature"),
        ("RequestExpired", "clock"),
        ("ExpiredToken", "session token"),
    ] {
        let wire = Wire::new(move |_| refused(401, code, "No.")).await;
        let error = wire
            .driver(Arc::new(SystemClock))
            .check(&cx())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderAuth, "{code}");
        assert_eq!(error.retry(), Retry::Never);
        assert!(
            error.hint().unwrap().contains(says),
            "{code}: {:?}",
            error.hint()
        );
        assert!(!format!("{error:?}").contains("the-secret-key"));
        assert_eq!(wire.calls("DescribeAvailabilityZones").len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_from_a_wrong_key() {
    let wire = Wire::new(|_| match refused(403, "SignatureDoesNotMatch", "No.") {
        Reply::Answer(status, mut headers, body) => {
            headers.push(("date", "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()));
            Reply::Answer(status, headers, body)
        }
        other => other,
    })
    .await;
    let clock = ManualClock::new("2026-01-01T00:20:00Z".parse().unwrap());
    let error = wire.driver(Arc::new(clock)).check(&cx()).await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.contains("1200 s ahead of the cloud's"), "{hint}");
}

/// Another program renews the file; the keys that were read before have ended.
#[tokio::test]
async fn keys_of_a_profile_are_read_again_when_they_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let write = |token: &str| {
        let text = format!(
            "[lab]\naws_access_key_id = AKID\naws_secret_access_key = SK\n\
             aws_session_token = {token}\n"
        );
        std::fs::write(&file, text).unwrap();
    };
    write("old");
    let renewed = folder.path().join("credentials");
    let mut calls = 0;
    let wire = Wire::new(move |_| {
        calls += 1;
        if calls == 1 {
            return ok(ZONES);
        }
        let text = std::fs::read_to_string(&renewed).unwrap();
        if calls == 2 {
            std::fs::write(&renewed, text.replace("= old", "= new")).unwrap();
            return refused(400, "ExpiredToken", "The token has expired.");
        }
        ok(ZONES)
    })
    .await;
    let extra = json!({
        "profile": "lab",
        "credentials_file": file,
        "config_file": "/dev/null",
    });
    let driver = wire.driver_with(Arc::new(SystemClock), None, extra);
    driver.check(&cx()).await.unwrap();
    driver.check(&cx()).await.unwrap();
    assert_eq!(wire.calls("DescribeAvailabilityZones").len(), 3);
}
