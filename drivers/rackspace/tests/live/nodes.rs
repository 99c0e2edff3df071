use std::time::Duration;

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{Metadata, NetworkAttachment, NodeState};
use cloudfarm_contract::{
    Driver, ErrorKind, Judgement, ListQuery, NodeQuery, Observation, Text, WaitOutcome, wait_node,
};
use serde_json::json;

use crate::access::{cx, demo, destroy, policy, request};

const AUTOMATION: &str = "rackconnect_automation_status";

async fn tell(driver: &dyn Driver, id: &str, status: &str) {
    let change = MetadataChange {
        set: Metadata::from_iter([(Text::from(AUTOMATION), Text::from(status))]),
        remove: Vec::new(),
    };
    let metadata = driver.node_metadata().unwrap();
    metadata
        .set_node_metadata(&cx(), id, &change)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_node_of_rackconnect_is_ready_when_its_automation_is() {
    let nova = demo(json!({"region": "dfw"}));
    let driver = demo(json!({"region": "dfw", "rackconnect": true}));
    let (nova, driver) = (nova.as_ref(), driver.as_ref());
    let wanted = request(driver, "live-rackconnect").await;
    let id = driver.create_node(&cx(), &wanted).await.unwrap().node.id;
    let active = Judgement::for_states(&[NodeState::Running]);
    wait_node(nova, &cx(), &id, &policy(), active)
        .await
        .unwrap();
    for status in [None, Some("DEPLOYING")] {
        if let Some(status) = status {
            tell(nova, &id, status).await;
        }
        let node = driver.get_node(&cx(), &id).await.unwrap();
        assert!(node.busy && node.state == NodeState::Running, "{status:?}");
        assert_eq!(node.native_state, "ACTIVE");
        assert!(!node.actions.iter().any(|action| action.as_str() == "stop"));
    }
    tell(nova, &id, "FAILED").await;
    let mut query = NodeQuery::named("live-rackconnect");
    query.states = vec![NodeState::Error];
    let failed = driver.list_nodes(&cx(), &query).await.unwrap().items;
    let failed = failed.iter().find(|node| node.id == id).unwrap();
    assert!(
        failed
            .fault
            .as_ref()
            .unwrap()
            .message
            .contains("RackConnect")
    );
    tell(nova, &id, "DEPLOYED").await;
    let judge = Judgement::for_states(&[NodeState::Running]);
    let ready = wait_node(driver, &cx(), &id, &policy(), judge).await;
    assert!(matches!(ready.unwrap(), WaitOutcome::Reached(_)));
    destroy(driver, &id).await;
}

#[tokio::test]
async fn a_node_shows_its_disk_config_its_region_and_its_addresses() {
    let driver = demo(json!({"region": "iad"}));
    let driver = driver.as_ref();
    let mut wanted = request(driver, "live-disk").await;
    wanted.options = [("disk_config".into(), json!("manual"))].into();
    wanted.networks = vec![NetworkAttachment {
        network: Text::from("11111111-1111-1111-1111-111111111111"),
        ..NetworkAttachment::default()
    }];
    let created = driver.create_node(&cx(), &wanted).await.unwrap();
    assert!(created.secrets.admin_password.is_some());
    let judge = Judgement::for_states(&[NodeState::Running]);
    let reached = wait_node(driver, &cx(), &created.node.id, &policy(), judge).await;
    let WaitOutcome::Reached(node) = reached.unwrap() else {
        panic!("it vanished");
    };
    assert_eq!(node.extra.get("OS-DCF:diskConfig"), Some("MANUAL".into()));
    assert_eq!(node.location.as_deref(), Some("IAD"));
    let private = |address: &cloudfarm_contract::model::NodeAddress| {
        address.network.as_deref() == Some("private")
    };
    assert!(node.addresses.iter().any(private), "{:?}", node.addresses);
    destroy(driver, &node.id).await;
}

#[tokio::test]
async fn networks_are_those_of_rackspace() {
    let driver = demo(json!({"region": "dfw"}));
    let networks = driver.networks().unwrap();
    let all = networks.list_networks(&cx(), &ListQuery::default()).await;
    let all = all.unwrap().items;
    let labels: Vec<_> = all.iter().take(2).map(|n| n.name.as_str()).collect();
    assert_eq!(labels, ["public", "private"]);
    assert!(all[0].external && all[0].shared && !all[1].external);
    let subnet = networks.get_subnet(&cx(), &all[0].id).await.unwrap_err();
    assert_eq!(subnet.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_not_there_is_named_by_its_field() {
    let driver = demo(json!({"region": "dfw"}));
    let driver = driver.as_ref();
    let good = request(driver, "live-wrong").await;
    let unknown = Text::from("9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f");
    let mut wrong = vec![("image", good.clone()), ("size", good.clone())];
    wrong[0].1.image = unknown.clone();
    wrong[1].1.size = unknown.clone();
    let mut other = good.clone();
    other.key_pair = Some(Text::from("no-such-pair"));
    wrong.push(("key_pair", other));
    let mut other = good.clone();
    other.networks = vec![NetworkAttachment {
        network: unknown,
        ..NetworkAttachment::default()
    }];
    wrong.push(("networks", other));
    for (field, request) in wrong {
        let error = driver.create_node(&cx(), &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{field}: {error:?}");
        assert_eq!(error.field().unwrap(), field, "{error:?}");
    }
}

#[tokio::test]
async fn a_wait_for_a_node_that_is_gone_ends() {
    let driver = demo(json!({"region": "dfw"}));
    let mut short = policy();
    short.longest = Duration::from_millis(300);
    let gone = |observation: Observation<'_>| match observation {
        Observation::Gone => Judgement::Done,
        Observation::Present(_) => Judgement::Continue,
    };
    let id = "9f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f";
    let ended = wait_node(driver.as_ref(), &cx(), id, &short, gone).await;
    assert!(matches!(ended.unwrap(), WaitOutcome::Vanished));
}
