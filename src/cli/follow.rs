//! Following one job live, over connections that may break off.

use indicatif::ProgressBar;
use tokio::time::{Instant, sleep, timeout_at};

use super::client::unreadable;
use super::events::{Event, Events};
use super::exit::Exit;
use super::failure::Result;
use super::session::Session;
use super::text::printable;
use super::wait::{FAILURES_BORNE, PAUSE, show_step, still_running};
use crate::jobs::{Job, JobState, JobStep};

/// Follows a job to its end as it tells of itself. After a break it goes on behind the last event
/// that arrived, at the same server or at another one behind the same address.
pub(super) async fn follow(
    session: &Session,
    job: &mut Job,
    bar: &ProgressBar,
    deadline: Instant,
) -> Result<()> {
    let id = job.id.to_string();
    let mut last: Option<String> = None;
    let mut failures = 0;
    // One that has ended already still tells its steps.
    loop {
        let told = last.clone();
        let listening = listen(session, job, bar, &mut last);
        let heard = match timeout_at(deadline, listening).await {
            Ok(heard) => heard,
            Err(_) => return Err(still_running(job)),
        };
        if told != last {
            failures = 0;
        }
        match heard {
            Ok(()) if job.state.has_ended() => break,
            // A server that stops ends its streams, too.
            Ok(()) => {}
            Err(failure) if failure.exit() == Exit::Unavailable && failures < FAILURES_BORNE => {
                failures += 1;
                bar.set_message(printable(failure.message()));
            }
            Err(failure) => return Err(failure.note("job", id)),
        }
        sleep(PAUSE).await;
    }
    // The events are without what the job is asked for and gives once.
    *job = session.client.get(&["jobs", &id], &Vec::new()).await?;
    Ok(())
}

/// Takes events until the connection breaks off or the stream ends.
async fn listen(
    session: &Session,
    job: &mut Job,
    bar: &ProgressBar,
    last: &mut Option<String>,
) -> Result<()> {
    let id = job.id.to_string();
    let path = ["jobs", id.as_str(), "events"];
    let Some(answer) = session.client.events(&path, last.as_deref()).await? else {
        // It ended, and this was told.
        *job = session.client.get(&["jobs", &id], &Vec::new()).await?;
        return Ok(());
    };
    let mut events = Events::of(answer);
    while let Some(event) = events.next().await? {
        take(session, job, bar, &event)?;
        *last = Some(event.id);
    }
    Ok(())
}

fn take(session: &Session, job: &mut Job, bar: &ProgressBar, event: &Event) -> Result<()> {
    let read = |error: serde_json::Error| unreadable(&error);
    match event.kind.as_str() {
        "step" => {
            let step: JobStep = serde_json::from_str(&event.data).map_err(read)?;
            show_step(session, bar, &step);
        }
        "state" => {
            *job = serde_json::from_str(&event.data).map_err(read)?;
            if job.state == JobState::Pending {
                bar.set_message("waiting for its turn");
            }
        }
        _ => {}
    }
    Ok(())
}
