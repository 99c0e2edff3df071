use cloudfarm_contract::model::{AddressKind, Mark, NodeAction, NodeCreate, NodeState, RebootKind};
use cloudfarm_contract::{ErrorKind, NodeQuery, PageRequest, Text};
use cloudfarm_wire::Reply;
use serde_json::{Value, json};

use crate::golden::{Cloud, cx, golden};

const SERVER: &str = "00000000-0000-4000-8000-00000000008e";

#[tokio::test]
async fn a_server_is_read_in_each_version() {
    for (newest, asked_for, file) in [
        ("2.1", "2.1", "server-active"),
        ("2.96", "2.95", "server-active-2.96"),
    ] {
        let cloud = Cloud::start(newest).await;
        cloud.serve(file);
        let node = cloud.driver().get_node(&cx(), SERVER).await.unwrap();
        assert_eq!(
            (node.state, node.native_state.as_str()),
            (NodeState::Running, "ACTIVE")
        );
        assert_eq!(node.metadata[&Text::from("role")], "web");
        assert_eq!(node.location.as_deref(), Some("nova"));
        assert_eq!(node.security_groups, ["default"]);
        assert_eq!(node.private_ips.len(), 2);
        assert!(node.addresses.iter().all(|a| a.kind == AddressKind::Fixed));
        assert_eq!(node.created_at.unwrap().to_string(), "2025-01-02T03:04:00Z");
        let size = node.size.unwrap();
        match newest {
            "2.1" => assert_eq!(size.id.as_deref(), Some("1")),
            _ => assert_eq!(
                (size.name.as_deref(), size.ram_mb, size.vcpus),
                (Some("m1.tiny"), Some(512), Some(1))
            ),
        }
        assert!(node.extra.get("links").is_none());
        let asked = cloud.asked(&format!("/compute/v2.1/servers/{SERVER}"));
        let version = &asked[0].headers["openstack-api-version"];
        assert_eq!(*version, format!("compute {asked_for}"));
    }
}

#[tokio::test]
async fn each_state_offers_what_is_legal() {
    for (file, state, offers, not) in [
        (
            "server-shutoff",
            NodeState::Stopped,
            NodeAction::Start,
            NodeAction::Stop,
        ),
        (
            "server-paused",
            NodeState::Paused,
            NodeAction::Unpause,
            NodeAction::Pause,
        ),
        (
            "server-suspended",
            NodeState::Suspended,
            NodeAction::Resume,
            NodeAction::Unshelve,
        ),
        (
            "server-rescue",
            NodeState::Rescued,
            NodeAction::Unrescue,
            NodeAction::Rescue,
        ),
        (
            "server-shelved-offloaded",
            NodeState::Suspended,
            NodeAction::Unshelve,
            NodeAction::Resume,
        ),
        (
            "server-verify-resize",
            NodeState::VerifyResize,
            NodeAction::ConfirmResize,
            NodeAction::Resize,
        ),
    ] {
        let cloud = Cloud::start("2.1").await;
        cloud.serve(file);
        let node = cloud.driver().get_node(&cx(), SERVER).await.unwrap();
        assert_eq!(node.state, state, "{file}");
        assert!(node.actions.contains(offers), "{file}: {:?}", node.actions);
        assert!(!node.actions.contains(not), "{file}: {:?}", node.actions);
    }
}

#[tokio::test]
async fn a_failed_server_says_why_and_a_floating_address_is_told_apart() {
    let cloud = Cloud::start("2.1").await;
    cloud.serve("server-error-no-valid-host");
    cloud.serve("server-floating-ip");
    cloud.serve("server-from-volume");
    let driver = cloud.driver();
    let failed = driver
        .get_node(&cx(), "00000000-0000-4000-8000-0000000000db")
        .await
        .unwrap();
    assert_eq!(failed.state, NodeState::Error);
    let fault = failed.fault.unwrap();
    assert_eq!(
        (fault.code.as_deref(), &*fault.message),
        (Some("500"), "No valid host was found")
    );
    let node = driver.get_node(&cx(), SERVER).await.unwrap();
    let floating = node
        .addresses
        .iter()
        .find(|a| a.kind == AddressKind::Floating)
        .unwrap();
    assert!(node.public_ips.contains(&floating.ip));
    let from_volume = driver
        .get_node(&cx(), "00000000-0000-4000-8000-0000000000d6")
        .await
        .unwrap();
    assert_eq!((from_volume.image, from_volume.volumes.len()), (None, 1));
}

#[tokio::test]
async fn a_list_is_read_page_by_page_whatever_its_links_say() {
    let cloud = Cloud::start("2.1").await;
    let mut first = golden("servers-page").body().clone();
    first["servers_links"][0]["href"] = json!(
        first["servers_links"][0]["href"]
            .as_str()
            .unwrap()
            .replace("127.0.0.1", "evil.example")
    );
    cloud.on(
        "GET",
        "/compute/v2.1/servers/detail",
        Reply::json(200, &first),
    );
    cloud.serve("servers-page-2");
    let driver = cloud.driver();
    let mut query = NodeQuery {
        page: PageRequest::first(1),
        name: Some(Text::from("gold*")),
        states: vec![NodeState::Running, NodeState::Stopped],
        ..NodeQuery::default()
    };
    let page = driver.list_nodes(&cx(), &query).await.unwrap();
    query.page = PageRequest::after(page.next.unwrap(), Some(1));
    driver.list_nodes(&cx(), &query).await.unwrap();
    let asked = cloud.asked("/compute/v2.1/servers/detail");
    let filters = "status=ACTIVE&status=PASSWORD&status=SHUTOFF&name=gold&limit=1";
    assert!(asked[0].target.ends_with(filters), "{}", asked[0].target);
    let last = first["servers"][0]["id"].as_str().unwrap();
    assert!(
        asked[1]
            .target
            .ends_with(&format!("{filters}&marker={last}")),
        "{}",
        asked[1].target
    );
}

#[tokio::test]
async fn a_marker_whose_item_is_gone_leads_on_from_the_one_before() {
    let cloud = Cloud::start("2.1").await;
    let path = "/compute/v2.1/servers/detail";
    let server = |id: &str| json!({"id": id, "name": id, "status": "ACTIVE"});
    let page = json!({
        "servers": [server("a"), server("b"), server("c")],
        "servers_links": [{"rel": "next", "href": "http://h/servers/detail?limit=3&marker=c"}],
    });
    cloud.on("GET", path, Reply::json(200, &page));
    cloud.on("GET", path, golden("compute-error-400-marker").reply());
    cloud.on(
        "GET",
        path,
        Reply::json(200, &json!({"servers": [server("d")]})),
    );
    let driver = cloud.driver();
    let mut query = NodeQuery {
        page: PageRequest::first(3),
        ..NodeQuery::default()
    };
    let page = driver.list_nodes(&cx(), &query).await.unwrap();
    query.page = PageRequest::after(page.next.unwrap(), Some(3));
    let page = driver.list_nodes(&cx(), &query).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    assert!(cloud.asked(path)[2].target.contains("marker=b"));
}

#[tokio::test]
async fn a_create_carries_mark_and_networks_and_hands_its_password_over() {
    for (newest, networks) in [("2.1", Value::Null), ("2.96", json!("auto"))] {
        let cloud = Cloud::start(newest).await;
        let file = if newest == "2.1" {
            "server-create"
        } else {
            "server-create-2.96"
        };
        let made = cloud.serve(file);
        let id = made.body()["server"]["id"].as_str().unwrap().to_owned();
        // The look at it fails, and still the password must not be lost.
        cloud.on(
            "GET",
            &format!("/compute/v2.1/servers/{id}"),
            Reply::json(503, &json!({})),
        );
        let request = NodeCreate {
            name: Text::from("web-1"),
            image: Text::from("i-1"),
            size: Text::from("1"),
            user_data: Some("#!/bin/sh\n".into()),
            mark: Some(Mark::new("job-7")),
            ..NodeCreate::default()
        };
        let created = cloud.driver().create_node(&cx(), &request).await.unwrap();
        assert_eq!(
            created.secrets.admin_password.unwrap().expose(),
            "admin-pass"
        );
        assert_eq!(created.node.id.as_str(), id);
        assert_eq!(
            (created.node.state, created.node.mark),
            (NodeState::Pending, request.mark)
        );
        let sent: Value =
            serde_json::from_str(&cloud.asked("/compute/v2.1/servers")[0].body).unwrap();
        assert_eq!(
            sent["server"]["metadata"],
            json!({"cloudfarm.mark": "job-7"})
        );
        assert_eq!(sent["server"]["user_data"], "IyEvYmluL3NoCg==");
        assert_eq!(
            sent["server"].get("networks").cloned().unwrap_or_default(),
            networks
        );
    }
}

#[tokio::test]
async fn a_conflict_says_which_states_would_do() {
    let cloud = Cloud::start("2.1").await;
    let path = format!("/compute/v2.1/servers/{SERVER}/action");
    cloud.on("POST", &path, golden("compute-error-409-state").reply());
    cloud.serve("server-paused");
    let driver = cloud.driver();
    let error = driver.start_node(&cx(), SERVER).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.allowed_states(), [NodeState::Stopped]);
    let error = driver
        .reboot_node(&cx(), SERVER, &RebootKind::Soft)
        .await
        .unwrap_err();
    assert_eq!(error.allowed_states(), [NodeState::Running]);
    assert_eq!(error.provider_code().unwrap(), &"conflictingRequest");
}
