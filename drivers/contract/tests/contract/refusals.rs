//! What is refused before the driver is asked.

use std::sync::Arc;

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{
    KeyPairCreate, Metadata, NetworkAttachment, NetworkCreate, NodeCreate, RebootKind, RootVolume,
    SubnetCreate, VolumeCreate,
};
use cloudfarm_contract::{Capabilities, Driver, ErrorKind, Operation, Secret, SideEffect, Text};

use crate::scripted::calls::call;
use crate::scripted::{Scripted, context};
use crate::stacks::{MINUTE, layered};

#[tokio::test(start_paused = true)]
async fn an_extension_that_the_cloud_lacks_is_refused_by_name() {
    for operation in Operation::ALL {
        let Some(extension) = operation.extension() else {
            continue;
        };
        let mut driver = Scripted::new([]);
        driver.capabilities = Capabilities::CORE;
        let driver = driver.shared();
        let result = call(&layered(&driver), &context(MINUTE), *operation).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(error.message().contains(extension.as_str()), "{error}");
        assert_eq!(driver.calls(), [], "{operation:?}");
    }
}

/// A driver that has every extension and none of the options.
fn without_options() -> Arc<Scripted> {
    let mut driver = Scripted::new([]);
    driver.capabilities = Capabilities {
        extensions: driver.capabilities.extensions,
        node_name_length_max: Some(8),
        node_metadata_items_max: Some(1),
        node_metadata_key_length_max: Some(4),
        node_metadata_value_length_max: Some(4),
        volume_size_gb_max: Some(100),
        ..Capabilities::CORE
    };
    driver.shared()
}

#[tokio::test(start_paused = true)]
async fn an_option_that_the_cloud_lacks_is_refused_by_name() {
    let node = NodeCreate::default;
    let network = || NetworkAttachment {
        network: Text::from("net"),
        ip: None,
        subnet: None,
    };
    let options = [
        (
            "location",
            NodeCreate {
                location: Some(Text::from("here")),
                ..node()
            },
        ),
        (
            "key_pair",
            NodeCreate {
                key_pair: Some(Text::from("me")),
                ..node()
            },
        ),
        (
            "user_data",
            NodeCreate {
                user_data: Some(Secret::from("#!")),
                ..node()
            },
        ),
        (
            "admin_password",
            NodeCreate {
                admin_password: Some(Secret::from("s")),
                ..node()
            },
        ),
        (
            "networks",
            NodeCreate {
                networks: vec![network()],
                ..node()
            },
        ),
        (
            "security_groups",
            NodeCreate {
                security_groups: vec![Text::from("g")],
                ..node()
            },
        ),
        (
            "metadata",
            NodeCreate {
                metadata: Metadata::from([(Text::from("a"), Text::from("b"))]),
                ..node()
            },
        ),
        (
            "root_volume",
            NodeCreate {
                root_volume: Some(RootVolume {
                    size_gb: 1,
                    kind: None,
                    delete_with_node: true,
                }),
                ..node()
            },
        ),
    ];
    for (option, request) in options {
        let driver = without_options();
        let result = layered(&driver)
            .create_node(&context(MINUTE), &request)
            .await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error
                .message()
                .contains(&format!("node_create_with_{option}")),
            "{error}"
        );
        assert_eq!(error.field().unwrap().as_str(), option);
        assert_eq!(driver.calls(), [], "{option}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_cannot_do_is_refused_by_the_name_of_the_capability() {
    let driver = without_options();
    let layered = layered(&driver);
    let cx = context(MINUTE);
    let volume = |request| VolumeCreate {
        size_gb: 1,
        ..request
    };
    let from_snapshot = volume(VolumeCreate {
        snapshot: Some(Text::from("s1")),
        ..VolumeCreate::default()
    });
    let from_image = volume(VolumeCreate {
        image: Some(Text::from("i1")),
        ..VolumeCreate::default()
    });
    let imported = KeyPairCreate {
        public_key: Some("ssh-ed25519 AAAA".to_owned()),
        ..KeyPairCreate::default()
    };
    let (volumes, key_pairs) = (layered.volumes().unwrap(), layered.key_pairs().unwrap());
    let networks = layered.networks().unwrap();
    let refusals = [
        (
            "node_reboot_hard",
            layered.reboot_node(&cx, "n1", &RebootKind::Hard).await,
        ),
        ("volume_extend", volumes.extend_volume(&cx, "v1", &2).await),
        (
            "volume_create_with_snapshot",
            volumes.create_volume(&cx, &from_snapshot).await.map(drop),
        ),
        (
            "volume_create_with_image",
            volumes.create_volume(&cx, &from_image).await.map(drop),
        ),
        (
            "key_pair_create_imported",
            key_pairs.create_key_pair(&cx, &imported).await.map(drop),
        ),
        (
            "key_pair_create_generated",
            key_pairs
                .create_key_pair(&cx, &KeyPairCreate::default())
                .await
                .map(drop),
        ),
        (
            "network_create",
            networks
                .create_network(&cx, &NetworkCreate::default())
                .await
                .map(drop),
        ),
        ("network_create", networks.delete_network(&cx, "net").await),
        (
            "subnet_create",
            networks
                .create_subnet(&cx, &SubnetCreate::default())
                .await
                .map(drop),
        ),
        ("subnet_create", networks.delete_subnet(&cx, "sub").await),
    ];
    for (capability, refusal) in refusals {
        let error = refusal.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{capability}");
        assert!(error.message().contains(capability), "{error}");
    }
    assert_eq!(driver.calls(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_past_a_limit_is_refused_with_the_field_and_the_limit() {
    let driver = without_options();
    let layered = layered(&driver);
    let cx = context(MINUTE);
    let change = |items: &[(&str, &str)]| MetadataChange {
        set: items
            .iter()
            .map(|(key, value)| (Text::from(*key), Text::from(*value)))
            .collect(),
        remove: Vec::new(),
    };
    let metadata = layered.node_metadata().unwrap();
    let large = VolumeCreate {
        size_gb: 101,
        ..VolumeCreate::default()
    };
    let refusals = [
        (
            "name",
            "8",
            layered.rename_node(&cx, "n1", "ninechars").await,
        ),
        (
            "metadata",
            "1",
            metadata
                .set_node_metadata(&cx, "n1", &change(&[("a", "1"), ("b", "2")]))
                .await,
        ),
        (
            "metadata.longer",
            "4",
            metadata
                .set_node_metadata(&cx, "n1", &change(&[("longer", "1")]))
                .await,
        ),
        (
            "metadata.key",
            "4",
            metadata
                .set_node_metadata(&cx, "n1", &change(&[("key", "longer")]))
                .await,
        ),
        (
            "size_gb",
            "100",
            layered
                .volumes()
                .unwrap()
                .create_volume(&cx, &large)
                .await
                .map(drop),
        ),
    ];
    for (field, limit, refusal) in refusals {
        let error = refusal.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{field}");
        assert_eq!(error.field().unwrap().as_str(), field);
        assert!(error.message().contains(limit), "{error}");
    }
    assert_eq!(driver.calls(), []);
}
