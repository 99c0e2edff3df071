//! Security groups. CloudAPI has firewall rules and no groups of them: a group is a tag that
//! machines carry and rules speak of. That it is there although nothing carries it yet is told by a
//! rule which is switched off and lets the group through to itself; its id is the group's.

use cloudfarm_contract::extensions::SecurityGroups;
use cloudfarm_contract::model::{
    Extra, Mark, SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate,
};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Net;
use super::rules::{End, Rule, RuleText};
use crate::call::Call;
use crate::errors::{gone_is_fine, not_found_if_malformed};
use crate::list;
use crate::machines::{GROUP_TAG, Machine};

/// The port of the rule that tells of a group. It is switched off, so it lets nothing through.
const ANCHOR_PORT: u16 = 1;

/// The longest name of a group: the tag that carries it may have so many characters more.
const NAME_MAX: usize = 100;

/// A rule as CloudAPI writes it.
#[derive(Debug, Deserialize)]
pub(crate) struct WireRule {
    id: Text,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    description: Option<String>,
}

impl WireRule {
    pub(crate) fn read(&self) -> Option<Rule> {
        RuleText(&self.rule).read()
    }

    /// The name of the group that this rule tells of.
    fn anchored(&self) -> Option<Text> {
        if self.enabled {
            return None;
        }
        let rule = self.read()?;
        match (&rule.from, &rule.to) {
            (End::Group(from), End::Group(to))
                if from == to && rule.ports == Some((ANCHOR_PORT, ANCHOR_PORT)) =>
            {
                Some(from.clone())
            }
            _ => None,
        }
    }
}

/// The groups that these rules make up.
pub(crate) fn groups(rules: &[WireRule], cloud: &Text) -> Vec<SecurityGroup> {
    let anchors: Vec<(Text, &WireRule)> = rules
        .iter()
        .filter_map(|rule| Some((rule.anchored()?, rule)))
        .collect();
    let id_of = |name: &str| {
        let found = anchors.iter().find(|(other, _)| **other == *name);
        found.map(|(_, rule)| rule.id.clone())
    };
    anchors
        .iter()
        .map(|(name, anchor)| {
            let (description, mark) = Mark::read_description(anchor.description.clone());
            let own = rules.iter().filter(|rule| rule.enabled);
            SecurityGroup {
                cloud: cloud.clone(),
                id: anchor.id.clone(),
                name: name.clone(),
                description,
                rules: own
                    .filter_map(|rule| rule.read()?.of_group(name, &rule.id, id_of))
                    .collect(),
                mark,
                extra: Extra::from_iter([(
                    "tag".into(),
                    Value::from(format!("{GROUP_TAG}{name}")),
                )]),
            }
        })
        .collect()
}

impl Net {
    async fn wire_rules(&self, cx: &Context) -> Result<Vec<WireRule>> {
        self.session.ask(cx, &Call::get(&["fwrules"])).await?.json()
    }

    /// The name of a group, which its machines carry.
    pub(crate) async fn group_name(&self, cx: &Context, id: &str) -> Result<String> {
        let call = Call::get(&["fwrules", id]);
        let response = self
            .session
            .ask(cx, &call)
            .await
            .map_err(not_found_if_malformed);
        let anchor: WireRule = match response {
            Ok(response) => response.json()?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(crate::errors::about_field(&error, "security_groups"));
            }
            Err(error) => return Err(error),
        };
        let name = anchor.anchored().ok_or_else(|| no_group(id))?;
        Ok(name.to_string())
    }

    async fn add(
        &self,
        cx: &Context,
        rule: &Rule,
        enabled: bool,
        description: Option<String>,
    ) -> Result<WireRule> {
        let mut body = json!({"rule": rule.to_text(), "enabled": enabled});
        if let Some(description) = description {
            body["description"] = Value::from(description);
        }
        let call = Call::post(&["fwrules"], Effect::Once).body(body);
        self.session.ask(cx, &call).await?.json()
    }

    async fn remove(&self, cx: &Context, id: &str) -> Result<()> {
        gone_is_fine(self.session.ask(cx, &Call::delete(&["fwrules", id])).await)
    }

    async fn is_used(&self, cx: &Context, name: &str) -> Result<bool> {
        let tag = format!("tag.{GROUP_TAG}{name}");
        let call = Call::get(&["machines"])
            .query(&tag, "true")
            .query("limit", "1");
        let machines: Vec<Machine> = self.session.ask(cx, &call).await?.json()?;
        Ok(!machines.is_empty())
    }
}

fn no_group(id: &str) -> Error {
    Error::not_found(format!("there is no security group {id}"))
}

/// Names become part of a tag, and of the text of rules.
fn check_name(name: &str) -> Result<()> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(is_fine) {
        return Err(Error::invalid(format!(
            "the name of a group is of letters, digits, dots, dashes and underscores, {NAME_MAX} at most"
        ))
        .with_field("name"));
    }
    Ok(())
}

#[async_trait]
impl SecurityGroups for Net {
    async fn list_security_groups(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<SecurityGroup>> {
        let rules = self.wire_rules(cx).await?;
        let mut groups = groups(&rules, self.session.cloud());
        groups.retain(|group| query.matches(&group.name));
        list::cut(groups, |group| &group.id, &query.page)
    }

    async fn get_security_group(&self, cx: &Context, id: &str) -> Result<SecurityGroup> {
        let rules = self.wire_rules(cx).await?;
        let mut groups = groups(&rules, self.session.cloud()).into_iter();
        groups
            .find(|group| *group.id == *id)
            .ok_or_else(|| no_group(id))
    }

    async fn create_security_group(
        &self,
        cx: &Context,
        request: &SecurityGroupCreate,
    ) -> Result<SecurityGroup> {
        check_name(&request.name)?;
        let rules = self.wire_rules(cx).await?;
        let taken = rules
            .iter()
            .any(|rule| rule.anchored().as_ref() == Some(&request.name));
        if taken {
            return Err(Error::conflict(format!(
                "there is a group {} already",
                request.name
            )));
        }
        let own = End::Group(request.name.clone());
        let anchor = Rule {
            from: own.clone(),
            to: own,
            protocol: Text::from_static("tcp"),
            ports: Some((ANCHOR_PORT, ANCHOR_PORT)),
        };
        let description = Mark::describe(request.description.as_deref(), request.mark.as_ref());
        let made = self.add(cx, &anchor, false, description).await?;
        Ok(SecurityGroup {
            cloud: self.session.cloud().clone(),
            id: made.id,
            name: request.name.clone(),
            description: request.description.clone(),
            rules: Vec::new(),
            mark: request.mark.clone(),
            extra: Extra::new(),
        })
    }

    async fn delete_security_group(&self, cx: &Context, id: &str) -> Result<()> {
        let rules = self.wire_rules(cx).await?;
        let known = groups(&rules, self.session.cloud());
        let Some(group) = known.iter().find(|group| *group.id == *id) else {
            return Ok(());
        };
        let speaks_of_it = |other: &&SecurityGroup| {
            let by_it = |rule: &SecurityRule| rule.remote_group.as_deref() == Some(id);
            *other.id != *id && other.rules.iter().any(by_it)
        };
        if let Some(other) = known.iter().find(speaks_of_it) {
            return Err(Error::conflict(format!(
                "rules of group {} speak of group {}",
                other.name, group.name
            )));
        }
        if self.is_used(cx, &group.name).await? {
            return Err(Error::conflict(format!(
                "nodes are in group {}",
                group.name
            )));
        }
        for rule in &group.rules {
            self.remove(cx, &rule.id).await?;
        }
        self.remove(cx, id).await
    }

    async fn add_security_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &SecurityRuleCreate,
    ) -> Result<SecurityRule> {
        let rules = self.wire_rules(cx).await?;
        let known = groups(&rules, self.session.cloud());
        let own = known
            .iter()
            .find(|it| *it.id == *group)
            .ok_or_else(|| no_group(group))?;
        let remote = match &rule.remote_group {
            None => None,
            Some(id) => {
                let found = known.iter().find(|it| it.id == *id);
                let found = found.ok_or_else(|| no_group(id).with_field("remote_group"))?;
                Some(found.name.clone())
            }
        };
        let wanted = Rule::of(&own.name, rule, remote)?;
        let same = |other: &WireRule| other.enabled && other.read().as_ref() == Some(&wanted);
        if rules.iter().any(same) {
            return Err(Error::conflict(format!(
                "group {} has this rule already",
                own.name
            )));
        }
        let made = self.add(cx, &wanted, true, None).await?;
        let id_of = |name: &str| {
            known
                .iter()
                .find(|it| *it.name == *name)
                .map(|it| it.id.clone())
        };
        wanted
            .of_group(&own.name, &made.id, id_of)
            .ok_or_else(|| Error::internal("the rule is not one of its group"))
    }

    async fn remove_security_rule(&self, cx: &Context, group: &str, rule: &str) -> Result<()> {
        let shown = self.get_security_group(cx, group).await?;
        if shown.rules.iter().any(|own| *own.id == *rule) {
            return self.remove(cx, rule).await;
        }
        Ok(())
    }
}
