//! The cloud as the environment describes it.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{
    Clock, CloudConfig, Context, Driver, Engine, Priority, SystemClock, Text,
};
use cloudfarm_smartdatacenter::SmartDataCenter;
use serde_json::{Value, json};

pub(crate) fn required(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run tests/clouds/smartdatacenter/test, which starts a cloud")
    })
}

/// The file of a private key.
pub(crate) fn key_file(name: &str) -> String {
    format!("{}/{name}", required("CLOUDFARM_SDC_KEYS"))
}

pub(crate) fn driver(extra: &Value) -> Arc<dyn Driver> {
    driver_at(Arc::new(SystemClock), extra)
}

pub(crate) fn driver_at(clock: Arc<dyn Clock>, extra: &Value) -> Arc<dyn Driver> {
    let mut all = json!({"url": required("SDC_URL")});
    for (name, value) in extra.as_object().unwrap() {
        all[name] = value.clone();
    }
    let config = CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("smartdatacenter"),
        user: Some(required("SDC_ACCOUNT")),
        password: None,
        extra_params: all.as_object().unwrap().clone(),
        clock,
    };
    SmartDataCenter.connect(config).unwrap()
}

pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(60), "live", Priority::Job)
}
