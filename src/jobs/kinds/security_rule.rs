//! A rule to be added to a security group, or removed from it.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{SecurityGroup, SecurityRule, SecurityRuleCreate};
use cloudfarm_contract::{
    Driver, Extension, Judgement, Observation, Result, SideEffect, Text, async_trait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{Asked, ask};
use super::payload;
use super::wait::reached;
use crate::farm::{Resource, extension};
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

const KIND: Text = Text::from_static("security_rule");

/// Adds a rule.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddSecurityRule {
    /// On this cloud.
    pub cloud: Text,
    /// To the group of this id, which does not have it.
    pub group: Text,
    /// This rule, with its version.
    pub rule: SecurityRuleCreate,
}

#[async_trait]
impl Work for AddSecurityRule {
    fn action(&self) -> &'static str {
        "AddSecurityRule"
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: KIND,
            id: None,
        }
    }

    fn params(&self) -> Value {
        json!({ "group": self.group, "rule": self.rule })
    }

    fn payload(&self) -> Result<Value> {
        payload::write(self)
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        let before = match run.asked() {
            true => self.find(run, &driver).await?,
            false => None,
        };
        let rule = match before {
            Some(rule) => rule,
            None => self.add(run, &driver).await?,
        };
        let id = rule.id.clone();
        Ok(Outcome::of(&json!({ "security_rule": rule }))?.with_made(id))
    }
}

impl AddSecurityRule {
    async fn add(&self, run: &Run, driver: &Layered) -> Result<SecurityRule> {
        let groups = extension(driver, driver.security_groups(), Extension::SecurityGroups)?;
        let message = format!(
            "ask the cloud to add a rule to security group {}",
            self.group
        );
        let call = groups.add_security_rule(run.cx(), &self.group, &self.rule);
        match ask(run, message, call).await? {
            Asked::Answered(rule) => Ok(rule),
            Asked::Lost(error) => match self.find(run, driver).await? {
                Some(rule) => Ok(rule),
                None => Err(error),
            },
        }
    }

    /// A rule bears no mark, but a group has each only once, and this one it did not have when the
    /// job was asked for.
    async fn find(&self, run: &Run, driver: &Layered) -> Result<Option<SecurityRule>> {
        run.step("look", "look whether the rule is there").await?;
        let group = SecurityGroup::get(driver, run.cx(), &self.group)
            .await
            .map_err(|error| error.with_side_effect(SideEffect::Possible))?;
        let mut rules = group.rules.into_iter();
        Ok(rules.find(|rule| is_same(rule, &self.rule)))
    }
}

/// Whether a rule lets through what is asked for. Clouds differ in how they write "from anywhere".
pub fn is_same(rule: &SecurityRule, asked: &SecurityRuleCreate) -> bool {
    let narrowed = |cidr: &Option<Text>| {
        cidr.clone()
            .filter(|cidr| !matches!(cidr.as_str(), "0.0.0.0/0" | "::/0"))
    };
    rule.direction == asked.direction
        && rule.protocol == asked.protocol
        && rule.port_min == asked.port_min
        && rule.port_max == asked.port_max
        && asked.version.is_none_or(|version| version == rule.version)
        && narrowed(&rule.remote_cidr) == narrowed(&asked.remote_cidr)
        && rule.remote_group == asked.remote_group
}

/// Removes a rule.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoveSecurityRule {
    /// On this cloud.
    pub cloud: Text,
    /// From the group of this id.
    pub group: Text,
    /// The rule of this id.
    pub rule: Text,
}

#[async_trait]
impl Work for RemoveSecurityRule {
    fn action(&self) -> &'static str {
        "RemoveSecurityRule"
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: KIND,
            id: Some(self.rule.clone()),
        }
    }

    fn params(&self) -> Value {
        json!({ "group": self.group })
    }

    fn payload(&self) -> Result<Value> {
        payload::write(self)
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        let groups = extension(&driver, driver.security_groups(), Extension::SecurityGroups)?;
        let message = format!(
            "ask the cloud to remove rule {} from security group {}",
            self.rule, self.group
        );
        let call = groups.remove_security_rule(run.cx(), &self.group, &self.rule);
        if let Asked::Lost(error) = ask(run, message, call).await? {
            return Err(error);
        }
        let goal = format!("without rule {}", self.rule);
        reached::<SecurityGroup>(run, &driver, &self.group, &goal, |seen| match seen {
            Observation::Present(group) if group.rules.iter().any(|rule| rule.id == self.rule) => {
                Judgement::Continue
            }
            Observation::Present(_) | Observation::Gone => Judgement::Done,
        })
        .await?;
        Outcome::of(&json!({}))
    }
}
