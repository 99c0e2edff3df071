//! Rules of security groups. The API writes them as permissions: a protocol and ports with many
//! other ends. Here each end is a rule, and its id is made of what it says.

use cloudfarm_contract::model::{Direction, IpVersion, SecurityRule, SecurityRuleCreate};
use cloudfarm_contract::{Error, Result, Text};
use serde::Deserialize;

use crate::query::Query;
use crate::xml::{Set, signed};

#[derive(Debug, Deserialize)]
pub(crate) struct Permission {
    #[serde(rename = "ipProtocol", default)]
    protocol: Text,
    #[serde(rename = "fromPort", default, deserialize_with = "signed")]
    from: Option<i64>,
    #[serde(rename = "toPort", default, deserialize_with = "signed")]
    to: Option<i64>,
    #[serde(rename = "ipRanges", default)]
    ranges: Set<Range>,
    #[serde(rename = "ipv6Ranges", default)]
    ranges6: Set<Range6>,
    #[serde(default)]
    groups: Set<Group>,
    #[serde(rename = "prefixListIds", default)]
    lists: Set<PrefixList>,
}

#[derive(Debug, Deserialize)]
struct Range {
    #[serde(rename = "cidrIp", default)]
    cidr: Text,
}

#[derive(Debug, Deserialize)]
struct Range6 {
    #[serde(rename = "cidrIpv6", default)]
    cidr: Text,
}

#[derive(Debug, Deserialize)]
struct Group {
    #[serde(rename = "groupId", default)]
    id: Text,
    #[serde(rename = "groupName", default)]
    name: Text,
}

#[derive(Debug, Deserialize)]
struct PrefixList {
    #[serde(rename = "prefixListId", default)]
    id: Text,
}

/// One rule, as the API takes it.
#[derive(Debug, Clone)]
pub(super) struct Rule(SecurityRule);

/// The rules of a group.
pub(super) fn read(ingress: &[Permission], egress: &[Permission]) -> Vec<SecurityRule> {
    let mut rules = Vec::new();
    for (direction, permissions) in [(Direction::Ingress, ingress), (Direction::Egress, egress)] {
        for permission in permissions {
            permission.rules(direction, &mut rules);
        }
    }
    rules.sort_by(|one: &SecurityRule, other| one.id.cmp(&other.id));
    rules.dedup_by(|one, other| one.id == other.id);
    rules
}

impl Permission {
    fn rules(&self, direction: Direction, rules: &mut Vec<SecurityRule>) {
        let mut add = |version, cidr: Option<&Text>, group: Option<&Text>| {
            rules.push(with_id(SecurityRule {
                id: Text::default(),
                direction,
                protocol: protocol(&self.protocol),
                port_min: port(self.from),
                port_max: port(self.to),
                version,
                remote_cidr: cidr.cloned(),
                remote_group: group.cloned(),
            }));
        };
        for range in &self.ranges.items {
            add(IpVersion::V4, Some(&range.cidr), None);
        }
        for range in &self.ranges6.items {
            add(IpVersion::V6, Some(&range.cidr), None);
        }
        for group in &self.groups.items {
            let id = if group.id.is_empty() {
                &group.name
            } else {
                &group.id
            };
            add(IpVersion::V4, None, Some(id));
        }
        for list in &self.lists.items {
            add(IpVersion::V4, None, Some(&list.id));
        }
    }
}

/// The API numbers protocols that it has no name for, and `-1` is any.
fn protocol(native: &str) -> Option<Text> {
    match native {
        "-1" | "" | "all" => None,
        "1" => Some(Text::from_static("icmp")),
        "6" => Some(Text::from_static("tcp")),
        "17" => Some(Text::from_static("udp")),
        "58" => Some(Text::from_static("icmpv6")),
        other => Some(Text::from(other)),
    }
}

fn port(port: Option<i64>) -> Option<u16> {
    port.and_then(|port| u16::try_from(port).ok())
}

fn with_id(rule: SecurityRule) -> SecurityRule {
    let text = |port: Option<u16>| port.map_or("any".to_owned(), |port| port.to_string());
    let remote = rule.remote_cidr.as_ref().or(rule.remote_group.as_ref());
    let id = format!(
        "{}-{}-{}-{}-{}",
        rule.direction,
        rule.protocol.as_deref().unwrap_or("any"),
        text(rule.port_min),
        text(rule.port_max),
        remote.map_or("any", |remote| remote.as_str()),
    );
    // The id is part of an address.
    SecurityRule {
        id: Text::from(id.replace('/', "_")),
        ..rule
    }
}

impl Rule {
    /// The rule that a request wants.
    pub(super) fn wanted(rule: &SecurityRuleCreate) -> Result<Self> {
        if rule.remote_cidr.is_some() && rule.remote_group.is_some() {
            return Err(
                Error::invalid("remote_cidr and remote_group exclude each other")
                    .with_field("remote_group"),
            );
        }
        if rule.port_min.is_some() != rule.port_max.is_some() {
            return Err(Error::invalid("port_min and port_max go together").with_field("port_max"));
        }
        let version = match (rule.version, &rule.remote_cidr) {
            (Some(version), _) => version,
            (None, Some(cidr)) if cidr.contains(':') => IpVersion::V6,
            (None, _) => IpVersion::V4,
        };
        let remote_cidr = match (&rule.remote_cidr, &rule.remote_group, version) {
            (None, None, IpVersion::V4) => Some(Text::from_static("0.0.0.0/0")),
            (None, None, IpVersion::V6) => Some(Text::from_static("::/0")),
            (cidr, ..) => cidr.clone(),
        };
        Ok(Self(with_id(SecurityRule {
            id: Text::default(),
            direction: rule.direction,
            protocol: protocol(rule.protocol.as_deref().unwrap_or_default()),
            port_min: rule.port_min,
            port_max: rule.port_max,
            version,
            remote_cidr,
            remote_group: rule.remote_group.clone(),
        })))
    }

    /// A rule that a group has.
    pub(super) fn shown(rule: &SecurityRule) -> Self {
        Self(rule.clone())
    }

    pub(super) fn into_rule(self) -> SecurityRule {
        self.0
    }

    /// The one action or the other, by direction.
    pub(super) fn action(&self, ingress: &'static str, egress: &'static str) -> &'static str {
        match self.0.direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        }
    }

    pub(super) fn fields(&self, call: Query) -> Query {
        let rule = &self.0;
        let prefix = "IpPermissions.1";
        let is_icmp = matches!(rule.protocol.as_deref(), Some("icmp" | "icmpv6"));
        let ports = match (&rule.protocol, rule.port_min.zip(rule.port_max)) {
            (_, Some((from, to))) => Some((i64::from(from), i64::from(to))),
            (Some(_), None) if is_icmp => Some((-1, -1)),
            (Some(_), None) => Some((0, 65_535)),
            (None, None) => None,
        };
        let mut call = call.set(
            format!("{prefix}.IpProtocol"),
            rule.protocol.as_deref().unwrap_or("-1"),
        );
        if let Some((from, to)) = ports {
            call = call
                .set(format!("{prefix}.FromPort"), from.to_string())
                .set(format!("{prefix}.ToPort"), to.to_string());
        }
        let (name, value) = match (&rule.remote_cidr, &rule.remote_group, rule.version) {
            (Some(cidr), _, IpVersion::V4) => ("IpRanges.1.CidrIp", cidr),
            (Some(cidr), _, IpVersion::V6) => ("Ipv6Ranges.1.CidrIpv6", cidr),
            (None, Some(list), _) if list.starts_with("pl-") => {
                ("PrefixListIds.1.PrefixListId", list)
            }
            (None, Some(group), _) => ("Groups.1.GroupId", group),
            (None, None, _) => return call,
        };
        call.set(format!("{prefix}.{name}"), value.as_str())
    }
}
