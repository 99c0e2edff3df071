//! Security groups and their rules.

use cloudfarm_contract::extensions::SecurityGroups;
use cloudfarm_contract::model::{
    Direction, Extra, IpVersion, SecurityGroup, SecurityGroupCreate, SecurityRule,
    SecurityRuleCreate,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text, async_trait};

use crate::driver::DummyDriver;
use crate::generated::DEFAULT_GROUP;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::SecurityGroupRecord;
use crate::security_rules::checked;
use crate::usage::Usage;
use crate::view::{Draft, View};
use crate::world::{Change, Slot};

pub(crate) const DEFAULT_NAME: Text = Text::from_static("default");

/// The group of nodes that name none: everything out, nothing in.
pub(crate) fn default_group() -> SecurityGroupRecord {
    let out = |version| SecurityRuleCreate {
        direction: Direction::Egress,
        protocol: None,
        port_min: None,
        port_max: None,
        version: Some(version),
        remote_cidr: None,
        remote_group: None,
    };
    SecurityGroupRecord {
        name: DEFAULT_NAME,
        description: Some("nodes that name no other group".to_owned()),
        rules: vec![(1, out(IpVersion::V4)), (2, out(IpVersion::V6))],
        mark: None,
    }
}

#[async_trait]
impl SecurityGroups for DummyDriver {
    async fn list_security_groups(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<SecurityGroup>> {
        self.read(cx, Operation::ListSecurityGroups, |view| {
            let table = &view.world.tables.security_groups;
            view.table_page(Kind::SecurityGroup, &query.page, table, |ordinal, group| {
                let wanted = query.matches(&group.name);
                wanted.then(|| view.show_security_group(ordinal, group))
            })
        })
        .await
    }

    async fn get_security_group(&self, cx: &Context, id: &str) -> Result<SecurityGroup> {
        self.read(cx, Operation::GetSecurityGroup, |view| {
            let (ordinal, group) = view.security_group(id)?;
            Ok(view.show_security_group(ordinal, group))
        })
        .await
    }

    async fn create_security_group(
        &self,
        cx: &Context,
        request: &SecurityGroupCreate,
    ) -> Result<SecurityGroup> {
        let operation = Operation::CreateSecurityGroup;
        self.write(cx, operation, |draft| create(draft, request))
            .await
    }

    async fn delete_security_group(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteSecurityGroup, |draft| {
            let Ok((ordinal, _)) = draft.security_group(id) else {
                return Ok(());
            };
            if ordinal == DEFAULT_GROUP {
                let message = "the default security group stays for nodes that name no other";
                return Err(Error::conflict(message));
            }
            check_unused(draft, ordinal, id)?;
            draft.push(Change::SecurityGroup(ordinal, None));
            Ok(())
        })
        .await
    }

    async fn add_security_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &SecurityRuleCreate,
    ) -> Result<SecurityRule> {
        self.write(cx, Operation::AddSecurityRule, |draft| {
            let (ordinal, record) = draft.security_group(group)?;
            let rule = checked(draft, rule)?;
            let mut record = record.clone();
            if let Some((number, _)) = record.rules.iter().find(|(_, known)| *known == rule) {
                let id = draft.id(Kind::SecurityRule, *number);
                let message = format!("security group {group} has this rule as {id}");
                return Err(Error::conflict(message));
            }
            let number = draft.new_ordinal();
            let shown = draft.show_security_rule(number, &rule);
            record.rules.push((number, rule));
            draft.put(ordinal, record);
            // The ordinal of the rule is in no table, so the next has to be said.
            draft.push(Change::Next(number + 1));
            Ok(shown)
        })
        .await
    }

    async fn remove_security_rule(&self, cx: &Context, group: &str, rule: &str) -> Result<()> {
        self.write(cx, Operation::RemoveSecurityRule, |draft| {
            let Ok((ordinal, record)) = draft.security_group(group) else {
                return Ok(());
            };
            let mut record = record.clone();
            let before = record.rules.len();
            let number = draft.world.ids.ordinal(Kind::SecurityRule, rule);
            record.rules.retain(|(known, _)| Some(*known) != number);
            if record.rules.len() < before {
                draft.put(ordinal, record);
            }
            Ok(())
        })
        .await
    }
}

fn create(draft: &mut Draft<'_>, request: &SecurityGroupCreate) -> Result<SecurityGroup> {
    let table = &draft.world.tables.security_groups;
    let before = draft.made_before(Kind::SecurityGroup, table, request.mark.as_ref());
    if let Some((ordinal, group)) = before {
        return Ok(draft.show_security_group(ordinal, group));
    }
    check_name(&request.name)?;
    if request.network.is_some() {
        let message = "security groups of this cloud are good for every network";
        return Err(Error::invalid(message).with_field("network"));
    }
    if table.values().any(|group| group.name == request.name) {
        let message = format!("there is a security group {} already", request.name);
        return Err(Error::conflict(message).with_field("name"));
    }
    draft.check_room(&Usage {
        security_groups: 1,
        ..Usage::default()
    })?;
    let group = SecurityGroupRecord {
        name: request.name.clone(),
        description: request.description.clone(),
        rules: Vec::new(),
        mark: request.mark.clone(),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_security_group(ordinal, &group);
    draft.put(ordinal, group);
    Ok(shown)
}

/// Refuses to delete a group that nodes or other groups use.
fn check_unused(view: &View<'_>, group: u64, id: &str) -> Result<()> {
    let uses = |slot: &Slot<'_>| match slot {
        Slot::Kept(_, node) => node.phase.end().is_some() && node.groups.contains(&group),
        Slot::Generated(_) => false,
    };
    if view.world.changed_after(0).any(|slot| uses(&slot)) {
        return Err(Error::conflict(format!("nodes use security group {id}")));
    }
    let groups = view.world.tables.security_groups.iter();
    for (other, record) in groups.filter(|(other, _)| **other != group) {
        let mut rules = record.rules.iter();
        if rules.any(|(_, rule)| rule.remote_group.as_deref() == Some(id)) {
            let other = view.id(Kind::SecurityGroup, *other);
            let message = format!("a rule of security group {other} uses security group {id}");
            return Err(Error::conflict(message));
        }
    }
    Ok(())
}

impl<'a> View<'a> {
    pub(crate) fn security_group(&self, id: &str) -> Result<(u64, &'a SecurityGroupRecord)> {
        self.find(Kind::SecurityGroup, &self.world.tables.security_groups, id)
    }

    fn show_security_group(&self, ordinal: u64, group: &SecurityGroupRecord) -> SecurityGroup {
        let rules = group.rules.iter();
        SecurityGroup {
            cloud: self.cloud(),
            id: self.id(Kind::SecurityGroup, ordinal),
            name: group.name.clone(),
            description: group.description.clone(),
            rules: rules
                .map(|(number, rule)| self.show_security_rule(*number, rule))
                .collect(),
            mark: group.mark.clone(),
            extra: Extra::new(),
        }
    }

    fn show_security_rule(&self, number: u64, rule: &SecurityRuleCreate) -> SecurityRule {
        SecurityRule {
            id: self.id(Kind::SecurityRule, number),
            direction: rule.direction,
            protocol: rule.protocol.clone(),
            port_min: rule.port_min,
            port_max: rule.port_max,
            version: rule.version.unwrap_or(IpVersion::V4),
            remote_cidr: rule.remote_cidr.clone(),
            remote_group: rule.remote_group.clone(),
        }
    }
}
