//! Nodes and networks over a wire that loses answers, or gives strange ones.

use std::sync::atomic::{AtomicUsize, Ordering};

use cloudfarm_contract::model::{Mark, NetworkCreate, Node, NodeCreate, NodeState, SubnetCreate};
use cloudfarm_contract::{Driver, Error, ErrorKind, ListQuery, NodeQuery, SideEffect, Text};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::lab::{CREATE, Lab, cx};

const HTML: (&str, &str) = ("content-type", "text/html");

fn wanted() -> NodeCreate {
    NodeCreate {
        name: Text::from("web"),
        image: Text::from("image-1"),
        size: Text::from("size-1"),
        mark: Some(Mark::new("job-1")),
        ..NodeCreate::default()
    }
}

/// Creates as a job does, against a Nova that makes the server and answers `reply`: there must be
/// one server, the error must not deny it, and the mark must find it.
async fn made_once_though(reply: Reply) -> Error {
    let lab = Lab::start(move |asked, state| {
        asked.is(CREATE.0, CREATE.1).then(|| {
            state.make(asked);
            reply.clone()
        })
    })
    .await;
    let driver = lab.layered();
    let error = driver.create_node(&cx(), &wanted()).await.unwrap_err();
    assert_eq!(lab.wire.count(CREATE.0, CREATE.1), 1, "it was repeated");
    assert_eq!(lab.state.servers(), 4);
    assert_ne!(error.side_effect(), SideEffect::None, "{error}");
    let query = NodeQuery::marked(Mark::new("job-1"));
    let found = driver.list_nodes(&cx(), &query).await.unwrap().items;
    assert_eq!(found.len(), 1);
    error
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_makes_one_node() {
    let error = made_once_though(Reply::new(503, &[HTML], "<html>later</html>")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = made_once_though(Reply::raw("")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let cut = "HTTP/1.1 202 Accepted\r\ncontent-length: 500\r\n\r\n{\"server\": {\"id";
    let error = made_once_though(Reply::raw(cut)).await;
    assert_eq!(error.kind(), ErrorKind::ProviderError);
    let error = made_once_though(Reply::silence()).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_node_is_made_with_its_one_time_password_and_shows_its_region() {
    let lab = Lab::start(|_, _| None).await;
    let created = lab.driver.create_node(&cx(), &wanted()).await.unwrap();
    let password = created.secrets.admin_password.unwrap();
    assert_eq!(password.expose(), "once");
    assert_eq!(created.node.location.as_deref(), Some("DFW"));
    assert_eq!(created.node.mark, Some(Mark::new("job-1")));
}

/// A node with this metadata and age, under RackConnect and a managed service level.
async fn automated(metadata: Value, created: &str) -> Node {
    let extra = json!({"rackconnect": true, "managed": true});
    let created = created.to_owned();
    let lab = Lab::with("key", extra, move |asked, _| {
        let server = json!({"id": "id-9", "name": "nine", "status": "ACTIVE",
            "metadata": metadata, "created": created});
        let one = asked.is("GET", "/dfw/v2/10/servers/id-9");
        one.then(|| Reply::json(200, &json!({"server": server})))
    })
    .await;
    lab.driver.get_node(&cx(), "id-9").await.unwrap()
}

#[tokio::test]
async fn automation_makes_a_node_busy_until_it_is_through() {
    let (connected, managed) = (
        "rackconnect_automation_status",
        "rax_service_level_automation",
    );
    // A time to come, so that the node is young.
    let young = "2999-01-01T00:00:00Z";
    let old = "2015-01-01T00:00:00Z";
    for (metadata, created, state, busy) in [
        (json!({}), young, NodeState::Running, true),
        (json!({}), old, NodeState::Running, false),
        (
            json!({connected: "DEPLOYING"}),
            old,
            NodeState::Running,
            true,
        ),
        (
            json!({connected: "DEPLOYED"}),
            young,
            NodeState::Running,
            true,
        ),
        (
            json!({connected: "DEPLOYED", managed: "In Progress"}),
            young,
            NodeState::Running,
            true,
        ),
        (
            json!({connected: "UNPROCESSABLE", managed: "Complete"}),
            young,
            NodeState::Running,
            false,
        ),
        (json!({connected: "FAILED"}), young, NodeState::Error, false),
        (
            json!({connected: "DEPLOYED", managed: "Build Error"}),
            young,
            NodeState::Error,
            false,
        ),
    ] {
        let node = automated(metadata.clone(), created).await;
        assert_eq!((node.state, node.busy), (state, busy), "{metadata}");
        assert_eq!(node.fault.is_some(), state == NodeState::Error);
        assert_eq!(node.native_state, "ACTIVE");
    }
}

#[tokio::test]
async fn a_list_of_networks_that_is_none_is_told() {
    for (body, headers, status) in [
        ("<html>hotel</html>", &[HTML][..], 200),
        (r#"{"networks": [{"id": 5}]}"#, &[], 200),
        (r#"{"networks": [{"label"#, &[], 200),
        ("", &[], 500),
    ] {
        let lab = Lab::start(move |asked, _| {
            asked
                .is("GET", "/dfw/v2/10/os-networksv2")
                .then(|| Reply::new(status, headers, body))
        })
        .await;
        let networks = lab.driver.networks().unwrap();
        let listed = networks.list_networks(&cx(), &ListQuery::default()).await;
        let error = listed.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderError, "{body}: {error:?}");
        assert_eq!(error.side_effect(), SideEffect::None);
    }
}

const NETWORKS: &str = "/dfw/v2/10/os-networksv2";

/// A network bears no mark, so nothing but its name and range tells that it was made already.
#[tokio::test]
async fn a_network_whose_answer_is_lost_is_not_made_twice() {
    let made = AtomicUsize::new(0);
    let lab = Lab::start(move |asked, _| {
        if asked.is("POST", NETWORKS) {
            made.fetch_add(1, Ordering::SeqCst);
            return Some(Reply::raw(""));
        }
        let all = ["net-1", "net-2"]
            .map(|id| json!({"id": id, "label": "inner", "cidr": "192.168.0.0/24"}));
        let there = &all[..made.load(Ordering::SeqCst)];
        asked
            .is("GET", NETWORKS)
            .then(|| Reply::json(200, &json!({ "networks": there })))
    })
    .await;
    let networks = lab.driver.networks().unwrap();
    let mut wanted = NetworkCreate {
        name: Text::from("inner"),
        cidr: Some(Text::from("192.168.0.0/24")),
        mark: Some(Mark::new("job-1")),
    };
    let lost = networks.create_network(&cx(), &wanted).await.unwrap_err();
    assert_ne!(lost.side_effect(), SideEffect::None, "{lost}");
    let again = networks.create_network(&cx(), &wanted).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    assert!(again.message().contains("net-1"), "{again}");
    assert_eq!(lab.wire.count("POST", NETWORKS), 1);
    wanted.cidr = Some(Text::from("192.168.1.0/24"));
    networks.create_network(&cx(), &wanted).await.unwrap_err();
    assert_eq!(lab.wire.count("POST", NETWORKS), 2, "another range");
}

#[tokio::test]
async fn a_network_takes_no_further_subnet() {
    let lab = Lab::start(|_, _| None).await;
    let can = lab.driver.capabilities();
    assert!(can.network_create && !can.subnet_create);
    let driver = lab.layered();
    let networks = driver.networks().unwrap();
    let subnet = networks
        .create_subnet(&cx(), &SubnetCreate::default())
        .await;
    let error = subnet.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("subnet_create"), "{error}");
}
