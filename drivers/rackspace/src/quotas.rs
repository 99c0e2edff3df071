//! Limits of the account, as Nova tells them to its users.

use std::sync::Arc;

use cloudfarm_contract::extensions::Quotas;
use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Context, Result, Text, async_trait};
use cloudfarm_http::Response;
use cloudfarm_openstack::{Call, ServiceKind, Session};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The neutral names of what is limited, and Nova's for the limit and for what is used of it.
const NAMES: &[(&str, &str, &str)] = &[
    ("nodes", "maxTotalInstances", "totalInstancesUsed"),
    ("vcpus", "maxTotalCores", "totalCoresUsed"),
    ("ram_mb", "maxTotalRAMSize", "totalRAMUsed"),
    (
        "networks",
        "maxTotalPrivateNetworks",
        "totalPrivateNetworksUsed",
    ),
    ("key_pairs", "maxTotalKeypairs", "totalKeyPairsUsed"),
];

/// The limits of an account.
#[derive(Debug, Clone)]
pub(crate) struct AccountQuotas {
    session: Arc<Session>,
}

#[derive(Deserialize)]
struct Reply {
    limits: Limits,
}

#[derive(Deserialize)]
struct Limits {
    #[serde(default)]
    absolute: Map<String, Value>,
}

impl AccountQuotas {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }
}

#[async_trait]
impl Quotas for AccountQuotas {
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>> {
        let call = Call::get(&["limits"]);
        let response = self.session.ask(cx, ServiceKind::Compute, &call).await?;
        read(&response, self.session.cloud())
    }
}

pub(crate) fn read(response: &Response, cloud: &Text) -> Result<Vec<Quota>> {
    let absolute = response.json::<Reply>()?.limits.absolute;
    let quotas = NAMES.iter().filter_map(|(name, limit, used)| {
        Some(Quota {
            cloud: cloud.clone(),
            name: Text::from_static(name),
            used: absolute.get(*used).and_then(Value::as_u64),
            // No limit is -1.
            limit: u64::try_from(absolute.get(*limit)?.as_i64()?).ok(),
        })
    });
    Ok(quotas.collect())
}
