use reqwest::Method;
use serde_json::json;

use super::support::{
    at, id, is_ambiguous, is_deleted, is_shown, make, node, pages, post, refuses_bad_bodies,
    refuses_field, refuses_now, server,
};
use crate::common::TestServer;

async fn volume(server: &TestServer) -> String {
    let body = json!({ "name": "data", "size_gb": 5 });
    id(&make(server, "volumes", "volume", body).await)
}

#[tokio::test]
async fn a_volume_snapshot_lives_and_makes_volumes() {
    let server = server();
    let volume = volume(&server).await;
    let body = json!({ "volume": "data", "name": "before", "metadata": { "why": "upgrade" } });
    let made = make(&server, "volume-snapshots", "volume_snapshot", body).await;
    assert_eq!(made["state"], "available");
    assert_eq!(made["volume"], volume);
    assert_eq!(made["metadata"]["why"], "upgrade");
    let snapshot = id(&made);
    is_shown(&server, "volume-snapshots", &snapshot, "before").await;

    let body = json!({ "name": "copy", "size_gb": 5, "snapshot": "before" });
    let copy = make(&server, "volumes", "volume", body).await;
    assert_eq!(copy["snapshot"], snapshot);
    let smaller = json!({ "name": "copy", "size_gb": 4, "snapshot": "before" });
    refuses_field(&server, "volumes", smaller, "size_gb").await;
    is_deleted(&server, "volume-snapshots", &snapshot, "before").await;
}

#[tokio::test]
async fn a_volume_in_use_is_snapshot_by_force_only() {
    let server = server();
    volume(&server).await;
    node(&server, "web").await;
    post(&server, "volumes/data/attach", json!({ "node": "web" })).await;
    let body = json!({ "volume": "data", "name": "hot" });
    refuses_now(&server, "volume-snapshots", body, "in use").await;
    let body = json!({ "volume": "data", "name": "hot", "force": true });
    make(&server, "volume-snapshots", "volume_snapshot", body).await;
}

#[tokio::test]
async fn bad_volume_snapshots_are_refused() {
    let server = server();
    volume(&server).await;
    let body = json!({ "volume": "data", "name": "x" });
    refuses_bad_bodies(&server, "volume-snapshots", body).await;
    let body = json!({ "volume": "none", "name": "x" });
    refuses_field(&server, "volume-snapshots", body, "volume").await;
}

#[tokio::test]
async fn volume_snapshots_are_paged_and_told_apart() {
    let server = server();
    volume(&server).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "twin", "twin"] {
        let body = json!({ "volume": "data", "name": name });
        ids.push(id(&make(
            &server,
            "volume-snapshots",
            "volume_snapshot",
            body,
        )
        .await));
    }
    pages(&server, "volume-snapshots").await;
    is_ambiguous(&server, "volume-snapshots", "twin", [&ids[2], &ids[3]]).await;
}

#[tokio::test]
async fn a_node_goes_back_to_its_snapshot() {
    let server = server();
    let web = node(&server, "web").await;
    let image = server.get(&at("nodes/web")).await.body["image"].clone();
    let body = json!({ "node": "web", "name": "before" });
    let made = make(&server, "node-snapshots", "node_snapshot", body).await;
    assert_eq!(made["state"], "available");
    assert_eq!(made["node"], web);
    let snapshot = id(&made);
    is_shown(&server, "node-snapshots", &snapshot, "before").await;

    let other = server.get(&at("images")).await.ids();
    let other = other
        .iter()
        .find(|other| image["id"] != **other)
        .expect("another image");
    post(&server, "nodes/web/rebuild", json!({ "image": other })).await;
    let restored = post(&server, "node-snapshots/before/restore", json!({})).await;
    assert_eq!(restored["node"]["state"], "running");
    assert_eq!(restored["node"]["image"], image);
    assert_eq!(restored["node_snapshot"]["id"], snapshot);
    is_deleted(&server, "node-snapshots", &snapshot, "before").await;
}

#[tokio::test]
async fn bad_node_snapshots_are_refused() {
    let server = server();
    node(&server, "web").await;
    let body = json!({ "node": "web", "name": "x" });
    refuses_bad_bodies(&server, "node-snapshots", body.clone()).await;
    let nobody = json!({ "node": "nobody", "name": "x" });
    refuses_field(&server, "node-snapshots", nobody, "node").await;
    let gone = server
        .post(&at("node-snapshots/none/restore"), json!({}))
        .await;
    gone.is_problem(404, "not_found");
}

#[tokio::test]
async fn node_snapshots_are_paged_and_told_apart() {
    let server = server();
    node(&server, "web").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "twin", "twin"] {
        let body = json!({ "node": "web", "name": name });
        ids.push(id(
            &make(&server, "node-snapshots", "node_snapshot", body).await
        ));
    }
    pages(&server, "node-snapshots").await;
    is_ambiguous(&server, "node-snapshots", "twin", [&ids[2], &ids[3]]).await;
}

#[tokio::test]
async fn an_image_is_made_from_a_node_and_makes_nodes() {
    let server = server();
    node(&server, "web").await;
    let body = json!({ "node": "web", "name": "golden", "metadata": { "role": "web" } });
    let made = make(&server, "images", "image", body).await;
    assert_eq!(made["state"], "available");
    assert_eq!(made["metadata"]["role"], "web");
    let image = id(&made);
    is_shown(&server, "images", &image, "golden").await;

    let body = json!({ "name": "copy", "image": "golden", "size": "ram>=1" });
    let copy = make(&server, "nodes", "node", body).await;
    assert_eq!(copy["image"]["id"], image);
    is_deleted(&server, "images", &image, "golden").await;
}

#[tokio::test]
async fn a_glob_deletes_no_image() {
    let server = server();
    let answer = server.delete(&at("images/debian*")).await;
    answer.is_problem(404, "not_found");
}

#[tokio::test]
async fn bad_images_are_refused() {
    let server = server();
    node(&server, "web").await;
    let body = json!({ "node": "web", "name": "x" });
    refuses_bad_bodies(&server, "images", body.clone()).await;
    let nobody = json!({ "node": "nobody", "name": "x" });
    refuses_field(&server, "images", nobody, "node").await;
    server
        .done(Method::POST, &at("nodes/web/rescue"), None)
        .await;
    let answer = server.post(&at("images"), body).await;
    let states = &answer.is_problem(409, "conflict").body["allowed_states"];
    let states = states.as_array().expect("states");
    assert!(states.contains(&json!("running")), "{}", answer.text);
}
