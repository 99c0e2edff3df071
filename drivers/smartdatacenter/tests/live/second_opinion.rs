//! The `triton` command line sees the same machine after each step.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use cloudfarm_contract::extensions::MetadataChange;
use cloudfarm_contract::model::{Metadata, Node, NodeCreate, NodeState};
use cloudfarm_contract::{
    Driver, Judgement, ListQuery, NodeQuery, Text, WaitOutcome, WaitPolicy, wait_node,
};
use serde_json::{Value, json};

use crate::lab::{cx, driver, key_file, required};

/// What a client shows of a machine.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    id: String,
    name: String,
    state: String,
    package: String,
    image: String,
    memory: u64,
    addresses: BTreeSet<String>,
    tags: BTreeMap<String, String>,
}

impl Shown {
    fn of(node: &Node) -> Self {
        let size = node.size.as_ref().unwrap();
        let mut tags: BTreeMap<_, _> = node
            .metadata
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        if let Some(mark) = &node.mark {
            tags.insert("cloudfarm.mark".to_owned(), mark.as_str().to_owned());
        }
        Self {
            id: node.id.to_string(),
            name: node.name.to_string(),
            state: node.native_state.to_string(),
            package: size.name.as_ref().unwrap().to_string(),
            image: node.image.as_ref().unwrap().id.to_string(),
            memory: size.ram_mb.unwrap(),
            addresses: node.addresses.iter().map(|it| it.ip.to_string()).collect(),
            tags,
        }
    }

    fn by_triton(machine: &Value) -> Self {
        let text = |name: &str| machine[name].as_str().unwrap().to_owned();
        let tags = machine["tags"].as_object().unwrap();
        let ips = machine["ips"].as_array().unwrap();
        Self {
            id: text("id"),
            name: text("name"),
            state: text("state"),
            package: text("package"),
            image: text("image"),
            memory: machine["memory"].as_u64().unwrap(),
            addresses: ips
                .iter()
                .map(|ip| ip.as_str().unwrap().to_owned())
                .collect(),
            tags: tags
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
        }
    }
}

/// What the command line answers, a JSON document on each line.
fn triton(arguments: &[&str]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".ssh")).unwrap();
    for end in ["", ".pub"] {
        let to = home.path().join(format!(".ssh/id_rsa{end}"));
        std::fs::copy(key_file(&format!("deploy{end}")), to).unwrap();
    }
    let program = format!(
        "{}/triton/bin/triton",
        required("CLOUDFARM_SDC_NODE_MODULES")
    );
    let done = Command::new("node")
        .arg(program)
        .args([
            "-k",
            &required("SDC_KEY_ID"),
            "-a",
            &required("SDC_ACCOUNT"),
        ])
        .args(["-U", &required("SDC_URL")])
        .args(arguments)
        .env("HOME", home.path())
        .env_remove("SSH_AUTH_SOCK")
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "triton {arguments:?}: {said}{complaint}"
    );
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Both clients show the same, alone and in the list.
async fn agree(driver: &dyn Driver, id: &str) -> Node {
    let node = driver.get_node(&cx(), id).await.unwrap();
    let got = triton(&["instance", "get", "-j", id]);
    assert_eq!(Shown::by_triton(&got[0]), Shown::of(&node));
    let listed = triton(&["instance", "list", "-j"]);
    let found = listed
        .iter()
        .find(|machine| machine["id"] == json!(id))
        .unwrap();
    assert_eq!(Shown::by_triton(found), Shown::of(&node));
    node
}

async fn until(driver: &dyn Driver, id: &str, state: NodeState) {
    let policy = WaitPolicy {
        first: Duration::from_millis(50),
        ..WaitPolicy::default()
    };
    let states = [state];
    let judge = Judgement::for_states(&states);
    let outcome = wait_node(driver, &cx(), id, &policy, judge).await.unwrap();
    assert!(matches!(outcome, WaitOutcome::Reached(_)));
}

#[tokio::test]
async fn triton_sees_what_the_driver_sees_after_each_step() {
    let driver = driver(&json!({"key_file": key_file("deploy")}));
    let driver = driver.as_ref();
    let image = driver
        .list_images(&cx(), &Default::default())
        .await
        .unwrap()
        .items
        .remove(0);
    let sizes = driver
        .list_sizes(&cx(), &ListQuery::default())
        .await
        .unwrap()
        .items;
    let name = format!("second-opinion-{:08x}", fastrand::u32(..));
    let request = NodeCreate {
        name: Text::from(&name),
        image: image.id.clone(),
        size: sizes[0].id.clone(),
        metadata: Metadata::from([(Text::from("role"), Text::from("web"))]),
        mark: Some(cloudfarm_contract::model::Mark::new("opinion-1")),
        ..NodeCreate::default()
    };
    let made = driver.create_node(&cx(), &request).await.unwrap().node;
    let id = made.id.as_str();
    until(driver, id, NodeState::Running).await;
    agree(driver, id).await;

    driver.stop_node(&cx(), id).await.unwrap();
    until(driver, id, NodeState::Stopped).await;
    agree(driver, id).await;

    driver.start_node(&cx(), id).await.unwrap();
    until(driver, id, NodeState::Running).await;
    driver
        .rename_node(&cx(), id, &format!("{name}-2"))
        .await
        .unwrap();
    assert_eq!(agree(driver, id).await.name, format!("{name}-2").as_str());

    let resize = driver.resize().unwrap();
    resize.resize_node(&cx(), id, &sizes[1].id).await.unwrap();
    let resized = agree(driver, id).await;
    assert_eq!(resized.size.unwrap().id.as_ref(), Some(&sizes[1].id));

    let change = MetadataChange {
        set: Metadata::from([(Text::from("tier"), Text::from("1"))]),
        remove: vec![Text::from("role")],
    };
    driver
        .node_metadata()
        .unwrap()
        .set_node_metadata(&cx(), id, &change)
        .await
        .unwrap();
    agree(driver, id).await;

    driver.destroy_node(&cx(), id).await.unwrap();
    let listed = triton(&["instance", "list", "-j"]);
    assert!(listed.iter().all(|machine| machine["id"] != json!(id)));
    let ours = driver
        .list_nodes(&cx(), &NodeQuery::named(&name))
        .await
        .unwrap();
    assert!(ours.items.is_empty());
}

#[tokio::test]
async fn triton_sees_the_same_images_packages_and_networks() {
    let driver = driver(&json!({"key_file": key_file("deploy")}));
    let theirs = |noun: &str| -> BTreeSet<String> {
        let listed = triton(&[noun, "list", "-j"]);
        listed
            .iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let sizes = driver
        .list_sizes(&cx(), &ListQuery::default())
        .await
        .unwrap()
        .items;
    let ours: BTreeSet<_> = sizes.iter().map(|size| size.id.to_string()).collect();
    assert_eq!(theirs("package"), ours);
    // Other tests make networks and images meanwhile, so only what was there first is compared.
    let networks = driver.networks().unwrap();
    let listed = networks
        .list_networks(&cx(), &ListQuery::default())
        .await
        .unwrap()
        .items;
    let shared = listed.iter().filter(|network| network.shared);
    let ours: BTreeSet<_> = shared.map(|network| network.id.to_string()).collect();
    assert!(ours.is_subset(&theirs("network")) && !ours.is_empty());
    let images = driver
        .list_images(&cx(), &Default::default())
        .await
        .unwrap()
        .items;
    let public = images.iter().filter(|image| image.public);
    let ours: BTreeSet<_> = public.map(|image| image.id.to_string()).collect();
    assert!(ours.is_subset(&theirs("image")) && !ours.is_empty());
}
