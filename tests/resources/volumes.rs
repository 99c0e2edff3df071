use reqwest::Method;
use serde_json::json;

use super::support::{
    at, id, is_ambiguous, is_deleted, is_shown, make, node, pages, post, refuses_bad_bodies,
    refuses_field, refuses_now, server,
};

#[tokio::test]
async fn a_volume_lives() {
    let server = server();
    let body = json!({ "name": "data", "size_gb": 5, "metadata": { "role": "db" } });
    let made = make(&server, "volumes", "volume", body).await;
    assert_eq!(made["state"], "available");
    assert_eq!(made["metadata"], json!({ "role": "db" }));
    let volume = id(&made);
    is_shown(&server, "volumes", &volume, "data").await;

    let larger = post(&server, "volumes/data/extend", json!({ "size_gb": 7 })).await;
    assert_eq!(larger["volume"]["size_gb"], 7);
    is_deleted(&server, "volumes", &volume, "data").await;
}

#[tokio::test]
async fn a_volume_is_attached_and_detached() {
    let server = server();
    let web = node(&server, "web").await;
    let body = json!({ "name": "data", "size_gb": 5 });
    let volume = id(&make(&server, "volumes", "volume", body).await);

    let on = post(
        &server,
        "volumes/data/attach",
        json!({ "node": "web", "device": "/dev/vdb" }),
    )
    .await;
    assert_eq!(on["volume"]["state"], "in_use");
    assert_eq!(on["volume"]["attachments"][0]["node"], web);
    let shown = server.get(&at("nodes/web")).await;
    assert_eq!(shown.body["volumes"], json!([volume]));

    let node = json!({ "node": "web" });
    refuses_now(&server, "volumes/data/attach", node.clone(), "attached to").await;
    let attached = server.delete(&at("volumes/data")).await;
    attached.is_problem(409, "conflict").says("attached to");

    let off = post(&server, "volumes/data/detach", json!({ "node": web })).await;
    assert_eq!(off["volume"]["state"], "available");
    assert_eq!(off["volume"]["attachments"], json!([]));
    refuses_now(&server, "volumes/data/detach", node, "not attached").await;
    is_deleted(&server, "volumes", &volume, "data").await;
}

#[tokio::test]
async fn a_node_that_cannot_take_a_volume_is_told_apart() {
    let server = server();
    node(&server, "web").await;
    let body = json!({ "name": "data", "size_gb": 5 });
    make(&server, "volumes", "volume", body).await;
    server
        .done(Method::POST, &at("nodes/web/suspend"), None)
        .await;
    let answer = server
        .post(&at("volumes/data/attach"), json!({ "node": "web" }))
        .await;
    answer
        .is_problem(409, "conflict")
        .says("attach a volume to node");
    let states = answer.body["allowed_states"].as_array().expect("states");
    assert!(states.contains(&json!("running")), "{}", answer.text);
    refuses_field(
        &server,
        "volumes/data/attach",
        json!({ "node": "nobody" }),
        "node",
    )
    .await;
}

#[tokio::test]
async fn a_volume_is_made_from_an_image() {
    let server = server();
    let body = json!({ "name": "boot", "size_gb": 50, "image": "debian*" });
    let made = make(&server, "volumes", "volume", body).await;
    assert!(made["image"].is_string(), "{made}");
}

#[tokio::test]
async fn bad_volumes_are_refused() {
    let server = server();
    refuses_bad_bodies(&server, "volumes", json!({ "name": "data", "size_gb": 1 })).await;
    let bad = |size_gb: i64| json!({ "name": "data", "size_gb": size_gb });
    refuses_field(&server, "volumes", bad(0), "size_gb").await;
    refuses_field(&server, "volumes", bad(-1), "size_gb").await;
    refuses_field(&server, "volumes", bad(i64::MAX), "size_gb").await;
    for (field, reference) in [("snapshot", "none"), ("image", "none"), ("kind", "")] {
        let mut body = bad(1);
        body[field] = json!(reference);
        refuses_field(&server, "volumes", body, field).await;
    }
    make(&server, "volumes", "volume", bad(5)).await;
    let smaller = json!({ "size_gb": 4 });
    refuses_field(&server, "volumes/data/extend", smaller, "size_gb").await;
}

#[tokio::test]
async fn volumes_of_one_name_are_told_apart_by_id() {
    let server = server();
    let body = json!({ "name": "twin", "size_gb": 1 });
    let one = id(&make(&server, "volumes", "volume", body.clone()).await);
    let other = id(&make(&server, "volumes", "volume", body).await);
    is_ambiguous(&server, "volumes", "twin", [&one, &other]).await;
}

#[tokio::test]
async fn volumes_are_paged() {
    let server = server();
    for number in 0..5 {
        let body = json!({ "name": format!("data-{number}"), "size_gb": 1 });
        make(&server, "volumes", "volume", body).await;
    }
    pages(&server, "volumes").await;
}
