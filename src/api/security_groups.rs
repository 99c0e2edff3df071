//! Security groups and their rules: list, show, create, delete, add, remove.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{SecurityGroup, SecurityGroupCreate, SecurityRuleCreate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, OfCloud, OfOne};
use super::body::{Body, Params};
use super::list::{ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;

/// List the security groups of a cloud
///
/// With their rules.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/security-groups",
    tag = "security-groups",
    operation_id = "list_security_groups",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of security groups", body = Listing<SecurityGroup>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<SecurityGroup>(params).await
}

/// Show a security group
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/security-groups/{group}",
    tag = "security-groups",
    operation_id = "get_security_group",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("group" = String, Path, description = "the id or the exact name of the group"),
    ),
    responses(
        (status = 200, description = "The security group", body = SecurityGroup),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    asked.show::<SecurityGroup>().await
}

/// A security group to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecurityGroupCreate)]
pub struct SecurityGroupCreateBody {
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "web")]
    pub name: Text,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 255, example = "what the web servers let in")]
    pub description: Option<String>,
    /// The network, by id or exact name, on clouds that tie a group to one.
    #[serde(default)]
    pub network: Option<Text>,
}

impl From<SecurityGroupCreateBody> for SecurityGroupCreate {
    fn from(body: SecurityGroupCreateBody) -> Self {
        Self {
            name: body.name,
            description: body.description,
            network: body.network,
            mark: None,
        }
    }
}

/// Create a security group
///
/// Rules are added afterwards, one by one.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/security-groups",
    tag = "security-groups",
    operation_id = "create_security_group",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = SecurityGroupCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<SecurityGroupCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_security_group(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete a security group
///
/// No node and no other group may use it. With `If-Match` only if it is still as its
/// ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/security-groups/{group}",
    tag = "security-groups",
    operation_id = "delete_security_group",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("group" = String, Path, description = "the id or the exact name of the group"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<SecurityGroup>().await
}

/// Add a rule to a security group
///
/// The job's `result` holds the rule.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/security-groups/{group}/rules",
    tag = "security-groups",
    operation_id = "add_security_rule",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("group" = String, Path, description = "the id or the exact name of the group"),
    ),
    request_body = SecurityRuleCreate,
    responses(JobAnswers, Problems)
)]
pub(super) async fn add_rule(asked: OfOne, body: Body<SecurityRuleCreate>) -> Reply {
    let (cloud, group) = &asked.path;
    let job = asked
        .orchestrator()
        .add_security_rule(&asked.call, cloud, group, body.0)
        .await?;
    asked.job(job).await
}

/// Remove a rule from a security group
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/security-groups/{group}/rules/{rule}",
    tag = "security-groups",
    operation_id = "remove_security_rule",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("group" = String, Path, description = "the id or the exact name of the group"),
        ("rule" = String, Path, description = "the id of the rule"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn remove_rule(asked: Asked<(Text, Text, Text)>) -> Reply {
    let (cloud, group, rule) = &asked.path;
    let job = asked
        .orchestrator()
        .remove_security_rule(&asked.call, cloud, group, rule)
        .await?;
    asked.job(job).await
}
