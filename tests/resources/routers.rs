use reqwest::Method;
use serde_json::json;

use super::support::{
    at, id, is_ambiguous, is_deleted, is_shown, make, pages, post, refuses_bad_bodies,
    refuses_field, refuses_now, server,
};
use crate::common::TestServer;

async fn subnet(server: &TestServer) -> String {
    make(server, "networks", "network", json!({ "name": "backend" })).await;
    let body = json!({ "network": "backend", "name": "backend-1", "cidr": "10.99.1.0/24" });
    id(&make(server, "subnets", "subnet", body).await)
}

#[tokio::test]
async fn a_router_leads_from_a_subnet_out() {
    let server = server();
    let subnet = subnet(&server).await;
    let body = json!({ "name": "edge", "external_network": "public" });
    let made = make(&server, "routers", "router", body).await;
    assert_eq!(made["external_ips"].as_array().map(Vec::len), Some(1));
    let router = id(&made);
    is_shown(&server, "routers", &router, "edge").await;

    let to = json!({ "subnet": "backend-1" });
    let attached = post(&server, "routers/edge/attach", to.clone()).await;
    assert_eq!(attached["router"]["subnets"], json!([subnet]));
    let says = "is attached already";
    refuses_now(&server, "routers/edge/attach", to.clone(), says).await;
    let path = at("routers/edge");
    let deleted = server.send(Method::DELETE, &path, None, &[]).await;
    deleted.is_problem(409, "conflict").says(&subnet);
    let detached = post(&server, "routers/edge/detach", to.clone()).await;
    assert_eq!(detached["router"]["subnets"], json!([]));
    refuses_now(&server, "routers/edge/detach", to, "is not attached").await;

    for (change, name, leads_out) in [
        (json!({ "name": "rim" }), "rim", true),
        (json!({ "external_network": null }), "rim", false),
        (
            json!({ "external_network": "public", "name": "edge" }),
            "edge",
            true,
        ),
    ] {
        let path = at(&format!("routers/{router}"));
        let result = server
            .done(Method::PATCH, &path, Some(change.clone()))
            .await;
        let shown = &result["router"];
        assert_eq!(shown["name"], name, "{change}: {result}");
        assert_eq!(shown["external_network"].is_string(), leads_out, "{change}");
    }
    is_deleted(&server, "routers", &router, "edge").await;
}

#[tokio::test]
async fn bad_routers_are_refused() {
    let server = server();
    refuses_bad_bodies(&server, "routers", json!({ "name": "x" })).await;
    for network in ["none", "private"] {
        let body = json!({ "name": "x", "external_network": network });
        refuses_field(&server, "routers", body, "external_network").await;
    }
    make(&server, "routers", "router", json!({ "name": "edge" })).await;
    let path = at("routers/edge");
    let nothing = server
        .send(Method::PATCH, &path, Some(json!({})), &[])
        .await;
    nothing.is_problem(400, "invalid").says("nothing to change");
    let body = json!({ "subnet": "none" });
    refuses_field(&server, "routers/edge/attach", body, "subnet").await;
}

#[tokio::test]
async fn routers_are_listed_and_names_may_be_shared() {
    let server = server();
    let mut ids = Vec::new();
    for name in ["twin", "twin", "other"] {
        let made = make(&server, "routers", "router", json!({ "name": name })).await;
        ids.push(id(&made));
    }
    is_ambiguous(&server, "routers", "twin", [&ids[0], &ids[1]]).await;
    pages(&server, "routers").await;
}

#[tokio::test]
async fn the_projects_of_the_provider_are_told() {
    let server = server();
    let answer = server.get(&at("provider-projects")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let projects = answer.body["items"].as_array().into_iter().flatten();
    let current = projects.filter(|project| project["current"] == true);
    assert_eq!(current.count(), 1, "{}", answer.text);
}
