//! Nodes that are made while the wire, or the cloud, fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudfarm_contract::model::{Mark, NodeCreate, NodeState};
use cloudfarm_contract::{
    ErrorKind, ManualClock, NodeQuery, Secret, SideEffect, SystemClock, Text,
};

use crate::wire::{Reply, Wire, cx, field, ok, refused};

fn instance(state: &str, token: &str, more: &str) -> String {
    format!(
        "<instancesSet><item><instanceId>i-0abc</instanceId><imageId>ami-1</imageId>\
         <instanceState><name>{state}</name></instanceState><clientToken>{token}</clientToken>\
         {more}</item></instancesSet>"
    )
}

fn started(token: &str) -> String {
    let instance = instance("pending", token, "");
    format!("<RunInstancesResponse>{instance}</RunInstancesResponse>")
}

fn described(inner: &str) -> String {
    let items = if inner.is_empty() {
        String::new()
    } else {
        format!("<item>{inner}</item>")
    };
    format!(
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>\
         </DescribeInstancesResponse>"
    )
}

fn request() -> NodeCreate {
    NodeCreate {
        name: Text::from("web-1"),
        image: Text::from("ami-1"),
        size: Text::from("t3.micro"),
        mark: Some(Mark::new("job-1")),
        user_data: Some(Secret::new("password: hunter2hunter2")),
        ..NodeCreate::default()
    }
}

const DONE: &str = "<CreateTagsResponse><return>true</return></CreateTagsResponse>";

#[tokio::test]
async fn a_lost_reply_makes_no_second_node() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let wire = Wire::new(move |seen| {
        let token = field(seen, "ClientToken");
        match field(seen, "Action") {
            // As the cloud does: the token makes one node, however often it comes.
            "RunInstances" if count.fetch_add(1, Ordering::SeqCst) == 0 => Reply::Lost,
            "RunInstances" => ok(started(token)),
            "DescribeInstances" => {
                let asked = field(seen, "Filter.1.Value.1");
                ok(described(&instance("running", asked, "")))
            }
            _ => ok(DONE),
        }
    })
    .await;
    let driver = wire.driver(Arc::new(SystemClock));
    let error = driver.create_node(&cx(), &request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.side_effect(), SideEffect::Possible);

    // The job looks for its mark, and finds it although no tag was written.
    let query = NodeQuery::marked(Mark::new("job-1"));
    let found = driver.list_nodes(&cx(), &query).await.unwrap();
    assert_eq!(found.items[0].mark, Some(Mark::new("job-1")));

    let again = driver.create_node(&cx(), &request()).await.unwrap();
    assert_eq!(again.node.id, "i-0abc");
    let tokens: Vec<_> = wire
        .calls("RunInstances")
        .iter()
        .map(|seen| field(seen, "ClientToken").to_owned())
        .collect();
    assert_eq!(
        tokens.len(),
        2,
        "a creation is not repeated by the driver: {tokens:?}"
    );
    assert_eq!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn what_ignores_tags_is_tagged_afterwards() {
    let wire = Wire::new(|seen| match field(seen, "Action") {
        "RunInstances" => ok(started(field(seen, "ClientToken"))),
        _ => ok(DONE),
    })
    .await;
    let driver = wire.driver(Arc::new(SystemClock));
    let node = driver.create_node(&cx(), &request()).await.unwrap().node;
    assert_eq!(
        (node.name.as_str(), node.mark),
        ("web-1", Some(Mark::new("job-1")))
    );
    let tagged = wire.calls("CreateTags");
    assert_eq!(field(&tagged[0], "ResourceId.1"), "i-0abc");
    assert!(tagged[0].contains(&("Tag.1.Key".to_owned(), "Name".to_owned())));
}

#[tokio::test]
async fn an_address_shows_the_name_of_its_network() {
    let wire = Wire::new(|seen| match field(seen, "Action") {
        "DescribeInstances" => {
            let on = |vpc: &str, ip: &str| {
                format!(
                    "<networkInterfaceSet><item><vpcId>{vpc}</vpcId><privateIpAddress>{ip}\
                     </privateIpAddress></item></networkInterfaceSet>"
                )
            };
            let one = instance("running", "", &on("vpc-1", "10.0.0.1"));
            let other = instance("running", "", &on("vpc-2", "10.0.0.2"));
            let other = other.replace("i-0abc", "i-0def");
            ok(described(&format!("{one}</item><item>{other}")))
        }
        _ => ok("<DescribeVpcsResponse><vpcSet>\
             <item><vpcId>vpc-1</vpcId><tagSet><item><key>Name</key><value>inner</value></item>\
             </tagSet></item><item><vpcId>vpc-2</vpcId></item></vpcSet></DescribeVpcsResponse>"),
    })
    .await;
    let driver = wire.driver(Arc::new(SystemClock));
    for _ in 0..2 {
        let nodes = driver.list_nodes(&cx(), &NodeQuery::default()).await;
        let networks: Vec<_> = nodes
            .unwrap()
            .items
            .iter()
            .map(|node| node.addresses[0].network.clone())
            .collect();
        // One without a name is called by its id, here as in the list of networks.
        assert_eq!(
            networks,
            [Some(Text::from("inner")), Some(Text::from("vpc-2"))]
        );
    }
    assert_eq!(wire.calls("DescribeVpcs").len(), 1, "names are kept");
}

/// For a few seconds the cloud may not know the id that it gave out.
#[tokio::test]
async fn a_node_that_is_not_visible_yet_is_pending_and_not_gone() {
    let wire = Wire::new(|seen| match field(seen, "Action") {
        "RunInstances" => ok(started(field(seen, "ClientToken"))),
        "CreateTags" => ok(DONE),
        _ => refused(
            400,
            "InvalidInstanceID.NotFound",
            "The instance ID does not exist",
        ),
    })
    .await;
    let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
    let driver = wire.driver(Arc::new(clock.clone()));
    let id = driver.create_node(&cx(), &request()).await.unwrap().node.id;
    clock.advance(Duration::from_secs(3));
    let node = driver.get_node(&cx(), &id).await.unwrap();
    assert_eq!(
        (node.state, node.name.as_str()),
        (NodeState::Pending, "web-1")
    );
    // To take it for gone would leave it running for ever.
    let error = driver.destroy_node(&cx(), &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    clock.advance(Duration::from_secs(60));
    let error = driver.get_node(&cx(), &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    driver.destroy_node(&cx(), &id).await.unwrap();
}

#[tokio::test]
async fn a_node_that_dies_at_birth_says_why() {
    let reason = "<stateReason><code>Server.InsufficientInstanceCapacity</code><message>\
                  Server.InsufficientInstanceCapacity: Insufficient capacity</message></stateReason>";
    let wire = Wire::new(move |seen| match field(seen, "Action") {
        "RunInstances" => ok(started(field(seen, "ClientToken"))),
        "DescribeInstances" => ok(described(&instance("terminated", "", reason))),
        "TerminateInstances" => ok("<TerminateInstancesResponse/>"),
        _ => ok(DONE),
    })
    .await;
    let driver = wire.driver(Arc::new(SystemClock));
    let id = driver.create_node(&cx(), &request()).await.unwrap().node.id;
    let node = driver.get_node(&cx(), &id).await.unwrap();
    assert_eq!(node.state, NodeState::Error);
    assert_eq!(node.fault.unwrap().message, "Insufficient capacity");
    driver.destroy_node(&cx(), &id).await.unwrap();
    let error = driver.get_node(&cx(), &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_refused_creation_names_its_field_and_no_secret() {
    for (code, message, field_name) in [
        (
            "InvalidAMIID.NotFound",
            "The image id '[ami-1]' does not exist",
            "image",
        ),
        (
            "InvalidParameterValue",
            "Invalid value 'x' for InstanceType.",
            "size",
        ),
        (
            "InvalidKeyPair.NotFound",
            "The key pair 'me' does not exist",
            "key_pair",
        ),
        (
            "InvalidGroup.NotFound",
            "The security group 'sg-1' does not exist",
            "security_groups",
        ),
        (
            "InvalidSubnetID.NotFound",
            "The subnet ID 'subnet-1' does not exist",
            "networks",
        ),
        (
            "InvalidParameterValue",
            "Invalid availability zone: [mars-1a]; user data was password: hunter2hunter2",
            "location",
        ),
    ] {
        let wire = Wire::new(move |_| refused(400, code, message)).await;
        let driver = wire.driver(Arc::new(SystemClock));
        let error = driver.create_node(&cx(), &request()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
        assert_eq!(error.field().unwrap().as_str(), field_name);
        assert_eq!(error.side_effect(), SideEffect::None);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
