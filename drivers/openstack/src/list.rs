//! Lists: page by page from the service, with filters that it knows and those that it does not.

mod body;

use cloudfarm_contract::{Context, Error, Marker, Page, PageRequest, Result, Text};
use cloudfarm_http::{Response, Url, paging};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::errors::refusal;
use crate::session::Session;

/// The most that services put on a page.
pub(crate) const PAGE_MAX: u32 = 1000;

/// No more than an item of a long list takes: a vector that grows is copied, and its pages are new
/// each time.
const ITEM_BYTES: usize = 1024;

/// How many ids a marker holds. The last one may be deleted before the next page is asked for, and
/// some services then know it no more.
const MARKER_IDS: usize = 3;

/// A list of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collection {
    pub(crate) service: ServiceKind,
    /// The key of the items, and the stem of the key of the links.
    pub(crate) key: &'static str,
}

/// An item of a list on the wire.
pub(crate) trait Listed: DeserializeOwned {
    /// What the service takes for a marker.
    fn marker(&self) -> &str;
}

/// One page of a list: `call` without its page.
///
/// # Errors
///
/// `invalid` for a marker that is not one of ours; whatever the service refuses with.
pub(crate) async fn page<T: Listed>(
    session: &Session,
    cx: &Context,
    list: Collection,
    call: &Call,
    request: &PageRequest,
) -> Result<Page<T>> {
    let limit = request
        .limit
        .map_or(PAGE_MAX, |limit| limit.clamp(1, PAGE_MAX));
    let call = call.clone().query("limit", limit.to_string());
    let Some(marker) = &request.marker else {
        let response = session.ask(cx, list.service, &call).await?;
        return read(&response, list, None);
    };
    let mut refused = None;
    for id in marker_ids(marker)? {
        let call = call.clone().query("marker", id);
        let response = session.send(cx, list.service, &call).await?;
        if response.status().is_success() {
            return read(&response, list, Some(id));
        }
        let error = refusal(&response);
        if !is_about_marker(&error) {
            return Err(error);
        }
        refused = Some(error);
    }
    Err(foreign(refused))
}

fn is_about_marker(error: &Error) -> bool {
    matches!(error.provider_status(), Some(400 | 404))
}

fn foreign(refused: Option<Error>) -> Error {
    let error = Error::invalid("the marker does not belong to this list")
        .with_field("marker")
        .with_hint("begin the list again");
    match refused {
        Some(refused) => error.with_provider(
            refused.provider_status(),
            refused.provider_code().cloned(),
            refused.provider_request_id().cloned(),
        ),
        None => error,
    }
}

fn marker_ids(marker: &Marker) -> Result<Vec<&str>> {
    let ids: Vec<_> = marker.as_str().split(',').collect();
    let is_id = |id: &&str| !id.is_empty() && id.len() <= 255 && !id.chars().any(char::is_control);
    if ids.len() > MARKER_IDS || !ids.iter().all(is_id) {
        return Err(foreign(None));
    }
    Ok(ids)
}

/// Reads a page; `asked` is the id behind which it begins.
pub(crate) fn read<T: Listed>(
    response: &Response,
    list: Collection,
    asked: Option<&str>,
) -> Result<Page<T>> {
    let about = response.bytes().len() / ITEM_BYTES;
    let body = response.json_seed(body::of(list.key, about.min(PAGE_MAX as usize)))?;
    let items = body.items.ok_or_else(|| response.unreadable(list.key))?;
    let next = match body.next {
        Some(link) => Some(next(&items, &link, asked)?),
        None => None,
    };
    Ok(Page { items, next })
}

/// The marker of the next page: what the link says, and in case that goes the items before it.
fn next<T: Listed>(items: &[T], link: &str, asked: Option<&str>) -> Result<Marker> {
    // Only the query of the link counts, so any base will do to read it.
    let mut base = Url::parse("http://list.invalid/")
        .map_err(|error| Error::internal("no base for links").with_internal(error))?;
    if let Some(asked) = asked {
        base.query_pairs_mut().append_pair("marker", asked);
    }
    let marker = paging::marker_from_link(&base, link, "marker")?;
    if items
        .last()
        .is_none_or(|last| last.marker() != marker.as_str())
    {
        return Ok(marker);
    }
    let ids: Vec<&str> = items
        .iter()
        .rev()
        .take(MARKER_IDS)
        .map(Listed::marker)
        .collect();
    if ids.iter().any(|id| id.contains(',')) {
        return Ok(marker);
    }
    Ok(Marker::new(ids.join(",")))
}

/// Every item of a list.
///
/// # Errors
///
/// As [`page`].
pub(crate) async fn all<T: Listed>(
    session: &Session,
    cx: &Context,
    list: Collection,
    call: &Call,
) -> Result<Vec<T>> {
    paging::collect_all(cx, paging::MAX_PAGES, |marker| async move {
        let request = PageRequest {
            limit: None,
            marker,
        };
        page(session, cx, list, call, &request).await
    })
    .await
}

/// Every item of a list that the service gives whole.
///
/// # Errors
///
/// Whatever the service refuses with.
pub(crate) async fn whole<T: Listed>(
    session: &Session,
    cx: &Context,
    list: Collection,
    call: &Call,
) -> Result<Vec<T>> {
    let response = session.ask(cx, list.service, call).await?;
    Ok(read(&response, list, None)?.items)
}

/// A page of a list that the service gives whole.
///
/// # Errors
///
/// `invalid` for a marker that names nothing in the list.
pub fn cut<T>(
    items: Vec<T>,
    id_of: impl Fn(&T) -> &Text,
    request: &PageRequest,
) -> Result<Page<T>> {
    let start = match &request.marker {
        None => 0,
        Some(marker) => items
            .iter()
            .position(|item| id_of(item).as_str() == marker.as_str())
            .map(|at| at + 1)
            .ok_or_else(|| foreign(None))?,
    };
    let limit = request.limit.unwrap_or(PAGE_MAX).max(1) as usize;
    let more = items.len() > start + limit;
    let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = items
        .last()
        .filter(|_| more)
        .map(|item| Marker::new(id_of(item)));
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::{Marker, PageRequest, Text};

    use super::{cut, marker_ids};

    #[test]
    fn a_whole_list_is_cut_into_pages() {
        let items: Vec<Text> = ["a", "b", "c"].map(Text::from).to_vec();
        let first = cut(items.clone(), |id| id, &PageRequest::first(2)).unwrap();
        assert_eq!(first.items.len(), 2);
        let after = PageRequest::after(first.next.unwrap(), Some(2));
        let second = cut(items.clone(), |id| id, &after).unwrap();
        assert_eq!((second.items.len(), second.next), (1, None));
        let foreign = PageRequest::after(Marker::new("z"), None);
        assert!(cut(items, |id| id, &foreign).is_err());
    }

    #[test]
    fn a_marker_holds_a_few_ids() {
        assert_eq!(marker_ids(&Marker::new("a,b")).unwrap(), ["a", "b"]);
        for foreign in ["", "a,", "a,b,c,d", "a\n"] {
            assert!(marker_ids(&Marker::new(foreign)).is_err(), "{foreign:?}");
        }
    }
}
