//! Lists that CloudAPI gives whole, cut into pages.

use cloudfarm_contract::{Error, Marker, Page, PageRequest, Result, Text};

/// The most that CloudAPI puts on a page.
pub(crate) const PAGE_MAX: u32 = 1000;

/// How many ids a marker holds. The last one may be gone before the next page is asked for.
pub(crate) const MARKER_IDS: usize = 3;

/// A page of a list that is there whole.
///
/// # Errors
///
/// `invalid` for a marker that names nothing in the list.
pub(crate) fn cut<T>(
    items: Vec<T>,
    id_of: impl Fn(&T) -> &Text,
    request: &PageRequest,
) -> Result<Page<T>> {
    let start = match &request.marker {
        None => 0,
        Some(marker) => behind(&items, &id_of, marker.as_str()).ok_or_else(foreign)?,
    };
    let limit = request.limit.unwrap_or(PAGE_MAX).max(1) as usize;
    let more = items.len() > start + limit;
    let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = more.then(|| Marker::new(last_ids(&items, id_of)));
    Ok(Page { items, next })
}

/// The ids of the last items, the very last first.
pub(crate) fn last_ids<T>(items: &[T], id_of: impl Fn(&T) -> &Text) -> String {
    let last = items.iter().rev().take(MARKER_IDS);
    let ids: Vec<&str> = last.map(|item| id_of(item).as_str()).collect();
    ids.join(",")
}

/// Where the items behind the first of `ids` that is there begin.
pub(crate) fn behind<T>(items: &[T], id_of: impl Fn(&T) -> &Text, ids: &str) -> Option<usize> {
    ids.split(',').take(MARKER_IDS).find_map(|id| {
        let at = items.iter().position(|item| id_of(item).as_str() == id)?;
        Some(at + 1)
    })
}

/// The error for a marker that is not one of ours.
pub(crate) fn foreign() -> Error {
    Error::invalid("the marker does not belong to this list")
        .with_field("marker")
        .with_hint("begin the list again")
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::{Marker, PageRequest, Text};

    use super::cut;

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
}
