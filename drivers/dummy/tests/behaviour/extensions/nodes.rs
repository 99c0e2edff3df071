//! Changes of nodes.

use cloudfarm_contract::extensions::{ConsoleKind, ConsoleRead, MetadataChange};
use cloudfarm_contract::model::{NodeAction, NodeState, RebuildRequest, RescueRequest};
use cloudfarm_contract::{ErrorKind, Text};
use serde_json::json;

use crate::support::cloud;

#[tokio::test]
async fn suspend_pause_shelve_and_rescue_lead_there_and_back() {
    let lab = cloud(json!({}));
    let id = lab.running("web-1").await;
    with!(lab.suspend().suspend_node(&id)).unwrap();
    lab.settle();
    let node = lab.get(&id).await;
    assert_eq!(node.state, NodeState::Suspended);
    assert!(node.actions.contains(NodeAction::Resume));
    assert!(!node.actions.contains(NodeAction::Unshelve));
    with!(lab.suspend().resume_node(&id)).unwrap();
    lab.settle();

    with!(lab.pause().pause_node(&id)).unwrap();
    lab.settle();
    assert_eq!(lab.get(&id).await.state, NodeState::Paused);
    with!(lab.pause().unpause_node(&id)).unwrap();
    lab.settle();

    with!(lab.shelve().shelve_node(&id)).unwrap();
    lab.settle();
    let node = lab.get(&id).await;
    assert_eq!(
        (node.state, &*node.native_state),
        (NodeState::Suspended, "shelved")
    );
    let error = with!(lab.suspend().resume_node(&id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    with!(lab.shelve().unshelve_node(&id)).unwrap();
    lab.settle();

    let secrets = with!(lab.rescue().rescue_node(&id, &RescueRequest::default())).unwrap();
    assert!(secrets.admin_password.is_some());
    lab.settle();
    assert_eq!(lab.get(&id).await.state, NodeState::Rescued);
    with!(lab.rescue().unrescue_node(&id)).unwrap();
    lab.settle();
    assert_eq!(lab.get(&id).await.state, NodeState::Running);
}

#[tokio::test]
async fn a_resize_waits_for_its_confirmation_and_can_be_reverted() {
    let lab = cloud(json!({"quota": {"vcpus": 5}}));
    let id = lab.running("web-1").await;
    let size = async || lab.get(&id).await.size.unwrap().id.unwrap();
    let error = with!(lab.resize().resize_node(&id, "xlarge")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);

    with!(lab.resize().resize_node(&id, "large")).unwrap();
    assert_eq!(lab.get(&id).await.state, NodeState::Reconfiguring);
    assert_eq!(size().await, "small");
    lab.settle();
    assert_eq!(lab.get(&id).await.state, NodeState::VerifyResize);
    assert_eq!(size().await, "large");
    with!(lab.resize_confirmation().revert_resize(&id)).unwrap();
    lab.settle();
    assert_eq!(size().await, "small");

    with!(lab.resize().resize_node(&id, "large")).unwrap();
    lab.settle();
    with!(lab.resize_confirmation().confirm_resize(&id)).unwrap();
    lab.settle();
    assert_eq!(
        (lab.get(&id).await.state, size().await),
        (NodeState::Running, "large".into())
    );
}

#[tokio::test]
async fn a_rebuild_keeps_the_id_and_metadata_changes() {
    let lab = cloud(json!({}));
    let id = lab.running("web-1").await;
    let query = cloudfarm_contract::ImageQuery {
        name: Some(Text::from("debian-*")),
        ..Default::default()
    };
    let image = lab
        .driver
        .list_images(&lab.cx, &query)
        .await
        .unwrap()
        .items
        .remove(0);
    let request = RebuildRequest {
        image: image.id.clone(),
        ..RebuildRequest::default()
    };
    with!(lab.rebuild().rebuild_node(&id, &request)).unwrap();
    lab.settle();
    let node = lab.get(&id).await;
    assert_eq!(
        (node.image.unwrap().id, node.state),
        (image.id, NodeState::Running)
    );

    let mut change = MetadataChange::default();
    change.set.insert(Text::from("team"), Text::from("blue"));
    change.set.insert(Text::from("tier"), Text::from("1"));
    with!(lab.node_metadata().set_node_metadata(&id, &change)).unwrap();
    let change = MetadataChange {
        remove: vec![Text::from("tier")],
        ..MetadataChange::default()
    };
    with!(lab.node_metadata().set_node_metadata(&id, &change)).unwrap();
    assert_eq!(
        serde_json::to_value(lab.get(&id).await.metadata).unwrap(),
        json!({"team": "blue"})
    );
}

#[tokio::test]
async fn a_console_has_output_and_a_way_in() {
    let lab = cloud(json!({}));
    let mut request = lab.request("web-1").await;
    request.user_data = Some("#!/bin/sh".into());
    let id = lab
        .driver
        .create_node(&lab.cx, &request)
        .await
        .unwrap()
        .node
        .id;
    let error = with!(lab.console_log().read_console(&id, &ConsoleRead::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    lab.settle();
    let all = with!(lab.console_log().read_console(&id, &ConsoleRead::default())).unwrap();
    assert!(all.output.contains("running 9 bytes of user data"));
    let read = ConsoleRead { lines: Some(1) };
    let last = with!(lab.console_log().read_console(&id, &read)).unwrap();
    assert_eq!(last.output, "web-1 login:\n");
    let console = with!(
        lab.remote_console()
            .open_console(&id, &ConsoleKind::default())
    )
    .unwrap();
    assert!(
        console
            .url
            .expose()
            .starts_with("https://console.dummy.invalid/novnc/")
    );
    let kind = ConsoleKind {
        kind: Some(Text::from("telnet")),
    };
    let error = with!(lab.remote_console().open_console(&id, &kind)).unwrap_err();
    assert_eq!(error.field().unwrap().as_str(), "kind");
}
