//! The end of what was made for a job that was another worker's by then.

use std::time::Duration;

use cloudfarm_contract::Text;
use cloudfarm_contract::layers::Layered;
use tokio::time::sleep;

use crate::farm::Deletable;
use crate::jobs::run::Run;

/// Between two looks at the job's record.
const PAUSE: Duration = Duration::from_millis(250);

/// Deletes the thing of this id, which the run's own call made and could not record, unless the
/// worker that has the job by now has found it. As long as that is not decided it stays: the next
/// try finds it by its mark.
pub(super) async fn delete<R: Deletable>(run: &Run, driver: &Layered, id: &Text) {
    let cx = run.undo_cx();
    let job = run.id();
    let named = loop {
        if let Ok(Some(named)) = run.named(R::KIND).await {
            break named;
        }
        if cx.remaining().is_zero() {
            log::warn!("job={job}: {} {id} may have no owner", R::NOUN);
            return;
        }
        sleep(PAUSE).await;
    };
    if named.contains(id) {
        return;
    }
    match R::delete(driver, &cx, id).await {
        Ok(()) => log::warn!(
            "job={job}: {} {id} was made after the job was lost, and deleted again",
            R::NOUN
        ),
        Err(error) => log::error!(
            "job={job}: {} {id} was made after the job was lost, and cannot be deleted: {error:?}",
            R::NOUN
        ),
    }
}
