//! Volumes, snapshots and images.

use cloudfarm_contract::model::{
    ImageCreate, ImageState, NodeSnapshotCreate, NodeState, RootVolume, SnapshotState,
    VolumeAttach, VolumeCreate, VolumeSnapshotCreate, VolumeState,
};
use cloudfarm_contract::{ErrorKind, ListQuery, Text};
use serde_json::json;

use crate::support::cloud;

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
