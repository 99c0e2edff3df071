//! A call that changes the cloud, recorded before it is sent.

use std::future::Future;

use cloudfarm_contract::{Error, Result, SideEffect};

use crate::jobs::run::{LOST, Run};

/// What came of a call.
#[derive(Debug)]
pub(super) enum Asked<T> {
    /// The cloud accepted it.
    Answered(T),
    /// The reply was lost, or told of a failure after which the change may be made.
    Lost(Error),
}

/// Records that the cloud is about to be asked, asks it, and records if it changed nothing.
///
/// # Errors
///
/// What the call fails with if it changed nothing for sure; `conflict` if the job is to be
/// cancelled; if nothing can be recorded.
pub(super) async fn ask<T>(
    run: &Run,
    message: String,
    call: impl Future<Output = Result<T>> + Send,
) -> Result<Asked<T>> {
    run.check_cancelled()?;
    run.asking(message).await?;
    match call.await {
        Ok(answer) => Ok(Asked::Answered(answer)),
        Err(error) if error.side_effect() == SideEffect::None => {
            run.refused(&error).await?;
            Err(error)
        }
        Err(error) => {
            run.step(LOST, format!("the call may have been carried out: {error}"))
                .await?;
            Ok(Asked::Lost(error))
        }
    }
}
