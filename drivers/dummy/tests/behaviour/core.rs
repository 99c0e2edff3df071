//! The core of the contract on the dummy cloud.

use std::collections::BTreeSet;
use std::time::Duration;

use cloudfarm_contract::model::{Mark, NodeState, RebootKind};
use cloudfarm_contract::{
    Engine, ErrorKind, ImageQuery, Marker, NodeQuery, PageRequest, SideEffect, Text,
};
use cloudfarm_dummy::Dummy;
use serde_json::json;

use crate::support::{self, cloud};

#[tokio::test]
async fn a_node_moves_through_its_states_by_the_clock() {
    let lab = cloud(json!({"times": {"create": "5s", "stop": 2, "destroy": "1s"}}));
    let request = lab.request("web-1").await;
    let created = lab.driver.create_node(&lab.cx, &request).await.unwrap();
    let id = created.node.id;
    assert_eq!(created.node.state, NodeState::Pending);
    assert!(created.node.busy);
    assert_eq!(created.secrets.admin_password.unwrap().expose().len(), 16);

    lab.clock.advance(Duration::from_millis(4999));
    assert_eq!(lab.get(&id).await.state, NodeState::Pending);
    lab.clock.advance(Duration::from_millis(1));
    let node = lab.get(&id).await;
    assert_eq!((node.state, node.busy), (NodeState::Running, false));
    assert_eq!(node.private_ips.len(), 1);

    lab.driver.stop_node(&lab.cx, &id).await.unwrap();
    assert_eq!(lab.get(&id).await.state, NodeState::Stopping);
    lab.clock.advance(Duration::from_secs(2));
    assert_eq!(lab.get(&id).await.state, NodeState::Stopped);

    lab.driver.destroy_node(&lab.cx, &id).await.unwrap();
    assert_eq!(lab.get(&id).await.state, NodeState::Terminated);
    assert!(lab.all(NodeQuery::all(), 10).await.is_empty());
    lab.clock.advance(Duration::from_secs(1));
    let error = lab.driver.get_node(&lab.cx, &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    lab.driver.destroy_node(&lab.cx, &id).await.unwrap();
}

#[tokio::test]
async fn without_time_a_node_runs_at_once() {
    let lab = cloud(json!({"transition": 0}));
    let request = lab.request("web-1").await;
    let created = lab.driver.create_node(&lab.cx, &request).await.unwrap();
    assert_eq!(created.node.state, NodeState::Running);
    assert!(!created.node.busy);
}

#[tokio::test]
async fn an_illegal_action_says_which_states_allow_it() {
    let lab = cloud(json!({}));
    let id = lab.running("web-1").await;
    lab.driver.stop_node(&lab.cx, &id).await.unwrap();
    let hard = RebootKind::Hard;
    let error = lab
        .driver
        .reboot_node(&lab.cx, &id, &hard)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.allowed_states(), [NodeState::Running]);
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(error.message().contains("stopping"), "{error}");
}

#[tokio::test]
async fn the_same_mark_makes_one_node_or_two() {
    for (idempotent, count) in [(true, 1), (false, 2)] {
        let lab = cloud(json!({"idempotent": idempotent, "nodes": 50}));
        let mut request = lab.request("web-1").await;
        request.mark = Some(Mark::new("job-1"));
        let first = lab.driver.create_node(&lab.cx, &request).await.unwrap();
        let second = lab.driver.create_node(&lab.cx, &request).await.unwrap();
        assert_eq!(first.node.id == second.node.id, idempotent);
        let found = lab.all(NodeQuery::marked(Mark::new("job-1")), 10).await;
        assert_eq!(found.len(), count);
        assert_eq!(found[0].mark, request.mark);
        if idempotent {
            let passwords = [first, second].map(|made| made.secrets.admin_password.unwrap());
            assert_eq!(passwords[0].expose(), passwords[1].expose());
        }
        let capabilities = lab.driver.capabilities();
        assert_eq!(capabilities.node_create_idempotent, idempotent);
    }
}

#[tokio::test]
async fn quota_and_capacity_run_out_and_come_back() {
    let lab = cloud(json!({"quota": {"nodes": 2}, "capacity": {"vcpus": 3}}));
    let mut request = lab.request("web-1").await;
    let first = lab.driver.create_node(&lab.cx, &request).await.unwrap();
    request.size = Text::from("xlarge");
    let error = lab.driver.create_node(&lab.cx, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCapacity);
    request.size = Text::from("small");
    lab.driver.create_node(&lab.cx, &request).await.unwrap();
    let error = lab.driver.create_node(&lab.cx, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert!(error.message().contains("2 of 2 used, 1 wanted"), "{error}");
    lab.driver
        .destroy_node(&lab.cx, &first.node.id)
        .await
        .unwrap();
    lab.driver.create_node(&lab.cx, &request).await.unwrap();
}

#[tokio::test]
async fn a_hundred_thousand_nodes_are_listed_while_nodes_come_and_go() {
    let lab = cloud(json!({"nodes": 100_000, "transition": 0}));
    let request = lab.request("late").await;
    let mut query = NodeQuery {
        page: PageRequest::first(1000),
        ..NodeQuery::all()
    };
    let (mut seen, mut destroyed) = (Vec::new(), BTreeSet::new());
    loop {
        let page = lab.driver.list_nodes(&lab.cx, &query).await.unwrap();
        let ids: Vec<_> = page.items.into_iter().map(|node| node.id).collect();
        // One that was seen goes, one that marks the end of the page too, and one comes.
        for id in [&ids[0], &ids[ids.len() - 1]] {
            lab.driver.destroy_node(&lab.cx, id).await.unwrap();
            destroyed.insert(id.clone());
        }
        lab.driver.create_node(&lab.cx, &request).await.unwrap();
        seen.extend(ids);
        match page.next {
            Some(marker) => query.page = PageRequest::after(marker, Some(1000)),
            None => break,
        }
    }
    let distinct: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(distinct.len(), seen.len(), "a node came twice");
    let left = lab.all(NodeQuery::all(), 1000).await;
    assert!(left.iter().all(|node| !destroyed.contains(&node.id)));
    let stayed = left.iter().filter(|node| node.name != "late");
    assert!(stayed.clone().count() > 99_700);
    assert!(stayed.map(|node| &node.id).all(|id| distinct.contains(id)));
}

#[tokio::test]
async fn a_filter_finds_what_matches_and_nothing_else() {
    let lab = cloud(json!({"nodes": 25_000, "seed": 4}));
    let all = lab.all(NodeQuery::all(), 1000).await;
    let named = lab.all(NodeQuery::named(&all[20_000].name), 100).await;
    assert_eq!(named, [all[20_000].clone()]);
    // A name that is taken from one node and given to others, before and behind it.
    for index in [7, 24_000] {
        lab.driver
            .rename_node(&lab.cx, &all[index].id, "web-000010")
            .await
            .unwrap();
    }
    let named = lab.all(NodeQuery::named("web-000010"), 1).await;
    let expected = lab.all(NodeQuery::all(), 1000).await;
    let expected = expected
        .into_iter()
        .filter(|node| node.name == "web-000010");
    assert_eq!(named, expected.collect::<Vec<_>>());
    assert!(named.len() >= 2);
    let all = lab.all(NodeQuery::all(), 1000).await;
    let query = NodeQuery {
        name: Some(Text::from("web-*")),
        states: vec![NodeState::Stopped],
        ..NodeQuery::all()
    };
    let expected: Vec<_> = all.into_iter().filter(|node| query.matches(node)).collect();
    assert!(!expected.is_empty());
    assert_eq!(lab.all(query, 70).await, expected);
}

#[tokio::test]
async fn a_foreign_marker_is_refused() {
    let lab = cloud(json!({"nodes": 5}));
    let query = ImageQuery {
        page: PageRequest::first(1),
        ..ImageQuery::default()
    };
    let images = lab.driver.list_images(&lab.cx, &query);
    let of_images = images.await.unwrap().next.unwrap();
    for marker in [Marker::new("nonsense"), Marker::new(""), of_images] {
        let query = NodeQuery {
            page: PageRequest::after(marker, None),
            ..NodeQuery::all()
        };
        let error = lab.driver.list_nodes(&lab.cx, &query).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn wrong_requests_name_the_field_and_make_nothing() {
    let lab = cloud(json!({}));
    let right = lab.request("web-1").await;
    let mut cases = Vec::new();
    for (field, change) in [
        ("name", json!({"name": " "})),
        ("image", json!({"image": "img-nope"})),
        ("size", json!({"size": "gigantic"})),
        ("location", json!({"location": "mars"})),
        ("key_pair", json!({"key_pair": "nope"})),
        ("options.fial", json!({"options": {"fial": true}})),
        ("options.delay", json!({"options": {"delay": "soon"}})),
    ] {
        let text = |key: &str| change.get(key).and_then(|value| value.as_str());
        let mut request = right.clone();
        request.name = text("name").map_or(request.name, Text::from);
        request.image = text("image").map_or(request.image, Text::from);
        request.size = text("size").map_or(request.size, Text::from);
        request.location = text("location").map(Text::from);
        request.key_pair = text("key_pair").map(Text::from);
        if let Some(options) = change.get("options") {
            request.options = serde_json::from_value(options.clone()).unwrap();
        }
        cases.push((field, request));
    }
    for (field, request) in cases {
        let error = lab.driver.create_node(&lab.cx, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{field}");
        assert_eq!(error.field().unwrap().as_str(), field);
    }
    assert!(lab.all(NodeQuery::all(), 10).await.is_empty());
}

#[tokio::test]
async fn a_node_can_be_asked_to_fail_and_to_take_longer() {
    let lab = cloud(json!({"times": {"create": "1s"}}));
    let mut request = lab.request("web-1").await;
    request.options.insert("fail".into(), json!(true));
    request.options.insert("delay".into(), json!("10s"));
    let id = lab
        .driver
        .create_node(&lab.cx, &request)
        .await
        .unwrap()
        .node
        .id;
    lab.clock.advance(Duration::from_secs(10));
    let node = lab.get(&id).await;
    assert_eq!((node.state, node.fault), (NodeState::Pending, None));
    lab.clock.advance(Duration::from_secs(1));
    let node = lab.get(&id).await;
    assert_eq!(node.state, NodeState::Error);
    assert!(node.fault.unwrap().message.contains("asked to fail"));
}

#[test]
fn the_schema_of_the_parameters_stands_alone() {
    let schema = serde_json::to_value(Dummy.parameters()).unwrap();
    assert!(!schema.to_string().contains("$ref"), "{schema}");
    let properties = schema["properties"].as_object().unwrap();
    let faults = &properties["faults"]["allOf"][0]["properties"];
    assert_eq!(faults["lost_reply"]["type"], "number");
    assert_eq!(properties["latency"]["default"], "0s");
    for (name, property) in properties {
        let described = property.to_string().contains("\"description\"");
        assert!(described, "{name} is not described");
    }
}

#[test]
fn wrong_settings_name_the_field() {
    for (params, field) in [
        (json!({"nodes": 100_001}), "extra_params.nodes"),
        (json!({"faults": {"hang": 1.5}}), "extra_params.faults.hang"),
        (
            json!({"faults": {"operations": ["create_nodes"]}}),
            "extra_params.faults.operations.0",
        ),
        (
            json!({"times": {"create": "soon"}}),
            "extra_params.times.create",
        ),
        (json!({"node": 1}), "extra_params.node"),
    ] {
        let error = support::try_connect(params, &support::clock()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{field}");
        assert_eq!(error.field().unwrap().as_str(), field, "{error}");
    }
}
