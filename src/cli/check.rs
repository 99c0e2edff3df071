//! `check`: are the settings right, and do the clouds answer?

use std::time::Duration;

use clap::Args;
use cloudfarm_contract::layers::NoObserver;
use cloudfarm_contract::{Context, Driver, Priority};
use serde_json::Value;

use super::clouds::print_reports;
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::local::SettingsArgs;
use super::output::Output;
use crate::Problem;
use crate::api::CheckReport;
use crate::farm::{CloudAnswer, Farm, fan_out};
use crate::settings::Span;

pub(super) const EXAMPLES: &str = "Examples:
  cloudfarm check
  cloudfarm check --farm clouds.yaml --timeout 30s -o json";

/// Clouds that are asked at the same time.
const AT_ONCE: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// How long each cloud may take
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    timeout: Span,
}

pub(crate) async fn run(args: &CheckArgs, output: Output) -> Result<()> {
    let loaded = args.settings.load()?;
    for problem in loaded.problems.iter() {
        eprintln!("error: {problem}");
    }
    let farm = Farm::connect(loaded.farm, &NoObserver);
    let clouds = farm
        .select(None)
        .map_err(|error| Failure::new(Exit::of(error.kind()), error.message()))?;
    let timeout: Duration = args.timeout.get();
    let cx = Context::new(timeout, "check", Priority::Person);
    let answers = fan_out(clouds, &cx, timeout, AT_ONCE, |driver, cx| async move {
        driver.check(&cx).await
    })
    .await;
    let reports = answers
        .into_iter()
        .map(report)
        .collect::<Result<Vec<Value>>>()?;
    print_reports(output, &reports)
}

fn report(answer: CloudAnswer<()>) -> Result<Value> {
    let report = CheckReport {
        cloud: answer.cloud,
        ok: answer.result.is_ok(),
        took_ms: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
        error: answer.result.err().map(|error| Problem::new(&error, None)),
    };
    serde_json::to_value(report)
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot be written: {error}")))
}
