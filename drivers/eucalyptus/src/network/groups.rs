//! Security groups.

use cloudfarm_contract::extensions::SecurityGroups;
use cloudfarm_contract::model::{
    Metadata, SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate,
};
use cloudfarm_contract::{Context, ErrorKind, ListQuery, Page, Result, Text, async_trait};
use serde::Deserialize;

use super::rules::{self, Permission, Rule};
use crate::compute::instance::present;
use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{again, gone_is_fine, is_code, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::xml::Set;

#[derive(Debug, Deserialize)]
pub(crate) struct Groups {
    #[serde(rename = "securityGroupInfo")]
    groups: Set<Wire>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "groupId", default)]
    id: Text,
    #[serde(rename = "groupName", default)]
    name: Text,
    #[serde(rename = "groupDescription", default)]
    description: Option<String>,
    #[serde(rename = "vpcId", default)]
    vpc: Option<Text>,
    #[serde(rename = "ipPermissions", default)]
    ingress: Set<Permission>,
    #[serde(rename = "ipPermissionsEgress", default)]
    egress: Set<Permission>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

#[derive(Debug, Deserialize)]
struct Made {
    #[serde(rename = "groupId")]
    id: Text,
}

impl Listing for Groups {
    type Item = Wire;

    fn split(self) -> (Vec<Wire>, Option<String>) {
        (self.groups.items, self.next)
    }

    fn id(item: &Wire) -> &str {
        &item.id
    }
}

impl Ec2Driver {
    pub(crate) fn group(&self, group: Wire) -> SecurityGroup {
        let tagged = marks::read(group.tags);
        let mut extra = tagged.extra;
        if let Some(vpc) = present(group.vpc) {
            extra.insert("vpc".into(), vpc.as_str().into());
        }
        if !tagged.metadata.is_empty() {
            extra.insert("metadata".into(), super::as_json(&tagged.metadata));
        }
        SecurityGroup {
            cloud: self.cloud(),
            id: group.id,
            name: group.name,
            description: group.description.filter(|text| !text.is_empty()),
            rules: rules::read(&group.ingress.items, &group.egress.items),
            mark: tagged.mark,
            extra,
        }
    }

    async fn change_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &Rule,
        action: &'static str,
    ) -> Result<()> {
        let call = match action {
            "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => Query::once(action),
            _ => Query::change(action),
        };
        let call = rule.fields(call.set("GroupId", group));
        self.session.act(cx, call).await
    }
}

fn checked(id: &str) -> Result<&str> {
    if is_id(id, &["sg-"]) {
        Ok(id)
    } else {
        Err(unknown("security group", id))
    }
}

#[async_trait]
impl SecurityGroups for Ec2Driver {
    async fn list_security_groups(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<SecurityGroup>> {
        let call = Query::read("DescribeSecurityGroups");
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Groups>(&self.session, cx, call, pages, &query.page).await?;
        let mut groups = page.map(|group| self.group(group));
        groups.items.retain(|group| query.matches(&group.name));
        Ok(groups)
    }

    async fn get_security_group(&self, cx: &Context, id: &str) -> Result<SecurityGroup> {
        let call = Query::read("DescribeSecurityGroups").list("GroupId", [checked(id)?]);
        let found: Groups = self.session.read(cx, call).await?;
        let group = found.groups.items.into_iter().find(|group| group.id == *id);
        Ok(self.group(group.ok_or_else(|| unknown("security group", id))?))
    }

    async fn create_security_group(
        &self,
        cx: &Context,
        request: &SecurityGroupCreate,
    ) -> Result<SecurityGroup> {
        let wanted = tags(&request.name, request.mark.as_ref(), &Metadata::new());
        let given = request
            .description
            .as_deref()
            .filter(|text| !text.is_empty());
        let call = Query::once("CreateSecurityGroup")
            .set("GroupName", request.name.as_str())
            // There has to be one.
            .set("GroupDescription", given.unwrap_or(&request.name))
            .set_if("VpcId", request.network.as_ref().map(Text::as_str))
            .tag_what_is_made("security-group", &wanted);
        let made: Made = self.session.read(cx, call).await.map_err(|error| {
            let message = error.message().to_ascii_lowercase();
            match error.kind() {
                ErrorKind::Invalid if message.contains("description") => {
                    again(&error, ErrorKind::Invalid).with_field("description")
                }
                ErrorKind::Invalid => again(&error, ErrorKind::Invalid).with_field("name"),
                _ => error,
            }
        })?;
        match self.get_security_group(cx, &made.id).await {
            Ok(mut group) => {
                let is_tagged = group.mark == request.mark;
                self.tag_if_bare(cx, &group.id, is_tagged, &wanted).await;
                group.mark = request.mark.clone();
                Ok(group)
            }
            Err(error) => {
                log::info!("group {} was made and is not shown yet: {error}", made.id);
                Ok(SecurityGroup {
                    cloud: self.cloud(),
                    id: made.id,
                    name: request.name.clone(),
                    description: request.description.clone(),
                    rules: Vec::new(),
                    mark: request.mark.clone(),
                    extra: cloudfarm_contract::model::Extra::new(),
                })
            }
        }
    }

    async fn delete_security_group(&self, cx: &Context, id: &str) -> Result<()> {
        let Ok(id) = checked(id) else { return Ok(()) };
        let call = Query::change("DeleteSecurityGroup").set("GroupId", id);
        gone_is_fine(self.session.act(cx, call).await)
    }

    async fn add_security_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &SecurityRuleCreate,
    ) -> Result<SecurityRule> {
        let wanted = Rule::wanted(rule)?;
        let action = wanted.action(
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
        );
        self.change_rule(cx, checked(group)?, &wanted, action)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::Invalid if error.field().is_none() => {
                    again(&error, ErrorKind::Invalid).with_field("remote_cidr")
                }
                _ => error,
            })?;
        Ok(wanted.into_rule())
    }

    async fn remove_security_rule(&self, cx: &Context, group: &str, rule: &str) -> Result<()> {
        let shown = self.get_security_group(cx, group).await?;
        // What is not among its rules is gone.
        let Some(found) = shown.rules.iter().find(|shown| shown.id == *rule) else {
            return Ok(());
        };
        let gone = Rule::shown(found);
        let action = gone.action("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress");
        match self.change_rule(cx, group, &gone, action).await {
            Err(error) if is_code(&error, &["InvalidPermission.NotFound"]) => Ok(()),
            result => result,
        }
    }
}
