//! What the driver makes of the recorded answers of a real control plane.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::recorded::{self, Recorded};

static ALL: LazyLock<Vec<Recorded>> = LazyLock::new(recorded::all);

/// What is read of the answer called `name`.
fn reading(name: &str) -> Value {
    let answer = ALL.iter().find(|answer| answer.name == name);
    let answer = answer.unwrap_or_else(|| panic!("there is no {name}"));
    read(answer).unwrap_or_else(|| panic!("nothing reads {name}"))
}

fn read(answer: &Recorded) -> Option<Value> {
    let read = answer.reply()?.read(&answer.response());
    Some(read.unwrap_or_else(|error| panic!("{}: {error}", answer.name)))
}

/// Asserts the values at some places, by JSON pointer.
fn assert_at(name: &str, expected: &[(&str, Value)]) {
    let reading = reading(name);
    for (place, value) in expected {
        let found = reading.pointer(place).unwrap_or(&Value::Null);
        assert_eq!(found, value, "{name} at {place} of {reading:#}");
    }
}

#[test]
fn every_answer_is_read_by_what_is_for_it() {
    assert!(ALL.len() > 100, "{} answers", ALL.len());
    let read = ALL.iter().filter_map(read).count();
    assert!(read > 90, "{read} of {} were read", ALL.len());
}

#[test]
fn every_refusal_has_a_message_and_the_id_of_its_request() {
    for answer in ALL.iter().filter(|answer| answer.status >= 400) {
        let refusal = read(answer).unwrap();
        assert_eq!(refusal["status"], answer.status, "{}", answer.name);
        assert_ne!(refusal["message"], "", "{}", answer.name);
        let named = answer
            .headers
            .keys()
            .any(|name| name.as_str().ends_with("request-id"));
        assert_eq!(refusal["request_id"].is_string(), named, "{}", answer.name);
    }
}

#[test]
fn refusals_have_the_kind_that_they_mean() {
    for (name, kind) in [
        ("compute-error-400-flavor", "invalid"),
        ("compute-error-400-network", "invalid"),
        ("compute-error-401", "provider_auth"),
        ("compute-error-403-policy", "forbidden"),
        ("compute-error-403-quota", "quota_exceeded"),
        ("compute-error-404", "not_found"),
        ("compute-error-404-proxy", "not_found"),
        ("compute-error-409-key-pair", "conflict"),
        ("compute-error-409-state", "conflict"),
        ("identity-error-401-wrong-password", "provider_auth"),
        ("identity-error-403", "forbidden"),
        ("image-error-403", "forbidden"),
        ("image-error-404", "not_found"),
        ("network-error-409-in-use", "conflict"),
        ("network-error-409-quota", "quota_exceeded"),
        ("volume-error-404", "not_found"),
        ("volume-error-413-quota", "quota_exceeded"),
    ] {
        assert_at(name, &[("/kind", json!(kind))]);
    }
}

#[test]
fn tokens_lead_to_the_services() {
    for name in ["token-project", "token-application-credential"] {
        assert_at(
            name,
            &[
                ("/project", json!("00000000000000000000000000000005")),
                ("/regions", json!(["RegionOne"])),
                ("/addresses/compute", json!("http://127.0.0.1:8774/v2.1")),
                ("/addresses/image", json!("http://127.0.0.1:9292")),
                ("/addresses/network", json!("http://127.0.0.1:9696")),
            ],
        );
        let reading = reading(name);
        let volume = reading["addresses"]["volume"].as_str().unwrap();
        assert!(volume.starts_with("http://127.0.0.1:8776/v3"), "{volume}");
        assert!(reading["expires_at"].as_str().unwrap().ends_with('Z'));
        assert_ne!(reading["secret"], "");
    }
    let none = [("/project", Value::Null), ("/addresses", json!({}))];
    assert_at("token-unscoped", &none);
    assert_at("token-system", &none[..1]);
    assert_at("token-domain", &none[..1]);
    assert_at("catalog", &[("/regions", json!(["RegionOne"]))]);
}

#[test]
fn versions_have_their_ranges() {
    let nova = json!({"id": "v2.1", "major": 2, "range": {"min": "2.1", "max": "2.100"}});
    assert_at("compute-v2.1", &[("/0", nova)]);
    let keystone = [("/0/major", json!(3)), ("/0/range", Value::Null)];
    assert_at("identity-versions", &keystone);
    assert_at("identity-v3", &keystone);
    assert_at("network-versions", &[("/0/major", json!(2))]);
    assert_at("volume-versions", &[("/0/range/min", json!("3.0"))]);
    assert_eq!(reading("compute-versions").as_array().unwrap().len(), 2);
}

#[test]
fn nodes_have_the_state_that_nova_means() {
    for (name, state, native) in [
        ("server-active", "running", "ACTIVE"),
        ("server-active-2.96", "running", "ACTIVE"),
        ("server-build", "pending", "BUILD"),
        ("server-error-no-valid-host", "error", "ERROR"),
        ("server-error-spawn", "error", "ERROR"),
        ("server-paused", "paused", "PAUSED"),
        ("server-rescue", "rescued", "RESCUE"),
        ("server-shelved-offloaded", "suspended", "SHELVED_OFFLOADED"),
        ("server-shutoff", "stopped", "SHUTOFF"),
        ("server-suspended", "suspended", "SUSPENDED"),
        ("server-verify-resize", "verify_resize", "VERIFY_RESIZE"),
    ] {
        let states = [("/state", json!(state)), ("/native_state", json!(native))];
        assert_at(name, &states);
    }
}

#[test]
fn a_node_says_what_it_is_made_of() {
    let size = [
        ("/size/name", json!("m1.tiny")),
        ("/size/ram_mb", json!(512)),
        ("/location", json!("nova")),
        ("/public_ips", json!([])),
    ];
    assert_at("server-active-2.96", &size);
    let node = reading("server-active-2.96");
    assert!(node["addresses"].as_array().unwrap().len() >= 2, "{node:#}");
    assert!(node["image"]["id"].is_string());
    assert!(node["created_at"].is_string());
    let from_volume = reading("server-from-volume");
    assert_eq!(from_volume["image"], Value::Null);
    assert_eq!(from_volume["volumes"].as_array().unwrap().len(), 1);
    let floating = reading("server-floating-ip").to_string();
    assert!(floating.contains("203.0.113."), "{floating}");
}

#[test]
fn a_fault_is_kept_with_its_words() {
    let fault = reading("server-error-no-valid-host")["fault"].clone();
    assert_eq!(fault["code"], "500");
    assert!(
        fault["message"]
            .as_str()
            .unwrap()
            .starts_with("No valid host")
    );
    assert!(reading("server-error-spawn")["fault"]["message"].is_string());
    assert_at("server-active", &[("/fault", Value::Null)]);
}

#[test]
fn pages_end_where_the_service_says() {
    for (name, items, more) in [
        ("servers-page", 1, true),
        ("servers-none", 0, false),
        ("flavors-page", 2, true),
        ("images-page", 2, true),
        ("images-by-name", 1, false),
        ("images-none", 0, false),
        ("networks-page", 1, true),
        ("volumes-page", 1, true),
        ("volumes-none", 0, false),
    ] {
        let page = reading(name);
        assert_eq!(page["items"].as_array().unwrap().len(), items, "{name}");
        assert_eq!(page["next"].is_string(), more, "{name}: {}", page["next"]);
    }
}

#[test]
fn what_was_made_has_an_id() {
    assert!(reading("server-create").is_string());
    assert_eq!(
        reading("server-image-2.45"),
        reading("image-of-server")["id"]
    );
    assert!(reading("server-image-2.1").is_string());
    let image = [
        ("/name", json!("golden-image")),
        ("/state", json!("available")),
    ];
    assert_at("image-of-server", &image);
    assert_at("volume-create", &[("/state", json!("creating"))]);
    assert_at("volume-in-use", &[("/state", json!("in_use"))]);
    assert_at("snapshot-create", &[("/state", json!("creating"))]);
    assert_at("key-pair", &[("/name", json!("golden-2"))]);
}

#[test]
fn the_network_is_read() {
    let public = [
        ("/items/0/name", json!("public")),
        ("/items/0/external", json!(true)),
    ];
    assert_at("networks-external", &public);
    let subnets = reading("subnets")["items"].to_string();
    assert!(subnets.contains("10.0.0.0/24") && subnets.contains("fd00:dead:beef::/64"));
    let rule = [("/direction", json!("ingress"))];
    assert_at("security-group-rule-create", &rule);
    let address = reading("floating-ip-associate");
    assert!(address["ip"].as_str().unwrap().starts_with("203.0.113."));
    assert!(address["fixed_ip"].is_string() && address["node"].is_string());
    assert_at("floating-ip-disassociate", &[("/node", Value::Null)]);
}

#[test]
fn quotas_have_neutral_names() {
    let limit = |name: &str, quota: &str| {
        let quotas = reading(name);
        let all = quotas.as_array().unwrap().clone();
        let found = all.into_iter().find(|entry| entry["name"] == quota);
        found.map(|entry| entry["limit"].clone())
    };
    assert_eq!(limit("quota-set", "nodes"), Some(json!(50)));
    assert_eq!(limit("quota-set-detail", "ram_mb"), Some(json!(524_288)));
    assert_eq!(
        limit("network-quotas-details", "networks"),
        Some(json!(100))
    );
    assert_eq!(limit("volume-quota-usage", "volume_gb"), Some(json!(5000)));
}
