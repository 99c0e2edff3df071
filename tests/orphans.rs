//! What jobs left behind on clouds.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{Mark, NodeCreate, VolumeCreate};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ImageQuery, ListQuery, Priority, SystemClock,
};
use cloudfarm_dummy::Dummy;
use common::{TestServer, cloud};
use reqwest::Method;
use serde_json::{Value, json};

const ORPHANS: &str = "/api/v1/clouds/lab/orphans";

/// A server with a cloud that others reach too.
struct Shared {
    server: TestServer,
    driver: Arc<dyn Driver>,
    cx: Context,
    _dir: tempfile::TempDir,
}

fn params(file: &Path) -> Value {
    json!({ "state_file": file, "transition": "0s" })
}

fn shared() -> Shared {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("cloud");
    let server = TestServer::start(vec![cloud("lab", "dummy", params(&file))]);
    let connected = Dummy.connect(CloudConfig {
        name: "lab".into(),
        engine: "dummy".into(),
        user: None,
        password: None,
        extra_params: params(&file).as_object().expect("an object").clone(),
        clock: Arc::new(SystemClock),
    });
    Shared {
        server,
        driver: connected.expect("a connection"),
        cx: Context::new(Duration::from_secs(60), "test", Priority::Person),
        _dir: dir,
    }
}

impl Shared {
    /// Makes a node behind the server's back.
    async fn node(&self, mark: Option<&str>) -> String {
        let (any_image, any_size) = (ImageQuery::default(), ListQuery::default());
        let images = self.driver.list_images(&self.cx, &any_image);
        let sizes = self.driver.list_sizes(&self.cx, &any_size);
        let request = NodeCreate {
            name: "stray".into(),
            image: images.await.expect("images").items[0].id.clone(),
            size: sizes.await.expect("sizes").items[1].id.clone(),
            mark: mark.map(Mark::new),
            ..NodeCreate::default()
        };
        let created = self.driver.create_node(&self.cx, &request).await;
        created.expect("a node").node.id.into()
    }

    async fn orphans(&self) -> Vec<Value> {
        let answer = self.server.get(ORPHANS).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["items"].as_array().expect("items").clone()
    }
}

#[tokio::test]
async fn only_what_bears_a_mark_and_is_nobodys_is_an_orphan() {
    let shared = shared();
    assert!(shared.orphans().await.is_empty());
    let body = json!({
        "name": "web-1", "image": "ubuntu-24*", "size": "ram>=2048",
        "root_volume": { "size_gb": 20, "delete_with_node": true },
    });
    let path = "/api/v1/clouds/lab/nodes";
    shared.server.done(Method::POST, path, Some(body)).await;
    shared.node(None).await;
    assert!(
        shared.orphans().await.is_empty(),
        "{:?}",
        shared.orphans().await
    );

    let unknown = "0196f5c0-0000-7000-8000-000000000001";
    let stray = shared.node(Some(unknown)).await;
    let foreign = shared.node(Some("somebody else")).await;
    let held = [("prefer", "wait=30")];
    let stop = format!("{path}/web-1/stop");
    let stopped = shared.server.send(Method::POST, &stop, None, &held).await;
    let other = stopped.body["id"].as_str().expect("a job");
    let undone = shared.node(Some(&format!("{other}.1"))).await;
    let volume = VolumeCreate {
        name: "data".into(),
        size_gb: 1,
        mark: Some(Mark::new(unknown)),
        ..VolumeCreate::default()
    };
    let volumes = shared.driver.volumes().expect("volumes");
    let volume = volumes.create_volume(&shared.cx, &volume).await;
    let volume = volume.expect("a volume").id;

    let found = shared.orphans().await;
    let seen: Vec<Value> = found
        .iter()
        .map(|orphan| {
            json!([
                orphan["kind"],
                orphan["id"],
                orphan["job"],
                orphan["reason"]
            ])
        })
        .collect();
    let expected = [
        json!(["node", stray, unknown, "unknown_job"]),
        json!(["node", foreign, null, "unknown_job"]),
        json!(["node", undone, other, "not_its_own"]),
        json!(["volume", volume, unknown, "unknown_job"]),
    ];
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    assert!(
        expected.iter().all(|orphan| seen.contains(orphan)),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_orphan_is_adopted_forgotten_or_destroyed() {
    let shared = shared();
    let mut ids = Vec::new();
    for number in 1..=3 {
        let mark = format!("0196f5c0-0000-7000-8000-00000000000{number}");
        ids.push(shared.node(Some(&mark)).await);
    }
    for (id, verb) in ids.iter().zip(["adopt", "forget"]) {
        let path = format!("{ORPHANS}/node/{id}/{verb}");
        let answer = shared.server.send(Method::POST, &path, None, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["id"], **id);
        let again = shared.server.send(Method::POST, &path, None, &[]).await;
        again.is_problem(404, "not_found");
    }
    assert_eq!(shared.orphans().await.len(), 1);
    let kept = format!("{ORPHANS}/node/{}/destroy", ids[0]);
    let refused = shared.server.send(Method::POST, &kept, None, &[]).await;
    refused.is_problem(404, "not_found");

    let path = format!("{ORPHANS}/node/{}/destroy", ids[2]);
    shared.server.done(Method::POST, &path, None).await;
    assert!(shared.orphans().await.is_empty());
    let nodes = shared.server.get("/api/v1/clouds/lab/nodes").await;
    let mut left = nodes.ids();
    left.sort();
    ids.truncate(2);
    ids.sort();
    assert_eq!(left, ids);
}
