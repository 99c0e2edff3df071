use cloudfarm_contract::model::{NetworkAttachment, NodeState, RootVolume};
use cloudfarm_contract::{Error, ErrorKind, ListQuery, Secret, SideEffect, Text};
use serde_json::json;

use crate::access::{access, cx, destroy, request, until_running};

/// Nothing was made, and the field is named.
fn refused_for(error: &Error, field: &str) {
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    assert_eq!(error.side_effect(), SideEffect::None);
    assert_eq!(error.field().map(Text::as_str), Some(field), "{error:?}");
    assert!(error.provider_request_id().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_network_that_must_be_given_names_those_there_are() {
    let driver = access("other").connect().unwrap();
    let driver = driver.as_ref();
    let mut wanted = request(driver, "cirros-0.6.3", "m1.nano").await;
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    refused_for(&error, "networks");
    let hint = error.hint().unwrap();
    assert!(hint.contains("left") && hint.contains("right"), "{hint}");

    wanted.networks = vec![NetworkAttachment {
        network: Text::from("9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f"),
        ..NetworkAttachment::default()
    }];
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    refused_for(&error, "networks");
}

#[tokio::test]
async fn what_is_not_there_is_named_by_its_field() {
    let driver = access("demo").connect().unwrap();
    let driver = driver.as_ref();
    let good = request(driver, "cirros-0.6.3", "m1.nano").await;
    let unknown = Text::from("9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f");
    let mut wrong = vec![("image", good.clone()), ("size", good.clone())];
    wrong[0].1.image = unknown.clone();
    wrong[1].1.size = unknown.clone();
    let mut other = good.clone();
    other.key_pair = Some(Text::from("no-such-pair"));
    wrong.push(("key_pair", other));
    let mut other = good.clone();
    other.location = Some(Text::from("no-such-zone"));
    wrong.push(("location", other));
    let mut other = good.clone();
    other.security_groups = vec![unknown.clone()];
    wrong.push(("security_groups", other));
    // The image asks for more than the size has.
    wrong.push(("size", request(driver, "windows-2022", "m1.nano").await));
    for (field, request) in wrong {
        let error = driver.create_node(&cx(), &request).await.unwrap_err();
        refused_for(&error, field);
    }
    let mut long = good.clone();
    long.user_data = Some(Secret::new("x".repeat(70_000)));
    let error = driver.create_node(&cx(), &long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    assert_eq!(error.field().map(Text::as_str), Some("user_data"));
    let mut strange = good;
    strange.options = [("no_such_option".into(), json!(1))].into();
    let error = driver.create_node(&cx(), &strange).await.unwrap_err();
    assert_eq!(error.field().unwrap(), &"options.no_such_option");
    assert!(error.message().contains("no_such_option"), "{error}");
}

#[tokio::test]
async fn room_and_quota_are_told_apart() {
    let driver = access("demo").connect().unwrap();
    let driver = driver.as_ref();
    let wanted = request(driver, "cirros-0.6.3", "x1.overquota").await;
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error:?}");
    assert_eq!(error.side_effect(), SideEffect::None);

    let wanted = request(driver, "cirros-0.6.3", "x1.nohost").await;
    let created = driver.create_node(&cx(), &wanted).await.unwrap();
    let error = until_running(driver, &created.node.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCapacity, "{error:?}");
    let failed = driver.get_node(&cx(), &created.node.id).await.unwrap();
    assert_eq!(failed.state, NodeState::Error);
    assert!(failed.fault.unwrap().message.contains("No valid host"));
    destroy(driver, &created.node.id).await;
}

#[tokio::test]
async fn a_full_quota_of_volumes_is_no_rate_limit() {
    let driver = access("tight").connect().unwrap();
    let request = cloudfarm_contract::model::VolumeCreate {
        name: Text::from("live-too-large"),
        size_gb: 3,
        ..Default::default()
    };
    let volumes = driver.volumes().unwrap();
    let error = volumes.create_volume(&cx(), &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error:?}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_node_boots_from_a_volume_that_goes_with_it() {
    let driver = access("demo").connect().unwrap();
    let driver = driver.as_ref();
    let mut wanted = request(driver, "cirros-0.6.3", "v1.small").await;
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    refused_for(&error, "root_volume");

    wanted.root_volume = Some(RootVolume {
        size_gb: 1,
        kind: Some(Text::from("fast")),
        delete_with_node: true,
    });
    wanted.user_data = Some(Secret::new("#!/bin/sh\ntrue\n"));
    wanted.options = [
        ("config_drive".into(), json!(true)),
        ("description".into(), json!("boots from a volume")),
    ]
    .into();
    let created = driver.create_node(&cx(), &wanted).await.unwrap();
    assert!(
        created.secrets.admin_password.is_some(),
        "nova chose a password"
    );
    let node = until_running(driver, &created.node.id).await.unwrap();
    assert_eq!(node.volumes.len(), 1);
    assert_eq!(
        node.extra.get("description"),
        Some("boots from a volume".into())
    );
    let volumes = driver.volumes().unwrap();
    let root = volumes.get_volume(&cx(), &node.volumes[0]).await.unwrap();
    assert_eq!(
        (root.size_gb, root.kind.as_deref(), root.bootable),
        (1, Some("fast"), true)
    );
    assert!(node.image.is_none(), "nova says no image of such a node");
    destroy(driver, &node.id).await;
}

#[tokio::test]
async fn a_wished_address_and_security_groups_are_taken() {
    let driver = access("demo").connect().unwrap();
    let driver = driver.as_ref();
    let networks = driver.networks().unwrap();
    let query = ListQuery {
        name: Some(Text::from("private")),
        ..ListQuery::default()
    };
    let network = networks
        .list_networks(&cx(), &query)
        .await
        .unwrap()
        .items
        .remove(0);
    let groups = driver.security_groups().unwrap();
    let group = cloudfarm_contract::model::SecurityGroupCreate {
        name: Text::from("live-web"),
        ..Default::default()
    };
    let group = groups.create_security_group(&cx(), &group).await.unwrap();
    let mut wanted = request(driver, "cirros-0.6.3", "m1.nano").await;
    let ip = "10.0.0.77".parse().unwrap();
    wanted.networks = vec![NetworkAttachment {
        network: network.id,
        subnet: None,
        ip: Some(ip),
    }];
    wanted.security_groups = vec![group.id.clone()];
    let created = driver.create_node(&cx(), &wanted).await.unwrap();
    let node = until_running(driver, &created.node.id).await.unwrap();
    assert!(node.private_ips.contains(&ip), "{:?}", node.addresses);
    assert_eq!(node.security_groups, ["live-web"]);
    // A second node cannot have the address.
    let error = driver.create_node(&cx(), &wanted).await;
    if let Err(error) = &error {
        refused_for(error, "networks");
    }
    destroy(driver, &node.id).await;
    if let Ok(second) = error {
        destroy(driver, &second.node.id).await;
    }
    groups
        .delete_security_group(&cx(), &group.id)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_chosen_subnet_takes_a_port_that_goes_with_the_node() {
    let driver = access("demo").connect().unwrap();
    let driver = driver.as_ref();
    let networks = driver.networks().unwrap();
    let query = ListQuery {
        name: Some(Text::from("private-v4")),
        ..ListQuery::default()
    };
    let subnet = networks
        .list_subnets(&cx(), &query)
        .await
        .unwrap()
        .items
        .remove(0);
    let mut wanted = request(driver, "cirros-0.6.3", "m1.nano").await;
    wanted.networks = vec![NetworkAttachment {
        network: subnet.network.clone(),
        subnet: Some(Text::from("9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f")),
        ip: Some("10.0.0.88".parse().unwrap()),
    }];
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    refused_for(&error, "networks");

    wanted.networks[0].subnet = Some(subnet.id);
    let size = std::mem::replace(&mut wanted.size, Text::from("no-such-size"));
    let error = driver.create_node(&cx(), &wanted).await.unwrap_err();
    refused_for(&error, "size");
    wanted.size = size;
    // The address is free each time only if the port went with what it was made for.
    for _ in 0..2 {
        let created = driver.create_node(&cx(), &wanted).await.unwrap();
        let node = until_running(driver, &created.node.id).await.unwrap();
        // Neutron adds an address of each range that is given out by SLAAC.
        let fours: Vec<_> = node.private_ips.iter().filter(|ip| ip.is_ipv4()).collect();
        assert_eq!(fours, [&"10.0.0.88".parse::<std::net::IpAddr>().unwrap()]);
        destroy(driver, &node.id).await;
    }
}
