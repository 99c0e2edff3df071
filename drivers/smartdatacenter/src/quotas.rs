//! Limits of the account, where the operator has set some, and how much of them is used.

use std::sync::Arc;

use cloudfarm_contract::extensions::Quotas;
use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Context, Effect, ErrorKind, Result, Text, async_trait};
use cloudfarm_http::{Method, Response};
use serde::Deserialize;

use crate::call::Call;
use crate::session::Session;

/// The limits of an account.
#[derive(Debug, Clone)]
pub(crate) struct Limits(pub(crate) Arc<Session>);

#[derive(Deserialize)]
struct Limit {
    by: Text,
    value: u64,
    #[serde(default)]
    used: Option<u64>,
    /// `os` or `image`, where the limit is for machines of these alone.
    #[serde(default)]
    check: Option<Text>,
    #[serde(default)]
    os: Option<Text>,
    #[serde(default)]
    image: Option<Text>,
}

impl Limit {
    fn into_quota(self, cloud: &Text) -> Quota {
        let name = match &*self.by {
            "machines" => "nodes",
            "ram" => "ram_mb",
            "quota" => "disk_gb",
            other => other,
        };
        let of = match self.check.as_deref() {
            Some("image") => self.image,
            Some(_) => self.os,
            None => None,
        };
        Quota {
            cloud: cloud.clone(),
            name: match of.filter(|of| *of != *"any") {
                Some(of) => Text::from(format!("{name}:{of}")),
                None => Text::from(name),
            },
            used: self.used,
            limit: Some(self.value),
        }
    }
}

pub(crate) fn read(response: &Response, cloud: &Text) -> Result<Vec<Quota>> {
    let limits: Vec<Limit> = response.json()?;
    let quotas = limits.into_iter().map(|limit| limit.into_quota(cloud));
    Ok(quotas.collect())
}

impl Limits {
    /// How many machines there are, from the head of their list.
    async fn count_nodes(&self, cx: &Context) -> Result<Option<u64>> {
        let call = Call::new(Method::HEAD, &["machines"], Effect::Read);
        let response = self.0.ask(cx, &call).await?;
        Ok(response
            .header("x-resource-count")
            .and_then(|count| count.parse().ok()))
    }
}

#[async_trait]
impl Quotas for Limits {
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>> {
        let mut quotas = match self.0.ask(cx, &Call::get(&["limits"])).await {
            Ok(response) => read(&response, self.0.cloud())?,
            // Where nothing is limited there is no such list.
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        if quotas.iter().all(|quota| quota.name != *"nodes") {
            quotas.push(Quota {
                cloud: self.0.cloud().clone(),
                name: Text::from_static("nodes"),
                used: self.count_nodes(cx).await?,
                limit: None,
            });
        }
        Ok(quotas)
    }
}
