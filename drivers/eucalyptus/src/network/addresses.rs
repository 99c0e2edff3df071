//! Elastic addresses, of a VPC (they have an id) and of the cloud before there were VPCs (the
//! address is its own id).

use std::net::IpAddr;

use cloudfarm_contract::extensions::Addresses;
use cloudfarm_contract::model::{Address, AddressAllocate, AddressAssociate, IpVersion, Metadata};
use cloudfarm_contract::{Context, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait};
use serde::Deserialize;

use crate::Flavour;
use crate::compute::instance::present;
use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{gone_is_fine, is_code, unknown};
use crate::list;
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::xml::Set;

#[derive(Debug, Deserialize)]
pub(crate) struct Described {
    #[serde(rename = "addressesSet")]
    pub(crate) addresses: Set<Elastic>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Elastic {
    #[serde(rename = "publicIp", default)]
    public_ip: Text,
    #[serde(rename = "allocationId", default)]
    allocation: Option<Text>,
    #[serde(rename = "associationId", default)]
    association: Option<Text>,
    #[serde(default)]
    domain: Option<Text>,
    #[serde(rename = "instanceId", default)]
    node: Option<Text>,
    #[serde(rename = "privateIpAddress", default)]
    private_ip: Option<Text>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

impl Elastic {
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.public_ip.trim().parse().ok()
    }

    /// Eucalyptus writes `i-0a1b2c3d (arn:aws:euare::000000000123:user/admin)`, `available (...)`
    /// or `nobody`.
    fn node(&self) -> Option<Text> {
        let word = self.node.as_deref()?.split_whitespace().next()?;
        is_id(word, &["i-"]).then(|| Text::from(word))
    }

    /// On Eucalyptus administrators see what belongs to nobody.
    fn is_nobodys(&self) -> bool {
        self.node
            .as_deref()
            .is_some_and(|node| node.starts_with("nobody"))
    }

    fn id(&self) -> Text {
        present(self.allocation.clone()).unwrap_or_else(|| self.public_ip.clone())
    }

    /// What the API calls it by.
    fn named(&self, call: Query) -> Query {
        match present(self.allocation.clone()) {
            Some(id) => call.set("AllocationId", id.as_str()),
            None => call.set("PublicIp", self.public_ip.as_str()),
        }
    }
}

impl Ec2Driver {
    pub(crate) async fn describe_addresses(
        &self,
        cx: &Context,
        id: Option<&str>,
    ) -> Result<Vec<Elastic>> {
        let call = Query::read("DescribeAddresses");
        let call = match id {
            Some(id) if id.parse::<IpAddr>().is_ok() => call.list("PublicIp", [id]),
            Some(id) => call.list("AllocationId", [id]),
            None => call,
        };
        let described: Described = self.session.read(cx, call).await?;
        let mut addresses = described.addresses.items;
        addresses.retain(|elastic| !elastic.is_nobodys());
        Ok(addresses)
    }

    async fn elastic(&self, cx: &Context, id: &str) -> Result<Elastic> {
        if !is_id(id, &["eipalloc-"]) && id.parse::<IpAddr>().is_err() {
            return Err(unknown("address", id));
        }
        let found = self.describe_addresses(cx, Some(id)).await?.into_iter();
        let mut named = found.filter(|elastic| elastic.id() == *id || elastic.public_ip == *id);
        named.next().ok_or_else(|| unknown("address", id))
    }

    pub(crate) fn address(&self, elastic: Elastic) -> Option<Address> {
        let ip = elastic.ip()?;
        let node = elastic.node();
        let id = elastic.id();
        let tagged = marks::read(elastic.tags);
        let mut extra = tagged.extra;
        if let Some(domain) = present(elastic.domain) {
            extra.insert("domain".into(), domain.as_str().into());
        }
        if let Some(name) = tagged.name {
            extra.insert("name".into(), name.as_str().into());
        }
        if !tagged.metadata.is_empty() {
            extra.insert("metadata".into(), super::as_json(&tagged.metadata));
        }
        let fixed_ip = elastic.private_ip.and_then(|ip| ip.trim().parse().ok());
        Some(Address {
            cloud: self.cloud(),
            id,
            ip,
            version: IpVersion::of(ip),
            network: None,
            fixed_ip: fixed_ip.filter(|_| node.is_some()),
            node,
            mark: tagged.mark,
            extra,
        })
    }
}

#[async_trait]
impl Addresses for Ec2Driver {
    async fn list_addresses(&self, cx: &Context, query: &ListQuery) -> Result<Page<Address>> {
        let elastic = self.describe_addresses(cx, None).await?.into_iter();
        let addresses = elastic.filter_map(|elastic| self.address(elastic));
        let addresses = addresses.filter(|address| query.matches(&address.ip.to_string()));
        list::whole(addresses.collect(), |address| &address.id, &query.page)
    }

    async fn get_address(&self, cx: &Context, id: &str) -> Result<Address> {
        let elastic = self.elastic(cx, id).await?;
        self.address(elastic).ok_or_else(|| unknown("address", id))
    }

    async fn allocate_address(&self, cx: &Context, request: &AddressAllocate) -> Result<Address> {
        if let Some(network) = &request.network {
            return Err(
                Error::invalid(format!("addresses are not allocated from {network}"))
                    .with_field("network")
                    .with_hint("leave it out: they come from the region"),
            );
        }
        let wanted = tags("", request.mark.as_ref(), &Metadata::new());
        let mut call = Query::once("AllocateAddress");
        if self.vpc {
            call = call.set("Domain", "vpc");
        }
        // Eucalyptus has no tags on addresses.
        if self.flavour == Flavour::Ec2 {
            call = call.tag_what_is_made("elastic-ip", &wanted);
        }
        let made: Elastic = self.session.read(cx, call).await?;
        let id = made.id();
        let address = self.address(made).ok_or_else(|| {
            Error::provider_error(format!("address {id} was allocated, but it is no address"))
                .with_side_effect(cloudfarm_contract::SideEffect::Done)
        })?;
        Ok(Address {
            mark: request
                .mark
                .clone()
                .filter(|_| self.flavour == Flavour::Ec2),
            ..address
        })
    }

    async fn associate_address(&self, cx: &Context, id: &str, to: &AddressAssociate) -> Result<()> {
        let elastic = self.elastic(cx, id).await?;
        if !is_id(&to.node, &["i-"]) {
            return Err(unknown("node", &to.node));
        }
        let is_vpc = present(elastic.allocation.clone()).is_some();
        let call = elastic
            .named(Query::change("AssociateAddress"))
            .set("InstanceId", to.node.as_str())
            .set_if("PrivateIpAddress", to.fixed_ip.map(|ip| ip.to_string()))
            .set_if("AllowReassociation", is_vpc.then_some("true"));
        self.session.act(cx, call).await
    }

    async fn disassociate_address(&self, cx: &Context, id: &str) -> Result<()> {
        let elastic = self.elastic(cx, id).await?;
        let association = present(elastic.association.clone());
        let call = Query::change("DisassociateAddress");
        let call = match (&association, elastic.node()) {
            (Some(association), _) => call.set("AssociationId", association.as_str()),
            (None, Some(_)) => call.set("PublicIp", elastic.public_ip.as_str()),
            (None, None) => return Ok(()),
        };
        match self.session.act(cx, call).await {
            Err(error) if is_code(&error, &["InvalidAssociationID.NotFound"]) => Ok(()),
            result => result,
        }
    }

    async fn release_address(&self, cx: &Context, id: &str) -> Result<()> {
        let elastic = match self.elastic(cx, id).await {
            Ok(elastic) => elastic,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let call = elastic.named(Query::change("ReleaseAddress"));
        gone_is_fine(self.session.act(cx, call).await)
    }
}
