use serde_json::json;

use super::support::{
    at, id, is_ambiguous, is_deleted, is_shown, make, pages, refuses_bad_bodies, refuses_field,
    server,
};

#[tokio::test]
async fn a_network_lives_with_its_subnets() {
    let server = server();
    let made = make(&server, "networks", "network", json!({ "name": "backend" })).await;
    let network = id(&made);
    is_shown(&server, "networks", &network, "backend").await;

    let body = json!({
        "network": "backend", "name": "backend-1", "cidr": "10.99.1.0/24", "gateway": "10.99.1.254",
    });
    let made = make(&server, "subnets", "subnet", body).await;
    assert_eq!(made["network"], network);
    assert_eq!(made["gateway"], "10.99.1.254");
    assert_eq!(made["version"], 4);
    let subnet = id(&made);
    is_shown(&server, "subnets", &subnet, "backend-1").await;
    let shown = server.get(&at("networks/backend")).await;
    assert_eq!(shown.body["subnets"], json!([subnet]));

    is_deleted(&server, "subnets", &subnet, "backend-1").await;
    is_deleted(&server, "networks", &network, "backend").await;
}

#[tokio::test]
async fn bad_networks_are_refused() {
    let server = server();
    refuses_bad_bodies(&server, "networks", json!({ "name": "x" })).await;
    for cidr in ["10.1.0.0", "10.1.0.0/33", "10.1.2.3/16", "x"] {
        let body = json!({ "name": "x", "cidr": cidr });
        refuses_field(&server, "networks", body, "cidr").await;
    }
}

#[tokio::test]
async fn bad_subnets_are_refused() {
    let server = server();
    make(&server, "networks", "network", json!({ "name": "backend" })).await;
    let body = json!({ "network": "backend", "name": "x", "cidr": "10.99.1.0/24" });
    refuses_bad_bodies(&server, "subnets", body.clone()).await;
    for (field, wrong) in [
        ("network", "none"),
        ("cidr", "10.99.1.1/24"),
        ("gateway", "10.98.1.1"),
        ("gateway", "fd00::1"),
        ("gateway", "here"),
    ] {
        let mut body = body.clone();
        body[field] = json!(wrong);
        refuses_field(&server, "subnets", body, field).await;
    }
}

#[tokio::test]
async fn networks_are_paged_and_told_apart() {
    let server = server();
    let mut ids = Vec::new();
    for name in ["a", "twin", "twin"] {
        let body = json!({ "name": name });
        ids.push(id(&make(&server, "networks", "network", body).await));
    }
    pages(&server, "networks").await;
    is_ambiguous(&server, "networks", "twin", [&ids[1], &ids[2]]).await;
    let body = json!({ "network": "twin", "name": "x", "cidr": "10.99.1.0/24" });
    let answer = server.post(&at("subnets"), body).await;
    answer.is_problem(409, "conflict");
    assert_eq!(answer.body["field"], "network");

    for number in 0..3 {
        let cidr = format!("10.99.{number}.0/24");
        let body = json!({ "network": ids[0], "name": "sub", "cidr": cidr });
        make(&server, "subnets", "subnet", body).await;
    }
    pages(&server, "subnets").await;
}
