//! The names of VPCs, which instances name by id alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::model::Node;
use cloudfarm_contract::{Context, Result, Text};
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::Vpcs;
use crate::driver::Ec2Driver;
use crate::list::{self, PAGE_MAX};
use crate::marks;
use crate::query::Query;

/// How long names are taken as they were.
const FRESH: Duration = Duration::from_secs(300);
/// How soon they are looked at again where one is missing, or they could not be read.
const MISSING: Duration = Duration::from_secs(10);

type Names = HashMap<Text, Text>;

/// The names, as they were at one moment.
#[derive(Debug, Default)]
pub(crate) struct VpcNames(Mutex<Option<(Timestamp, Arc<Names>)>>);

impl Ec2Driver {
    /// Has the addresses of nodes show the names of their networks instead of ids.
    pub(crate) async fn name_networks(&self, cx: &Context, nodes: &mut [Node]) {
        let wanted = networks(nodes).into_iter().map(|id| id.clone()).collect();
        let names = self.vpc_names(cx, wanted).await;
        for network in networks(nodes) {
            if let Some(name) = names.get(network) {
                *network = name.clone();
            }
        }
    }

    /// The names, with those of `wanted` if there are any. That they cannot be read is no reason to
    /// show no nodes.
    async fn vpc_names(&self, cx: &Context, wanted: BTreeSet<Text>) -> Arc<Names> {
        if !self.vpc || wanted.is_empty() {
            return Arc::default();
        }
        let mut known = self.vpc_names.0.lock().await;
        let now = self.session.now();
        if let Some((at, names)) = &*known {
            let age = now.duration_since(*at).unsigned_abs();
            let has_all = || wanted.iter().all(|id| names.contains_key(id));
            if age < MISSING || (age < FRESH && has_all()) {
                return Arc::clone(names);
            }
        }
        let names = match self.read_vpc_names(cx).await {
            Ok(names) => Arc::new(names),
            Err(error) => {
                log::debug!("networks cannot be named: {error}");
                known.take().map(|(_, names)| names).unwrap_or_default()
            }
        };
        *known = Some((now, Arc::clone(&names)));
        names
    }

    async fn read_vpc_names(&self, cx: &Context) -> Result<Names> {
        let call = Query::read("DescribeVpcs");
        let all = list::all::<Vpcs>(&self.session, cx, call, self.pages(PAGE_MAX)).await?;
        let named = all.into_iter().map(|vpc| {
            let name = marks::read(vpc.tags).name;
            (vpc.id.clone(), name.unwrap_or(vpc.id))
        });
        Ok(named.collect())
    }
}

fn networks(nodes: &mut [Node]) -> Vec<&mut Text> {
    let addresses = nodes.iter_mut().flat_map(|node| &mut node.addresses);
    addresses
        .filter_map(|address| address.network.as_mut())
        .collect()
}
