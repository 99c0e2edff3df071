//! 413: too fast, or too many.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cloudfarm_contract::model::{Metadata, NodeCreate};
use cloudfarm_contract::{Driver, Error, ErrorKind, NodeQuery, SideEffect, Text};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::lab::{CREATE, LIST, Lab, cx};

const NOW: (&str, &str) = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
const JSON: (&str, &str) = ("content-type", "application/json");

fn over_limit(headers: &[(&str, &str)], message: &str, until: Option<&str>) -> Reply {
    let mut body = json!({"overLimit": {"code": 413, "message": message}});
    if let Some(until) = until {
        body["overLimit"]["retryAfter"] = Value::from(until);
    }
    let headers = [headers, &[NOW, JSON]].concat();
    Reply::new(413, &headers, body.to_string())
}

async fn listed_against(reply: Reply) -> Error {
    let lab = Lab::start(move |asked, _| asked.is(LIST.0, LIST.1).then(|| reply.clone())).await;
    let listed = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
    listed.unwrap_err()
}

#[tokio::test]
async fn too_fast_is_a_rate_limit_that_says_how_long() {
    let slow = "OverLimit Retry...";
    for (reply, wait) in [
        (
            over_limit(&[], slow, Some("2015-10-21T07:28:09Z")),
            Some(Duration::from_secs(9)),
        ),
        (
            over_limit(
                &[("retry-after", "Wed, 21 Oct 2015 07:28:07 GMT")],
                slow,
                None,
            ),
            Some(Duration::from_secs(7)),
        ),
        (
            over_limit(&[("retry-after", "5")], slow, None),
            Some(Duration::from_secs(5)),
        ),
        (over_limit(&[], slow, None), None),
    ] {
        let error = listed_against(reply).await;
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error:?}");
        assert!(error.is_retryable());
        assert_eq!(error.retry_after(), wait, "{error:?}");
    }
}

#[tokio::test]
async fn too_many_is_a_quota_and_waiting_does_not_help() {
    for message in [
        "Quota exceeded for ram: Requested 8192, but already used 122880 of 131072 ram",
        "Instance quota exceeded. You cannot run any more instances of this type.",
        "Maximum number of metadata items exceeds 40",
        "Personality file limit exceeded",
    ] {
        for headers in [&[("retry-after", "0")][..], &[]] {
            let reply = over_limit(headers, message, None);
            let lab =
                Lab::start(move |asked, _| asked.is(CREATE.0, CREATE.1).then(|| reply.clone()))
                    .await;
            let made = lab.driver.create_node(&cx(), &wanted()).await;
            let error = made.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error:?}");
            assert!(!error.is_retryable(), "{error:?}");
            assert_eq!(error.side_effect(), SideEffect::None);
        }
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let once = AtomicBool::new(false);
    let lab = Lab::start(move |asked, _| {
        let first = asked.is(LIST.0, LIST.1) && !once.swap(true, Ordering::SeqCst);
        first.then(|| over_limit(&[], "OverLimit Retry...", Some("2015-10-21T07:28:02Z")))
    })
    .await;
    let started = Instant::now();
    let page = lab.layered().list_nodes(&cx(), &NodeQuery::default()).await;
    assert_eq!(page.unwrap().items.len(), 3);
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(lab.wire.count(LIST.0, LIST.1), 2);
}

#[tokio::test]
async fn the_fortieth_item_of_metadata_is_refused_before_rackspace_is_asked() {
    let lab = Lab::start(|_, _| None).await;
    let items = |count: usize| -> Metadata {
        (0..count)
            .map(|n| (Text::from(format!("key-{n}")), Text::from("value")))
            .collect()
    };
    let mut request = wanted();
    request.metadata = items(40);
    let error = lab.layered().create_node(&cx(), &request).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.field().unwrap(), "metadata");
    assert!(error.message().contains("39"), "{error}");
    assert!(lab.wire.seen().is_empty(), "rackspace was asked");
    request.metadata = items(39);
    lab.layered().create_node(&cx(), &request).await.unwrap();
}

fn wanted() -> NodeCreate {
    NodeCreate {
        name: Text::from("web"),
        image: Text::from("image-1"),
        size: Text::from("size-1"),
        ..NodeCreate::default()
    }
}
