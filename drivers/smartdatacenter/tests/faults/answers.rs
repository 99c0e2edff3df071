//! Answers that are refusals, or not what CloudAPI writes.

use std::time::Duration;

use cloudfarm_contract::model::{NodeCreate, NodeState};
use cloudfarm_contract::{ErrorKind, SideEffect, Text};
use cloudfarm_wire::Reply;
use serde_json::{Map, Value, json};

use crate::lab::{Lab, MACHINES, cx, refusal};

fn web() -> NodeCreate {
    NodeCreate {
        name: Text::from("web-1"),
        image: Text::from("image"),
        size: Text::from("package"),
        ..NodeCreate::default()
    }
}

#[tokio::test]
async fn each_code_is_the_kind_that_it_means() {
    for (status, code, message, kind) in [
        (
            409,
            "InvalidArgument",
            "limit must be a number",
            ErrorKind::Invalid,
        ),
        (
            409,
            "MissingParameter",
            "image is needed",
            ErrorKind::Invalid,
        ),
        (
            409,
            "InvalidState",
            "machine must be stopped",
            ErrorKind::Conflict,
        ),
        (409, "InUseError", "it is used", ErrorKind::Conflict),
        (403, "QuotaExceeded", "too many", ErrorKind::QuotaExceeded),
        (409, "InsufficientCapacity", "full", ErrorKind::NoCapacity),
        (
            503,
            "ServiceUnavailable",
            "no capacity in this datacenter",
            ErrorKind::NoCapacity,
        ),
        (
            503,
            "ServiceUnavailable",
            "maintenance",
            ErrorKind::Unavailable,
        ),
        (
            449,
            "InvalidVersion",
            "~99 is not supported",
            ErrorKind::Unsupported,
        ),
        (420, "RequestThrottled", "slow down", ErrorKind::RateLimited),
        (429, "TooManyRequests", "slow down", ErrorKind::RateLimited),
        (500, "InternalError", "oops", ErrorKind::ProviderError),
        (410, "ResourceNotFound", "gone", ErrorKind::NotFound),
    ] {
        let lab = Lab::start(move |_, _| Some(refusal(status, code, message))).await;
        let error = lab.driver.check(&cx()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {code}: {error:?}");
        assert_eq!(error.provider_status(), Some(status));
    }
}

#[tokio::test]
async fn throttling_says_how_long_to_wait() {
    let lab = Lab::start(|_, _| {
        let body = json!({"code": "RequestThrottled", "message": "slow down"}).to_string();
        Some(Reply::new(420, &[("retry-after", "7")], &body))
    })
    .await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn what_is_wrong_field_by_field_is_told() {
    let lab = Lab::start(|asked, _| {
        asked.is("POST", MACHINES).then(|| {
            Reply::json(
                409,
                &json!({"code": "ValidationFailed", "message": "Invalid VM parameters", "errors": [
                    {"field": "alias", "code": "Duplicate", "message": "Already exists for this owner_uuid"}]}),
            )
        })
    })
    .await;
    let error = lab.driver.create_node(&cx(), &web()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("Already exists"), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_of_cloudapi_is_told_as_such() {
    for body in ["", "<html>502</html>", "[{", "{\"code\": 1}", "null", "[1]"] {
        let lab = Lab::start(move |_, _| {
            Some(Reply::new(
                200,
                &[("content-type", "application/json")],
                body,
            ))
        })
        .await;
        let query = cloudfarm_contract::NodeQuery::all();
        let error = lab.driver.list_nodes(&cx(), &query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError, "{body}: {error:?}");
        assert_eq!(error.side_effect(), SideEffect::None, "{body}");
    }
    // HAProxy before CloudAPI says things in its own way.
    let lab = Lab::start(|_, _| {
        Some(Reply::json(
            503,
            &json!({"BadHTTPRequest": "no server is available"}),
        ))
    })
    .await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_list() {
    let lab = Lab::start(|_, _| {
        Some(Reply::raw(
            "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"id\": \"x\"",
        ))
    })
    .await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
}

#[tokio::test]
async fn a_machine_that_failed_or_was_deleted_is_what_it_is() {
    let lab = Lab::start(|_, _| None).await;
    let id = |machine: Value| machine["id"].as_str().unwrap().to_owned();
    let failed = id(lab.state.add("a", "failed", Map::new()));
    let deleted = id(lab.state.add("b", "deleted", Map::new()));
    let odd = id(lab.state.add("c", "offline", Map::new()));
    let node = lab.driver.get_node(&cx(), &failed).await.unwrap();
    assert_eq!(node.state, NodeState::Error);
    let gone = lab.driver.get_node(&cx(), &deleted).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let node = lab.driver.get_node(&cx(), &odd).await.unwrap();
    assert_eq!(
        (node.state, &*node.native_state),
        (NodeState::Unknown, "offline")
    );
    lab.driver
        .destroy_node(&cx(), "no-such-machine")
        .await
        .unwrap();
}

#[tokio::test]
async fn confidential_metadata_stays_out_of_what_is_shown() {
    let lab = Lab::start(|_, _| None).await;
    let mut machine = lab.state.add("a", "running", Map::new());
    machine["metadata"] =
        json!({"user-script": "hunter2", "credentials": {"root": "hunter2"}, "role": "web"});
    machine["ips"] = json!(["dhcp", "192.0.2.7", "2001:db8::1/64"]);
    lab.state.machines.lock().unwrap()[0] = machine.clone();
    let id = machine["id"].as_str().unwrap();
    let node = lab.driver.get_node(&cx(), id).await.unwrap();
    assert_eq!(node.extra.get("metadata"), Some(json!({"role": "web"})));
    assert!(!format!("{node:?}").contains("hunter2"));
    assert_eq!(node.public_ips.len(), 2);
}
