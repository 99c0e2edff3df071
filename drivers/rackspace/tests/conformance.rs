//! The driver before the judge, against a living control plane behind Rackspace's kind of identity.
//! `tests/clouds/rackspace/test` starts them and sets the environment.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Pick, Target, main_for};
use cloudfarm_contract::{CloudConfig, Engine, Secret, SystemClock, Text, WaitPolicy};
use cloudfarm_rackspace::Rackspace;
use serde_json::{Map, json};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    main_for("rackspace", target)
}

async fn target() -> Result<Target, Failure> {
    let mut target = Target::new(Rackspace.connect(config()?)?);
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

fn config() -> Result<CloudConfig, Failure> {
    let extra_params = Map::from_iter([
        (
            "auth_url".to_owned(),
            json!(required("CLOUDFARM_RACKSPACE_AUTH_URL")?),
        ),
        ("region".to_owned(), json!("dfw")),
        ("auth_type".to_owned(), json!("api_key")),
    ]);
    Ok(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("rackspace"),
        user: Some(required("CLOUDFARM_RACKSPACE_USER")?),
        password: Some(Secret::new(required("CLOUDFARM_RACKSPACE_API_KEY")?)),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

fn required(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| {
        format!("{variable} is not set: run tests/clouds/rackspace/test, which starts a cloud")
            .into()
    })
}
