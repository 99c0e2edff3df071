//! The examples of the OpenAPI document are real answers: this asks for each of them anew.
//!
//! `CLOUDFARM_UPDATE_DOCS=1 cargo test --test examples` writes them.

#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;
#[path = "common/receiver.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with other tests")]
mod receiver;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm::settings::{EventKind, NotifierKind, NotifierSettings};
use cloudfarm_contract::model::{Mark, NodeCreate};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ImageQuery, ListQuery, Priority, SystemClock,
};
use cloudfarm_dummy::Dummy;
use common::{TestServer, cloud};
use receiver::Receiver;
use reqwest::Method;
use serde_json::{Map, Value, json};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/examples.json");

/// The calls, in an order in which each finds what it needs. `{x}` stands for the job of the call of
/// that name, `{x.id}` for what it made.
fn calls() -> Vec<(&'static str, Method, &'static str, Option<Value>)> {
    let get = |operation, path| (operation, Method::GET, path, None);
    let post = |operation, path, body| (operation, Method::POST, path, Some(body));
    let act = |operation, path| (operation, Method::POST, path, None);
    let delete = |operation, path| (operation, Method::DELETE, path, None);
    vec![
        get("list_engines", "/api/v1/engines"),
        get("list_clouds", "/api/v1/clouds"),
        get("get_cloud", "/api/v1/clouds/lab"),
        act("check_cloud", "/api/v1/clouds/lab/check"),
        get("list_images", "lab/images?limit=1"),
        get("get_image", "lab/images/ubuntu-24*"),
        get("list_images_of_all_clouds", "/api/v1/images?limit=1"),
        get("list_sizes", "lab/sizes?limit=1"),
        get("get_size", "lab/sizes/small"),
        get("list_sizes_of_all_clouds", "/api/v1/sizes?limit=1"),
        get("list_locations", "lab/locations?limit=1"),
        get("get_location", "lab/locations/zone-a"),
        get("list_locations_of_all_clouds", "/api/v1/locations?limit=1"),
        post(
            "create_node",
            "lab/nodes",
            json!({
                "name": "web-1", "image": "ubuntu-24*", "size": "ram>=2048,vcpus>=1",
                "metadata": { "role": "web" },
            }),
        ),
        get("list_nodes", "lab/nodes?limit=1"),
        get("list_nodes_of_all_clouds", "/api/v1/nodes?limit=1"),
        get("get_node", "lab/nodes/web-1"),
        (
            "update_node",
            Method::PATCH,
            "lab/nodes/web-1",
            Some(json!({ "name": "web-1", "metadata": { "stage": "test", "role": null } })),
        ),
        post(
            "assign_node",
            "lab/nodes/web-1/assign",
            json!({
                "user": "alice", "purpose": "course 7", "expires_at": "2030-01-31T18:00:00Z",
            }),
        ),
        (
            "update_lease",
            Method::PATCH,
            "lab/nodes/web-1/lease",
            Some(json!({ "expires_at": "2030-02-28T18:00:00Z", "protected": true })),
        ),
        get("list_leases", "/api/v1/leases?limit=1"),
        post(
            "release_node",
            "lab/nodes/web-1/release",
            json!({ "destroy": false }),
        ),
        (
            "",
            Method::PATCH,
            "lab/nodes/web-1/lease",
            Some(json!({ "expires_at": null, "protected": false })),
        ),
        act("stop_node", "lab/nodes/web-1/stop"),
        act("start_node", "lab/nodes/web-1/start"),
        post(
            "reboot_node",
            "lab/nodes/web-1/reboot",
            json!({ "kind": "soft" }),
        ),
        post(
            "resize_node",
            "lab/nodes/web-1/resize",
            json!({ "size": "ram>=4096" }),
        ),
        act("revert_resize", "lab/nodes/web-1/revert-resize"),
        post("", "lab/nodes/web-1/resize", json!({ "size": "ram>=4096" })),
        act("confirm_resize", "lab/nodes/web-1/confirm-resize"),
        post(
            "rebuild_node",
            "lab/nodes/web-1/rebuild",
            json!({ "image": "debian-12*" }),
        ),
        act("suspend_node", "lab/nodes/web-1/suspend"),
        act("resume_node", "lab/nodes/web-1/resume"),
        act("pause_node", "lab/nodes/web-1/pause"),
        act("unpause_node", "lab/nodes/web-1/unpause"),
        act("shelve_node", "lab/nodes/web-1/shelve"),
        act("unshelve_node", "lab/nodes/web-1/unshelve"),
        post(
            "rescue_node",
            "lab/nodes/web-1/rescue",
            json!({ "image": "cirros*" }),
        ),
        act("unrescue_node", "lab/nodes/web-1/unrescue"),
        post(
            "change_password",
            "lab/nodes/web-1/change-password",
            json!({ "password": "correct horse battery staple" }),
        ),
        get("read_console", "lab/nodes/web-1/console?lines=2"),
        post(
            "open_console",
            "lab/nodes/web-1/remote-console",
            json!({ "kind": "novnc" }),
        ),
        get("list_quotas", "lab/quotas"),
        get("list_provider_projects", "lab/provider-projects"),
        post(
            "create_key_pair",
            "lab/key-pairs",
            json!({
                "name": "me",
                "public_key":
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
            }),
        ),
        get("list_key_pairs", "lab/key-pairs?limit=1"),
        get("get_key_pair", "lab/key-pairs/me"),
        delete("delete_key_pair", "lab/key-pairs/me"),
        post(
            "create_volume",
            "lab/volumes",
            json!({ "name": "data", "size_gb": 10 }),
        ),
        get("list_volumes", "lab/volumes?limit=1"),
        get("get_volume", "lab/volumes/data"),
        post(
            "extend_volume",
            "lab/volumes/data/extend",
            json!({ "size_gb": 20 }),
        ),
        post(
            "attach_volume",
            "lab/volumes/data/attach",
            json!({ "node": "web-1" }),
        ),
        post(
            "detach_volume",
            "lab/volumes/data/detach",
            json!({ "node": "web-1" }),
        ),
        post(
            "create_volume_snapshot",
            "lab/volume-snapshots",
            json!({ "name": "data-monday", "volume": "data" }),
        ),
        get("list_volume_snapshots", "lab/volume-snapshots?limit=1"),
        get("get_volume_snapshot", "lab/volume-snapshots/data-monday"),
        delete("delete_volume_snapshot", "lab/volume-snapshots/data-monday"),
        delete("delete_volume", "lab/volumes/data"),
        post(
            "create_node_snapshot",
            "lab/node-snapshots",
            json!({ "name": "before-upgrade", "node": "web-1" }),
        ),
        get("list_node_snapshots", "lab/node-snapshots?limit=1"),
        get("get_node_snapshot", "lab/node-snapshots/before-upgrade"),
        act(
            "restore_node_snapshot",
            "lab/node-snapshots/before-upgrade/restore",
        ),
        delete("delete_node_snapshot", "lab/node-snapshots/before-upgrade"),
        post(
            "create_image",
            "lab/images",
            json!({ "name": "golden", "node": "web-1" }),
        ),
        delete("delete_image", "lab/images/golden"),
        post(
            "create_network",
            "lab/networks",
            json!({ "name": "backend" }),
        ),
        get("list_networks", "lab/networks?limit=1"),
        get("get_network", "lab/networks/backend"),
        post(
            "create_subnet",
            "lab/subnets",
            json!({ "name": "backend-1", "network": "backend", "cidr": "10.20.1.0/24" }),
        ),
        get("list_subnets", "lab/subnets?limit=1"),
        get("get_subnet", "lab/subnets/backend-1"),
        post(
            "create_router",
            "lab/routers",
            json!({ "name": "edge", "external_network": "public" }),
        ),
        post(
            "attach_router_subnet",
            "lab/routers/edge/attach",
            json!({ "subnet": "backend-1" }),
        ),
        get("list_routers", "lab/routers?limit=1"),
        get("get_router", "lab/routers/edge"),
        post(
            "detach_router_subnet",
            "lab/routers/edge/detach",
            json!({ "subnet": "backend-1" }),
        ),
        (
            "update_router",
            Method::PATCH,
            "lab/routers/edge",
            Some(json!({ "external_network": null })),
        ),
        delete("delete_router", "lab/routers/edge"),
        delete("delete_subnet", "lab/subnets/backend-1"),
        delete("delete_network", "lab/networks/backend"),
        post(
            "create_security_group",
            "lab/security-groups",
            json!({ "name": "web", "description": "from the internet" }),
        ),
        post(
            "add_security_rule",
            "lab/security-groups/web/rules",
            json!({ "protocol": "tcp", "port_min": 443, "port_max": 443, "remote_cidr": "0.0.0.0/0" }),
        ),
        get("list_security_groups", "lab/security-groups?limit=1"),
        get("get_security_group", "lab/security-groups/web"),
        delete(
            "remove_security_rule",
            "lab/security-groups/web/rules/{add_security_rule.id}",
        ),
        delete("delete_security_group", "lab/security-groups/web"),
        post(
            "allocate_address",
            "lab/addresses",
            json!({ "network": "public" }),
        ),
        get("list_addresses", "lab/addresses?limit=1"),
        get("get_address", "lab/addresses/{allocate_address.id}"),
        post(
            "associate_address",
            "lab/addresses/{allocate_address.id}/associate",
            json!({ "node": "web-1" }),
        ),
        act(
            "disassociate_address",
            "lab/addresses/{allocate_address.id}/disassociate",
        ),
        delete("release_address", "lab/addresses/{allocate_address.id}"),
        get("list_jobs", "/api/v1/jobs?limit=1"),
        get("get_job", "/api/v1/jobs/{create_node}"),
        get("list_notifiers", "/api/v1/notifiers"),
        act("test_notifier", "/api/v1/notifiers/ops/test"),
        get("readyz", "/readyz"),
        post(
            "act",
            "/api/v1/actions",
            json!({ "actions": [
                { "action": "StopNodes", "cloud": "*", "nodes": ["web-*"] },
                { "action": "CreateNodes", "cloud": "lab", "nodes": [
                    { "name": "db-1", "image": "debian-12*", "size": "small" },
                ] },
            ] }),
        ),
        post(
            "create_schedule",
            "/api/v1/schedules",
            json!({
                "name": "morning", "cron": "30 7 * * 1-5", "time_zone": "Europe/Berlin",
                "action": { "action": "StartNodes", "cloud": "lab", "nodes": ["web-*"] },
            }),
        ),
        get("list_schedules", "/api/v1/schedules?limit=1"),
        get("get_schedule", "/api/v1/schedules/morning"),
        (
            "update_schedule",
            Method::PATCH,
            "/api/v1/schedules/morning",
            Some(json!({ "cron": "0 8 * * 1-5" })),
        ),
        act("run_schedule", "/api/v1/schedules/morning/run"),
        get("list_orphans", "lab/orphans"),
        act("adopt_orphan", "lab/orphans/node/{stray-1}/adopt"),
        act("forget_orphan", "lab/orphans/node/{stray-2}/forget"),
        act("destroy_orphan", "lab/orphans/node/{stray-3}/destroy"),
        delete("destroy_node", "lab/nodes/web-1"),
    ]
}

/// Somebody who is told of failures, of which there are none.
fn ops(receiver: &Receiver) -> NotifierSettings {
    NotifierSettings {
        name: "ops".to_owned(),
        kind: NotifierKind::Slack,
        url: receiver.url().into(),
        secret: None,
        on: vec![EventKind::JobFailed, EventKind::LeaseNotice],
        clouds: vec!["lab*".to_owned()],
        actions: Vec::new(),
        public_only: false,
    }
}

/// Makes nodes with the marks of jobs that the server does not know.
async fn strays(driver: &dyn Driver) -> Vec<(String, String)> {
    let cx = Context::new(Duration::from_secs(60), "test", Priority::Person);
    let (any_image, any_size) = (ImageQuery::default(), ListQuery::default());
    let images = driver.list_images(&cx, &any_image).await.expect("images");
    let sizes = driver.list_sizes(&cx, &any_size).await.expect("sizes");
    let mut strays = Vec::new();
    for number in 1..=3 {
        let request = NodeCreate {
            name: format!("stray-{number}").into(),
            image: images.items[0].id.clone(),
            size: sizes.items[1].id.clone(),
            mark: Some(Mark::new(uuid::Uuid::now_v7().to_string())),
            ..NodeCreate::default()
        };
        let created = driver.create_node(&cx, &request).await.expect("a node");
        strays.push((format!("stray-{number}"), created.node.id.into()));
    }
    strays
}

async fn ask_all(server: &TestServer, driver: &dyn Driver) -> BTreeMap<String, Value> {
    let mut examples = BTreeMap::new();
    let mut made = BTreeMap::new();
    for (operation, method, path, body) in calls() {
        if operation == "list_orphans" {
            made.extend(strays(driver).await);
        }
        let path = made
            .iter()
            .fold(path.to_owned(), |path, (name, id): (&String, &String)| {
                path.replace(&format!("{{{name}}}"), id)
            });
        let path = match path.strip_prefix("lab/") {
            Some(rest) => format!("/api/v1/clouds/lab/{rest}"),
            None => path,
        };
        let answer = server
            .send(method, &path, body.clone(), &[("prefer", "wait=30")])
            .await;
        assert!(
            [200, 201].contains(&answer.status.as_u16()),
            "{operation} {path}: {}",
            answer.text
        );
        if answer.body["action"].is_string() {
            assert_eq!(
                answer.body["state"], "finished",
                "{operation}: {}",
                answer.text
            );
            let id = answer.body["id"].as_str().expect("an id");
            made.insert(operation.to_owned(), id.to_owned());
            if let Some(id) = answer.body["resource"]["id"].as_str() {
                made.insert(format!("{operation}.id"), id.to_owned());
            }
        }
        if operation.is_empty() {
            continue;
        }
        let mut example = Map::new();
        example.extend(body.map(|body| ("request".to_owned(), body)));
        example.insert("response".to_owned(), settled(answer.body));
        examples.insert(operation.to_owned(), Value::Object(example));
    }
    examples
}

/// The answer with everything that differs from run to run replaced: times, job and request ids,
/// one-time secrets, durations.
fn settled(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(settled).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let value = match (name.as_str(), value) {
                        ("secrets", Value::Object(secrets)) => Value::Object(
                            secrets
                                .into_iter()
                                .map(|(name, _)| (name, json!("...")))
                                .collect(),
                        ),
                        ("request_id", Value::String(_)) => json!("5d9fb7c2568754ac"),
                        ("next", Value::String(_)) => json!("eyJsYWIiOiJuIn0..."),
                        ("took_ms", Value::Number(_)) => json!(3),
                        ("tokens", Value::Number(_)) => json!(10.0),
                        ("url", Value::String(_)) => {
                            json!("https://console.lab.example/?token=...")
                        }
                        (_, value) => settled(value),
                    };
                    (name, value)
                })
                .collect(),
        ),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => {
            json!("2026-11-21T09:00:00Z")
        }
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
            json!("01a1fcc9-c58d-749a-ba9b-11502bcb97b9")
        }
        other => other,
    }
}

#[tokio::test]
async fn examples_are_what_the_server_answers() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("cloud");
    let params = json!({ "seed": 7, "transition": "0s", "state_file": file });
    let connected = Dummy.connect(CloudConfig {
        name: "lab".into(),
        engine: "dummy".into(),
        user: None,
        password: None,
        extra_params: params.as_object().expect("an object").clone(),
        clock: Arc::new(SystemClock),
    });
    let driver = connected.expect("a connection");
    let receiver = Receiver::start([]);
    let server = TestServer::start_with(vec![cloud("lab", "dummy", params)], |settings| {
        settings.notifiers = vec![ops(&receiver)];
    });
    let answered = ask_all(&server, &*driver).await;
    let answered = serde_json::to_string_pretty(&answered).expect("JSON") + "\n";
    if std::env::var_os("CLOUDFARM_UPDATE_DOCS").is_some() {
        std::fs::write(EXAMPLES, &answered).expect("the file can be written");
    }
    let written = std::fs::read_to_string(EXAMPLES).expect("the file can be read");
    let help = "CLOUDFARM_UPDATE_DOCS=1 cargo test --test examples";
    assert!(
        written == answered,
        "src/api/examples.json is stale, write it anew: {help}"
    );
}

#[test]
fn every_operation_has_an_example() {
    let document = serde_json::to_value(cloudfarm::api::document()).expect("JSON");
    let mut without = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let contents = [&operation["requestBody"], &operation["responses"]["200"]];
            for content in contents.map(|of| &of["content"]["application/json"]) {
                // The document itself, and answers that depend on the instant; they are jobs.
                let id = operation["operationId"].as_str().unwrap_or_default();
                let needs_none = ["openapi", "cancel_job", "retry_job"].contains(&id);
                if content.is_object() && content["example"].is_null() && !needs_none {
                    without.push(format!("{method} {path}"));
                }
            }
        }
    }
    assert!(without.is_empty(), "no example: {without:#?}");
}
