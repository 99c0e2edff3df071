//! The driver before the judge, against a living control plane. `tests/clouds/openstack/test`
//! starts one and sets the environment.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Pick, Target, main_for};
use cloudfarm_contract::model::NetworkAttachment;
use cloudfarm_contract::{
    CloudConfig, Context, Driver, Engine, ListQuery, Priority, Secret, SystemClock, Text,
    WaitPolicy,
};
use cloudfarm_openstack::OpenStack;
use serde_json::{Map, Value};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    main_for("openstack", target)
}

async fn target() -> Result<Target, Failure> {
    let driver = OpenStack.connect(config()?)?;
    let mut target = Target::new(Arc::clone(&driver));
    // Nova chooses a network only while there is one, and some cases make more.
    target.networks = vec![NetworkAttachment {
        network: network(driver.as_ref(), "private").await?,
        ..NetworkAttachment::default()
    }];
    target.image = Pick::Name(Text::from("cirros-*"));
    target.size = Pick::Name(Text::from("m1.nano"));
    target.resize_to = Pick::Name(Text::from("m1.tiny"));
    target.policy = WaitPolicy {
        first: Duration::from_millis(300),
        longest: Duration::from_secs(3),
        ..WaitPolicy::default()
    };
    Ok(target)
}

async fn network(driver: &dyn Driver, name: &str) -> Result<Text, Failure> {
    let cx = Context::new(
        Duration::from_secs(60),
        "conformance-network",
        Priority::Job,
    );
    let query = ListQuery {
        name: Some(Text::from(name)),
        ..ListQuery::default()
    };
    let networks = driver.networks().ok_or("there are no networks")?;
    let found = networks.list_networks(&cx, &query).await?.items;
    let network = found.into_iter().next();
    Ok(network
        .ok_or_else(|| format!("there is no network {name}"))?
        .id)
}

/// The cloud as `OS_*` variables describe it.
fn config() -> Result<CloudConfig, Failure> {
    let mut extra_params = Map::new();
    let fields = [
        ("auth_url", "OS_AUTH_URL"),
        ("project", "OS_PROJECT_NAME"),
        ("user_domain", "OS_USER_DOMAIN_NAME"),
        ("project_domain", "OS_PROJECT_DOMAIN_NAME"),
        ("region", "OS_REGION_NAME"),
    ];
    for (field, variable) in fields {
        extra_params.insert(field.to_owned(), Value::from(required(variable)?));
    }
    Ok(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("openstack"),
        user: Some(required("OS_USERNAME")?),
        password: Some(Secret::new(required("OS_PASSWORD")?)),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

fn required(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| {
        format!("{variable} is not set: run tests/clouds/openstack/test, which starts a cloud")
            .into()
    })
}
