//! Ranges of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cloudfarm_contract::{Error, Result};

/// A range of addresses, as `10.1.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    base: u128,
    /// Bits of the address that vary.
    host_bits: u32,
    v4: bool,
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip),
    }
}

impl Cidr {
    /// Reads a range; the base must be its first address.
    pub(crate) fn parse(text: &str, field: &'static str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            Error::invalid(format!(
                "{text:?} is not a range of addresses, as 10.1.2.0/24"
            ))
            .with_field(field)
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (ip, prefix) = text.split_once('/')?;
        let ip: IpAddr = ip.parse().ok()?;
        let prefix: u32 = prefix.parse().ok()?;
        let host_bits = (if ip.is_ipv4() { 32_u32 } else { 128 }).checked_sub(prefix)?;
        let range = Self {
            base: number(ip),
            host_bits,
            v4: ip.is_ipv4(),
        };
        (range.base & range.host_mask() == 0).then_some(range)
    }

    fn host_mask(&self) -> u128 {
        1_u128
            .checked_shl(self.host_bits)
            .map_or(u128::MAX, |hosts| hosts - 1)
    }

    pub(crate) fn is_v4(&self) -> bool {
        self.v4
    }

    /// Offset of the last address.
    pub(crate) fn last(&self) -> u128 {
        self.host_mask()
    }

    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.v4 && number(ip) & !self.host_mask() == self.base
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let mask = !(self.host_mask() | other.host_mask());
        self.v4 == other.v4 && self.base & mask == other.base & mask
    }

    /// The address `offset` after the first.
    pub(crate) fn nth(&self, offset: u128) -> IpAddr {
        let number = self.base | (offset & self.host_mask());
        if self.v4 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    fn cidr(text: &str) -> Cidr {
        Cidr::parse(text, "cidr").unwrap()
    }

    #[test]
    fn ranges_contain_and_overlap() {
        let wide = cidr("10.0.0.0/12");
        assert!(wide.contains("10.15.255.255".parse().unwrap()));
        assert!(!wide.contains("10.16.0.0".parse().unwrap()));
        assert!(!wide.contains("::1".parse().unwrap()));
        assert!(wide.overlaps(&cidr("10.1.2.0/24")));
        assert!(cidr("10.1.2.0/24").overlaps(&wide));
        assert!(!wide.overlaps(&cidr("10.16.0.0/24")));
        assert_eq!(cidr("fd00::/64").nth(5).to_string(), "fd00::5");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.1/24",
            "10.0.0.0/33",
            "x/8",
            "::/129",
            "0.0.0.0/-1",
        ] {
            let error = Cidr::parse(text, "cidr").unwrap_err();
            assert_eq!(error.field().unwrap().as_str(), "cidr", "{text}");
        }
        assert!(cidr("::/0").contains("ffff::".parse().unwrap()));
    }
}
