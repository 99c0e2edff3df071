//! Lists of a provider, page by page.
//!
//! One call of a driver is one page: the marker that the client gives back is the value of one
//! query parameter, applied to the driver's own URL. What else a `next` link says (scheme, host,
//! path, other parameters) is not looked at, so no provider, and no client with a forged marker, can
//! direct a token elsewhere or widen a query.

use std::collections::HashSet;

use cloudfarm_contract::{Context, Error, Marker, Page, Result, Retry, SideEffect};
use reqwest::Url;

/// How many pages [`collect_all`] reads unless told otherwise.
pub const MAX_PAGES: usize = 1000;

/// The marker of the next page from a `next` link, absolute or relative: the value of `parameter`
/// (`marker`, `offset`) in its query.
///
/// # Errors
///
/// `provider_error` if the link has no such parameter, for the list would be cut short in silence;
/// also if it leads back to the page `asked`.
pub fn marker_from_link(asked: &Url, link: &str, parameter: &str) -> Result<Marker> {
    let next = asked
        .join(link)
        .ok()
        .and_then(|link| parameter_of(&link, parameter))
        .filter(|value| !value.is_empty())
        .ok_or_else(|| broken(format!("its next link has no {parameter}")))?;
    if parameter_of(asked, parameter).as_deref() == Some(&*next) {
        return Err(broken(
            "its next link leads back to the same page".to_owned(),
        ));
    }
    Ok(Marker::new(next))
}

/// Reads every page, for look-ups within a driver. Lists for clients go out page by page instead.
///
/// # Errors
///
/// What `fetch` fails with; `provider_error` if a marker comes twice or there are more than
/// `max_pages`; `timeout` if the deadline passes.
pub async fn collect_all<T, F, R>(cx: &Context, max_pages: usize, fetch: F) -> Result<Vec<T>>
where
    F: Fn(Option<Marker>) -> R,
    R: Future<Output = Result<Page<T>>>,
{
    let mut items = Vec::new();
    let mut seen = HashSet::new();
    let mut marker = None;
    for _ in 0..max_pages {
        cx.check_deadline()?;
        let page = fetch(marker).await?;
        items.extend(page.items);
        let Some(next) = page.next else {
            return Ok(items);
        };
        if !seen.insert(next.clone()) {
            return Err(broken("a marker came twice".to_owned()));
        }
        marker = Some(next);
    }
    Err(broken(format!("it has more than {max_pages} pages")))
}

fn parameter_of(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
}

fn broken(why: String) -> Error {
    Error::provider_error(format!("the list cannot be read to its end: {why}"))
        .with_retry(Retry::Never)
        .with_side_effect(SideEffect::None)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cloudfarm_contract::{Context, ErrorKind, Marker, Page, Priority};
    use reqwest::Url;

    use super::{collect_all, marker_from_link};

    fn asked() -> Url {
        Url::parse("https://nova.example:8774/v2.1/servers/detail?limit=2&marker=a").unwrap()
    }

    #[test]
    fn only_the_marker_of_a_link_is_taken() {
        for link in [
            "https://nova.example:8774/v2.1/servers/detail?limit=2&marker=b%2F1",
            "http://evil.example/steal?marker=b%2F1&all_tenants=1",
            "/v2/images?marker=b%2F1",
            "?marker=b%2F1",
        ] {
            let marker = marker_from_link(&asked(), link, "marker").unwrap();
            assert_eq!(marker.as_str(), "b/1", "{link}");
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_or_back_is_an_error() {
        for link in ["?page=2", "/x", "?marker=", "?marker=a", "http://[broken"] {
            let error = marker_from_link(&asked(), link, "marker").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProviderError, "{link}");
            assert!(!error.is_retryable());
        }
    }

    async fn collected(pages: &[(u32, Option<&str>)], max: usize) -> Result<Vec<u32>, String> {
        let cx = Context::new(Duration::from_secs(5), "test", Priority::Job);
        collect_all(&cx, max, |marker| {
            let at: usize = marker.map_or(0, |marker| marker.as_str().parse().unwrap());
            let (item, next) = pages[at];
            let next = next.map(Marker::new);
            async move {
                Ok(Page {
                    items: vec![item],
                    next,
                })
            }
        })
        .await
        .map_err(|error| error.message().to_owned())
    }

    #[tokio::test]
    async fn all_pages_are_read_and_loops_end() {
        let line = [(1, Some("1")), (2, Some("2")), (3, None)];
        assert_eq!(collected(&line, 10).await.unwrap(), [1, 2, 3]);
        assert!(
            collected(&line, 2)
                .await
                .unwrap_err()
                .contains("more than 2 pages")
        );
        let circle = [(1, Some("1")), (2, Some("2")), (3, Some("1"))];
        assert!(
            collected(&circle, 10)
                .await
                .unwrap_err()
                .contains("marker came twice")
        );
    }
}
