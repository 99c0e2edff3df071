//! What clouds hold: every kind is looked at, found and deleted in the same way.

mod kinds;
mod lists;

use std::fmt::Debug;
use std::future::Future;

use cloudfarm_contract::layers::{Layered, unsupported};
use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{
    Capabilities, Context, Driver, Extension, Judgement, ListQuery, Page, PageRequest, Result, Text,
};
use serde::Serialize;

use super::watch::Waiting;

/// A kind of thing that clouds list.
pub trait Listed: Serialize + Debug + Send + Sync + Sized + 'static {
    /// The word for all of them, as paths have it: `key-pairs`.
    const PLURAL: &'static str;

    /// One page of them.
    fn list(
        driver: &Layered,
        cx: &Context,
        query: &ListQuery,
    ) -> impl Future<Output = Result<Page<Self>>> + Send;
}

/// A kind of thing that clouds hold.
pub trait Resource: Listed {
    /// The word for one, as jobs name it: `key_pair`.
    const KIND: &'static str;

    /// The word for one in sentences: `key pair`.
    const NOUN: &'static str;

    /// Whether one that fails while it is deleted stays. Where it is false, what is deleted because
    /// it failed shows its error until the end.
    const ERROR_OUTLASTS_DELETION: bool = true;

    /// Whether those who wait for one can share a list of all.
    const IS_WATCHED: bool = false;

    /// The id.
    fn id(&self) -> &Text;

    /// The name that it can be asked for by.
    fn name(&self) -> Text;

    /// The mark of the job that made it, where it has a place for one.
    fn mark(&self) -> Option<&Mark>;

    /// The provider's own word for its state, where it has one.
    fn native_state(&self) -> Option<Text> {
        None
    }

    /// Whether one that was just made can be used already, or ever.
    fn readiness(&self) -> Judgement {
        Judgement::Done
    }

    /// Whether it is gone although the provider still shows it.
    fn is_gone(&self) -> bool {
        false
    }

    /// The one of this id.
    fn get(driver: &Layered, cx: &Context, id: &str) -> impl Future<Output = Result<Self>> + Send;

    /// The one of this id, for somebody who waits.
    fn look(
        _waiting: &Waiting<'_>,
        driver: &Layered,
        cx: &Context,
        id: &str,
    ) -> impl Future<Output = Result<Self>> + Send {
        Self::get(driver, cx, id)
    }

    /// One page of a list in which the one with this mark stands, if there is one.
    fn list_marked(
        driver: &Layered,
        cx: &Context,
        _mark: &Mark,
        page: PageRequest,
    ) -> impl Future<Output = Result<Page<Self>>> + Send {
        async move { Self::list(driver, cx, &ListQuery { page, name: None }).await }
    }

    /// The one with this mark.
    fn find_marked(
        driver: &Layered,
        cx: &Context,
        mark: &Mark,
    ) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            let mut request = PageRequest::default();
            loop {
                let page = Self::list_marked(driver, cx, mark, request).await?;
                let found = page
                    .items
                    .into_iter()
                    .find(|item| item.mark() == Some(mark));
                match (found, page.next) {
                    (None, Some(marker)) => request = PageRequest::after(marker, None),
                    (found, _) => return Ok(found),
                }
            }
        }
    }
}

/// A kind of thing that can be deleted.
pub trait Deletable: Resource {
    /// What a job that does so is called: `DeleteVolume`.
    const DELETE: &'static str;

    /// Refuses the deletion where the cloud cannot delete what it lists.
    fn check_delete(_can: &Capabilities) -> Result<()> {
        Ok(())
    }

    /// Deletes the one of this id. To delete what is gone succeeds.
    fn delete(driver: &Layered, cx: &Context, id: &str) -> impl Future<Output = Result<()>> + Send;
}

/// The extension that an accessor gave, or the error that names the missing capability.
///
/// # Errors
///
/// `unsupported`.
pub fn extension<'a, T: ?Sized>(
    driver: &Layered,
    found: Option<&'a T>,
    extension: Extension,
) -> Result<&'a T> {
    found.ok_or_else(|| unsupported(extension.as_str()).with_cloud(driver.info().cloud.clone()))
}
