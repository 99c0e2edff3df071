//! The end of a creation that failed: what was made is deleted again.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Error, Result, Retry, SideEffect, Text};

use super::wait::gone_by;
use crate::farm::Deletable;
use crate::jobs::job::ResourceRef;
use crate::jobs::run::{Run, UNDO};

/// The error that the job ends with after the thing of this id failed with `error`. Where another
/// try may mend it, the thing stays for that; otherwise it is deleted, also if it is in state
/// error, so that nothing is left that nobody asked for.
pub(super) async fn give_up<R: Deletable>(
    run: &Run,
    driver: &Layered,
    id: &Text,
    error: Error,
) -> Error {
    let is_last = run.is_last_attempt() || run.cancelled().is_cancelled();
    if error.is_retryable() && !is_last {
        return error.with_side_effect(SideEffect::Done);
    }
    let cause = error.message().to_owned();
    if let Err(lost) = run.step(UNDO, cause).await {
        return lost;
    }
    undo::<R>(run, driver, id, error).await
}

/// Goes on with what an earlier try began to undo because of `cause`.
pub(super) async fn resume<R: Deletable>(
    run: &Run,
    driver: &Layered,
    id: &Text,
    cause: &str,
) -> Error {
    let error = Error::provider_error(cause.to_owned()).with_retry(Retry::Never);
    undo::<R>(run, driver, id, error).await
}

async fn undo<R: Deletable>(run: &Run, driver: &Layered, id: &Text, error: Error) -> Error {
    match delete::<R>(run, driver, id).await {
        Ok(()) => {
            let unmade = ResourceRef {
                kind: Text::from_static(R::KIND),
                id: Some(id.clone()),
            };
            match run.record_undone(vec![unmade]).await {
                Ok(()) => error
                    .with_side_effect(SideEffect::None)
                    .with_hint(format!("{} {id} was deleted again", R::NOUN)),
                Err(lost) => lost,
            }
        }
        Err(failure) => error.with_side_effect(SideEffect::Done).with_hint(format!(
            "{} {id} is left, it could not be deleted again: {failure}",
            R::NOUN
        )),
    }
}

async fn delete<R: Deletable>(run: &Run, driver: &Layered, id: &Text) -> Result<()> {
    let cx = run.undo_cx();
    R::delete(driver, &cx, id).await?;
    gone_by::<R>(&cx, driver, id).await
}
