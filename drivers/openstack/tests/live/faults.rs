//! The wire to a living Nova fails; Keystone and Nova themselves do what they always do.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cloudfarm_contract::model::{Mark, NodeCreate};
use cloudfarm_contract::{Driver, ErrorKind, NodeQuery, SideEffect, Text};
use cloudfarm_wire::{Reply, Seen, Wire};
use futures_util::future::join_all;
use serde_json::json;

use crate::access::{cx, destroy, request, until_running};
use crate::proxied::{Proxied, edit_json, sizes};

const FLAVORS: (&str, &str) = ("GET", "/v2.1/flavors/detail");
const SERVERS: (&str, &str) = ("POST", "/v2.1/servers");
const HTML: (&str, &str) = ("content-type", "text/html");

fn unauthorized() -> Reply {
    let error = json!({"error": {"code": 401, "message": "The request you have made requires \
        authentication.", "title": "Unauthorized"}});
    Reply::json(401, &error)
}

/// A fault of the flavors that `wanted` picks, once.
fn once(
    wanted: impl Fn(&Seen) -> bool + Send + Sync,
    reply: Reply,
) -> impl Fn(&Seen) -> Option<Reply> + Send + Sync {
    let done = AtomicBool::new(false);
    move |asked| {
        let here = asked.is(FLAVORS.0, FLAVORS.1) && wanted(asked);
        (here && !done.swap(true, Ordering::SeqCst)).then(|| reply.clone())
    }
}

fn first_page(asked: &Seen) -> bool {
    asked.query("marker").is_none()
}

fn later_page(asked: &Seen) -> bool {
    !first_page(asked)
}

/// What there is, without any fault.
async fn all_sizes() -> Vec<Text> {
    let sound = Proxied::start(|_| None).await;
    let all = sizes(&*sound.driver, 1000).await.unwrap();
    assert!(all.len() >= 8, "{all:?}");
    all
}

/// Tokens that Nova takes no longer, as if they had been revoked.
#[derive(Default)]
struct Dead(Mutex<HashSet<String>>);

impl Dead {
    fn bury(&self, asked: &Seen) {
        let token = asked.headers["x-auth-token"].clone();
        self.0.lock().unwrap().insert(token);
    }

    fn refuses(&self, asked: &Seen) -> Option<Reply> {
        let token = asked.headers.get("x-auth-token")?;
        self.0.lock().unwrap().contains(token).then(unauthorized)
    }
}

#[tokio::test]
async fn a_401_in_the_middle_of_a_list_costs_one_login_and_no_item() {
    let cloud = Proxied::start(once(later_page, unauthorized())).await;
    let read = sizes(&*cloud.driver, 2).await.unwrap();
    assert_eq!(read, all_sizes().await);
    assert_eq!(cloud.logins(), 2);
}

#[tokio::test]
async fn a_token_that_dies_at_page_two_is_renewed_there() {
    let dead = Dead::default();
    let died = AtomicBool::new(false);
    let cloud = Proxied::start(move |asked| {
        let second = asked.is(FLAVORS.0, FLAVORS.1) && later_page(asked);
        if second && !died.swap(true, Ordering::SeqCst) {
            dead.bury(asked);
        }
        dead.refuses(asked)
    })
    .await;
    assert_eq!(sizes(&*cloud.driver, 2).await.unwrap(), all_sizes().await);
    assert_eq!(cloud.logins(), 2);
    let pages = cloud.compute.seen();
    let pages: Vec<_> = pages
        .iter()
        .filter(|s| s.is(FLAVORS.0, FLAVORS.1))
        .collect();
    assert_eq!(pages[1].target, pages[2].target, "page two is asked again");
    let token = |page: usize| &pages[page].headers["x-auth-token"];
    assert_ne!(token(1), token(2));
}

#[tokio::test]
async fn two_hundred_requests_over_an_expired_token_log_in_once() {
    let dead = Arc::new(Dead::default());
    let known = Arc::clone(&dead);
    let cloud = Proxied::start(move |asked| known.refuses(asked)).await;
    cloud.driver.check(&cx()).await.unwrap();
    dead.bury(cloud.compute.seen().last().unwrap());
    let cx = cx();
    let mut calls = join_all((0..200).map(|_| cloud.driver.check(&cx))).await;
    assert_eq!(calls.len(), 200);
    calls.retain(Result::is_err);
    assert!(calls.is_empty(), "{:?}", calls.first());
    assert_eq!(cloud.logins(), 2, "one login for the two hundred");
}

#[tokio::test]
async fn a_503_after_a_create_that_worked_makes_no_second_server() {
    let page = Reply::new(503, &[HTML], "<html>Service Unavailable</html>");
    let reply = page.after_forwarding();
    let cloud =
        Proxied::start(move |asked| asked.is(SERVERS.0, SERVERS.1).then(|| reply.clone())).await;
    let driver = cloud.layered();
    let mark = Mark::new(format!("live-{}", fastrand::u64(..)));
    let wanted = NodeCreate {
        name: Text::from("live-lost-answer"),
        mark: Some(mark.clone()),
        ..request(&driver, "cirros-0.6.3", "m1.nano").await
    };
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.side_effect(), SideEffect::Possible);
    assert_eq!(
        cloud.compute.count(SERVERS.0, SERVERS.1),
        1,
        "it was repeated"
    );
    let query = NodeQuery::marked(mark);
    let found = driver.list_nodes(&cx(), &query).await.unwrap().items;
    assert_eq!(found.len(), 1, "{found:?}");
    until_running(&driver, &found[0].id).await.unwrap();
    destroy(&driver, &found[0].id).await;
}

#[tokio::test]
async fn a_connection_that_hangs_ends_in_time() {
    let cloud = Proxied::start(once(first_page, Reply::silence())).await;
    let soon = cloudfarm_contract::Context::new(
        Duration::from_secs(5),
        "live",
        cloudfarm_contract::Priority::Person,
    );
    let started = Instant::now();
    let listed = cloud.driver.list_sizes(&soon, &Default::default()).await;
    let error = listed.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(
        sizes(&*cloud.driver, 1000).await.unwrap(),
        all_sizes().await
    );
}

#[tokio::test]
async fn a_list_that_is_cut_off_is_an_error_and_not_a_short_list() {
    let half = Reply::edited(|mut answer| {
        answer.truncate(answer.len() / 2);
        answer
    });
    let cloud = Proxied::start(once(first_page, half)).await;
    let error = sizes(&*cloud.driver, 1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("broke off after"), "{error}");
    assert!(error.is_retryable());
    assert_eq!(
        sizes(&*cloud.driver, 1000).await.unwrap(),
        all_sizes().await
    );
}

#[tokio::test]
async fn html_in_place_of_json_is_shown_for_what_it_is() {
    let page = Reply::new(
        200,
        &[HTML],
        "<!DOCTYPE html><title>Log in to the hotel</title>",
    );
    let cloud = Proxied::start(once(first_page, page)).await;
    let error = sizes(&*cloud.driver, 1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(error.message().contains("text/html"), "{error}");
    assert_eq!(
        sizes(&*cloud.driver, 1000).await.unwrap(),
        all_sizes().await
    );
}

#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let elsewhere = Wire::start(|_| Reply::json(200, &json!({"flavors": []}))).await;
    let port = elsewhere.port;
    let astray = Reply::edited(move |answer| {
        edit_json(&answer, |page| {
            let link = &mut page["flavors_links"][0]["href"];
            let query = link.as_str().unwrap().split_once('?').unwrap().1.to_owned();
            *link = json!(format!(
                "http://127.0.0.1:{port}/steal?{query}&is_public=none"
            ));
        })
    });
    let cloud = Proxied::start(once(first_page, astray)).await;
    assert_eq!(sizes(&*cloud.driver, 2).await.unwrap(), all_sizes().await);
    assert!(elsewhere.seen().is_empty(), "the other host was asked");
    let seen = cloud.compute.seen();
    let widened = seen
        .iter()
        .find(|asked| asked.target.contains("is_public=none"));
    assert!(widened.is_none(), "the link's parameters were taken over");
}

#[tokio::test]
async fn a_loop_of_markers_ends() {
    let back = |asked: &Seen| {
        let marker = asked.query("marker")?.to_owned();
        Some(Reply::edited(move |answer| {
            edit_json(&answer, |page| {
                let href = format!("{}?limit=2&marker={marker}", FLAVORS.1);
                page["flavors_links"] = json!([{"rel": "next", "href": href}]);
            })
        }))
    };
    let cloud = Proxied::start(move |asked| {
        let here = asked.is(FLAVORS.0, FLAVORS.1);
        here.then(|| back(asked)).flatten()
    })
    .await;
    let error = sizes(&*cloud.driver, 2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    assert!(!error.is_retryable());
    assert!(error.message().contains("back to the same page"), "{error}");
    assert_eq!(cloud.compute.count(FLAVORS.0, FLAVORS.1), 2);
}

#[tokio::test]
async fn a_retry_after_that_is_a_date_is_waited_for() {
    let headers = [
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("retry-after", "Wed, 21 Oct 2015 07:28:02 GMT"),
    ];
    let slow_down = Reply::new(429, &headers, r#"{"overLimit": {"message": "slow down"}}"#);
    let cloud = Proxied::start(once(first_page, slow_down)).await;
    let started = Instant::now();
    let read = sizes(&cloud.layered(), 1000).await.unwrap();
    assert_eq!(read, all_sizes().await);
    assert!(
        started.elapsed() >= Duration::from_secs(2),
        "it did not wait"
    );
    assert_eq!(cloud.compute.count(FLAVORS.0, FLAVORS.1), 2);
}
