//! Answers that are late, broken, of another kind, or not the truth.

use std::time::{Duration, Instant};

use cloudfarm_contract::model::{Mark, NodeCreate};
use cloudfarm_contract::{Driver, ErrorKind, NodeQuery, SideEffect, Text};
use cloudfarm_wire::{Reply, Seen};
use serde_json::json;

use crate::lab::{CREATE, LIST, Lab, State, cx};

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

fn wanted() -> NodeCreate {
    NodeCreate {
        name: Text::from("web"),
        image: Text::from("image-1"),
        size: Text::from("size-1"),
        mark: Some(Mark::new("job-1")),
        ..NodeCreate::default()
    }
}

/// Nova makes the server, and what it says of it is `reply`.
fn create_then(reply: Reply) -> impl Fn(&Seen, &State) -> Option<Reply> {
    move |asked, state| {
        asked.is(CREATE.0, CREATE.1).then(|| {
            state.make(asked);
            reply.clone()
        })
    }
}

/// Creates through the layers, as the job does, against a Nova that makes the server and answers
/// `reply`: whatever that is, there must be one server, the error must not deny it, and the mark
/// must find it.
async fn made_once_though(reply: Reply) -> cloudfarm_contract::Error {
    let lab = Lab::start(create_then(reply)).await;
    let driver = lab.layered();
    let error = driver.create_node(&cx(), &wanted()).await.unwrap_err();
    assert_eq!(
        lab.wire.count(CREATE.0, CREATE.1),
        1,
        "the create was repeated"
    );
    assert_eq!(lab.state.servers(), 4);
    assert_ne!(error.side_effect(), SideEffect::None, "{error}");
    let query = NodeQuery::marked(Mark::new("job-1"));
    let found = driver.list_nodes(&cx(), &query).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "web");
    error
}

#[tokio::test]
async fn a_503_after_a_create_that_worked_makes_no_second_server() {
    let proxy = Reply::new(503, &[HTML], "<html>Service Unavailable</html>");
    let error = made_once_though(proxy).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.side_effect(), SideEffect::Possible);
}

#[tokio::test]
async fn a_create_whose_answer_is_cut_off_is_not_repeated() {
    let cut = Reply::raw("HTTP/1.1 202 Accepted\r\ncontent-length: 500\r\n\r\n{\"server\": {\"id");
    let error = made_once_though(cut).await;
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(
        error.message().contains("broke off after 15 bytes"),
        "{error}"
    );
    let error = made_once_though(Reply::raw("")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_create_that_hangs_is_not_repeated() {
    let error = made_once_though(Reply::silence()).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::Possible);
}

#[tokio::test]
async fn a_create_answered_with_a_page_of_html_is_known_to_be_made() {
    let error = made_once_though(Reply::new(202, &[HTML], "<html>Welcome</html>")).await;
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_list_that_hangs_ends_in_time() {
    let lab = Lab::start(|asked, _| asked.is(LIST.0, LIST.1).then(Reply::silence)).await;
    let started = Instant::now();
    let listed = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
    let error = listed.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(error.is_retryable());
    assert!(error.message().contains("did not answer within"), "{error}");
}

#[tokio::test]
async fn a_login_that_hangs_ends_in_time() {
    let lab = Lab::start(|asked, _| asked.is("POST", "/v3/auth/tokens").then(Reply::silence)).await;
    let error = lab.driver.create_node(&cx(), &wanted()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.side_effect(),
        SideEffect::None,
        "nothing was asked for yet"
    );
}

#[tokio::test]
async fn a_list_that_is_cut_off_is_an_error_and_not_a_short_list() {
    let whole = json!({"servers": [{"id": "id-1", "name": "one"}]}).to_string();
    let half = whole[..20].to_owned();
    let length = whole.len();
    for reply in [
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{half}"
        )),
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n14\r\n{half}\r\n"
        )),
        Reply::new(200, &[("content-type", "application/json")], &half),
    ] {
        let lab = Lab::start(move |asked, _| asked.is(LIST.0, LIST.1).then(|| reply.clone())).await;
        let listed = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
        let error = listed.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError, "{error}");
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn html_in_place_of_json_is_shown_for_what_it_is() {
    let page = "<!DOCTYPE html><html><title>Log in to the hotel's network</title></html>";
    for (status, told) in [(200, "html"), (502, "502 bad gateway")] {
        let lab = Lab::start(move |asked, _| {
            asked
                .is(LIST.0, LIST.1)
                .then(|| Reply::new(status, &[HTML], page))
        })
        .await;
        let listed = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
        let error = listed.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError);
        assert_eq!(error.provider_status(), Some(status));
        assert!(error.message().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_retry_after_that_is_a_date_is_waited_for_by_the_providers_clock() {
    let headers = [
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("retry-after", "Wed, 21 Oct 2015 07:28:02 GMT"),
    ];
    let once = std::sync::atomic::AtomicBool::new(false);
    let lab = Lab::start(move |asked, _| {
        let first =
            asked.is(LIST.0, LIST.1) && !once.swap(true, std::sync::atomic::Ordering::SeqCst);
        first.then(|| Reply::new(429, &headers, r#"{"overLimit": {"message": "slow down"}}"#))
    })
    .await;
    let started = Instant::now();
    let page = lab.layered().list_nodes(&cx(), &NodeQuery::default()).await;
    assert_eq!(page.unwrap().items.len(), 3);
    assert!(
        started.elapsed() >= Duration::from_secs(2),
        "it did not wait"
    );
    assert_eq!(lab.wire.count(LIST.0, LIST.1), 2);
}

#[tokio::test]
async fn a_rate_limit_says_how_long_it_lasts() {
    let headers = [
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("retry-after", "Wed, 21 Oct 2015 07:28:07 GMT"),
    ];
    let lab = Lab::start(move |asked, _| {
        asked
            .is(LIST.0, LIST.1)
            .then(|| Reply::new(429, &headers, ""))
    })
    .await;
    let listed = lab.driver.list_nodes(&cx(), &NodeQuery::default()).await;
    let error = listed.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}
