//! What machines name and do not describe: networks by id, packages by name.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{Context, Result, Text};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::call::Call;
use crate::network::WireNetwork;
use crate::session::Session;
use crate::sizes::Package;

/// How long names are taken as they were.
const FRESH: Duration = Duration::from_secs(300);
/// How soon they are looked at again where one is missing. Networks in a pool are never listed.
const MISSING: Duration = Duration::from_secs(10);

/// The names, as they were at one moment.
#[derive(Debug, Default)]
pub(crate) struct Names {
    networks: HashMap<Text, Text>,
    packages: HashMap<Text, Package>,
}

impl Names {
    /// The name that a node's address shows for its network; the id where there is none.
    pub(crate) fn network(&self, id: &Text) -> Text {
        self.networks.get(id).unwrap_or(id).clone()
    }

    /// The package of this name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.get(name)
    }

    fn knows<'t>(&self, mut networks: impl Iterator<Item = &'t Text>) -> bool {
        networks.all(|id| self.networks.contains_key(id))
    }
}

/// The names that a session knows.
#[derive(Debug)]
pub(crate) struct Catalogue {
    session: Arc<Session>,
    known: Mutex<Option<(Timestamp, Arc<Names>)>>,
}

#[derive(Deserialize)]
struct Vlan {
    vlan_id: u16,
    #[serde(default)]
    name: Text,
}

impl Catalogue {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            known: Mutex::new(None),
        }
    }

    /// The names, with those of `networks` if there are any. A catalogue that cannot be read is no
    /// reason to show no nodes.
    pub(crate) async fn names<'t>(
        &self,
        cx: &Context,
        networks: impl Iterator<Item = &'t Text> + Send,
    ) -> Arc<Names> {
        let mut known = self.known.lock().await;
        let now = self.session.clock().now();
        if let Some((at, names)) = &*known {
            let age = now.duration_since(*at).unsigned_abs();
            if age < MISSING || (age < FRESH && names.knows(networks)) {
                return Arc::clone(names);
            }
        }
        match self.read(cx).await {
            Ok(names) => {
                let names = Arc::new(names);
                *known = Some((now, Arc::clone(&names)));
                names
            }
            Err(error) => {
                log::debug!("networks and packages cannot be named: {error}");
                known
                    .as_ref()
                    .map(|(_, names)| Arc::clone(names))
                    .unwrap_or_default()
            }
        }
    }

    /// Forgets the names, since one has changed.
    pub(crate) async fn forget(&self) {
        *self.known.lock().await = None;
    }

    async fn read(&self, cx: &Context) -> Result<Names> {
        let packages: Vec<Package> = self.list(cx, &["packages"]).await?;
        let networks: Vec<WireNetwork> = self.list(cx, &["networks"]).await?;
        // Without fabrics there is no such list.
        let vlans: Vec<Vlan> = self
            .list(cx, &["fabrics", "default", "vlans"])
            .await
            .unwrap_or_default();
        let vlans: HashMap<u16, Text> = vlans.into_iter().map(|it| (it.vlan_id, it.name)).collect();
        let named = networks.into_iter().map(|network| {
            let vlan = network.vlan_id.filter(|_| network.fabric);
            let name = vlan.and_then(|vlan| vlans.get(&vlan)).cloned();
            (network.id, name.unwrap_or(network.name))
        });
        Ok(Names {
            networks: named.collect(),
            packages: packages
                .into_iter()
                .map(|package| (package.name.clone(), package))
                .collect(),
        })
    }

    async fn list<T: serde::de::DeserializeOwned>(
        &self,
        cx: &Context,
        path: &[&str],
    ) -> Result<Vec<T>> {
        self.session.ask(cx, &Call::get(path)).await?.json()
    }
}
