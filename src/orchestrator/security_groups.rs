//! Security groups and their rules: plan and begin to make, add, remove.

use cloudfarm_contract::model::{
    IpVersion, SecurityGroup, SecurityGroupCreate, SecurityRuleCreate,
};
use cloudfarm_contract::{Driver, Error, Extension, Result, Text};

use super::cidr::Cidr;
use super::{Call, Orchestrator, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;
use crate::jobs::kinds::{AddSecurityRule, RemoveSecurityRule, is_same};

impl Orchestrator {
    /// Begins to make a security group. Its network stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `unsupported`.
    pub async fn create_security_group(
        &self,
        call: &Call,
        cloud: &str,
        mut request: SecurityGroupCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        request.description = request.description.filter(|text| !text.is_empty());
        validate::optional("description", request.description.as_deref())?;
        let on = self.on(call, cloud)?;
        let groups = on.driver.security_groups();
        extension(&on.driver, groups, Extension::SecurityGroups)?;
        request.network = on.network_for("network", request.network).await?;
        on.create(request).await
    }

    /// Begins to add a rule to a security group. A group at the other end stands in the rule by id
    /// or name.
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid`, naming the field; `conflict` for an ambiguous name, and for a rule
    /// that is there; `unsupported`.
    pub async fn add_security_rule(
        &self,
        call: &Call,
        cloud: &str,
        group: &str,
        rule: SecurityRuleCreate,
    ) -> Result<JobHandle> {
        let mut rule = checked(rule)?;
        let on = self.on(call, cloud)?;
        let group: SecurityGroup = on.find(group).await?;
        if let Some(remote) = &rule.remote_group {
            let remote: SecurityGroup = on.find_for("remote_group", remote).await?;
            rule.remote_group = Some(remote.id);
        }
        if let Some(there) = group.rules.iter().find(|there| is_same(there, &rule)) {
            return Err(Error::conflict(format!(
                "security group {:?} has this rule already, it is {}",
                group.name.as_str(),
                there.id
            ))
            .with_cloud(on.cloud));
        }
        let cloud = on.cloud.clone();
        let group = group.id;
        on.submit(AddSecurityRule { cloud, group, rule }).await
    }

    /// Begins to remove a rule from a security group.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` for an ambiguous name of the group; `unsupported`.
    pub async fn remove_security_rule(
        &self,
        call: &Call,
        cloud: &str,
        group: &str,
        rule: &str,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let group: SecurityGroup = on.find(group).await?;
        if !group.rules.iter().any(|there| there.id == rule) {
            return Err(Error::not_found(format!(
                "there is no rule {rule:?} in security group {:?}",
                group.name.as_str()
            ))
            .with_cloud(on.cloud));
        }
        let cloud = on.cloud.clone();
        on.submit(RemoveSecurityRule {
            cloud,
            group: group.id,
            rule: rule.into(),
        })
        .await
    }
}

/// The rule with its protocol by name and its version filled in, if it makes sense.
fn checked(mut rule: SecurityRuleCreate) -> Result<SecurityRuleCreate> {
    rule.protocol = rule.protocol.map(|name| protocol(&name)).transpose()?;
    check_ports(&rule)?;
    if rule.remote_cidr.is_some() && rule.remote_group.is_some() {
        return Err(wrong(
            "remote_group",
            "remote_cidr and remote_group exclude each other",
        ));
    }
    rule.version = Some(version(&rule)?);
    Ok(rule)
}

/// A protocol that has a name is known by it.
fn protocol(given: &str) -> Result<Text> {
    let name = match given.to_ascii_lowercase().as_str() {
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => "icmp",
        "icmpv6" | "58" => "icmpv6",
        number => {
            let number: u8 = number.parse().map_err(|_| {
                let message = format!("protocol {given:?} is not known");
                wrong("protocol", message)
                    .with_hint("tcp, udp, icmp, icmpv6, a number up to 255, or null for any")
            })?;
            return Ok(number.to_string().into());
        }
    };
    Ok(Text::from_static(name))
}

fn check_ports(rule: &SecurityRuleCreate) -> Result<()> {
    let (min, max) = match (rule.port_min, rule.port_max) {
        (None, None) => return Ok(()),
        (Some(min), Some(max)) => (min, max),
        (Some(_), None) => return Err(wrong("port_max", "port_min needs port_max")),
        (None, Some(_)) => return Err(wrong("port_min", "port_max needs port_min")),
    };
    if rule.protocol.is_none() {
        return Err(wrong("protocol", "ports need a protocol").with_hint("as tcp or udp"));
    }
    if min > max {
        let message = format!("port_min {min} is above port_max {max}");
        return Err(wrong("port_min", message));
    }
    Ok(())
}

/// The version that is meant, from the range or the protocol where it is not given.
fn version(rule: &SecurityRuleCreate) -> Result<IpVersion> {
    let range = rule
        .remote_cidr
        .as_deref()
        .map(|cidr| Cidr::parse("remote_cidr", cidr))
        .transpose()?;
    let follows = match range {
        Some(range) => Some(range.version()),
        None if rule.protocol.as_deref() == Some("icmpv6") => Some(IpVersion::V6),
        None => None,
    };
    match (rule.version, follows) {
        (Some(given), Some(follows)) if given != follows => Err(wrong(
            "version",
            format!(
                "version is {}, the other end is of version {}",
                u8::from(given),
                u8::from(follows)
            ),
        )),
        (given, follows) => Ok(given.or(follows).unwrap_or(IpVersion::V4)),
    }
}

fn wrong(field: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::invalid(message).with_field(field)
}
