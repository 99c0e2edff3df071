//! The accounts of the front, as its environment has them.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::NodeCreate;
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ImageQuery, Judgement, ListQuery, Priority, Result,
    Secret, SystemClock, Text, WaitPolicy, wait_node,
};
use cloudfarm_rackspace::Rackspace;
use serde_json::Value;

/// A variable that `tests/clouds/rackspace/test` sets.
pub(crate) fn variable(name: &str) -> String {
    let name = format!("CLOUDFARM_RACKSPACE_{name}");
    env::var(&name).unwrap_or_else(|_| panic!("{name} is not set: run tests/clouds/rackspace/test"))
}

pub(crate) fn connect(user: &str, secret: &str, extra: Value) -> Result<Arc<dyn Driver>> {
    let Value::Object(mut extra_params) = extra else {
        panic!("no object");
    };
    let auth_url = || Value::from(variable("AUTH_URL"));
    extra_params
        .entry("auth_url".to_owned())
        .or_insert_with(auth_url);
    Rackspace.connect(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("rackspace"),
        user: Some(user.to_owned()),
        password: Some(Secret::new(secret)),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

/// A driver for the account that most tests use.
pub(crate) fn demo(extra: Value) -> Arc<dyn Driver> {
    connect(&variable("USER"), &variable("API_KEY"), extra).unwrap()
}

pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(240), "live", Priority::Job)
}

/// A request for a small node.
pub(crate) async fn request(driver: &dyn Driver, name: &str) -> NodeCreate {
    let images = ImageQuery {
        name: Some(Text::from("cirros-0.6.3")),
        ..ImageQuery::default()
    };
    let sizes = ListQuery {
        name: Some(Text::from("m1.nano")),
        ..ListQuery::default()
    };
    let images = driver.list_images(&cx(), &images).await.unwrap().items;
    let sizes = driver.list_sizes(&cx(), &sizes).await.unwrap().items;
    NodeCreate {
        name: Text::from(name),
        image: images.first().expect("no image").id.clone(),
        size: sizes.first().expect("no size").id.clone(),
        ..NodeCreate::default()
    }
}

pub(crate) async fn destroy(driver: &dyn Driver, id: &str) {
    driver.destroy_node(&cx(), id).await.unwrap();
    let judge = Judgement::for_gone();
    wait_node(driver, &cx(), id, &policy(), judge)
        .await
        .unwrap();
}

pub(crate) fn policy() -> WaitPolicy {
    WaitPolicy {
        first: Duration::from_millis(300),
        longest: Duration::from_secs(2),
        ..WaitPolicy::default()
    }
}
