//! Tokens that die while they are used.

use std::sync::atomic::{AtomicBool, Ordering};

use cloudfarm_contract::{ErrorKind, NodeQuery, PageRequest};
use futures_util::future::join_all;
use serde_json::json;

use crate::lab::{LIST, Lab, cx, driver, unauthorized};

/// The names of all nodes, read two to a page.
async fn names(lab: &Lab) -> Vec<String> {
    let mut names = Vec::new();
    let mut query = NodeQuery {
        page: PageRequest::first(2),
        ..NodeQuery::default()
    };
    loop {
        let page = lab.driver.list_nodes(&cx(), &query).await.unwrap();
        names.extend(page.items.iter().map(|node| node.name.to_string()));
        match page.next {
            Some(marker) => query.page = PageRequest::after(marker, Some(2)),
            None => return names,
        }
    }
}

#[tokio::test]
async fn a_401_in_the_middle_of_a_list_costs_one_login_and_no_node() {
    let refused = AtomicBool::new(false);
    let lab = Lab::start(move |asked, _| {
        let second = asked.is(LIST.0, LIST.1) && asked.query("marker").is_some();
        (second && !refused.swap(true, Ordering::SeqCst)).then(unauthorized)
    })
    .await;
    assert_eq!(names(&lab).await, ["one", "two", "three"]);
    assert_eq!(lab.logins(), 2);
}

#[tokio::test]
async fn a_token_that_dies_at_page_two_is_renewed_there() {
    let died = AtomicBool::new(false);
    let lab = Lab::start(move |asked, state| {
        let second = asked.is(LIST.0, LIST.1) && asked.query("marker").is_some();
        if second && !died.swap(true, Ordering::SeqCst) {
            state.expire();
        }
        None
    })
    .await;
    assert_eq!(names(&lab).await, ["one", "two", "three"]);
    assert_eq!(lab.logins(), 2);
    let pages: Vec<_> = lab
        .wire
        .seen()
        .into_iter()
        .filter(|s| s.is(LIST.0, LIST.1))
        .collect();
    assert_eq!(
        pages.len(),
        3,
        "page two is asked for twice, page one is not"
    );
    assert_ne!(
        pages[1].headers["x-auth-token"],
        pages[2].headers["x-auth-token"]
    );
    assert_eq!(pages[1].target, pages[2].target);
}

#[tokio::test]
async fn two_hundred_requests_over_an_expired_token_log_in_once() {
    let mut lab = Lab::start(|_, _| None).await;
    // The last of so many waits for all before it.
    let patient = json!({"http": {"proxy": "none", "timeout": "30s"}});
    lab.driver = driver(&format!("http://127.0.0.1:{}/v3", lab.wire.port), patient);
    lab.driver.check(&cx()).await.unwrap();
    assert_eq!(lab.logins(), 1);
    lab.state.expire();
    let query = NodeQuery::default();
    let calls = (0..200).map(|_| async {
        let page = lab.driver.list_nodes(&cx(), &query).await?;
        Ok::<_, cloudfarm_contract::Error>(page.items.len())
    });
    for found in join_all(calls).await {
        assert_eq!(found.unwrap(), 3);
    }
    assert_eq!(lab.logins(), 2, "one login for the two hundred");
}

#[tokio::test]
async fn a_cloud_that_refuses_every_token_is_not_asked_for_ever() {
    let lab = Lab::start(|asked, _| asked.target.starts_with("/compute").then(unauthorized)).await;
    let error = lab.driver.check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(!error.is_retryable());
    assert_eq!(lab.logins(), 2);
}
