use serde_json::json;

use super::support::{
    at, id, is_deleted, is_shown, make, node, pages, post, refuses_field, server,
};

#[tokio::test]
async fn an_address_is_led_to_a_node_and_away() {
    let server = server();
    let web = node(&server, "web").await;
    let body = json!({ "network": "public" });
    let made = make(&server, "addresses", "address", body).await;
    let (address, ip) = (id(&made), made["ip"].as_str().expect("an ip").to_owned());
    assert_eq!(made["node"], json!(null));
    is_shown(&server, "addresses", &address, &ip).await;

    let to = json!({ "node": "web" });
    let led = post(&server, &format!("addresses/{ip}/associate"), to).await;
    assert_eq!(led["address"]["node"], web);
    let shown = server.get(&at("nodes/web")).await;
    let ips = shown.body["public_ips"].as_array().expect("ips");
    assert!(ips.contains(&json!(ip)), "{}", shown.text);

    let path = format!("addresses/{address}/disassociate");
    for _ in 0..2 {
        let led = post(&server, &path, json!({})).await;
        assert_eq!(led["address"]["node"], json!(null));
    }
    is_deleted(&server, "addresses", &address, &ip).await;
}

#[tokio::test]
async fn a_fixed_address_of_the_node_is_chosen() {
    let server = server();
    node(&server, "web").await;
    let shown = server.get(&at("nodes/web")).await;
    let fixed = shown.body["private_ips"][0].clone();
    let address = id(&make(&server, "addresses", "address", json!({})).await);
    let path = format!("addresses/{address}/associate");
    let other = json!({ "node": "web", "fixed_ip": "192.0.2.1" });
    refuses_field(&server, &path, other, "fixed_ip").await;
    let led = post(&server, &path, json!({ "node": "web", "fixed_ip": fixed })).await;
    assert_eq!(led["address"]["fixed_ip"], fixed);
}

#[tokio::test]
async fn bad_addresses_are_refused() {
    let server = server();
    for network in ["none", "", "a\u{7}b"] {
        let body = json!({ "network": network });
        refuses_field(&server, "addresses", body, "network").await;
    }
    let address = id(&make(&server, "addresses", "address", json!({})).await);
    let path = format!("addresses/{address}/associate");
    refuses_field(&server, &path, json!({ "node": "nobody" }), "node").await;
    let unknown = json!({ "node": "web", "colour": "red" });
    let answer = server.post(&at(&path), unknown).await;
    answer.is_problem(400, "invalid").says("colour");
}

#[tokio::test]
async fn addresses_are_paged() {
    let server = server();
    for _ in 0..4 {
        make(&server, "addresses", "address", json!({})).await;
    }
    pages(&server, "addresses").await;
}

#[tokio::test]
async fn quotas_count_what_there_is() {
    let server = server();
    make(&server, "addresses", "address", json!({})).await;
    let quotas = server.get(&at("quotas")).await;
    let items = quotas.body["items"].as_array().expect("items");
    let addresses = items.iter().find(|quota| quota["name"] == "addresses");
    assert_eq!(addresses.expect("a quota")["used"], 1, "{}", quotas.text);
    assert_eq!(quotas.body["next"], json!(null));
}
