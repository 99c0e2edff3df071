//! Both engines before the judge, against moto behind a front that verifies signatures.
//! `tests/clouds/eucalyptus/test` starts them and sets the environment.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_conformance::{Pick, Subject, Target, main_for_all};
use cloudfarm_contract::{CloudConfig, Driver, Engine, Secret, SystemClock, Text, WaitPolicy};
use cloudfarm_eucalyptus::{Ec2, Eucalyptus};
use serde_json::{Value, json};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    main_for_all(vec![
        Subject::new("ec2", || async {
            let extra = json!({"region": "us-east-1", "path": "/"});
            let mut target = target(Ec2.connect(config("ec2", extra)?)?);
            target.size = Pick::Name(Text::from("t3.micro"));
            target.resize_to = Pick::Name(Text::from("t3.small"));
            Ok(target)
        }),
        Subject::new("eucalyptus", || async {
            let extra = json!({"path": "/services/compute", "signature": "v2"});
            let mut target = target(Eucalyptus.connect(config("eucalyptus", extra)?)?);
            target.size = Pick::Name(Text::from("m3.xlarge"));
            target.resize_to = Pick::Name(Text::from("m3.2xlarge"));
            Ok(target)
        }),
    ])
}

fn target(driver: Arc<dyn Driver>) -> Target {
    let mut target = Target::new(driver);
    target.image = Pick::Name(Text::from("amzn-ami-hvm-2017.09.1.20171103-x86_64-gp2"));
    target.policy = WaitPolicy {
        first: Duration::from_millis(50),
        longest: Duration::from_secs(1),
        ..WaitPolicy::default()
    };
    target
}

fn config(engine: &str, mut extra_params: Value) -> Result<CloudConfig, Failure> {
    extra_params["host"] = "127.0.0.1".into();
    extra_params["port"] = required("CLOUDFARM_EC2_PORT")?.parse::<u16>()?.into();
    extra_params["secure"] = false.into();
    // The server is slow on a busy machine.
    extra_params["http"] = json!({"read_timeout": "2m", "timeout": "2m"});
    let Value::Object(extra_params) = extra_params else {
        return Err("the parameters are no object".into());
    };
    Ok(CloudConfig {
        name: Text::from("lab"),
        engine: Text::from(engine),
        user: Some(required("CLOUDFARM_EC2_ACCESS_KEY")?),
        password: Some(Secret::new(required("CLOUDFARM_EC2_SECRET_KEY")?)),
        extra_params,
        clock: Arc::new(SystemClock),
    })
}

fn required(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| {
        format!("{variable} is not set: run tests/clouds/eucalyptus/test, which starts a cloud")
            .into()
    })
}
