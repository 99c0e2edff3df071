//! Routers: plan and begin to make, change.

use cloudfarm_contract::model::{Network, Router, RouterCreate, RouterGateway, Subnet};
use cloudfarm_contract::{Driver, Error, Extension, Result, Text};

use super::resources::OnCloud;
use super::{Call, Orchestrator, validate};
use crate::farm::extension;
use crate::jobs::JobHandle;
use crate::jobs::kinds::RouterChange;

const EXTERNAL_NETWORK: &str = "external_network";

impl Orchestrator {
    /// Begins to make a router. The network that it leads out to stands in the request by id or
    /// name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `unsupported`.
    pub async fn create_router(
        &self,
        call: &Call,
        cloud: &str,
        mut request: RouterCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.routers(), Extension::Routers)?;
        if let Some(network) = &request.external_network {
            request.external_network = Some(on.leading_out(network).await?);
        }
        on.create(request).await
    }

    /// Begins to change a router. Networks and subnets stand in the change by id or name. `accept`
    /// may refuse it as it is now.
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid`, naming the field; `conflict` for an ambiguous name, and for a subnet
    /// that is attached already, or not at all; `unsupported`.
    pub async fn change_router(
        &self,
        call: &Call,
        cloud: &str,
        router: &str,
        change: RouterChange,
        accept: impl FnOnce(&Router) -> Result<()>,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let router: Router = on.find(router).await?;
        accept(&router)?;
        let change = match change {
            RouterChange::Update(mut update) => {
                if let Some(name) = &update.name {
                    validate::name("name", name)?;
                }
                if let Some(RouterGateway::Network(network)) = &mut update.gateway {
                    *network = on.leading_out(network).await?;
                }
                RouterChange::Update(update)
            }
            RouterChange::Attach(subnet) => {
                RouterChange::Attach(on.subnet_of(&router, &subnet, false).await?)
            }
            RouterChange::Detach(subnet) => {
                RouterChange::Detach(on.subnet_of(&router, &subnet, true).await?)
            }
        };
        on.modify(router.id, change).await
    }

    /// Begins to delete a router. `accept` may refuse it as it is now.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` for an ambiguous name, and while subnets are attached; `unsupported`.
    pub async fn delete_router(
        &self,
        call: &Call,
        cloud: &str,
        router: &str,
        accept: impl FnOnce(&Router) -> Result<()>,
    ) -> Result<JobHandle> {
        self.delete(call, cloud, router, |router: &Router| {
            accept(router)?;
            if router.subnets.is_empty() {
                return Ok(());
            }
            Err(Error::conflict(format!(
                "cannot delete router {:?}, subnets are attached: {}",
                router.name.as_str(),
                router.subnets.join(", ")
            ))
            .with_cloud(router.cloud.clone())
            .with_hint("detach them first"))
        })
        .await
    }
}

impl OnCloud<'_> {
    /// The id of the network that a router is to lead out to.
    async fn leading_out(&self, network: &str) -> Result<Text> {
        let network: Network = self.find_for(EXTERNAL_NETWORK, network).await?;
        if network.external {
            return Ok(network.id);
        }
        let name = network.name.as_str();
        Err(
            Error::invalid(format!("network {name:?} does not lead out"))
                .with_field(EXTERNAL_NETWORK)
                .with_hint("a network of which external is true does")
                .with_cloud(self.cloud.clone()),
        )
    }

    /// The id of a subnet that is attached to the router, or is not.
    async fn subnet_of(&self, router: &Router, subnet: &str, attached: bool) -> Result<Text> {
        let subnet: Subnet = self.find_for("subnet", subnet).await?;
        if router.subnets.contains(&subnet.id) == attached {
            return Ok(subnet.id);
        }
        let is = match attached {
            true => "is not attached",
            false => "is attached already",
        };
        Err(Error::conflict(format!(
            "subnet {:?} {is} to router {:?}",
            subnet.name.as_str(),
            router.name.as_str()
        ))
        .with_cloud(self.cloud.clone()))
    }
}
