//! Keeps notifications off private networks where the settings ask for it.

use std::net::{IpAddr, SocketAddr};

use cloudfarm_contract::model::AddressScope;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Gives the public addresses of a name only.
#[derive(Debug)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address names its host by a number that is not public: then no name is resolved.
pub(super) fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(_)) | None => false,
    }
}

fn is_public(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    AddressScope::of(ip) == AddressScope::Public && !ip.is_multicast() && !ip.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn numbers_of_private_networks_are_known() {
        for (url, expected) in [
            ("http://127.0.0.1/x", true),
            ("http://169.254.169.254/latest", true),
            ("https://10.1.2.3:8443", true),
            ("http://[::1]/", true),
            ("http://[::ffff:10.0.0.1]/", true),
            ("http://0.0.0.0/", true),
            ("https://8.8.8.8/", false),
            ("https://hooks.example.com/", false),
        ] {
            assert_eq!(is_private(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
