//! `check`: are the settings right, and do the clouds answer?

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use cloudfarm_contract::layers::NoObserver;
use cloudfarm_contract::{Context, Driver, Priority, Text};
use serde_json::Value;

use super::clouds::print_reports;
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::local::SettingsArgs;
use super::output::Output;
use crate::Problem;
use crate::api::CheckReport;
use crate::farm::{Cloud, CloudAnswer, Farm, fan_out};
use crate::settings::{FarmSettings, Span};

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
    let clouds = chosen_clouds(loaded.farm, None)?;
    print_reports(output, &ask(clouds, args.timeout.get()).await?)
}

/// The clouds of these names, connected; all of them where there are no names.
pub(super) fn chosen_clouds(farm: FarmSettings, names: Option<&[&str]>) -> Result<Vec<Arc<Cloud>>> {
    let names: Option<Vec<Text>> =
        names.map(|names| names.iter().map(|name| Text::from(*name)).collect());
    Farm::connect(farm, &NoObserver)
        .select(names.as_deref())
        .map_err(|error| Failure::new(Exit::of(error.kind()), error.message()))
}

/// Asks each cloud whether it takes its credentials.
pub(super) async fn ask(clouds: Vec<Arc<Cloud>>, timeout: Duration) -> Result<Vec<Value>> {
    let cx = Context::new(timeout, "check", Priority::Person);
    let answers = fan_out(clouds, &cx, timeout, AT_ONCE, |driver, cx| async move {
        driver.check(&cx).await
    })
    .await;
    answers.into_iter().map(report).collect()
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
