//! The minimal driver before the judge.

use std::process::ExitCode;
use std::sync::Arc;

use cloudfarm_conformance::{Target, main_for};
use cloudfarm_contract::{CloudConfig, Engine, SystemClock, Text};
use cloudfarm_minimal::Minimal;

fn main() -> ExitCode {
    main_for("minimal", || async {
        let config = CloudConfig {
            name: Text::from("lab"),
            engine: Text::from("minimal"),
            user: None,
            password: None,
            extra_params: serde_json::Map::new(),
            clock: Arc::new(SystemClock),
        };
        Ok(Target::new(Minimal.connect(config)?).quick())
    })
}
