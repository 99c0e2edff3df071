//! Clients for measurements: each takes commands on standard input and answers each with a line of
//! JSON. The cloud is JSON in `BENCH_CLOUD`: an entry of the farm.
#![expect(clippy::print_stdout, reason = "answers go to standard output")]

use std::env;
use std::error::Error;
use std::io::{Write as _, stdout};
use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, Driver, Engine, Secret, SystemClock, Text};
use cloudfarm_eucalyptus::{Ec2, Eucalyptus};
use cloudfarm_openstack::OpenStack;
use cloudfarm_smartdatacenter::SmartDataCenter;
use serde::Deserialize;
use serde_json::{Map, Value};

const ENGINES: &[&dyn Engine] = &[&Ec2, &Eucalyptus, &OpenStack, &SmartDataCenter];

/// Whatever ends a client.
pub type Failure = Box<dyn Error + Send + Sync>;

#[derive(Deserialize)]
struct Cloud {
    engine: String,
    user: Option<String>,
    password: Option<Secret>,
    #[serde(default)]
    extra_params: Map<String, Value>,
}

/// The driver of the cloud in `BENCH_CLOUD`.
///
/// # Errors
///
/// If there is none, or its parameters are wrong.
pub fn connect() -> Result<Arc<dyn Driver>, Failure> {
    let cloud: Cloud = serde_json::from_str(&env::var("BENCH_CLOUD")?)?;
    let engine = ENGINES.iter().find(|engine| engine.name() == cloud.engine);
    let engine = engine.ok_or_else(|| format!("there is no engine {:?}", cloud.engine))?;
    Ok(engine.connect(CloudConfig {
        name: Text::from_static("bench"),
        engine: Text::from(cloud.engine.as_str()),
        user: cloud.user,
        password: cloud.password,
        extra_params: cloud.extra_params,
        clock: Arc::new(SystemClock),
    })?)
}

/// Answers a command.
///
/// # Errors
///
/// If nobody reads it.
pub fn answer(answer: &Value) -> Result<(), Failure> {
    println!("{answer}");
    Ok(stdout().flush()?)
}
