//! Quotas of the project, from every service that keeps some.

use std::sync::Arc;

use cloudfarm_contract::extensions::Quotas;
use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Context, ErrorKind, Result, Text, async_trait};
use serde_json::Value;

use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::session::Session;

/// The neutral names of what Nova counts. The rest of what it lists is Neutron's, or a limit of
/// one node.
pub(crate) const COMPUTE: &[(&str, &str)] = &[
    ("instances", "nodes"),
    ("cores", "vcpus"),
    ("ram", "ram_mb"),
    ("key_pairs", "key_pairs"),
    ("server_groups", "server_groups"),
];

pub(crate) const NETWORK: &[(&str, &str)] = &[
    ("floatingip", "addresses"),
    ("network", "networks"),
    ("subnet", "subnets"),
    ("port", "ports"),
    ("router", "routers"),
    ("security_group", "security_groups"),
    ("security_group_rule", "security_rules"),
];

pub(crate) const VOLUME: &[(&str, &str)] = &[
    ("volumes", "volumes"),
    ("gigabytes", "volume_gb"),
    ("snapshots", "volume_snapshots"),
    ("backups", "backups"),
];

/// The quotas of one cloud.
#[derive(Debug, Clone)]
pub struct ProjectQuotas {
    session: Arc<Session>,
}

impl ProjectQuotas {
    /// The quotas of the project that `session` acts on.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// The quotas of one service; none where the cloud does not have it, or does not tell.
    async fn of(
        &self,
        cx: &Context,
        service: ServiceKind,
        call: Call,
        names: &[(&str, &'static str)],
    ) -> Result<Vec<Quota>> {
        if !self.session.has(cx, service).await? {
            return Ok(Vec::new());
        }
        let body: Value = match self.session.ask(cx, service, &call).await {
            Ok(response) => response.json()?,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Forbidden) => {
                log::info!("the {} service tells no quotas: {error}", service.as_str());
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        Ok(read(&body, self.session.cloud(), names))
    }
}

/// What is said of the quotas with these names.
pub(crate) fn read(body: &Value, cloud: &Text, names: &[(&str, &'static str)]) -> Vec<Quota> {
    let set = body
        .get("quota_set")
        .or_else(|| body.get("quota"))
        .unwrap_or(&Value::Null);
    names
        .iter()
        .filter_map(|(key, name)| quota(cloud, name, set.get(*key)?))
        .collect()
}

fn quota(cloud: &Text, name: &'static str, entry: &Value) -> Option<Quota> {
    // Neutron without the extension gives the limit alone.
    let limit = entry.as_i64().or_else(|| entry.get("limit")?.as_i64())?;
    let used = entry.get("in_use").or_else(|| entry.get("used"));
    let used = used.and_then(Value::as_u64);
    let reserved = entry.get("reserved").and_then(Value::as_u64).unwrap_or(0);
    Some(Quota {
        cloud: cloud.clone(),
        name: Text::from_static(name),
        used: used.map(|used| used.saturating_add(reserved)),
        limit: u64::try_from(limit).ok(),
    })
}

#[async_trait]
impl Quotas for ProjectQuotas {
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>> {
        let project = self.session.project_id(cx).await?;
        let compute = Call::get(&["os-quota-sets", &project, "detail"]);
        let network = Call::get(&["quotas", &project, "details.json"]);
        let volume = Call::get(&["os-quota-sets", &project]).query("usage", "True");
        let (compute, network, volume) = futures_util::future::join3(
            self.of(cx, ServiceKind::Compute, compute, COMPUTE),
            self.of(cx, ServiceKind::Network, network, NETWORK),
            self.of(cx, ServiceKind::Volume, volume, VOLUME),
        )
        .await;
        Ok([compute?, network?, volume?].concat())
    }
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Text;
    use serde_json::json;

    use super::quota;

    #[test]
    fn no_limit_is_no_number() {
        let cloud = Text::from("lab");
        let read = |entry| quota(&cloud, "nodes", &entry).map(|quota| (quota.used, quota.limit));
        let entry = json!({"in_use": 2, "limit": 10, "reserved": 1});
        assert_eq!(read(entry), Some((Some(3), Some(10))));
        let entry = json!({"used": 2, "limit": -1, "reserved": 0});
        assert_eq!(read(entry), Some((Some(2), None)));
        assert_eq!(read(json!(50)), Some((None, Some(50))));
        assert_eq!(read(json!("?")), None);
    }
}
