//! What the account may have, as far as the API itself tells.

use cloudfarm_contract::extensions::Quotas;
use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Context, Result, Text, async_trait};
use serde::Deserialize;

use crate::driver::Ec2Driver;
use crate::query::Query;
use crate::xml::Set;

/// The attributes that are limits, and their neutral names.
const LIMITS: &[(&str, &str)] = &[
    ("max-instances", "nodes"),
    ("vpc-max-elastic-ips", "addresses"),
];

#[derive(Debug, Deserialize)]
pub(crate) struct Attributes {
    #[serde(rename = "accountAttributeSet")]
    attributes: Set<Attribute>,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(rename = "attributeName")]
    name: Text,
    #[serde(rename = "attributeValueSet", default)]
    values: Set<Value>,
}

#[derive(Debug, Deserialize)]
struct Value {
    #[serde(rename = "attributeValue", default)]
    value: Text,
}

impl Attributes {
    pub(crate) fn quotas(self, cloud: &Text) -> Vec<Quota> {
        let named = self.attributes.items.iter().filter_map(|attribute| {
            let known = LIMITS.iter().find(|(theirs, _)| attribute.name == **theirs);
            let value = attribute.values.items.first()?;
            Some(Quota {
                cloud: cloud.clone(),
                name: Text::from_static(known?.1),
                used: None,
                limit: value.value.trim().parse().ok(),
            })
        });
        named.collect()
    }
}

#[async_trait]
impl Quotas for Ec2Driver {
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>> {
        let call = Query::read("DescribeAccountAttributes")
            .list("AttributeName", LIMITS.iter().map(|(name, _)| *name));
        let attributes: Attributes = self.session.read(cx, call).await?;
        Ok(attributes.quotas(&self.cloud()))
    }
}
