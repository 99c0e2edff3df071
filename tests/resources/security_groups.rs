use reqwest::Method;
use serde_json::{Value, json};

use super::support::{
    at, id, is_deleted, is_shown, make, pages, post, refuses_bad_bodies, refuses_field,
    refuses_now, server,
};

#[tokio::test]
async fn a_group_lives_and_its_rules_come_and_go() {
    let server = server();
    let body = json!({ "name": "web", "description": "what the web servers let in" });
    let made = make(&server, "security-groups", "security_group", body).await;
    assert_eq!(made["description"], "what the web servers let in");
    let group = id(&made);
    is_shown(&server, "security-groups", &group, "web").await;

    let https = json!({
        "protocol": "6", "port_min": 443, "port_max": 443, "remote_cidr": "198.51.100.0/24",
    });
    let added = post(&server, "security-groups/web/rules", https.clone()).await;
    let rule = &added["security_rule"];
    assert_eq!(rule["protocol"], "tcp");
    assert_eq!(rule["direction"], "ingress");
    assert_eq!(rule["version"], 4);
    let shown = server.get(&at("security-groups/web")).await;
    let rules = shown.body["rules"].as_array().expect("rules");
    assert!(rules.contains(rule), "{}", shown.text);
    refuses_now(
        &server,
        "security-groups/web/rules",
        https,
        "has this rule already",
    )
    .await;

    let path = format!("security-groups/web/rules/{}", id(rule));
    server.done(Method::DELETE, &at(&path), None).await;
    let gone = server.delete(&at(&path)).await;
    gone.is_problem(404, "not_found").says("rule");
    is_deleted(&server, "security-groups", &group, "web").await;
}

#[tokio::test]
async fn a_rule_names_another_group() {
    let server = server();
    let mut ids = Vec::new();
    for name in ["web", "db"] {
        let body = json!({ "name": name });
        ids.push(id(&make(
            &server,
            "security-groups",
            "security_group",
            body,
        )
        .await));
    }
    let body =
        json!({ "protocol": "tcp", "port_min": 5432, "port_max": 5432, "remote_group": "web" });
    let added = post(&server, "security-groups/db/rules", body).await;
    assert_eq!(added["security_rule"]["remote_group"], ids[0]);
}

#[tokio::test]
async fn bad_groups_and_rules_are_refused() {
    let server = server();
    refuses_bad_bodies(&server, "security-groups", json!({ "name": "web" })).await;
    make(
        &server,
        "security-groups",
        "security_group",
        json!({ "name": "web" }),
    )
    .await;
    let bad: [(Value, &str); 9] = [
        (json!({ "protocol": "smoke" }), "protocol"),
        (json!({ "protocol": "256" }), "protocol"),
        (
            json!({ "protocol": "tcp", "port_min": 2, "port_max": 1 }),
            "port_min",
        ),
        (json!({ "protocol": "tcp", "port_min": 2 }), "port_max"),
        (json!({ "port_min": 1, "port_max": 1 }), "protocol"),
        (json!({ "remote_cidr": "1.2.3.4" }), "remote_cidr"),
        (json!({ "remote_cidr": "::/0", "version": 4 }), "version"),
        (json!({ "remote_group": "none" }), "remote_group"),
        (
            json!({ "remote_group": "web", "remote_cidr": "0.0.0.0/0" }),
            "remote_group",
        ),
    ];
    for (body, field) in bad {
        refuses_field(&server, "security-groups/web/rules", body, field).await;
    }
    let unknown = json!({ "port": 1 });
    let answer = server.post(&at("security-groups/web/rules"), unknown).await;
    answer.is_problem(400, "invalid").says("port");
}

#[tokio::test]
async fn groups_are_paged() {
    let server = server();
    for number in 0..4 {
        let body = json!({ "name": format!("group-{number}") });
        make(&server, "security-groups", "security_group", body).await;
    }
    pages(&server, "security-groups").await;
}
