//! The accounts of the control plane, as its clouds.yaml has them.

use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::{Image, Node, NodeCreate, NodeState, Size};
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ImageQuery, Judgement, ListQuery, Priority, Result,
    Secret, SystemClock, Text, WaitOutcome, WaitPolicy, wait_node,
};
use cloudfarm_openstack::OpenStack;
use serde_json::{Map, Value, json};

/// A cloud to be connected to.
pub(crate) struct Access {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) extra_params: Map<String, Value>,
}

/// An account of clouds.yaml.
pub(crate) fn access(name: &str) -> Access {
    let file = std::env::var("CLOUDFARM_OPENSTACK_CLOUDS")
        .expect("CLOUDFARM_OPENSTACK_CLOUDS is not set: run tests/clouds/openstack/test");
    let text = std::fs::read_to_string(&file).unwrap();
    let clouds: Value = yaml_serde::from_str(&text).unwrap();
    let cloud = &clouds["clouds"][name];
    let auth = cloud["auth"].as_object().expect("no such account");
    let text = |key: &str| auth.get(key)?.as_str().map(str::to_owned);
    let mut extra_params = Map::new();
    for (key, value) in auth {
        if !matches!(key.as_str(), "username" | "password") {
            let field = key.strip_suffix("_name").unwrap_or(key);
            extra_params.insert(field.to_owned(), value.clone());
        }
    }
    extra_params.insert("region".to_owned(), cloud["region_name"].clone());
    // Nova answers one after the other, and two hundred may be before.
    let patient = json!({"timeout": "230s", "read_timeout": "230s"});
    extra_params.insert("http".to_owned(), patient);
    Access {
        user: text("username"),
        password: text("password"),
        extra_params,
    }
}

impl Access {
    /// The same with a parameter set, or left out if it is `null`.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        if value.is_null() {
            self.extra_params.remove(key);
        } else {
            self.extra_params.insert(key.to_owned(), value);
        }
        self
    }

    pub(crate) fn connect(self) -> Result<Arc<dyn Driver>> {
        OpenStack.connect(CloudConfig {
            name: Text::from("lab"),
            engine: Text::from("openstack"),
            user: self.user,
            password: self.password.map(Secret::new),
            extra_params: self.extra_params,
            clock: Arc::new(SystemClock),
        })
    }
}

pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(240), "live", Priority::Job)
}

pub(crate) async fn image(driver: &dyn Driver, name: &str) -> Image {
    let query = ImageQuery {
        name: Some(Text::from(name)),
        ..ImageQuery::default()
    };
    let page = driver.list_images(&cx(), &query).await.unwrap();
    page.items.into_iter().next().expect("no such image")
}

pub(crate) async fn size(driver: &dyn Driver, name: &str) -> Size {
    let query = ListQuery {
        name: Some(Text::from(name)),
        ..ListQuery::default()
    };
    let page = driver.list_sizes(&cx(), &query).await.unwrap();
    page.items.into_iter().next().expect("no such size")
}

/// A request for a node of an image and a size.
pub(crate) async fn request(driver: &dyn Driver, image_name: &str, size_name: &str) -> NodeCreate {
    NodeCreate {
        name: Text::from(format!("live-{size_name}")),
        image: image(driver, image_name).await.id,
        size: size(driver, size_name).await.id,
        ..NodeCreate::default()
    }
}

pub(crate) async fn until_running(driver: &dyn Driver, id: &str) -> Result<Node> {
    let states = [NodeState::Running];
    let judge = Judgement::for_states(&states);
    match wait_node(driver, &cx(), id, &policy(), judge).await? {
        WaitOutcome::Reached(node) => Ok(*node),
        WaitOutcome::Vanished => panic!("node {id} vanished"),
    }
}

pub(crate) async fn destroy(driver: &dyn Driver, id: &str) {
    driver.destroy_node(&cx(), id).await.unwrap();
    let judge = Judgement::for_gone();
    wait_node(driver, &cx(), id, &policy(), judge)
        .await
        .unwrap();
}

fn policy() -> WaitPolicy {
    WaitPolicy {
        first: Duration::from_millis(300),
        longest: Duration::from_secs(2),
        ..WaitPolicy::default()
    }
}
