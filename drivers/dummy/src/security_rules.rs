//! Which security rules make sense.

use cloudfarm_contract::model::{IpVersion, SecurityRuleCreate};
use cloudfarm_contract::{Error, Result};

use crate::cidr::Cidr;
use crate::view::View;

/// The rule with everything filled in that follows from the rest, so that two rules which mean the
/// same are equal.
pub(crate) fn checked(view: &View<'_>, rule: &SecurityRuleCreate) -> Result<SecurityRuleCreate> {
    check_protocol(rule)?;
    check_ports(rule)?;
    if rule.remote_cidr.is_some() && rule.remote_group.is_some() {
        let message = "remote_cidr and remote_group exclude each other";
        return Err(Error::invalid(message).with_field("remote_group"));
    }
    if let Some(group) = &rule.remote_group {
        view.security_group(group).map_err(|_| {
            Error::invalid(format!("there is no security group {group}")).with_field("remote_group")
        })?;
    }
    let mut rule = rule.clone();
    rule.version = Some(version(&rule)?);
    Ok(rule)
}

fn check_protocol(rule: &SecurityRuleCreate) -> Result<()> {
    let Some(protocol) = rule.protocol.as_deref() else {
        return Ok(());
    };
    let known = matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6");
    if known || protocol.parse::<u8>().is_ok() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "protocol {protocol:?} is not tcp, udp, icmp, icmpv6 or a number up to 255"
    ))
    .with_field("protocol"))
}

fn check_ports(rule: &SecurityRuleCreate) -> Result<()> {
    let (min, max) = match (rule.port_min, rule.port_max) {
        (None, None) => return Ok(()),
        (Some(min), Some(max)) => (min, max),
        (Some(_), None) => {
            return Err(Error::invalid("port_min needs port_max").with_field("port_max"));
        }
        (None, Some(_)) => {
            return Err(Error::invalid("port_max needs port_min").with_field("port_min"));
        }
    };
    if !matches!(rule.protocol.as_deref(), Some("tcp" | "udp")) {
        let message = "ports need the protocol tcp or udp";
        return Err(Error::invalid(message).with_field("protocol"));
    }
    if min > max {
        let message = format!("port_min {min} is above port_max {max}");
        return Err(Error::invalid(message).with_field("port_min"));
    }
    Ok(())
}

/// The version that is meant, from the range or the protocol where it is not given.
fn version(rule: &SecurityRuleCreate) -> Result<IpVersion> {
    let follows = match (&rule.remote_cidr, rule.protocol.as_deref()) {
        (Some(cidr), _) if Cidr::parse(cidr, "remote_cidr")?.is_v4() => Some(IpVersion::V4),
        (Some(_), _) | (None, Some("icmpv6")) => Some(IpVersion::V6),
        (None, _) => None,
    };
    match (rule.version, follows) {
        (Some(given), Some(follows)) if given != follows => {
            let message = "version does not go with remote_cidr or protocol";
            Err(Error::invalid(message).with_field("version"))
        }
        (given, follows) => Ok(given.or(follows).unwrap_or(IpVersion::V4)),
    }
}
