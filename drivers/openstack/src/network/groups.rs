use cloudfarm_contract::extensions::SecurityGroups;
use cloudfarm_contract::model::{
    Direction, Extra, IpVersion, Mark, SecurityGroup, SecurityGroupCreate, SecurityRule,
    SecurityRuleCreate,
};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait, exact_name,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Net, extra};
use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::errors::{about_field, gone_is_fine, not_found_if_malformed, says};
use crate::list::{self, Collection, Listed};

pub(crate) const GROUPS: Collection = Collection {
    service: NETWORK,
    key: "security_groups",
};

#[derive(Debug, Deserialize)]
pub(crate) struct GroupReply {
    pub(crate) security_group: NeutronGroup,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NeutronGroup {
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    security_group_rules: Vec<NeutronRule>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RuleReply {
    pub(crate) security_group_rule: NeutronRule,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NeutronRule {
    id: Text,
    direction: Direction,
    /// A name, or a number as text or, in old versions, as a number.
    #[serde(default)]
    protocol: Value,
    port_range_min: Option<u16>,
    port_range_max: Option<u16>,
    ethertype: Option<Text>,
    remote_ip_prefix: Option<Text>,
    remote_group_id: Option<Text>,
}

impl Listed for NeutronGroup {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl NeutronGroup {
    pub(crate) fn into_group(self, cloud: &Text) -> SecurityGroup {
        let (description, mark) = Mark::read_description(self.description);
        SecurityGroup {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            description,
            rules: self
                .security_group_rules
                .into_iter()
                .map(NeutronRule::into_rule)
                .collect(),
            mark,
            extra: extra(self.rest, None),
        }
    }
}

impl NeutronRule {
    pub(crate) fn into_rule(self) -> SecurityRule {
        let protocol = match self.protocol {
            Value::String(name) => Some(name),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let version = match self.ethertype.as_deref() {
            Some("IPv6") => IpVersion::V6,
            _ => IpVersion::V4,
        };
        SecurityRule {
            id: self.id,
            direction: self.direction,
            protocol: protocol.map(|name| neutral_protocol(&name)),
            port_min: self.port_range_min,
            port_max: self.port_range_max,
            version,
            remote_cidr: self.remote_ip_prefix,
            remote_group: self.remote_group_id,
        }
    }
}

/// Neutron has several names for the ICMP of IPv6.
fn neutral_protocol(name: &str) -> Text {
    match name {
        "ipv6-icmp" => Text::from_static("icmpv6"),
        other => Text::from(other.to_ascii_lowercase()),
    }
}

#[async_trait]
impl SecurityGroups for Net {
    async fn list_security_groups(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<SecurityGroup>> {
        let call =
            Call::get(&["security-groups"]).query_if("name", exact_name(query.name.as_ref()));
        let call = self.own(cx, call).await?;
        let page =
            list::page::<NeutronGroup>(&self.session, cx, GROUPS, &call, &query.page).await?;
        let mut groups = page.map(|group| group.into_group(self.session.cloud()));
        groups.items.retain(|group| query.matches(&group.name));
        Ok(groups)
    }

    async fn get_security_group(&self, cx: &Context, id: &str) -> Result<SecurityGroup> {
        let call = Call::get(&["security-groups", id]);
        let asked = self.session.ask(cx, NETWORK, &call).await;
        let reply: GroupReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.security_group.into_group(self.session.cloud()))
    }

    async fn create_security_group(
        &self,
        cx: &Context,
        request: &SecurityGroupCreate,
    ) -> Result<SecurityGroup> {
        let mut group = json!({"name": request.name.as_str()});
        let description = Mark::describe(request.description.as_deref(), request.mark.as_ref());
        if let Some(description) = description {
            group["description"] = Value::from(description);
        }
        let body = json!({"security_group": group});
        let call = Call::post(&["security-groups"], Effect::Once, body);
        let reply: GroupReply = self.session.ask(cx, NETWORK, &call).await?.json()?;
        Ok(reply.security_group.into_group(self.session.cloud()))
    }

    async fn delete_security_group(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["security-groups", id]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
    }

    async fn add_security_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &SecurityRuleCreate,
    ) -> Result<SecurityRule> {
        let body = json!({"security_group_rule": rule_json(group, rule)?});
        let call = Call::post(&["security-group-rules"], Effect::Once, body);
        let added = self.session.ask(cx, NETWORK, &call).await;
        let reply: RuleReply = added.map_err(rule_refused)?.json()?;
        Ok(reply.security_group_rule.into_rule())
    }

    async fn remove_security_rule(&self, cx: &Context, _group: &str, rule: &str) -> Result<()> {
        let call = Call::delete(&["security-group-rules", rule]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
    }
}

fn rule_json(group: &str, rule: &SecurityRuleCreate) -> Result<Value> {
    let version = version(rule)?;
    let mut wire = json!({
        "security_group_id": group,
        "direction": rule.direction.as_str(),
        // Neutron takes a rule for IPv4 if it is not told, whatever its range.
        "ethertype": match version { IpVersion::V4 => "IPv4", IpVersion::V6 => "IPv6" },
    });
    if let Some(protocol) = &rule.protocol {
        let is_icmp = matches!(protocol.as_str(), "icmp" | "icmpv6");
        let name = match version {
            IpVersion::V6 if is_icmp => "ipv6-icmp",
            _ => protocol.as_str(),
        };
        wire["protocol"] = Value::from(name);
    }
    let ports = [
        ("port_range_min", rule.port_min),
        ("port_range_max", rule.port_max),
    ];
    for (key, port) in ports {
        if let Some(port) = port {
            wire[key] = Value::from(port);
        }
    }
    if let Some(range) = &rule.remote_cidr {
        wire["remote_ip_prefix"] = Value::from(range.as_str());
    }
    if let Some(remote) = &rule.remote_group {
        wire["remote_group_id"] = Value::from(remote.as_str());
    }
    Ok(wire)
}

fn version(rule: &SecurityRuleCreate) -> Result<IpVersion> {
    let Some(range) = &rule.remote_cidr else {
        let six = rule.protocol.as_deref() == Some("icmpv6");
        let usual = if six { IpVersion::V6 } else { IpVersion::V4 };
        return Ok(rule.version.unwrap_or(usual));
    };
    let ip = range.split_once('/').map_or(range.as_str(), |(ip, _)| ip);
    let of_range = ip.parse().map(IpVersion::of).map_err(|_| {
        Error::invalid(format!(
            "{range:?} is not a range of addresses such as 10.0.0.0/8"
        ))
        .with_field("remote_cidr")
    })?;
    if rule.version.is_some_and(|version| version != of_range) {
        let message = format!("version does not go with the range {range}");
        return Err(Error::invalid(message).with_field("version"));
    }
    Ok(of_range)
}

fn rule_refused(error: Error) -> Error {
    if error.kind() != ErrorKind::Invalid {
        return error;
    }
    let fields = [
        (&["port"][..], "port_min"),
        (&["protocol"], "protocol"),
        (&["remote_group"], "remote_group"),
        (&["prefix"], "remote_cidr"),
        (&["cidr"], "remote_cidr"),
    ];
    match fields.iter().find(|(words, _)| says(&error, words)) {
        Some((_, field)) => about_field(&error, field),
        None => error,
    }
}
