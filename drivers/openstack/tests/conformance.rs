//! The driver before the judge, against a living control plane. `tests/clouds/openstack/test`
//! starts one and sets the environment.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Pick, Target, main_for};
use cloudfarm_contract::{CloudConfig, Engine, Secret, SystemClock, Text, WaitPolicy};
use cloudfarm_openstack::OpenStack;
use serde_json::{Map, Value};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    main_for("openstack", || async { target() })
}

fn target() -> Result<Target, Failure> {
    let mut target = Target::new(OpenStack.connect(config()?)?);
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
