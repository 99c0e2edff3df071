//! The cloud outlives the process, and several processes share it.

use std::collections::BTreeSet;
use std::fs;

use cloudfarm_contract::model::{KeyPairCreate, Mark, NodeState};
use cloudfarm_contract::{ErrorKind, NodeQuery, Secret, Text};
use serde_json::{Value, json};

use crate::support::{Fixture, clock, cloud, on, try_connect};

struct File {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clouds/lab.state");
    File {
        _folder: folder,
        path,
    }
}

impl File {
    fn params(&self) -> Value {
        json!({"state_file": self.path, "nodes": 3, "seed": 9})
    }
}

async fn names(lab: &Fixture) -> BTreeSet<String> {
    let nodes = lab.all(NodeQuery::all(), 100).await;
    nodes.iter().map(|node| node.name.to_string()).collect()
}

#[tokio::test]
async fn the_cloud_goes_on_in_another_process() {
    let (file, clock) = (file(), clock());
    let lab = on(file.params(), &clock);
    let request = lab.request("web-1").await;
    let made = lab
        .driver
        .create_node(&lab.cx, &request)
        .await
        .unwrap()
        .node;
    let doomed = lab.running("web-2").await;
    lab.driver.destroy_node(&lab.cx, &doomed).await.unwrap();
    let first = lab.all(NodeQuery::all(), 100).await[0].clone();
    lab.driver.destroy_node(&lab.cx, &first.id).await.unwrap();
    drop(lab);

    let lab = on(file.params(), &clock);
    lab.settle();
    assert_eq!(lab.get(&made.id).await.state, NodeState::Running);
    for gone in [&doomed, &first.id] {
        let error = lab.driver.get_node(&lab.cx, gone).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let next = lab.running("web-3").await;
    assert!(![&made.id, &doomed].contains(&&next), "an id came again");
    assert_eq!(lab.all(NodeQuery::all(), 100).await.len(), 4);
}

#[tokio::test]
async fn a_torn_end_costs_the_last_transaction_at_most() {
    let (file, clock) = (file(), clock());
    let lab = on(file.params(), &clock);
    lab.running("web-1").await;
    let before = fs::metadata(&file.path).unwrap().len();
    lab.running("web-2").await;
    let whole = fs::read(&file.path).unwrap();
    drop(lab);

    let cuts = (before..whole.len() as u64).step_by(37);
    for cut in cuts.chain([whole.len() as u64 - 1]) {
        fs::write(&file.path, &whole[..cut as usize]).unwrap();
        let lab = on(file.params(), &clock);
        assert!(names(&lab).await.contains("web-1"));
        assert!(!names(&lab).await.contains("web-2"));
        lab.running("web-3").await;
        let other = on(file.params(), &clock);
        assert!(
            names(&other)
                .await
                .is_superset(&["web-1", "web-3"].map(String::from).into())
        );
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_in_the_middle_is_not_written_to() {
    let (file, clock) = (file(), clock());
    let lab = on(file.params(), &clock);
    lab.running("web-1").await;
    lab.running("web-2").await;
    let text = fs::read_to_string(&file.path).unwrap();
    fs::write(&file.path, text.replacen("web-1", "wob-1", 1)).unwrap();
    let lab = on(file.params(), &clock);
    let request = lab.request("web-3").await;
    let error = lab.driver.create_node(&lab.cx, &request).await.unwrap_err();
    assert!(error.message().contains("damaged"), "{error}");
    assert!(!error.is_retryable());

    fs::write(&file.path, "something else").unwrap();
    let error = try_connect(file.params(), &clock).unwrap_err();
    assert_eq!(error.field().unwrap().as_str(), "extra_params.state_file");
    assert!(
        !error.message().contains("lab.state"),
        "a path is shown: {error}"
    );
}

#[tokio::test]
async fn two_drivers_see_each_others_changes() {
    let (file, clock) = (file(), clock());
    let (one, two) = (on(file.params(), &clock), on(file.params(), &clock));
    let id = one.running("web-1").await;
    assert_eq!(two.get(&id).await.name, "web-1");
    two.driver
        .rename_node(&two.cx, &id, "web-one")
        .await
        .unwrap();
    assert_eq!(one.get(&id).await.name, "web-one");

    let mut request = one.request("once").await;
    request.mark = Some(Mark::new("job-1"));
    let (first, second) = tokio::join!(
        one.driver.create_node(&one.cx, &request),
        two.driver.create_node(&two.cx, &request)
    );
    assert_eq!(first.unwrap().node.id, second.unwrap().node.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_write_at_once_and_nothing_is_lost() {
    let (file, clock) = (file(), clock());
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..4 {
        let lab = on(file.params(), &clock);
        tasks.spawn(async move {
            let mut ids = Vec::new();
            for number in 0..25 {
                let request = lab.request(&format!("w{worker}-{number}")).await;
                let made = lab.driver.create_node(&lab.cx, &request).await.unwrap();
                ids.push(made.node.id);
            }
            ids
        });
    }
    let ids = tasks.join_all().await.concat();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 100, "two nodes have one id");
    let lab = on(file.params(), &clock);
    assert_eq!(lab.all(NodeQuery::all(), 1000).await.len(), 103);
}

#[tokio::test]
async fn a_long_file_is_written_anew_and_others_follow() {
    let (file, clock) = (file(), clock());
    let (one, two) = (on(file.params(), &clock), on(file.params(), &clock));
    let id = one.running("web-1").await;
    two.get(&id).await;
    let mut longest = 0;
    for number in 0..400 {
        // Long metadata makes the file grow quickly.
        let mut change = cloudfarm_contract::extensions::MetadataChange::default();
        for key in 0..60 {
            let value = format!("{number:0>250}");
            change
                .set
                .insert(Text::from(format!("key-{key}")), Text::from(value));
        }
        let metadata = one.driver.node_metadata().unwrap();
        metadata
            .set_node_metadata(&one.cx, &id, &change)
            .await
            .unwrap();
        longest = longest.max(fs::metadata(&file.path).unwrap().len());
    }
    assert!(longest < 5_000_000, "the file reached {longest} bytes");
    assert!(fs::metadata(&file.path).unwrap().len() < longest);
    assert_eq!(two.get(&id).await, one.get(&id).await);
    let made = two.running("web-2").await;
    let third = on(file.params(), &clock);
    assert_eq!(third.get(&made).await, one.get(&made).await);
    assert_eq!(third.all(NodeQuery::all(), 100).await.len(), 5);
}

#[tokio::test]
async fn no_secret_reaches_the_file() {
    let file = file();
    let lab = cloud(file.params());
    let mut request = lab.request("web-1").await;
    request.admin_password = Some(Secret::new("canary-password"));
    request.user_data = Some(Secret::new("canary-user-data"));
    lab.driver.create_node(&lab.cx, &request).await.unwrap();
    request.admin_password = None;
    let made = lab.driver.create_node(&lab.cx, &request).await.unwrap();
    let generated = KeyPairCreate {
        name: Text::from("me"),
        ..KeyPairCreate::default()
    };
    let key_pairs = lab.driver.key_pairs().unwrap();
    let pair = key_pairs
        .create_key_pair(&lab.cx, &generated)
        .await
        .unwrap();
    let text = fs::read_to_string(&file.path).unwrap();
    assert!(text.contains("web-1") && !text.contains("canary"));
    assert!(!text.contains(made.secrets.admin_password.unwrap().expose()));
    assert!(!text.contains("PRIVATE KEY"));
    assert!(pair.private_key.is_some());
}
