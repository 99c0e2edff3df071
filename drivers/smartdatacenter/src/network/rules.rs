//! The language of firewall rules, as far as a security group speaks it: `FROM subnet 10.0.0.0/8
//! TO tag "cloudfarm.group.web" = "true" ALLOW tcp PORT 80`.

use cloudfarm_contract::model::{Direction, IpVersion, SecurityRule, SecurityRuleCreate};
use cloudfarm_contract::{Error, Result, Text};

use crate::machines::GROUP_TAG;

/// One end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Everybody.
    Any,
    /// A range of addresses.
    Range(Text),
    /// The machines of a group, by its name.
    Group(Text),
}

/// What a rule lets through, and to or from which group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) protocol: Text,
    pub(crate) ports: Option<(u16, u16)>,
}

/// The text of a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleText<'t>(pub(crate) &'t str);

impl RuleText<'_> {
    /// Reads a rule that may be part of a group: one end on each side, `ALLOW`, and one stretch of
    /// ports. Anything else is somebody's own, and not touched.
    pub(crate) fn read(self) -> Option<Rule> {
        let words = words(self.0)?;
        let mut rest = words.iter().map(String::as_str);
        keyword(&mut rest, "FROM")?;
        let from = read_end(&mut rest)?;
        keyword(&mut rest, "TO")?;
        let to = read_end(&mut rest)?;
        keyword(&mut rest, "ALLOW")?;
        let protocol = rest.next()?.to_ascii_lowercase();
        let ports = read_ports(&mut rest)?;
        rest.next().is_none().then(|| Rule {
            from,
            to,
            protocol: Text::from(protocol),
            ports,
        })
    }
}

/// The words; what stands in quotes is one.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, tail) = quoted.split_once('"')?;
            words.push(word.to_owned());
            rest = tail.trim_start();
            continue;
        }
        if let Some(tail) = rest.strip_prefix('=') {
            words.push("=".to_owned());
            rest = tail.trim_start();
            continue;
        }
        let end = rest.find([' ', '\t', '=', '"']).unwrap_or(rest.len());
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Some(words)
}

fn keyword<'w>(rest: &mut impl Iterator<Item = &'w str>, wanted: &str) -> Option<()> {
    rest.next()?.eq_ignore_ascii_case(wanted).then_some(())
}

fn read_end<'w>(rest: &mut (impl Iterator<Item = &'w str> + Clone)) -> Option<End> {
    match rest.next()?.to_ascii_lowercase().as_str() {
        "any" => Some(End::Any),
        "subnet" => Some(End::Range(Text::from(rest.next()?))),
        "ip" => {
            let ip: std::net::IpAddr = rest.next()?.parse().ok()?;
            let bits = if ip.is_ipv4() { 32 } else { 128 };
            Some(End::Range(Text::from(format!("{ip}/{bits}"))))
        }
        "tag" => {
            let name = rest.next()?.strip_prefix(GROUP_TAG)?.to_owned();
            keyword(rest, "=")?;
            keyword(rest, "true")?;
            Some(End::Group(Text::from(name)))
        }
        _ => None,
    }
}

/// `PORT 80`, `PORT all`, `PORTS 80-90`, `PORTS 80 - 90`, `TYPE all`.
fn read_ports<'w>(rest: &mut impl Iterator<Item = &'w str>) -> Option<Option<(u16, u16)>> {
    let kind = rest.next()?.to_ascii_lowercase();
    let stretch: String = rest.by_ref().collect();
    match kind.as_str() {
        "type" if stretch.eq_ignore_ascii_case("all") => Some(None),
        "port" | "ports" if stretch.eq_ignore_ascii_case("all") => Some(None),
        "port" | "ports" => {
            let (low, high) = stretch.split_once('-').unwrap_or((&stretch, &stretch));
            Some(Some((low.parse().ok()?, high.parse().ok()?)))
        }
        _ => None,
    }
}

impl Rule {
    /// The rule that is asked for, at `group`.
    ///
    /// # Errors
    ///
    /// `invalid` with the field for what the language cannot say.
    pub(crate) fn of(
        group: &str,
        wanted: &SecurityRuleCreate,
        remote_group: Option<Text>,
    ) -> Result<Self> {
        let wrong = |field: &'static str, why: &str| {
            Error::invalid(format!("{field} {why}")).with_field(field)
        };
        let version = version_of(wanted)?;
        let protocol = match (wanted.protocol.as_deref(), version) {
            (Some("tcp"), _) => "tcp",
            (Some("udp"), _) => "udp",
            (Some("icmp"), IpVersion::V4) => "icmp",
            (Some("icmp" | "icmpv6"), IpVersion::V6) => "icmp6",
            _ => {
                return Err(wrong(
                    "protocol",
                    "must be tcp, udp or icmp: rules are for one each",
                ));
            }
        };
        let ports = match (wanted.port_min, wanted.port_max) {
            _ if protocol.starts_with("icmp") => {
                if wanted.port_min.is_some() || wanted.port_max.is_some() {
                    return Err(wrong("port_min", "means nothing with icmp"));
                }
                None
            }
            (None, None) => None,
            (low, high) => Some((low.unwrap_or(1), high.unwrap_or(u16::MAX))),
        };
        if ports.is_some_and(|(low, high)| low > high || low == 0) {
            return Err(wrong("port_min", "must be between 1 and port_max"));
        }
        let remote = match (remote_group, &wanted.remote_cidr, version) {
            (Some(name), _, _) => End::Group(name),
            (None, Some(range), _) => End::Range(range.clone()),
            (None, None, IpVersion::V4) => End::Any,
            (None, None, IpVersion::V6) => End::Range(Text::from_static("::/0")),
        };
        let own = End::Group(Text::from(group));
        let (from, to) = match wanted.direction {
            Direction::Ingress => (remote, own),
            Direction::Egress => (own, remote),
        };
        Ok(Self {
            from,
            to,
            protocol: Text::from_static(protocol),
            ports,
        })
    }

    /// The text that CloudAPI is told.
    pub(crate) fn to_text(&self) -> String {
        let ports = match self.ports {
            None if self.protocol.starts_with("icmp") => "TYPE all".to_owned(),
            None => "PORT all".to_owned(),
            Some((low, high)) if low == high => format!("PORT {low}"),
            Some((low, high)) => format!("PORTS {low}-{high}"),
        };
        format!(
            "FROM {} TO {} ALLOW {} {ports}",
            self.from.to_text(),
            self.to.to_text(),
            self.protocol
        )
    }

    /// The rule as one of the group `name`, if it is; `id_of` tells the ids of groups.
    pub(crate) fn of_group(
        &self,
        name: &str,
        id: &Text,
        id_of: impl Fn(&str) -> Option<Text>,
    ) -> Option<SecurityRule> {
        let is_own = |end: &End| matches!(end, End::Group(group) if *group == *name);
        let (direction, remote) = if is_own(&self.to) {
            (Direction::Ingress, &self.from)
        } else if is_own(&self.from) {
            (Direction::Egress, &self.to)
        } else {
            return None;
        };
        let (remote_cidr, remote_group) = match remote {
            End::Any => (None, None),
            End::Range(range) => (Some(range.clone()), None),
            End::Group(group) => (None, Some(id_of(group)?)),
        };
        let is_v6 =
            self.protocol == *"icmp6" || remote_cidr.as_ref().is_some_and(|it| it.contains(':'));
        Some(SecurityRule {
            id: id.clone(),
            direction,
            protocol: Some(match &*self.protocol {
                "icmp6" => Text::from_static("icmpv6"),
                _ => self.protocol.clone(),
            }),
            port_min: self.ports.map(|(low, _)| low),
            port_max: self.ports.map(|(_, high)| high),
            version: if is_v6 { IpVersion::V6 } else { IpVersion::V4 },
            remote_cidr,
            remote_group,
        })
    }
}

impl End {
    fn to_text(&self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Range(range) => format!("subnet {range}"),
            Self::Group(name) => format!(r#"tag "{GROUP_TAG}{name}" = "true""#),
        }
    }
}

fn version_of(wanted: &SecurityRuleCreate) -> Result<IpVersion> {
    let Some(range) = &wanted.remote_cidr else {
        return Ok(wanted.version.unwrap_or(IpVersion::V4));
    };
    let wrong = || {
        Error::invalid("remote_cidr must be a range such as 198.51.100.0/24")
            .with_field("remote_cidr")
    };
    let (ip, bits) = range.split_once('/').ok_or_else(wrong)?;
    let ip: std::net::IpAddr = ip.parse().map_err(|_| wrong())?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    if bits.parse::<u8>().map_or(true, |bits| bits > most) {
        return Err(wrong());
    }
    let version = IpVersion::of(ip);
    if wanted.version.is_some_and(|said| said != version) {
        return Err(Error::invalid("version is not that of remote_cidr").with_field("version"));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::model::SecurityRuleCreate;

    use super::{Rule, RuleText};

    fn wanted(json: &str) -> SecurityRuleCreate {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        for (json, text) in [
            (
                r#"{"protocol": "tcp", "port_min": 22, "port_max": 22}"#,
                r#"FROM any TO tag "cloudfarm.group.web" = "true" ALLOW tcp PORT 22"#,
            ),
            (
                r#"{"protocol": "udp", "port_min": 1, "port_max": 9, "remote_cidr": "10.0.0.0/8"}"#,
                r#"FROM subnet 10.0.0.0/8 TO tag "cloudfarm.group.web" = "true" ALLOW udp PORTS 1-9"#,
            ),
            (
                r#"{"protocol": "icmp", "direction": "egress", "version": 6}"#,
                r#"FROM tag "cloudfarm.group.web" = "true" TO subnet ::/0 ALLOW icmp6 TYPE all"#,
            ),
        ] {
            let rule = Rule::of("web", &wanted(json), None).unwrap();
            assert_eq!(rule.to_text(), text);
            assert_eq!(RuleText(text).read(), Some(rule));
        }
    }

    #[test]
    fn rules_are_read_however_they_are_spelled() {
        let plain = r#"from ANY to tag cloudfarm.group.web=true allow TCP ports 80 - 90"#;
        let rule = RuleText(plain).read().unwrap();
        assert_eq!(rule.ports, Some((80, 90)));
        for foreign in [
            "FROM any TO tag web ALLOW tcp PORT 80",
            "FROM any TO all vms ALLOW tcp PORT 80",
            "FROM any TO tag cloudfarm.group.web = true BLOCK tcp PORT 80",
            "FROM any TO tag cloudfarm.group.web = true ALLOW tcp (PORT 80 AND PORT 81)",
            "FROM any TO tag \"cloudfarm.group.web = true",
            "",
        ] {
            assert_eq!(RuleText(foreign).read(), None, "{foreign}");
        }
    }

    #[test]
    fn what_the_language_cannot_say_is_refused_by_field() {
        for (json, field) in [
            (r#"{}"#, "protocol"),
            (
                r#"{"protocol": "tcp", "port_min": 9, "port_max": 1}"#,
                "port_min",
            ),
            (r#"{"protocol": "icmp", "port_min": 9}"#, "port_min"),
            (
                r#"{"protocol": "tcp", "remote_cidr": "10.0.0.0"}"#,
                "remote_cidr",
            ),
            (
                r#"{"protocol": "tcp", "remote_cidr": "10.0.0.0/33"}"#,
                "remote_cidr",
            ),
            (
                r#"{"protocol": "tcp", "remote_cidr": "::/0", "version": 4}"#,
                "version",
            ),
        ] {
            let error = Rule::of("web", &wanted(json), None).unwrap_err();
            assert_eq!(error.field().unwrap(), field, "{json}");
        }
    }
}
