//! The extensions of the contract on the dummy cloud.

use cloudfarm_contract::extensions::{ConsoleKind, ConsoleRead, MetadataChange};
use cloudfarm_contract::model::{
    AddressAllocate, AddressAssociate, AddressKind, ImageCreate, ImageState, KeyPairCreate,
    NetworkAttachment, NetworkCreate, NodeAction, NodeSnapshotCreate, NodeState, RebuildRequest,
    RescueRequest, RootVolume, SecurityGroupCreate, SecurityRuleCreate, SnapshotState,
    SubnetCreate, VolumeAttach, VolumeCreate, VolumeSnapshotCreate, VolumeState,
};
use cloudfarm_contract::{ErrorKind, Extensions, ListQuery, NodeQuery, Text};
use serde_json::json;

use crate::support::cloud;

/// The extension of the driver, which has them all.
macro_rules! with {
    ($lab:ident.$accessor:ident().$method:ident($($arg:expr),*)) => {
        $lab.driver.$accessor().unwrap().$method(&$lab.cx $(, $arg)*).await
    };
}

#[tokio::test]
async fn every_extension_is_there() {
    let lab = cloud(json!({}));
    let extensions = Extensions::of(lab.driver.as_ref());
    assert_eq!(lab.driver.capabilities().extensions, extensions);
    let shown = serde_json::to_value(extensions).unwrap();
    assert!(shown.as_object().unwrap().values().all(|has| has == true));
}

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
async fn a_volume_is_made_attached_extended_and_deleted() {
    let lab = cloud(json!({"quota": {"volume_gb": 30}}));
    let node = lab.running("web-1").await;
    let request = VolumeCreate {
        name: Text::from("data"),
        size_gb: 10,
        ..VolumeCreate::default()
    };
    let volume = with!(lab.volumes().create_volume(&request)).unwrap();
    assert_eq!(volume.state, VolumeState::Creating);
    lab.settle();
    let to = VolumeAttach {
        node: node.clone(),
        device: None,
    };
    with!(lab.volumes().attach_volume(&volume.id, &to)).unwrap();
    with!(lab.volumes().attach_volume(&volume.id, &to)).unwrap();
    assert!(lab.get(&node).await.busy);
    lab.settle();
    let attached = with!(lab.volumes().get_volume(&volume.id)).unwrap();
    assert_eq!(attached.state, VolumeState::InUse);
    assert_eq!(attached.attachments[0].device.as_deref(), Some("/dev/vdb"));
    assert_eq!(
        lab.get(&node).await.volumes.as_slice(),
        std::slice::from_ref(&volume.id)
    );

    let error = with!(lab.volumes().delete_volume(&volume.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let error = with!(lab.volumes().extend_volume(&volume.id, &5)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let error = with!(lab.volumes().extend_volume(&volume.id, &31)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    with!(lab.volumes().extend_volume(&volume.id, &20)).unwrap();
    lab.settle();

    let snapshot = VolumeSnapshotCreate {
        volume: volume.id.clone(),
        name: Text::from("before"),
        ..VolumeSnapshotCreate::default()
    };
    let error = with!(lab.volume_snapshots().create_volume_snapshot(&snapshot)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    lab.driver.destroy_node(&lab.cx, &node).await.unwrap();
    lab.settle();
    let snapshot = with!(lab.volume_snapshots().create_volume_snapshot(&snapshot)).unwrap();
    lab.settle();
    let shown = with!(lab.volume_snapshots().get_volume_snapshot(&snapshot.id)).unwrap();
    assert_eq!((shown.state, shown.size_gb), (SnapshotState::Available, 20));

    let error = with!(lab.volumes().delete_volume(&volume.id)).unwrap_err();
    assert!(error.message().contains(&*snapshot.id), "{error}");
    with!(lab.volume_snapshots().delete_volume_snapshot(&snapshot.id)).unwrap();
    lab.settle();
    with!(lab.volumes().delete_volume(&volume.id)).unwrap();
    lab.settle();
    with!(lab.volumes().delete_volume(&volume.id)).unwrap();
    let left = with!(lab.volumes().list_volumes(&ListQuery::default())).unwrap();
    assert!(left.items.is_empty());
}

#[tokio::test]
async fn a_boot_volume_goes_with_its_node() {
    let lab = cloud(json!({}));
    let mut request = lab.request("web-1").await;
    request.root_volume = Some(RootVolume {
        size_gb: 30,
        kind: Some(Text::from("fast")),
        delete_with_node: true,
    });
    let created = lab.driver.create_node(&lab.cx, &request).await.unwrap();
    let volume = created.node.volumes[0].clone();
    lab.settle();
    let error = with!(lab.volumes().detach_volume(&volume, &created.node.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    lab.driver
        .destroy_node(&lab.cx, &created.node.id)
        .await
        .unwrap();
    lab.settle();
    let error = with!(lab.volumes().get_volume(&volume)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_node_is_kept_as_a_snapshot_and_as_an_image() {
    let lab = cloud(json!({}));
    let id = lab.running("web-1").await;
    let request = NodeSnapshotCreate {
        node: id.clone(),
        name: Text::from("before"),
        mark: None,
    };
    let snapshot = with!(lab.node_snapshots().create_node_snapshot(&request)).unwrap();
    let node = lab.get(&id).await;
    assert!(node.busy && node.state == NodeState::Running);
    let error = lab.driver.stop_node(&lab.cx, &id).await.unwrap_err();
    assert!(error.message().contains("busy"), "{error}");
    lab.settle();
    with!(lab.node_snapshots().restore_node_snapshot(&snapshot.id)).unwrap();
    lab.settle();
    assert_eq!(lab.get(&id).await.state, NodeState::Running);

    let request = ImageCreate {
        node: id.clone(),
        name: Text::from("mine"),
        ..ImageCreate::default()
    };
    let image = with!(lab.node_images().create_image(&request)).unwrap();
    assert_eq!(image.state, ImageState::Pending);
    let mut create = lab.request("web-2").await;
    create.image = image.id.clone();
    let error = lab.driver.create_node(&lab.cx, &create).await.unwrap_err();
    assert_eq!(error.field().unwrap().as_str(), "image");
    lab.settle();
    lab.driver.create_node(&lab.cx, &create).await.unwrap();
    with!(lab.node_images().delete_image(&image.id)).unwrap();
    with!(lab.node_images().delete_image(&image.id)).unwrap();
    let stock = lab.any_image().await;
    let error = with!(lab.node_images().delete_image(&stock.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);

    lab.driver.destroy_node(&lab.cx, &id).await.unwrap();
    lab.settle();
    let gone = with!(lab.node_snapshots().get_node_snapshot(&snapshot.id)).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_network_with_a_subnet_gives_nodes_their_addresses() {
    let lab = cloud(json!({}));
    let network = NetworkCreate {
        name: Text::from("back"),
        ..NetworkCreate::default()
    };
    let network = with!(lab.networks().create_network(&network)).unwrap();
    let mut subnet = SubnetCreate {
        network: network.id.clone(),
        name: Text::from("back"),
        cidr: Text::from("192.168.5.0/24"),
        ..SubnetCreate::default()
    };
    let made = with!(lab.networks().create_subnet(&subnet)).unwrap();
    let error = with!(lab.networks().create_subnet(&subnet)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    subnet.cidr = Text::from("192.168.6.1/24");
    let error = with!(lab.networks().create_subnet(&subnet)).unwrap_err();
    assert_eq!(error.field().unwrap().as_str(), "cidr");

    let mut request = lab.request("web-1").await;
    request.networks = vec![NetworkAttachment {
        network: network.id.clone(),
        subnet: Some(made.id.clone()),
        ip: Some("192.168.5.77".parse().unwrap()),
    }];
    let node = lab
        .driver
        .create_node(&lab.cx, &request)
        .await
        .unwrap()
        .node;
    assert_eq!(
        node.private_ips,
        request.networks[0].ip.into_iter().collect::<Vec<_>>()
    );
    assert_eq!(node.addresses[0].network.as_deref(), Some("back"));
    let error = lab.driver.create_node(&lab.cx, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);

    let error = with!(lab.networks().delete_network(&network.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    lab.driver.destroy_node(&lab.cx, &node.id).await.unwrap();
    with!(lab.networks().delete_network(&network.id)).unwrap();
    with!(lab.networks().delete_network(&network.id)).unwrap();
    let error = with!(lab.networks().get_subnet(&made.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_security_group_keeps_its_rules() {
    let lab = cloud(json!({}));
    let group = SecurityGroupCreate {
        name: Text::from("web"),
        ..SecurityGroupCreate::default()
    };
    let made = with!(lab.security_groups().create_security_group(&group)).unwrap();
    let error = with!(lab.security_groups().create_security_group(&group)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);

    let rule = |value| serde_json::from_value::<SecurityRuleCreate>(value).unwrap();
    let https = rule(json!({
        "protocol": "tcp", "port_min": 443, "port_max": 443, "remote_cidr": "::/0"
    }));
    let added = with!(lab.security_groups().add_security_rule(&made.id, &https)).unwrap();
    assert_eq!(u8::from(added.version), 6);
    let error = with!(lab.security_groups().add_security_rule(&made.id, &https)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    for (wrong, field) in [
        (
            json!({"protocol": "tcp", "port_min": 9, "port_max": 8}),
            "port_min",
        ),
        (json!({"protocol": "smtp"}), "protocol"),
        (json!({"remote_cidr": "10.0.0.0"}), "remote_cidr"),
        (json!({"remote_group": "group-nope"}), "remote_group"),
        (
            json!({"remote_cidr": "10.0.0.0/8", "version": 6}),
            "version",
        ),
    ] {
        let wrong = rule(wrong);
        let error = with!(lab.security_groups().add_security_rule(&made.id, &wrong)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{field}");
        assert_eq!(error.field().unwrap().as_str(), field);
    }

    let mut request = lab.request("web-1").await;
    request.security_groups = vec![made.id.clone()];
    let node = lab
        .driver
        .create_node(&lab.cx, &request)
        .await
        .unwrap()
        .node;
    assert_eq!(node.security_groups, ["web"].map(Text::from));
    let error = with!(lab.security_groups().delete_security_group(&made.id)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    with!(
        lab.security_groups()
            .remove_security_rule(&made.id, &added.id)
    )
    .unwrap();
    with!(
        lab.security_groups()
            .remove_security_rule(&made.id, &added.id)
    )
    .unwrap();
    lab.driver.destroy_node(&lab.cx, &node.id).await.unwrap();
    with!(lab.security_groups().delete_security_group(&made.id)).unwrap();
}

#[tokio::test]
async fn an_address_leads_to_one_node_and_then_to_another() {
    let lab = cloud(json!({"quota": {"addresses": 1}}));
    let (one, two) = (lab.running("web-1").await, lab.running("web-2").await);
    let wish = AddressAllocate::default();
    let address = with!(lab.addresses().allocate_address(&wish)).unwrap();
    let error = with!(lab.addresses().allocate_address(&wish)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    for node in [&one, &two] {
        let to = AddressAssociate {
            node: node.clone(),
            fixed_ip: None,
        };
        with!(lab.addresses().associate_address(&address.id, &to)).unwrap();
    }
    assert!(lab.get(&one).await.public_ips.is_empty());
    let node = lab.get(&two).await;
    assert_eq!(node.public_ips, [address.ip]);
    assert_eq!(node.addresses[1].kind, AddressKind::Floating);
    lab.driver.destroy_node(&lab.cx, &two).await.unwrap();
    let shown = with!(lab.addresses().get_address(&address.id)).unwrap();
    assert_eq!(shown.node, None);
    with!(lab.addresses().release_address(&address.id)).unwrap();
    with!(lab.addresses().release_address(&address.id)).unwrap();
    with!(lab.addresses().allocate_address(&wish)).unwrap();
}

#[tokio::test]
async fn a_key_pair_is_generated_once_and_opens_nodes() {
    let lab = cloud(json!({}));
    let request = KeyPairCreate {
        name: Text::from("me"),
        ..KeyPairCreate::default()
    };
    let made = with!(lab.key_pairs().create_key_pair(&request)).unwrap();
    assert!(
        made.private_key
            .unwrap()
            .expose()
            .contains("OPENSSH PRIVATE KEY")
    );
    let error = with!(lab.key_pairs().create_key_pair(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let import = KeyPairCreate {
        name: Text::from("imported"),
        public_key: made.key_pair.public_key.clone(),
        mark: None,
    };
    let imported = with!(lab.key_pairs().create_key_pair(&import)).unwrap();
    assert!(imported.private_key.is_none());
    assert_eq!(imported.key_pair.fingerprint, made.key_pair.fingerprint);

    let mut node = lab.request("web-1").await;
    node.key_pair = Some(Text::from("me"));
    let node = lab.driver.create_node(&lab.cx, &node).await.unwrap().node;
    assert_eq!(node.key_pair.as_deref(), Some("me"));
    with!(lab.key_pairs().delete_key_pair("me")).unwrap();
    with!(lab.key_pairs().delete_key_pair("me")).unwrap();
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

#[tokio::test]
async fn quotas_count_what_is_there() {
    let lab = cloud(json!({"nodes": 7, "quota": {"nodes": 10}}));
    lab.running("web-1").await;
    let quotas = with!(lab.quotas().list_quotas()).unwrap();
    let nodes = quotas.iter().find(|quota| quota.name == "nodes").unwrap();
    assert_eq!((nodes.used, nodes.limit), (Some(8), Some(10)));
    let listed = lab.all(NodeQuery::all(), 100).await;
    let vcpus: u32 = listed
        .iter()
        .filter_map(|node| node.size.as_ref()?.vcpus)
        .sum();
    let counted = quotas.iter().find(|quota| quota.name == "vcpus").unwrap();
    assert_eq!(counted.used, Some(u64::from(vcpus)));
}
