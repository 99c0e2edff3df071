//! Addresses of a provider: checked when they come from the settings, escaped when they are built.

use cloudfarm_contract::{Error, Result};
use reqwest::Url;

/// Reads the address of a provider from the settings.
///
/// # Errors
///
/// `invalid`, naming `field` (such as `extra_params.auth_url`), unless it is an http or https URL
/// with a host and without credentials, query and fragment.
pub fn parse_endpoint(field: &str, text: &str) -> Result<Url> {
    let wrong = |reason: &str| Error::invalid(format!("{field} {reason}")).with_field(field);
    let url = Url::parse(text.trim())
        .map_err(|_| wrong("must be a url such as https://cloud.example:5000/v3"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("must start with http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "must not hold credentials: they go into user and password",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end with its path, without a query or fragment"));
    }
    Ok(url)
}

/// `base` with `segments` appended to its path, each escaped: an id from a client stays one
/// segment, whatever it holds.
///
/// # Errors
///
/// `invalid` for a segment that no provider could take for an id (empty, `.` or `..`), since the
/// address would then be that of something else, such as the whole collection.
pub fn join(base: &Url, segments: &[&str]) -> Result<Url> {
    let mut url = base.clone();
    if segments
        .iter()
        .any(|segment| matches!(*segment, "" | "." | ".."))
    {
        return Err(Error::invalid("an id must not be empty or made of dots"));
    }
    url.path_segments_mut()
        .map_err(|()| Error::internal("the base address cannot have a path"))?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::ErrorKind;
    use reqwest::Url;

    use super::{join, parse_endpoint};

    #[test]
    fn an_endpoint_is_checked_and_named() {
        assert!(parse_endpoint("extra_params.auth_url", "https://a.example:5000/v3").is_ok());
        for text in [
            "cloud.example",
            "ftp://cloud.example",
            "https://me:hunter2@cloud.example",
            "https://cloud.example/?a=b",
        ] {
            let error = parse_endpoint("extra_params.auth_url", text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert_eq!(error.field().unwrap(), &"extra_params.auth_url");
            assert!(!error.message().contains("hunter2"));
        }
    }

    #[test]
    fn an_id_stays_one_segment() {
        let base = Url::parse("https://cloud.example/v2/").unwrap();
        let url = join(&base, &["servers", "a/../b?c#d%2e"]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://cloud.example/v2/servers/a%2F..%2Fb%3Fc%23d%252e"
        );
        for id in ["", ".", ".."] {
            assert!(join(&base, &["servers", id]).is_err());
        }
    }
}
