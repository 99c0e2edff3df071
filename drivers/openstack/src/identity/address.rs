//! The address of Keystone: as people write it, and as it is.

use cloudfarm_contract::{Context, Result};
use cloudfarm_http::{Request, Transport, Url, parse_endpoint};

use crate::discovery;

/// A version of the identity API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthVersion {
    /// 2.0.
    V2,
    /// 3.
    V3,
}

/// The address of an identity service, without its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthAddress {
    root: Url,
    version: Option<AuthVersion>,
}

impl AuthAddress {
    /// Reads what people write: the root, `/v3`, `/v3/`, `/v2.0/tokens`, `/v3/auth/tokens`.
    ///
    /// # Errors
    ///
    /// `invalid`, naming `field`, for what is no address.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let mut root = parse_endpoint(field, text)?;
        let segments: Vec<String> = root
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        let mut kept = &segments[..];
        if let [rest @ .., last] = kept
            && last == "tokens"
        {
            kept = rest;
            if let [rest @ .., last] = kept
                && last == "auth"
            {
                kept = rest;
            }
        }
        let version = kept.last().and_then(|last| version_of(last));
        if version.is_some() {
            kept = &kept[..kept.len() - 1];
        }
        root.set_path(&kept.join("/"));
        Ok(Self { root, version })
    }

    /// The version that was written.
    pub fn version(&self) -> Option<AuthVersion> {
        self.version
    }

    /// The same address, spoken to in this version.
    #[must_use]
    pub fn with_version(self, version: AuthVersion) -> Self {
        Self {
            version: Some(version),
            ..self
        }
    }

    /// The address without its version.
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// The address with the version to speak: the one that was written, or the best that the
    /// service says it has. A service that says nothing readable is taken to speak v3.
    ///
    /// # Errors
    ///
    /// What the transport fails with.
    pub(super) async fn versioned(
        &self,
        cx: &Context,
        transport: &Transport,
        needs_v3: bool,
    ) -> Result<(AuthVersion, Url)> {
        let version = match self.version {
            Some(AuthVersion::V2) if needs_v3 => AuthVersion::V3,
            Some(version) => version,
            None => {
                let response = transport.send(cx, Request::get(self.root.clone())).await?;
                let versions = discovery::versions(&response);
                let ids = versions
                    .iter()
                    .filter_map(|version| version_of(&version.id));
                let found: Vec<_> = ids.collect();
                if found.contains(&AuthVersion::V2) && !found.contains(&AuthVersion::V3) {
                    AuthVersion::V2
                } else {
                    AuthVersion::V3
                }
            }
        };
        let segment = match version {
            AuthVersion::V2 => "v2.0",
            AuthVersion::V3 => "v3",
        };
        Ok((version, cloudfarm_http::join(&self.root, &[segment])?))
    }
}

fn version_of(segment: &str) -> Option<AuthVersion> {
    let number = segment.strip_prefix('v')?;
    match number.split('.').next()? {
        "2" => Some(AuthVersion::V2),
        "3" => Some(AuthVersion::V3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthAddress, AuthVersion};

    #[test]
    fn every_way_to_write_an_address_means_the_same() {
        for (text, version, root) in [
            ("https://h:5000", None, "https://h:5000/"),
            ("https://h:5000/", None, "https://h:5000/"),
            (
                "https://h:5000/v3",
                Some(AuthVersion::V3),
                "https://h:5000/",
            ),
            (
                "https://h:5000/v3/",
                Some(AuthVersion::V3),
                "https://h:5000/",
            ),
            (
                "https://h/identity/v3/auth/tokens",
                Some(AuthVersion::V3),
                "https://h/identity",
            ),
            ("https://h/identity", None, "https://h/identity"),
            (
                "https://h:5000/v2.0/tokens/",
                Some(AuthVersion::V2),
                "https://h:5000/",
            ),
        ] {
            let address = AuthAddress::parse("extra_params.auth_url", text).unwrap();
            assert_eq!(
                (address.version, address.root.as_str()),
                (version, root),
                "{text}"
            );
        }
    }
}
