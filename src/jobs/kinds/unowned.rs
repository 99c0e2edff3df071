//! The end of what was made for a job that was another worker's by then: whoever made it deletes it,
//! unless the worker that has the job has found it.

use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Context, PageRequest, Result, Text};
use tokio::time::{Instant, sleep};

use crate::farm::Deletable;
use crate::jobs::run::Run;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Deletes the thing of this id, which the run's own call made and could not record. As long as it
/// is not decided what the job made it stays: the next try finds it by its mark.
pub(super) async fn delete<R: Deletable>(run: &Run, driver: &Layered, id: &Text) {
    let cx = run.undo_cx();
    if let Some(named) = named::<R>(run, &cx).await
        && !named.contains(id)
    {
        delete_one::<R>(run, driver, &cx, id).await;
    }
}

/// The same for what the run's own call may have made, whose answer did not come.
pub(super) async fn delete_marked<R: Deletable>(run: &Run, driver: &Layered) {
    let cx = run.undo_cx();
    let Some(named) = named::<R>(run, &cx).await else {
        return;
    };
    let end = Instant::now() + run.patience().min(cx.remaining());
    loop {
        if let Ok(Some(id)) = marked_besides::<R>(run, driver, &cx, &named).await {
            return delete_one::<R>(run, driver, &cx, &id).await;
        }
        if Instant::now() + PAUSE > end {
            return;
        }
        sleep(PAUSE).await;
    }
}

/// What the job's record names, once it names something or nothing more comes.
async fn named<R: Deletable>(run: &Run, cx: &Context) -> Option<Vec<Text>> {
    loop {
        if let Ok(Some(named)) = run.named(R::KIND).await {
            return Some(named);
        }
        if cx.remaining().is_zero() {
            log::warn!("job={}: a {} may have no owner", run.id(), R::NOUN);
            return None;
        }
        sleep(PAUSE).await;
    }
}

/// One with the job's mark that its record does not name.
async fn marked_besides<R: Deletable>(
    run: &Run,
    driver: &Layered,
    cx: &Context,
    named: &[Text],
) -> Result<Option<Text>> {
    let mark = run.mark();
    let mut request = PageRequest::default();
    loop {
        let page = R::list_marked(driver, cx, &mark, request).await?;
        let stray = page.items.iter().find(|item| {
            item.mark() == Some(&mark) && !named.contains(item.id()) && !item.is_gone()
        });
        match (stray, page.next) {
            (Some(stray), _) => return Ok(Some(stray.id().clone())),
            (None, Some(marker)) => request = PageRequest::after(marker, None),
            (None, None) => return Ok(None),
        }
    }
}

async fn delete_one<R: Deletable>(run: &Run, driver: &Layered, cx: &Context, id: &Text) {
    let (job, noun) = (run.id(), R::NOUN);
    match R::delete(driver, cx, id).await {
        Ok(()) => {
            log::warn!("job={job}: {noun} {id} was made after the job was lost, and deleted again");
        }
        Err(error) => log::error!(
            "job={job}: {noun} {id} was made after the job was lost, and stays: {error:?}"
        ),
    }
}
