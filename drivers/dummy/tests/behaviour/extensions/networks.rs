//! Networks and what is on them.

use cloudfarm_contract::model::{
    AddressAllocate, AddressAssociate, AddressKind, NetworkAttachment, NetworkCreate,
    SecurityGroupCreate, SecurityRuleCreate, SubnetCreate,
};
use cloudfarm_contract::{ErrorKind, Text};
use serde_json::json;

use crate::support::cloud;

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
