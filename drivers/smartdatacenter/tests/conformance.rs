//! The driver before the judge, against the double of CloudAPI behind the front that verifies.
//! `tests/clouds/smartdatacenter/test` starts them and sets the environment.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Deviation, Target, main_for};
use cloudfarm_contract::{CloudConfig, Engine, SystemClock, Text, WaitPolicy};
use cloudfarm_smartdatacenter::SmartDataCenter;
use serde_json::{Map, Value};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    main_for("smartdatacenter", target)
}

async fn target() -> Result<Target, Failure> {
    let mut target = Target::new(SmartDataCenter.connect(config()?)?);
    target.policy = WaitPolicy {
        first: Duration::from_millis(50),
        longest: Duration::from_secs(1),
        ..WaitPolicy::default()
    };
    target.deviations = vec![Deviation {
        case: "create_node_takes_the_wished_address",
        reason: Text::from(
            "the double has networks that lead out only, and none of its own has a range",
        ),
    }];
    Ok(target)
}

fn config() -> Result<CloudConfig, Failure> {
    let mut extra_params = Map::new();
    let keys = required("CLOUDFARM_SDC_KEYS")?;
    extra_params.insert("url".to_owned(), Value::from(required("SDC_URL")?));
    extra_params.insert("key_id".to_owned(), Value::from(required("SDC_KEY_ID")?));
    extra_params.insert("key_file".to_owned(), Value::from(format!("{keys}/deploy")));
    Ok(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from("smartdatacenter"),
        user: Some(required("SDC_ACCOUNT")?),
        password: None,
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

fn required(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| {
        format!(
            "{variable} is not set: run tests/clouds/smartdatacenter/test, which starts a cloud"
        )
        .into()
    })
}
