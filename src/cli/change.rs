//! Changes: each becomes a job of the server, and many of them can be asked for at once.

use std::io::Write;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::bulk;
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::jobs::job_value;
use super::output::{Format, stdout};
use super::resource::Resource;
use super::secrets::{Handover, OneTime};
use super::session::Session;
use super::text::{count, printable};
use super::wait::{Progress, WaitArgs, until_ended};
use crate::jobs::Job;

/// Changes that are on their way at the same time.
const AT_ONCE: usize = 16;

/// One change of one thing.
#[derive(Debug)]
pub(crate) struct Change {
    /// What people call the thing.
    pub(crate) label: String,
    method: Method,
    path: Vec<String>,
    body: Option<Value>,
    /// The same as one of many actions in a request.
    action: Option<Value>,
}

impl Change {
    pub(crate) fn new(label: &str, method: Method, path: &[&str]) -> Self {
        Self {
            label: label.to_owned(),
            method,
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            body: None,
            action: None,
        }
    }

    /// A `POST` without a body.
    pub(crate) fn post(label: &str, path: &[&str]) -> Self {
        Self::new(label, Method::POST, path)
    }

    /// The change with a body.
    pub(crate) fn with(mut self, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_value(body).map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("the request cannot be written: {error}"),
            )
        })?;
        self.body = Some(body);
        Ok(self)
    }

    /// The change, which can be asked for as this action too.
    pub(crate) fn or(mut self, action: Option<Value>) -> Self {
        self.action = action;
        self
    }

    async fn submit(&self, session: &Session) -> Result<Job> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let method = self.method.clone();
        session
            .client
            .send(method, &path, &Vec::new(), self.body.as_ref())
            .await
    }
}

/// How a change is told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    /// As in "web-1 destroyed".
    pub(crate) done: &'static str,
    /// Whether the thing is there afterwards.
    pub(crate) remains: bool,
}

impl Telling {
    /// It is there afterwards, and shown.
    pub(crate) const fn remains(done: &'static str) -> Self {
        Self {
            done,
            remains: true,
        }
    }

    /// It is gone afterwards.
    pub(crate) const fn gone(done: &'static str) -> Self {
        Self {
            done,
            remains: false,
        }
    }
}

/// Asks for the changes and, if told to, waits until they are done. One that fails does not stop
/// the others.
pub(crate) async fn carry_out<T: Resource>(
    session: &Session,
    changes: Vec<Change>,
    wait: &WaitArgs,
    telling: Telling,
    handover: Handover,
) -> Result<()> {
    let progress = Progress::new(session);
    let deadline = Instant::now() + wait.timeout.get();
    let work = async {
        let begun = begin(session, &changes).await;
        stream::iter(changes.iter().zip(begun))
            .map(|(change, begun)| one(session, change, begun, wait, &progress, deadline))
            .buffered(AT_ONCE)
            .collect::<Vec<Result<Job>>>()
            .await
    };
    let outcomes = tokio::select! {
        outcomes = work => outcomes,
        _ = tokio::signal::ctrl_c() => {
            progress.clear()?;
            return Err(Failure::new(Exit::Interrupted, "interrupted; what was begun goes on")
                .hint("`cloudfarm jobs list` shows it"));
        }
    };
    progress.clear()?;
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for (change, outcome) in changes.iter().zip(outcomes) {
        match outcome {
            Ok(job) => done.push((change.label.as_str(), job)),
            Err(failure) => failed.push((change.label.as_str(), failure)),
        }
    }
    if wait.wait {
        print_results::<T>(session, &done, telling, handover)?;
    } else {
        print_jobs(session, &done, changes.len())?;
    }
    verdict::<T>(session, changes.len(), failed, wait.wait.then_some(telling))
}

/// Asks for many changes in as few requests as can be; gives nothing for those that are to be asked
/// for one by one.
async fn begin(session: &Session, changes: &[Change]) -> Vec<Option<Result<Job>>> {
    let actions: Vec<Value> = changes.iter().filter_map(|of| of.action.clone()).collect();
    if changes.len() < 2 || actions.len() < changes.len() {
        return changes.iter().map(|_| None).collect();
    }
    let begun = bulk::begin(session, &actions).await;
    begun.into_iter().map(Some).collect()
}

async fn one(
    session: &Session,
    change: &Change,
    begun: Option<Result<Job>>,
    wait: &WaitArgs,
    progress: &Progress,
    deadline: Instant,
) -> Result<Job> {
    let bar = progress.bar(&change.label);
    let mut outcome = match begun {
        Some(begun) => begun,
        None => change.submit(session).await,
    };
    if let (Ok(job), true) = (&outcome, wait.wait) {
        outcome = until_ended(session, job.clone(), &bar, deadline).await;
    }
    let outcome = outcome.and_then(|job| match &job.error {
        Some(_) => Err(Failure::of_job(&job)),
        None if job.state == crate::jobs::JobState::Cancelled => Err(Failure::of_job(&job)),
        None => Ok(job),
    });
    match &outcome {
        Ok(_) => bar.finish_with_message("done"),
        Err(failure) => bar.finish_with_message(printable(failure.message())),
    }
    outcome
}

/// The jobs that were begun.
fn print_jobs(session: &Session, done: &[(&str, Job)], asked: usize) -> Result<()> {
    let values: Vec<Value> = done
        .iter()
        .map(|(_, job)| job_value(job))
        .collect::<Result<_>>()?;
    print_values::<Job>(session, &values, asked)
}

/// What came of the jobs that ended.
fn print_results<T: Resource>(
    session: &Session,
    done: &[(&str, Job)],
    telling: Telling,
    mut handover: Handover,
) -> Result<()> {
    if !telling.remains {
        return print_gone::<T>(session, done, telling);
    }
    let mut values = Vec::new();
    let mut secrets = Vec::new();
    for (label, job) in done {
        let (value, one_time) = OneTime::taken_from(job);
        values.extend(handover.joined(value, &one_time, session.output));
        secrets.push((*label, one_time));
    }
    print_values::<T>(session, &values, done.len())?;
    for (label, one_time) in secrets {
        handover.give(label, &one_time, session.output)?;
    }
    Ok(())
}

fn print_gone<T: Resource>(
    session: &Session,
    done: &[(&str, Job)],
    telling: Telling,
) -> Result<()> {
    match session.output.format {
        _ if session.output.quiet => Ok(()),
        Format::Json | Format::Yaml => print_jobs(session, done, done.len()),
        Format::Table | Format::Wide | Format::Name => {
            let mut out = stdout();
            for (label, _) in done {
                writeln!(out, "{} {} {}", T::NOUN, printable(label), telling.done)?;
            }
            Ok(out.flush()?)
        }
    }
}

/// One thing as an object, several as a list.
fn print_values<T: Resource>(session: &Session, values: &[Value], asked: usize) -> Result<()> {
    let output = session.output;
    if values.is_empty() {
        return Ok(());
    }
    if asked == 1 && !output.is_table() {
        return values.iter().try_for_each(|value| output.one::<T>(value));
    }
    let mut list = output.list::<T>(false);
    list.page(values)?;
    list.end()
}

/// Says what failed, and ends as the one failure does or as a partial success.
fn verdict<T: Resource>(
    session: &Session,
    asked: usize,
    failed: Vec<(&str, Failure)>,
    done: Option<Telling>,
) -> Result<()> {
    if asked == 1 {
        return match failed.into_iter().next() {
            Some((_, failure)) => Err(failure),
            None => Ok(()),
        };
    }
    for line in failed
        .iter()
        .flat_map(|(label, failure)| failure.lines(Some(label)))
    {
        eprintln!("{line}");
    }
    if let (Some(telling), false) = (done, session.output.quiet) {
        let well = asked - failed.len();
        eprintln!("{} of {} {}", well, count(asked, T::NOUN), telling.done);
    }
    let Some((_, first)) = failed.first() else {
        return Ok(());
    };
    let alike = failed.iter().all(|(_, other)| other.exit() == first.exit());
    let exit = if failed.len() < asked {
        Exit::Partial
    } else if alike {
        first.exit()
    } else {
        Exit::Failed
    };
    Err(Failure::said(exit))
}
