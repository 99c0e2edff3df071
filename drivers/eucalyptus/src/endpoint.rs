//! Where the API answers.

use cloudfarm_contract::{Result, Text, nearest};
use cloudfarm_http::{Url, parse_endpoint};

use crate::Flavour;
use crate::params::{Params, wrong};

/// Amazon's regions at the time of writing, for names that are mistyped.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Where the API of a cloud answers, and for which region calls are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    pub(crate) region: Text,
}

impl Endpoint {
    /// From what is set; `found` is the region that a profile or the environment names.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field.
    pub(crate) fn of(flavour: Flavour, params: &Params, found: Option<&str>) -> Result<Self> {
        let given = params.region.as_deref().map(str::trim);
        let region = given.filter(|region| !region.is_empty()).or(found);
        let host = match (&params.host, flavour, region) {
            (Some(host), ..) => bare_host(host)?.to_owned(),
            (None, Flavour::Eucalyptus, _) => {
                return Err(wrong("host", "host is missing")
                    .with_hint("give the host of the cloud's api, as 10.0.0.5"));
            }
            (None, Flavour::Ec2, None) => {
                return Err(wrong("region", "region is missing")
                    .with_hint(format!("the regions are: {}", REGIONS.join(", "))));
            }
            (None, Flavour::Ec2, Some(region)) => amazon(region)?,
        };
        let (port, path, own_region) = match flavour {
            Flavour::Eucalyptus => (Some(8773), "/services/compute", "eucalyptus"),
            Flavour::Ec2 => (None, "/", "us-east-1"),
        };
        let scheme = if params.secure.unwrap_or(true) {
            "https"
        } else {
            "http"
        };
        let port = params.port.or(port.filter(|_| params.port.is_none()));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let path = params
            .path
            .as_deref()
            .unwrap_or(path)
            .trim_start_matches('/');
        let text = format!("{scheme}://{host}{port}/{path}");
        let url = parse_endpoint("extra_params.host", &text)?;
        if url.path() != format!("/{path}") {
            return Err(wrong(
                "path",
                "path must be a plain path such as /services/compute",
            ));
        }
        Ok(Self {
            url,
            region: Text::from(region.unwrap_or(own_region)),
        })
    }
}

/// A host, not an address with everything.
fn bare_host(host: &str) -> Result<&str> {
    let host = host.trim();
    let is_ipv6 = host.starts_with('[') && host.ends_with(']');
    if host.is_empty() || host.contains(['/', '@', '?', '#']) || (host.contains(':') && !is_ipv6) {
        return Err(
            wrong("host", "host must be a name or an address alone").with_hint(
                "the port goes into port, the path into path, and http or https is said by secure",
            ),
        );
    }
    Ok(host)
}

fn amazon(region: &str) -> Result<String> {
    if !REGIONS.contains(&region) {
        let meant = nearest(region, REGIONS.iter().copied())
            .map_or_else(String::new, |known| format!("did you mean {known:?}? "));
        return Err(
            wrong("region", format!("there is no region {region:?}")).with_hint(format!(
                "{meant}the regions are: {}; for one that is newer set host as well",
                REGIONS.join(", ")
            )),
        );
    }
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    Ok(format!("ec2.{region}.amazonaws.com{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Flavour, Params};

    fn of(flavour: Flavour, params: serde_json::Value) -> cloudfarm_contract::Result<Endpoint> {
        let params: Params = serde_json::from_value(params).unwrap();
        Endpoint::of(flavour, &params, None)
    }

    #[test]
    fn addresses_are_as_their_users_write_them() {
        use serde_json::json;
        for (flavour, params, url, region) in [
            (
                Flavour::Ec2,
                json!({"region": "eu-west-1"}),
                "https://ec2.eu-west-1.amazonaws.com/",
                "eu-west-1",
            ),
            (
                Flavour::Ec2,
                json!({"region": "cn-north-1"}),
                "https://ec2.cn-north-1.amazonaws.com.cn/",
                "cn-north-1",
            ),
            (
                Flavour::Eucalyptus,
                json!({"host": "10.0.0.5", "secure": false, "path": "/services/Eucalyptus"}),
                "http://10.0.0.5:8773/services/Eucalyptus",
                "eucalyptus",
            ),
            (
                Flavour::Eucalyptus,
                json!({"host": "[::1]", "port": 443, "path": ""}),
                "https://[::1]/",
                "eucalyptus",
            ),
            (
                Flavour::Eucalyptus,
                json!({"host": "euca.example", "region": "lab"}),
                "https://euca.example:8773/services/compute",
                "lab",
            ),
        ] {
            let endpoint = of(flavour, params).unwrap();
            assert_eq!(endpoint.url.as_str(), url);
            assert_eq!(endpoint.region, region);
        }
    }

    #[test]
    fn what_cannot_be_an_address_names_its_field() {
        use serde_json::json;
        for (flavour, params, field, says) in [
            (Flavour::Ec2, json!({}), "region", "us-east-1"),
            (
                Flavour::Ec2,
                json!({"region": "us-esat-1"}),
                "region",
                "us-east-1",
            ),
            (Flavour::Eucalyptus, json!({}), "host", "10.0.0.5"),
            (
                Flavour::Eucalyptus,
                json!({"host": "http://x/"}),
                "host",
                "secure",
            ),
            (Flavour::Eucalyptus, json!({"host": "x:1"}), "host", "port"),
        ] {
            let error = of(flavour, params).unwrap_err();
            assert_eq!(
                error.field().unwrap().as_str(),
                format!("extra_params.{field}")
            );
            assert!(error.hint().unwrap().contains(says), "{:?}", error.hint());
        }
        assert!(of(Flavour::Eucalyptus, json!({"host": "x", "path": "/a?b"})).is_err());
    }
}
