//! Keeps notifications off private networks where the settings ask for it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// The name leads to private networks only.
#[derive(Debug)]
pub(super) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name has no public address")
    }
}

impl std::error::Error for NotPublic {}

/// Whether an address names its host by a number that is not public: then no name is resolved.
pub(super) fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(_)) | None => false,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip) && embedded(ip).is_none_or(is_public_v4),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let of_protocols = ip.octets()[..3] == [192, 0, 0];
    let of_benchmarks = ip.octets()[0] == 198 && matches!(ip.octets()[1], 18 | 19);
    let is_reserved = ip.octets()[0] >= 224;
    AddressScope::of(ip.into()) == AddressScope::Public
        && !(of_protocols || of_benchmarks || is_reserved)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let was_of_a_site = ip.segments()[0] & 0xffc0 == 0xfec0;
    AddressScope::of(ip.into()) == AddressScope::Public && !ip.is_multicast() && !was_of_a_site
}

/// The address that a translator (NAT64, 6to4) or an old notation leads to.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => {
            Some(of(high, low))
        }
        [0x64, 0xff9b, 1, .., high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
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
            ("http://224.0.0.1/", true),
            ("http://255.255.255.255/", true),
            ("http://198.18.0.1/", true),
            ("http://192.0.0.8/", true),
            ("http://[fec0::1]/", true),
            ("http://[::127.0.0.1]/", true),
            ("http://[64:ff9b::10.1.2.3]/", true),
            ("http://[64:ff9b:1::a01:203]/", true),
            ("http://[2002:a01:203::1]/", true),
            ("http://2130706433/", true),
            ("http://0x7f.1/", true),
            ("https://8.8.8.8/", false),
            ("https://[64:ff9b::8.8.8.8]/", false),
            ("https://[2606:4700::1111]/", false),
            ("https://hooks.example.com/", false),
        ] {
            assert_eq!(is_private(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
