//! Lists: page by page from the cloud, or whole where it knows no pages.
//!
//! A marker holds the cloud's own token for a page and the last id that was given of it. So a page
//! that holds more than was asked for, because the cloud gives lists whole or does not go below its
//! smallest page, is cut without gap or double.

use cloudfarm_contract::{Context, Error, Marker, Page, PageRequest, Result};
use cloudfarm_http::paging;
use serde::de::DeserializeOwned;

use crate::errors::is_code;
use crate::query::Query;
use crate::session::Session;

/// The most that the API puts on a page, and what it asks for at least.
pub(crate) const PAGE_MAX: u32 = 1000;
const PAGE_MIN: u32 = 5;

/// The answer to a call that lists.
pub(crate) trait Listing: DeserializeOwned {
    /// What is listed.
    type Item;

    /// The items, and the token of the next page.
    fn split(self) -> (Vec<Self::Item>, Option<String>);

    /// The id of an item.
    fn id(item: &Self::Item) -> &str;
}

/// How a list is asked for in pages.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pages {
    /// It is given whole.
    Whole,
    /// It has pages of at most so many items.
    Of(u32),
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    /// The cloud's token for the page; empty for the first.
    token: String,
    /// The last id that was given of it; empty for none.
    after: String,
}

const PREFIX: &str = "ec2:";

impl Place {
    fn read(marker: Option<&Marker>) -> Result<Self> {
        let Some(marker) = marker else {
            return Ok(Self::default());
        };
        let text = marker.as_str();
        let (after, token) = text
            .strip_prefix(PREFIX)
            .and_then(|text| text.split_once('|'))
            .filter(|(after, token)| {
                let is_long = after.len() > 300 || token.len() > 4096;
                let is_odd = text.chars().any(char::is_control);
                let is_nowhere = after.is_empty() && token.is_empty();
                !is_long && !is_odd && !is_nowhere
            })
            .ok_or_else(foreign)?;
        Ok(Self {
            token: token.to_owned(),
            after: after.to_owned(),
        })
    }

    fn marker(&self) -> Marker {
        Marker::new(format!("{PREFIX}{}|{}", self.after, self.token))
    }
}

fn foreign() -> Error {
    Error::invalid("the marker does not belong to this list")
        .with_field("marker")
        .with_hint("begin the list again")
}

/// One page of a list.
///
/// # Errors
///
/// `invalid` for a marker that is not one of ours; whatever the cloud refuses with.
pub(crate) async fn page<L: Listing>(
    session: &Session,
    cx: &Context,
    query: Query,
    pages: Pages,
    request: &PageRequest,
) -> Result<Page<L::Item>> {
    let place = Place::read(request.marker.as_ref())?;
    let query = match pages {
        Pages::Whole if !place.token.is_empty() => return Err(foreign()),
        Pages::Whole => query,
        Pages::Of(most) => {
            let limit = request
                .limit
                .map_or(most, |limit| limit.clamp(PAGE_MIN, most));
            query.set("MaxResults", limit.to_string()).set_if(
                "NextToken",
                Some(&place.token).filter(|t| !t.is_empty()).cloned(),
            )
        }
    };
    let reply: L = session.read(cx, query).await.map_err(|error| {
        let is_about_token = is_code(&error, &["InvalidNextToken", "InvalidPaginationToken"])
            || (is_code(&error, &["InvalidParameterValue", "InvalidParameter"])
                && error.message().to_ascii_lowercase().contains("token"));
        if is_about_token && !place.token.is_empty() {
            return foreign().with_provider(
                error.provider_status(),
                error.provider_code().cloned(),
                error.provider_request_id().cloned(),
            );
        }
        error
    })?;
    let (items, token) = reply.split();
    let token = token.filter(|token| !token.is_empty());
    if token.as_ref().is_some_and(|token| *token == place.token) {
        return Err(Error::provider_error(
            "the list cannot be read: its next page is the same page",
        ));
    }
    Ok(cut(items, L::id, token, &place, request.limit))
}

fn cut<T>(
    mut items: Vec<T>,
    id: impl Fn(&T) -> &str,
    token: Option<String>,
    place: &Place,
    limit: Option<u32>,
) -> Page<T> {
    // Two answers need not have the same order, nor one its items once each.
    items.sort_by(|one, other| id(one).cmp(id(other)));
    items.dedup_by(|one, other| id(one) == id(other));
    items.retain(|item| id(item) > place.after.as_str());
    let limit = limit.map_or(usize::MAX, |limit| limit.max(1) as usize);
    let next = if items.len() > limit {
        items.truncate(limit);
        items.last().map(|last| Place {
            token: place.token.clone(),
            after: id(last).to_owned(),
        })
    } else {
        token.map(|token| Place {
            token,
            after: String::new(),
        })
    };
    Page {
        items,
        next: next.map(|place| place.marker()),
    }
}

/// A page of a list that is there whole.
///
/// # Errors
///
/// `invalid` for a marker that is not one of ours.
pub(crate) fn whole<T>(
    items: Vec<T>,
    id: impl Fn(&T) -> &str,
    request: &PageRequest,
) -> Result<Page<T>> {
    let place = Place::read(request.marker.as_ref())?;
    if !place.token.is_empty() {
        return Err(foreign());
    }
    Ok(cut(items, id, None, &place, request.limit))
}

/// Every item of a list.
///
/// # Errors
///
/// As [`page`].
pub(crate) async fn all<L: Listing>(
    session: &Session,
    cx: &Context,
    query: Query,
    pages: Pages,
) -> Result<Vec<L::Item>> {
    let query = &query;
    paging::collect_all(cx, paging::MAX_PAGES, |marker| async move {
        let request = PageRequest {
            limit: None,
            marker,
        };
        page::<L>(session, cx, query.clone(), pages, &request).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Marker;

    use super::{Place, cut};

    fn marker(text: &str) -> Marker {
        Marker::new(text)
    }

    #[test]
    fn a_whole_list_is_cut_without_gap_or_double() {
        let mut given = Vec::new();
        let mut place = Place::default();
        for _ in 0..4 {
            // The cloud changes its mind about the order.
            let items = vec!["c", "a", "e", "b", "d", "a"];
            let page = cut(items, |item| item, None, &place, Some(2));
            given.extend(page.items);
            let Some(next) = page.next else { break };
            place = Place::read(Some(&next)).unwrap();
        }
        assert_eq!(given, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn the_rest_of_a_page_comes_before_the_next_token() {
        let place = Place::default();
        let token = || Some("t2".to_owned());
        let page = cut(vec!["a", "b", "c"], |item| item, token(), &place, Some(2));
        let next = Place::read(page.next.as_ref()).unwrap();
        assert_eq!((next.token.as_str(), next.after.as_str()), ("", "b"));
        let page = cut(vec!["a", "b", "c"], |item| item, token(), &next, Some(2));
        assert_eq!(page.items, ["c"]);
        let next = Place::read(page.next.as_ref()).unwrap();
        assert_eq!((next.token.as_str(), next.after.as_str()), ("t2", ""));
    }

    #[test]
    fn foreign_markers_are_refused() {
        for text in ["", "banana", "ec2:", "ec2:|", "ec2:a", "ec2:a\n|"] {
            assert!(Place::read(Some(&marker(text))).is_err(), "{text:?}");
        }
    }
}
