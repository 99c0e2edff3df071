//! Settings that cannot work: each is told by its field, in words that say what would be right.

use cloudfarm_contract::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::lab::{Lab, connect, cx, key, key_file, refusal};

fn refused(extra: Value) -> Error {
    let mut all = json!({"url": "https://cloudapi.invalid"});
    for (name, value) in extra.as_object().unwrap() {
        all[name] = value.clone();
    }
    let error = connect(Some("demo"), &all).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    let shown = format!("{error:?}");
    assert!(
        !shown.contains("MII") && !shown.contains("hunter2"),
        "{shown}"
    );
    error
}

fn field(error: &Error) -> &str {
    error.field().map_or("", |field| field.as_str())
}

#[test]
fn a_key_that_is_not_there_or_not_right_is_named_by_its_field() {
    for (extra, at, words) in [
        (json!({}), "key", "no key"),
        (
            json!({"key_file": "/no/such/file"}),
            "key_file",
            "does not exist",
        ),
        (json!({"key_file": "/"}), "key_file", "cannot be read"),
        (
            json!({"key_file": key_file("rsa-locked.pem")}),
            "passphrase",
            "encrypted",
        ),
        (
            json!({"key_file": key_file("rsa-locked.pem"), "passphrase": "no"}),
            "passphrase",
            "does not open",
        ),
        (json!({"key_file": key_file("dsa.pem")}), "key_file", "dsa"),
        (json!({"key": key("short.pem")}), "key", "too short"),
        (json!({"key": "hunter2"}), "key", "no form"),
        (json!({"key": "x", "agent": "env"}), "agent", "exclude"),
        (json!({"agent": "/no/such/socket"}), "key_id", "agent"),
        (
            json!({"key": key("ed25519.openssh"), "algorithm": "rsa-sha256"}),
            "algorithm",
            "ed25519",
        ),
        (
            json!({"key": key("rsa.pem"), "key_id": "SHA256:a6+vNcLQpYwK4leeVtz39OI0yDTeeQnEaxF+vOTFZ9s"}),
            "key_id",
            "another key",
        ),
        (
            json!({"key": key("rsa.pem"), "key_id": "/demo/keys/x"}),
            "key_id",
            "name",
        ),
        (
            json!({"key": key("rsa.pem"), "url": "cloudapi"}),
            "url",
            "url",
        ),
    ] {
        let error = refused(extra.clone());
        assert_eq!(
            field(&error),
            format!("extra_params.{at}"),
            "{extra}: {error}"
        );
        assert!(error.message().contains(words), "{extra}: {error}");
        assert!(!error.message().contains("/no/such"), "{error}");
    }
}

#[test]
fn an_account_and_known_parameters_are_wanted() {
    let good = json!({"url": "https://cloudapi.invalid", "key": key("rsa.pem")});
    for user in [None, Some(""), Some("demo/bob"), Some("a\"b")] {
        let error = connect(user, &good).unwrap_err();
        assert_eq!(field(&error), "user", "{user:?}: {error}");
    }
    let error = refused(json!({"key": key("rsa.pem"), "keyid": "x"}));
    assert!(error.message().contains("keyid"), "{error}");
    connect(Some("demo"), &good).unwrap();
    // Base64 has slashes, names have none.
    let mut with_slash = good;
    with_slash["key_id"] = json!("SHA256:kqhfe63vjJDMjmzmnfDQ9IX/oN5r5KGJoO0+hklz2h4");
    connect(Some("demo"), &with_slash).unwrap();
}

#[test]
fn what_is_known_of_a_cloud_holds_no_secret() {
    let extra =
        json!({"url": "https://cloudapi.invalid", "key": key("rsa.pem"), "sub_user": "bob"});
    let driver = connect(Some("demo"), &extra).unwrap();
    let info = driver.info();
    assert_eq!(info.engine, *"smartdatacenter");
    assert_eq!(info.identity.as_ref().unwrap(), "demo/bob");
    assert!(!format!("{driver:?}").contains("PRIVATE"), "{driver:?}");
}

#[tokio::test]
async fn an_unknown_datacenter_is_told_with_those_that_there_are() {
    let lab = Lab::start(|_, _| None).await;
    let url = format!("http://127.0.0.1:{}", lab.wire.port);
    let extra = json!({"url": url, "key": key("rsa.pem"), "datacenter": "lab-9"});
    let driver = connect(Some("demo"), &extra).unwrap();
    let error = driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(field(&error), "extra_params.datacenter");
    assert_eq!(error.hint(), Some("the datacenters are: lab-1, lab-2"));
}

#[tokio::test]
async fn a_refused_signature_is_told_apart_from_a_wrong_clock() {
    use std::sync::Arc;

    use cloudfarm_contract::ManualClock;
    use jiff::Timestamp;

    let no = |_: &cloudfarm_wire::Seen, _: &crate::lab::State| {
        let date = Timestamp::now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        let body = json!({"code": "InvalidCredentials", "message": "Invalid key"}).to_string();
        let json = ("content-type", "application/json");
        Some(cloudfarm_wire::Reply::new(
            401,
            &[("date", &date), json],
            &body,
        ))
    };
    let lab = Lab::start(no).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(!error.is_retryable());
    assert!(error.hint().unwrap().contains("key_id"), "{error:?}");

    let late: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let lab = Lab::at(Arc::new(ManualClock::new(late)), no).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(
        error.hint().unwrap().contains("behind the provider's"),
        "{error:?}"
    );
}

#[tokio::test]
async fn another_accounts_things_are_forbidden_and_not_a_wrong_key() {
    let lab = Lab::start(|_, _| Some(refusal(403, "NotAuthorized", "no"))).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}
