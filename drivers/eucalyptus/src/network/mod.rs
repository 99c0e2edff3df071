//! Networks: VPCs with their subnets, and security groups and addresses, with or without them.

pub(crate) mod addresses;
pub(crate) mod groups;
pub(crate) mod names;
mod rules;
pub(crate) mod subnets;

use std::collections::HashMap;

use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Extra, Metadata, Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{Context, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait};
use serde::Deserialize;

use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{again, gone_is_fine, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::xml::{Set, flag};

#[derive(Debug, Deserialize)]
pub(crate) struct Vpcs {
    #[serde(rename = "vpcSet")]
    vpcs: Set<Vpc>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Vpc {
    #[serde(rename = "vpcId")]
    id: Text,
    #[serde(rename = "cidrBlock", default)]
    cidr: Text,
    #[serde(rename = "isDefault", default, deserialize_with = "flag")]
    is_default: bool,
    #[serde(default)]
    state: Text,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

#[derive(Debug, Deserialize)]
struct Made {
    vpc: Vpc,
}

impl Listing for Vpcs {
    type Item = Vpc;

    fn split(self) -> (Vec<Vpc>, Option<String>) {
        (self.vpcs.items, self.next)
    }

    fn id(item: &Vpc) -> &str {
        &item.id
    }
}

impl Ec2Driver {
    pub(crate) fn network(&self, vpc: Vpc, subnets: Vec<Text>) -> Network {
        let tagged = marks::read(vpc.tags);
        let mut extra: Extra = tagged.extra;
        extra.insert("cidr".into(), vpc.cidr.as_str().into());
        extra.insert("default".into(), vpc.is_default.into());
        extra.insert("state".into(), vpc.state.as_str().into());
        if !tagged.metadata.is_empty() {
            extra.insert("metadata".into(), as_json(&tagged.metadata));
        }
        Network {
            cloud: self.cloud(),
            name: tagged.name.unwrap_or_else(|| vpc.id.clone()),
            id: vpc.id,
            // What leads out of a VPC is a gateway, and addresses come from the region.
            external: false,
            shared: false,
            subnets,
            mark: tagged.mark,
            extra,
        }
    }

    async fn subnets_by_network(&self, cx: &Context) -> Result<HashMap<Text, Vec<Text>>> {
        let mut by_network: HashMap<Text, Vec<Text>> = HashMap::new();
        for subnet in self.all_subnets(cx, None).await? {
            by_network
                .entry(subnet.vpc.clone())
                .or_default()
                .push(subnet.id);
        }
        Ok(by_network)
    }
}

pub(crate) fn as_json(metadata: &Metadata) -> serde_json::Value {
    let pairs = metadata.iter();
    pairs
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

#[async_trait]
impl Networks for Ec2Driver {
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>> {
        let call = Query::read("DescribeVpcs");
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Vpcs>(&self.session, cx, call, pages, &query.page).await?;
        let mut subnets = self.subnets_by_network(cx).await?;
        let mut networks = page.map(|vpc| {
            let subnets = subnets.remove(&vpc.id).unwrap_or_default();
            self.network(vpc, subnets)
        });
        networks
            .items
            .retain(|network| query.matches(&network.name));
        Ok(networks)
    }

    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network> {
        if !is_id(id, &["vpc-"]) {
            return Err(unknown("network", id));
        }
        let call = Query::read("DescribeVpcs").list("VpcId", [id]);
        let found: Vpcs = self.session.read(cx, call).await?;
        let vpc = found.vpcs.items.into_iter().find(|vpc| vpc.id == *id);
        let vpc = vpc.ok_or_else(|| unknown("network", id))?;
        let subnets = self.all_subnets(cx, Some(id)).await?.into_iter();
        Ok(self.network(vpc, subnets.map(|subnet| subnet.id).collect()))
    }

    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network> {
        let Some(cidr) = &request.cidr else {
            return Err(
                Error::invalid("a network needs its range of addresses here")
                    .with_field("cidr")
                    .with_hint("give it one as 10.1.0.0/16"),
            );
        };
        let wanted = tags(&request.name, request.mark.as_ref(), &Metadata::new());
        let call = Query::once("CreateVpc")
            .set("CidrBlock", cidr.as_str())
            .tag_what_is_made("vpc", &wanted);
        let made: Made = self.session.read(cx, call).await.map_err(|error| {
            if error.kind() == ErrorKind::Invalid {
                return again(&error, ErrorKind::Invalid).with_field("cidr");
            }
            error
        })?;
        let mut network = self.network(made.vpc, Vec::new());
        let is_tagged = network.name == request.name;
        self.tag_if_bare(cx, &network.id, is_tagged, &wanted).await;
        network.name = request.name.clone();
        network.mark = request.mark.clone();
        Ok(network)
    }

    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()> {
        if !is_id(id, &["vpc-"]) {
            return Ok(());
        }
        for subnet in self.all_subnets(cx, Some(id)).await? {
            self.delete_subnet(cx, &subnet.id).await?;
        }
        let call = Query::change("DeleteVpc").set("VpcId", id);
        gone_is_fine(self.session.act(cx, call).await)
    }

    async fn list_subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        self.subnets(cx, query).await
    }

    async fn get_subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        self.subnet(cx, id).await
    }

    async fn create_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        self.make_subnet(cx, request).await
    }

    async fn delete_subnet(&self, cx: &Context, id: &str) -> Result<()> {
        if !is_id(id, &["subnet-"]) {
            return Ok(());
        }
        let call = Query::change("DeleteSubnet").set("SubnetId", id);
        gone_is_fine(self.session.act(cx, call).await)
    }
}
