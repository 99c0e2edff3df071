//! Where a service is, and which version of it is spoken.

use cloudfarm_contract::{Error, Result, Text};
use cloudfarm_http::{Url, parse_endpoint};

use crate::catalog::ServiceKind;
use crate::discovery::ApiVersion;
use crate::params::wrong;
use crate::version::Microversion;

/// The newest compute API that this crate asks for. 2.96 shows of each server the zone that it is
/// pinned to, for which Nova reads the request that each was made by: a list took it a quarter longer
/// in 2.96.
const NEWEST_COMPUTE: Microversion = Microversion::new(2, 95);
/// What Nova speaks where no microversion is asked for.
pub(crate) const BASE_COMPUTE: Microversion = Microversion::new(2, 1);
/// The newest block storage API that this crate knows.
const NEWEST_VOLUME: Microversion = Microversion::new(3, 42);

/// A service as it is spoken with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address, with version and, where the catalog has it, project.
    pub url: Url,
    /// The microversion to ask for; none where the service has none, or says nothing about them.
    pub microversion: Option<Microversion>,
    /// How the service is called in the header that asks for it.
    pub header_name: &'static str,
}

/// A service's address from the catalog, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    service: ServiceKind,
    /// Up to the version, if there is one.
    base: Url,
    version: Option<String>,
    /// What stands behind the version: the project.
    rest: Vec<String>,
}

impl Address {
    /// # Errors
    ///
    /// `provider_error` for what is no address.
    pub(crate) fn parse(service: ServiceKind, text: &str) -> Result<Self> {
        let url = parse_endpoint("endpoint", text).map_err(|_| {
            Error::provider_error(format!(
                "the catalog's address of the {} service is no http address",
                service.as_str()
            ))
            .with_retry(cloudfarm_contract::Retry::Never)
            .with_side_effect(cloudfarm_contract::SideEffect::None)
        })?;
        let segments: Vec<String> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        let mut base = url;
        let at = segments.iter().rposition(|segment| is_version(segment));
        let (before, version, rest) = match at {
            Some(at) => (
                &segments[..at],
                Some(segments[at].clone()),
                segments[at + 1..].to_vec(),
            ),
            None => (&segments[..], None, Vec::new()),
        };
        base.set_path(&before.join("/"));
        Ok(Self {
            service,
            base,
            version,
            rest,
        })
    }

    /// Whether the service has to be asked which version to speak.
    pub(crate) fn needs_discovery(&self) -> bool {
        matches!(self.service, ServiceKind::Compute | ServiceKind::Volume)
    }

    /// Whether the address says which version of the API is behind it.
    pub(crate) fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Where the service says which versions it has.
    pub(crate) fn document(&self) -> Result<Url> {
        match &self.version {
            // Without the slash behind it most services answer with a redirection.
            Some(version) => cloudfarm_http::join(&self.base, &[version]).map(with_slash),
            None => Ok(with_slash(self.base.clone())),
        }
    }

    /// The service as it is spoken with, after what it says about itself.
    ///
    /// # Errors
    ///
    /// `invalid` if `newest`, from the settings, is older than anything the service speaks.
    pub(crate) fn endpoint(
        &self,
        versions: &[ApiVersion],
        newest: Option<Microversion>,
    ) -> Result<Endpoint> {
        let spoken = self.spoken(versions);
        let version = self.version.clone().unwrap_or_else(|| match spoken {
            Some(spoken) => spoken.id.as_str().to_owned(),
            None => self.usual_version().to_owned(),
        });
        let version = match self.service {
            // A version document lists the minor versions; the path has the major one alone.
            ServiceKind::Image | ServiceKind::Volume => {
                version.split('.').next().unwrap_or(&version).to_owned()
            }
            ServiceKind::Compute | ServiceKind::Network => version,
        };
        let mut path = vec![version.as_str()];
        path.extend(self.rest.iter().map(String::as_str));
        Ok(Endpoint {
            url: cloudfarm_http::join(&self.base, &path)?,
            microversion: self.microversion(spoken, newest)?,
            header_name: match self.service {
                ServiceKind::Volume => "volume",
                other => other.as_str(),
            },
        })
    }

    fn spoken<'v>(&self, versions: &'v [ApiVersion]) -> Option<&'v ApiVersion> {
        let same = |version: &&ApiVersion| self.version.as_deref() == Some(version.id.as_str());
        if let Some(exact) = versions.iter().find(same) {
            return Some(exact);
        }
        let wanted = match self.service {
            ServiceKind::Compute | ServiceKind::Image | ServiceKind::Network => 2,
            ServiceKind::Volume => 3,
        };
        // `/v2` of nova is the old API, which has no microversions.
        let old = self.version.is_some() && self.service == ServiceKind::Compute;
        versions
            .iter()
            .filter(|version| version.major() == Some(wanted) && !old)
            .max_by_key(|version| version.range.map(|(_, newest)| newest))
    }

    fn microversion(
        &self,
        spoken: Option<&ApiVersion>,
        newest: Option<Microversion>,
    ) -> Result<Option<Microversion>> {
        let known = match self.service {
            ServiceKind::Compute => NEWEST_COMPUTE,
            ServiceKind::Volume => NEWEST_VOLUME,
            ServiceKind::Image | ServiceKind::Network => return Ok(None),
        };
        let Some((oldest, offered)) = spoken.and_then(|version| version.range) else {
            return Ok(None);
        };
        let chosen = newest.unwrap_or(known).min(known).min(offered);
        if chosen < oldest {
            return Err(wrong(
                "compute_api_version",
                format!("the cloud speaks no compute api before {oldest}, {chosen} was wanted"),
            ));
        }
        Ok(Some(chosen))
    }

    fn usual_version(&self) -> &'static str {
        match self.service {
            ServiceKind::Compute => "v2.1",
            ServiceKind::Image => "v2",
            ServiceKind::Network => "v2.0",
            ServiceKind::Volume => "v3",
        }
    }
}

fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix('v') else {
        return false;
    };
    !number.is_empty()
        && number.starts_with(|first: char| first.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// An address from the settings.
pub(crate) fn override_of(field: &str, address: Option<&String>) -> Result<Option<Text>> {
    let Some(address) = address else {
        return Ok(None);
    };
    parse_endpoint(&format!("extra_params.endpoints.{field}"), address)?;
    Ok(Some(Text::from(address)))
}

#[cfg(test)]
mod tests {
    use super::{Address, Microversion, ServiceKind};
    use crate::discovery::ApiVersion;

    fn nova(newest: Option<Microversion>) -> Vec<ApiVersion> {
        vec![
            ApiVersion {
                id: "v2.0".into(),
                range: None,
            },
            ApiVersion {
                id: "v2.1".into(),
                range: newest.map(|newest| (Microversion::new(2, 1), newest)),
            },
        ]
    }

    #[test]
    fn the_forms_of_a_catalog_lead_to_the_same_place() {
        let offered = nova(Some(Microversion::new(2, 60)));
        for (catalog, url, version) in [
            ("http://h:8774/v2.1", "http://h:8774/v2.1", Some("2.60")),
            ("http://h:8774/v2.1/", "http://h:8774/v2.1", Some("2.60")),
            (
                "http://h:8774/v2.1/abc",
                "http://h:8774/v2.1/abc",
                Some("2.60"),
            ),
            ("http://h/compute", "http://h/compute/v2.1", Some("2.60")),
            ("http://h:8774/v2/abc", "http://h:8774/v2/abc", None),
        ] {
            let address = Address::parse(ServiceKind::Compute, catalog).unwrap();
            let endpoint = address.endpoint(&offered, None).unwrap();
            let asked = endpoint.microversion.map(|version| version.to_string());
            assert_eq!(
                (endpoint.url.as_str(), asked.as_deref()),
                (url, version),
                "{catalog}"
            );
        }
        for (service, catalog, url) in [
            (ServiceKind::Network, "http://h:9696", "http://h:9696/v2.0"),
            (
                ServiceKind::Network,
                "http://h:9696/v2.0/",
                "http://h:9696/v2.0",
            ),
            (ServiceKind::Image, "http://h/image", "http://h/image/v2"),
            (ServiceKind::Image, "http://h:9292/v2", "http://h:9292/v2"),
            (
                ServiceKind::Volume,
                "http://h:8776/v3/p",
                "http://h:8776/v3/p",
            ),
        ] {
            let address = Address::parse(service, catalog).unwrap();
            assert_eq!(address.endpoint(&[], None).unwrap().url.as_str(), url);
        }
    }

    #[test]
    fn the_microversion_is_the_newest_that_all_know() {
        let address = Address::parse(ServiceKind::Compute, "http://h:8774/v2.1").unwrap();
        let chosen = |offered, cap| {
            let offered = nova(Some(offered));
            address
                .endpoint(&offered, cap)
                .map(|endpoint| endpoint.microversion)
        };
        let version = Microversion::new;
        assert_eq!(chosen(version(2, 100), None).unwrap(), Some(version(2, 95)));
        assert_eq!(chosen(version(2, 1), None).unwrap(), Some(version(2, 1)));
        let capped = chosen(version(2, 100), Some(version(2, 53)));
        assert_eq!(capped.unwrap(), Some(version(2, 53)));
        assert!(chosen(version(2, 100), Some(version(2, 0))).is_err());
        let silent = address.endpoint(&[], None).unwrap();
        assert_eq!(silent.microversion, None);
    }
}
