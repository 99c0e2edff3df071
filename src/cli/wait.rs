//! Waiting for jobs, with a bar for each on a terminal.

use std::time::Duration;

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Instant, sleep};

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::session::Session;
use super::text::printable;
use crate::jobs::{Job, JobState, JobStep};
use crate::settings::Span;

/// Before a server that was away is asked again.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// A server that restarts is away for a moment.
pub(super) const FAILURES_BORNE: u32 = 10;

#[derive(Debug, Clone, Args)]
pub(crate) struct WaitArgs {
    /// Wait until it is done; without it the job is shown that does it
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to wait at most; the job goes on
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(crate) timeout: Span,
}

/// The bars of one command; none where nobody looks.
#[derive(Debug)]
pub(crate) struct Progress {
    bars: MultiProgress,
}

impl Progress {
    pub(crate) fn new(session: &Session) -> Self {
        let target = if session.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bars: MultiProgress::with_draw_target(target),
        }
    }

    /// A bar for one of several things.
    pub(crate) fn bar(&self, label: &str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::no_length());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} {elapsed:.dim}")
        {
            bar.set_style(
                style.tick_strings(&["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", "•"]),
            );
        }
        bar.set_prefix(printable(label));
        bar.set_message("asking");
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }

    /// Takes the bars away, so that the output stands alone.
    pub(crate) fn clear(&self) -> Result<()> {
        Ok(self.bars.clear()?)
    }
}

/// Follows a job to its end. The server holds each answer for a while, so that the end is known at
/// once and nobody polls.
pub(crate) async fn until_ended(
    session: &Session,
    mut job: Job,
    bar: &ProgressBar,
    deadline: Instant,
) -> Result<Job> {
    let mut failures = 0;
    let mut steps_shown = 0;
    let id = job.id.to_string();
    loop {
        show_steps(session, &job, bar, &mut steps_shown);
        if job.state.has_ended() {
            return Ok(job);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(still_running(&job));
        }
        let held = hold(session).min(left).as_secs().max(1);
        let query = vec![("wait", held.to_string())];
        match session.client.get(&["jobs", &id], &query).await {
            Ok(now) => {
                job = now;
                failures = 0;
            }
            Err(failure) if failure.exit() == Exit::Unavailable && failures < FAILURES_BORNE => {
                failures += 1;
                bar.set_message(printable(failure.message()));
                sleep(PAUSE.min(left)).await;
            }
            Err(failure) => return Err(failure.note("job", id)),
        }
    }
}

/// How long the server may hold its answer while the job goes on. Where somebody looks, steps are
/// to be seen as they come.
fn hold(session: &Session) -> Duration {
    if session.shows_progress() || session.verbose {
        Duration::from_secs(1)
    } else {
        Duration::from_secs(20)
    }
}

fn show_steps(session: &Session, job: &Job, bar: &ProgressBar, shown: &mut usize) {
    let message = match (job.state, job.steps.last()) {
        (JobState::Pending, _) => "waiting for its turn",
        (_, Some(step)) if !step.message.is_empty() => &step.message,
        (_, Some(step)) => &step.step,
        (state, None) => state.as_str(),
    };
    bar.set_message(printable(message));
    if session.verbose {
        for step in job.steps.iter().skip(*shown) {
            print_step(bar, step);
        }
    }
    *shown = job.steps.len();
}

/// A step that was told of just now.
pub(super) fn show_step(session: &Session, bar: &ProgressBar, step: &JobStep) {
    let message = match step.message.as_str() {
        "" => step.step.as_str(),
        message => message,
    };
    bar.set_message(printable(message));
    if session.verbose {
        print_step(bar, step);
    }
}

fn print_step(bar: &ProgressBar, step: &JobStep) {
    let line = format!("{}: {}: {}", bar.prefix(), step.step, step.message);
    bar.suspend(|| eprintln!("{}", printable(&line)));
}

pub(super) fn still_running(job: &Job) -> Failure {
    Failure::new(
        Exit::Unavailable,
        format!("the job is still {} and goes on", job.state.as_str()),
    )
    .hint(format!("`cloudfarm jobs watch {}` waits for it", job.id))
    .note("job", job.id.to_string())
}
