//! Lists read to their end.

use std::collections::BTreeSet;

use cloudfarm_contract::{Page, PageRequest, Result};

use crate::failure::{Failure, Outcome};

/// More pages than any list that is read here should have.
const PAGES_MAX: usize = 10_000;

/// All items, read in pages of at most `limit`.
pub(crate) async fn read_all<T, F>(
    limit: Option<u32>,
    fetch: impl Fn(PageRequest) -> F,
) -> Outcome<Vec<T>>
where
    F: Future<Output = Result<Page<T>>>,
{
    let mut items = Vec::new();
    let mut seen = BTreeSet::new();
    let mut marker = None;
    for _ in 0..PAGES_MAX {
        let page = fetch(PageRequest { limit, marker }).await?;
        items.extend(page.items);
        let Some(next) = page.next else {
            return Ok(items);
        };
        if !seen.insert(next.as_str().to_owned()) {
            return Err(Failure::new(format!(
                "the list runs in a circle: the marker {:?} comes again",
                next.as_str()
            )));
        }
        marker = Some(next);
    }
    Err(Failure::new(format!(
        "the list does not end within {PAGES_MAX} pages"
    )))
}

/// A limit that cuts a list of `count` items into several pages, but not into very many.
pub(crate) fn limit_for(count: usize) -> u32 {
    u32::try_from(count.div_ceil(4)).unwrap_or(u32::MAX).max(1)
}
