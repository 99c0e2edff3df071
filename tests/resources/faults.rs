//! Clouds that lose replies.

use reqwest::Method;
use serde_json::json;

use super::support::{at, fails, id, make, post};
use crate::common::{Answer, TestServer, cloud};

fn losing(operation: &str) -> TestServer {
    TestServer::start(vec![cloud(
        "lab",
        "dummy",
        json!({
            "seed": 7,
            "transition": "0s",
            "faults": { "lost_reply": 1.0, "operations": [operation] },
        }),
    )])
}

#[tokio::test]
async fn a_lost_reply_makes_neither_two_volumes_nor_a_failure() {
    let server = losing("create_volume");
    let body = json!({ "name": "data", "size_gb": 1 });
    let made = make(&server, "volumes", "volume", body).await;
    assert_eq!(server.get(&at("volumes")).await.ids(), [id(&made)]);
}

#[tokio::test]
async fn a_key_pair_whose_private_key_was_lost_with_the_reply_is_not_kept() {
    let server = losing("create_key_pair");
    let body = json!({ "name": "me" });
    let problem = fails(&server, Method::POST, "key-pairs", body).await;
    assert_eq!(problem["side_effect"], "none", "{problem}");
    assert!(server.get(&at("key-pairs")).await.ids().is_empty());
}

#[tokio::test]
async fn a_lost_reply_adds_a_rule_once() {
    let server = losing("add_security_rule");
    make(
        &server,
        "security-groups",
        "security_group",
        json!({ "name": "web" }),
    )
    .await;
    let before = server.get(&at("security-groups/web")).await;
    let rule = json!({ "protocol": "icmp" });
    let added = post(&server, "security-groups/web/rules", rule).await;
    let after = server.get(&at("security-groups/web")).await;
    let count = |answer: &Answer| answer.body["rules"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&after), count(&before) + 1);
    assert!(after.text.contains(&id(&added["security_rule"])));
}
