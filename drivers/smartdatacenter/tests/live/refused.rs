//! What the front must not let in, and how that is told.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Error, ErrorKind, ManualClock, SystemClock};
use cloudfarm_http::{HttpParams, Request, Response, Transport, Url, header};
use cloudfarm_smartdatacenter::Params;
use cloudfarm_smartdatacenter::signature::Signer;
use jiff::Timestamp;
use serde_json::json;

use crate::lab::{cx, driver, driver_at, key_file, required};

fn is_told(error: &Error, words: &str) {
    assert_eq!(error.kind(), ErrorKind::ProviderAuth, "{error:?}");
    assert_eq!(error.provider_status(), Some(401));
    assert!(!error.is_retryable());
    assert!(error.hint().unwrap().contains(words), "{error:?}");
}

#[tokio::test]
async fn a_key_that_the_account_does_not_have() {
    let extra = json!({"key_file": key_file("unknown/stranger")});
    let error = driver(&extra).check(&cx()).await.unwrap_err();
    is_told(&error, "demo has the key that key_id names");
}

#[tokio::test]
async fn a_private_key_that_is_not_the_one_that_is_named() {
    let extra = json!({"key_file": key_file("unknown/stranger"), "key_id": "deploy"});
    let error = driver(&extra).check(&cx()).await.unwrap_err();
    is_told(&error, "the private key is its other half");
    let extra = json!({"key_file": key_file("deploy"), "sub_user": "bob", "key_id": "user-bob"});
    let error = driver(&extra).check(&cx()).await.unwrap_err();
    is_told(&error, "demo/bob");
}

#[tokio::test]
async fn a_clock_that_is_off() {
    let extra = json!({"key_file": key_file("deploy")});
    for (off, words) in [(400_i64, "ahead of"), (-400, "behind")] {
        let now = Timestamp::now() + jiff::SignedDuration::from_secs(off);
        let clock = Arc::new(ManualClock::new(now));
        let error = driver_at(clock, &extra).check(&cx()).await.unwrap_err();
        is_told(&error, words);
    }
    let now = Timestamp::now() + jiff::SignedDuration::from_secs(200);
    let clock = Arc::new(ManualClock::new(now));
    driver_at(clock, &extra).check(&cx()).await.unwrap();
}

/// The answer to a request whose address or method is not the one that was signed.
async fn sent_elsewhere(signed: &str, sent: Request) -> Response {
    let params: Params = serde_json::from_value(json!({
        "url": required("SDC_URL"), "key_file": key_file("deploy"),
    }))
    .unwrap();
    let signer = Signer::read(&params, Some("demo")).unwrap();
    let url = Url::parse(&format!("{}{signed}", required("SDC_URL"))).unwrap();
    let request = signer
        .sign(&cx(), Request::get(url), Timestamp::now())
        .await
        .unwrap();
    let mut changed = sent;
    for name in [header::DATE, header::AUTHORIZATION] {
        let (_, value) = request
            .headers()
            .find(|(other, _)| **other == name)
            .unwrap();
        changed = changed.header(name, value.to_str().unwrap());
    }
    let transport = Transport::new("lab", &HttpParams::default(), Arc::new(SystemClock)).unwrap();
    let cx = cx().within(Duration::from_secs(10));
    transport.send(&cx, changed).await.unwrap()
}

#[tokio::test]
async fn a_signature_for_another_path_query_or_method() {
    let at = |path: &str| Url::parse(&format!("{}{path}", required("SDC_URL"))).unwrap();
    let signed = "/demo/machines?limit=1";
    let right = sent_elsewhere(signed, Request::get(at(signed))).await;
    assert_eq!(right.status().as_u16(), 200);
    for request in [
        Request::get(at("/demo/keys")),
        Request::get(at("/demo/machines?limit=2")),
        Request::get(at("/demo/machines")),
        Request::delete(at(signed)),
    ] {
        let answer = sent_elsewhere(signed, request).await;
        assert_eq!(answer.status().as_u16(), 401, "{answer:?}");
        assert!(answer.text().contains("InvalidCredentials"));
    }
}
