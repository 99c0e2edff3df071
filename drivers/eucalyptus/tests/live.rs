//! Both engines against the living test server: a second opinion after each step, and what the
//! verifying front refuses. `tests/clouds/eucalyptus/test` starts it and sets the environment.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{AddressAllocate, AddressAssociate, NodeCreate, NodeState};
use cloudfarm_contract::{
    Clock, CloudConfig, Context, Driver, Engine, ErrorKind, ImageQuery, Judgement, ManualClock,
    NodeQuery, Priority, Secret, SystemClock, Text, WaitPolicy, wait_node,
};
use cloudfarm_eucalyptus::{Ec2, Eucalyptus};
use serde_json::{Value, json};

fn required(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run tests/clouds/eucalyptus/test, which starts a cloud")
    })
}

fn cx() -> Context {
    Context::new(Duration::from_secs(120), "live", Priority::Job)
}

/// How one cloud is reached; the tests change it to be refused.
struct Way {
    engine: &'static dyn Engine,
    user: String,
    password: String,
    clock: Arc<dyn Clock>,
    extra: Value,
}

impl Way {
    fn new(engine: &'static dyn Engine, extra: Value) -> Self {
        Self {
            engine,
            user: required("CLOUDFARM_EC2_ACCESS_KEY"),
            password: required("CLOUDFARM_EC2_SECRET_KEY"),
            clock: Arc::new(SystemClock),
            extra,
        }
    }

    fn connect(self) -> Arc<dyn Driver> {
        let mut extra = self.extra;
        extra["host"] = "127.0.0.1".into();
        extra["port"] = required("CLOUDFARM_EC2_PORT")
            .parse::<u16>()
            .unwrap()
            .into();
        extra["secure"] = false.into();
        let config = CloudConfig {
            name: Text::from("lab"),
            engine: Text::from(self.engine.name()),
            user: Some(self.user),
            password: Some(Secret::new(self.password)),
            extra_params: extra.as_object().unwrap().clone(),
            clock: self.clock,
        };
        self.engine.connect(config).unwrap()
    }
}

fn ec2() -> Way {
    Way::new(&Ec2, json!({"region": "us-east-1"}))
}

fn eucalyptus(signature: &str) -> Way {
    Way::new(&Eucalyptus, json!({"signature": signature}))
}

/// What another client sees.
fn second_opinion(client: &str) -> Value {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/clouds/eucalyptus/tools/second.py"
    );
    let output = Command::new(required("CLOUDFARM_EC2_PYTHON"))
        .args([script, client])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{client}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn our_opinion(driver: &dyn Driver) -> Value {
    let mut nodes = Vec::new();
    let mut query = NodeQuery::all();
    loop {
        let page = driver.list_nodes(&cx(), &query).await.unwrap();
        nodes.extend(page.items.into_iter().map(|node| {
            let mut ips: Vec<_> = node.addresses.iter().map(|at| at.ip.to_string()).collect();
            ips.sort();
            json!({
                "id": node.id,
                "name": node.name,
                "state": node.native_state,
                "size": node.size.and_then(|size| size.id),
                "ips": ips,
            })
        }));
        let Some(next) = page.next else { break };
        query.page.marker = Some(next);
    }
    nodes.sort_by_key(|node| node["id"].as_str().map(str::to_owned));
    Value::Array(nodes)
}

async fn agree(driver: &dyn Driver, client: &str, step: &str) {
    let theirs = second_opinion(client);
    assert_eq!(our_opinion(driver).await, theirs, "{client} after {step}");
}

async fn walk(driver: Arc<dyn Driver>, client: &str, size: &str) {
    let driver = driver.as_ref();
    let images = driver
        .list_images(&cx(), &ImageQuery::default())
        .await
        .unwrap()
        .items;
    let image = images
        .iter()
        .find(|image| image.name.starts_with("amzn-ami-hvm"))
        .unwrap();
    let request = NodeCreate {
        name: Text::from(format!("second-{client}")),
        image: image.id.clone(),
        size: Text::from(size),
        ..NodeCreate::default()
    };
    let id = driver.create_node(&cx(), &request).await.unwrap().node.id;
    reach(driver, &id, NodeState::Running).await;
    agree(driver, client, "create").await;
    driver.stop_node(&cx(), &id).await.unwrap();
    reach(driver, &id, NodeState::Stopped).await;
    agree(driver, client, "stop").await;
    driver.start_node(&cx(), &id).await.unwrap();
    reach(driver, &id, NodeState::Running).await;
    driver
        .rename_node(&cx(), &id, "second-renamed")
        .await
        .unwrap();
    agree(driver, client, "start and rename").await;
    let addresses = driver.addresses().unwrap();
    let request = AddressAllocate::default();
    let address = addresses.allocate_address(&cx(), &request).await.unwrap();
    let to = AddressAssociate {
        node: id.clone(),
        fixed_ip: None,
    };
    addresses
        .associate_address(&cx(), &address.id, &to)
        .await
        .unwrap();
    agree(driver, client, "associate").await;
    addresses
        .disassociate_address(&cx(), &address.id)
        .await
        .unwrap();
    addresses.release_address(&cx(), &address.id).await.unwrap();
    driver.destroy_node(&cx(), &id).await.unwrap();
    agree(driver, client, "destroy").await;
}

async fn reach(driver: &dyn Driver, id: &str, state: NodeState) {
    let policy = WaitPolicy {
        first: Duration::from_millis(50),
        ..WaitPolicy::default()
    };
    let wanted = [state];
    let judge = Judgement::for_states(&wanted);
    wait_node(driver, &cx(), id, &policy, judge).await.unwrap();
}

#[tokio::test]
async fn boto3_sees_the_same_after_each_step() {
    walk(ec2().connect(), "boto3", "t3.micro").await;
}

#[tokio::test]
async fn libcloud_sees_the_same_after_each_step() {
    walk(eucalyptus("v2").connect(), "libcloud", "m3.xlarge").await;
}

/// What is wrong, how it comes about, and what the hint says.
type Wrong = (&'static str, fn(&mut Way, jiff::Timestamp), &'static str);

#[tokio::test]
async fn both_signatures_are_accepted_and_what_is_wrong_is_refused_with_a_hint() {
    for signature in ["v4", "v2"] {
        eucalyptus(signature).connect().check(&cx()).await.unwrap();
        let long_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(20);
        let cases: [Wrong; 4] = [
            (
                "a wrong secret",
                |way, _| way.password.push('x'),
                "secret key",
            ),
            (
                "an unknown key",
                |way, _| way.user.push('X'),
                "access key id",
            ),
            (
                "a skewed clock",
                |way, long_ago| way.clock = Arc::new(ManualClock::new(long_ago)),
                "behind the cloud's",
            ),
            (
                "a changed path",
                |way, _| way.extra["path"] = "/changed/by/a/proxy".into(),
                "a proxy must not change",
            ),
        ];
        for (what, change, says) in cases {
            let mut way = eucalyptus(signature);
            change(&mut way, long_ago);
            let error = way.connect().check(&cx()).await.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::ProviderAuth,
                "{signature}, {what}: {error:?}"
            );
            let hint = error.hint().unwrap_or_default();
            assert!(hint.contains(says), "{signature}, {what}: {hint}");
            assert!(!format!("{error:?}").contains("lab/secret"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn another_region_in_the_scope_is_refused() {
    let mut way = ec2();
    way.extra["region"] = "eu-west-1".into();
    let error = way.connect().check(&cx()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert!(error.hint().unwrap().contains("region"));
}
