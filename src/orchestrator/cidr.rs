//! Ranges of addresses.

use std::net::IpAddr;

use cloudfarm_contract::model::IpVersion;
use cloudfarm_contract::{Error, Result};

/// A range of addresses, as `10.1.2.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cidr {
    first: IpAddr,
    prefix: u32,
}

impl Cidr {
    /// Reads a range.
    ///
    /// # Errors
    ///
    /// `invalid`, naming `field`: not a range, or an address within one.
    pub(super) fn parse(field: &'static str, text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid(format!("{field} {text:?} is not a range of addresses"))
                .with_field(field)
                .with_hint("write it as 10.1.2.0/24 or 2001:db8::/64")
        };
        let (ip, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let prefix = u32::from(prefix);
        if prefix > width(ip) {
            return Err(wrong());
        }
        let range = Self {
            first: first(ip, prefix),
            prefix,
        };
        if range.first != ip {
            let message = format!("{field} {text:?} is an address within a range");
            return Err(Error::invalid(message).with_field(field).with_hint(format!(
                "{}/{prefix} is the range, {ip}/{} the address alone",
                range.first,
                width(ip)
            )));
        }
        Ok(range)
    }

    /// 4 or 6.
    pub(super) fn version(self) -> IpVersion {
        IpVersion::of(self.first)
    }

    /// Whether `ip` is in it.
    pub(super) fn contains(self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.first.is_ipv4() && first(ip, self.prefix) == self.first
    }
}

const fn width(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The first address of the range of this prefix that `ip` is in.
fn first(ip: IpAddr, prefix: u32) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or_default();
            IpAddr::V4((u32::from(ip) & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or_default();
            IpAddr::V6((u128::from(ip) & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn ranges_are_read() {
        for right in ["10.1.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::1/128"] {
            assert!(Cidr::parse("cidr", right).is_ok(), "{right}");
        }
        for wrong in ["", "10.1.2.0", "10.1.2.0/33", "10.1.2/24", "::/129", "x/1"] {
            let error = Cidr::parse("cidr", wrong).unwrap_err();
            assert!(error.message().contains("not a range"), "{wrong}");
        }
        let within = Cidr::parse("cidr", "10.1.2.3/24").unwrap_err();
        assert!(within.hint().unwrap().starts_with("10.1.2.0/24"));
    }

    #[test]
    fn a_range_knows_its_addresses() {
        let range = Cidr::parse("cidr", "10.1.2.0/24").unwrap();
        assert!(range.contains("10.1.2.255".parse().unwrap()));
        assert!(!range.contains("10.1.3.0".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
    }
}
