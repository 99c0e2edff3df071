use async_trait::async_trait;

use crate::model::{SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate};
use crate::{Context, ListQuery, Page, Result};

/// Sets of rules about the traffic of nodes.
#[async_trait]
pub trait SecurityGroups: Send + Sync {
    /// One page of the groups, with their rules.
    ///
    /// - `security_group_is_listed`
    async fn list_security_groups(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<SecurityGroup>>;

    /// One group by id, with its rules.
    ///
    /// - `security_group_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_security_group(&self, cx: &Context, id: &str) -> Result<SecurityGroup>;

    /// Makes a group.
    ///
    /// - `security_group_create_and_delete`
    ///
    /// # Errors
    ///
    /// `invalid`, `quota_exceeded`; `conflict` where names are unique and this one is taken.
    async fn create_security_group(
        &self,
        cx: &Context,
        request: &SecurityGroupCreate,
    ) -> Result<SecurityGroup>;

    /// Deletes a group. To delete what is gone succeeds.
    ///
    /// - `security_group_delete_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `conflict` while nodes or other groups use it.
    async fn delete_security_group(&self, cx: &Context, id: &str) -> Result<()>;

    /// Adds a rule to a group.
    ///
    /// - `security_rule_add_and_remove`
    /// - `security_rule_of_ipv6_keeps_its_version`
    /// - `security_rule_duplicate_is_a_conflict`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for ports out of order or a range that cannot be; `conflict` for a
    /// rule that is there.
    async fn add_security_rule(
        &self,
        cx: &Context,
        group: &str,
        rule: &SecurityRuleCreate,
    ) -> Result<SecurityRule>;

    /// Removes a rule. To remove what is gone succeeds.
    ///
    /// - `security_rule_add_and_remove`
    async fn remove_security_rule(&self, cx: &Context, group: &str, rule: &str) -> Result<()>;
}
