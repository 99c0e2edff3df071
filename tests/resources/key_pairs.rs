use reqwest::Method;
use serde_json::json;

use super::support::{
    at, delete, make, pages, refuses_bad_bodies, refuses_field, refuses_now, server,
};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@desk";

#[tokio::test]
async fn an_imported_key_keeps_its_text() {
    let server = server();
    let body = json!({ "name": "me", "public_key": format!("{KEY}\n") });
    let made = make(&server, "key-pairs", "key_pair", body).await;
    assert_eq!(made["public_key"], KEY);

    let shown = server.get(&at("key-pairs/me")).await;
    assert_eq!(shown.body, made);
    let listed = server.get(&at("key-pairs?name=m*")).await;
    assert_eq!(listed.body["items"], json!([made]));

    delete(&server, "key-pairs/me").await;
    let gone = server.get(&at("key-pairs/me")).await;
    gone.is_problem(404, "not_found").says("me");
    let gone = server.delete(&at("key-pairs/me")).await;
    gone.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_generated_private_key_is_shown_once() {
    let server = server();
    let body = json!({ "name": "made" });
    let answer = server
        .send(
            Method::POST,
            &at("key-pairs"),
            Some(body),
            &[("prefer", "wait=30")],
        )
        .await;
    let key = answer.body["result"]["secrets"]["private_key"].as_str();
    assert!(key.is_some_and(|key| key.contains("PRIVATE KEY")));
    let job = answer.body["id"].as_str().expect("an id");
    let again = server.get(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(again.body["result"]["key_pair"]["name"], "made");
    assert!(!again.text.contains("PRIVATE KEY"), "{}", again.text);
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_before_there_is_a_job() {
    let server = server();
    make(&server, "key-pairs", "key_pair", json!({ "name": "me" })).await;
    refuses_now(&server, "key-pairs", json!({ "name": "me" }), "already").await;
}

#[tokio::test]
async fn what_is_no_public_key_is_refused() {
    let server = server();
    refuses_bad_bodies(&server, "key-pairs", json!({ "name": "me" })).await;
    for wrong in [
        "",
        "ssh-rsa",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n",
        "ssh-rsa AAAA\nssh-rsa BBBB",
    ] {
        let body = json!({ "name": "me", "public_key": wrong });
        refuses_field(&server, "key-pairs", body, "public_key").await;
    }
}

#[tokio::test]
async fn key_pairs_are_paged() {
    let server = server();
    for number in 0..5 {
        let body = json!({ "name": format!("key-{number}") });
        make(&server, "key-pairs", "key_pair", body).await;
    }
    pages(&server, "key-pairs").await;
}
