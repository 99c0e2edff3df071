//! Logins: which secret is tried, and how often.

use std::sync::atomic::{AtomicBool, Ordering};

use cloudfarm_contract::{ErrorKind, NodeQuery};
use serde_json::{Value, json};

use crate::lab::{LIST, LOGIN, Lab, cx, unauthorized};

/// What was sent to log in, in its order.
fn sent(lab: &Lab) -> Vec<Value> {
    let seen = lab.wire.seen().into_iter();
    let logins = seen.filter(|asked| asked.is(LOGIN.0, LOGIN.1));
    logins
        .map(|asked| serde_json::from_str::<Value>(&asked.body).unwrap()["auth"].clone())
        .collect()
}

#[tokio::test]
async fn the_api_key_is_said_as_rackspace_wants_it() {
    let lab = Lab::with("key", json!({"tenant": "10"}), |_, _| None).await;
    lab.driver.check(&cx()).await.unwrap();
    let wanted = json!({"tenantId": "10",
        "RAX-KSKEY:apiKeyCredentials": {"username": "demo", "apiKey": "key"}});
    assert_eq!(sent(&lab), [wanted]);
    // Of the services of the type, the one with the right name.
    assert_eq!(lab.wire.count("GET", "/dfw/v2/10/servers"), 1);
    // Its version has no microversions to ask for.
    let asked = lab.wire.seen();
    let with_version = asked
        .iter()
        .any(|asked| asked.headers.contains_key("openstack-api-version"));
    assert!(!with_version);
}

#[tokio::test]
async fn a_password_is_tried_after_the_key_and_remembered() {
    let lab = Lab::with("secret", json!({}), |_, _| None).await;
    lab.driver.check(&cx()).await.unwrap();
    let tried = sent(&lab);
    assert_eq!(tried.len(), 2);
    assert!(tried[0]["RAX-KSKEY:apiKeyCredentials"].is_object());
    assert_eq!(tried[1]["passwordCredentials"]["password"], "secret");
    lab.state.expire();
    lab.driver.check(&cx()).await.unwrap();
    let tried = sent(&lab);
    assert_eq!(tried.len(), 3, "the key was tried again");
    assert!(tried[2]["passwordCredentials"].is_object());
}

#[tokio::test]
async fn a_secret_that_is_neither_is_refused_with_a_hint() {
    let lab = Lab::with("hunter2", json!({}), |_, _| None).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(!error.is_retryable());
    assert!(error.hint().unwrap().contains("api key"), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(lab.logins(), 2);
}

#[tokio::test]
async fn what_password_is_can_be_said() {
    for (auth_type, secret, key) in [
        ("api_key", "key", "RAX-KSKEY:apiKeyCredentials"),
        ("password", "secret", "passwordCredentials"),
    ] {
        let lab = Lab::with(secret, json!({"auth_type": auth_type}), |_, _| None).await;
        lab.driver.check(&cx()).await.unwrap();
        let tried = sent(&lab);
        assert_eq!(tried.len(), 1);
        assert!(tried[0][key].is_object(), "{tried:?}");
    }
}

#[tokio::test]
async fn a_token_that_dies_in_between_costs_one_login() {
    let died = AtomicBool::new(false);
    let lab = Lab::start(move |asked, state| {
        if asked.is(LIST.0, LIST.1) && !died.swap(true, Ordering::SeqCst) {
            state.expire();
        }
        None
    })
    .await;
    let page = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
    assert_eq!(page.unwrap().items.len(), 3);
    assert_eq!(lab.logins(), 2);
}

#[tokio::test]
async fn an_identity_that_is_not_there_makes_no_loop() {
    let lab = Lab::start(|asked, _| (!asked.is(LOGIN.0, LOGIN.1)).then(unauthorized)).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert_eq!(lab.logins(), 2);
}
