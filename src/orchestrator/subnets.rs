//! Subnets: plan and begin to make.

use cloudfarm_contract::model::{Network, SubnetCreate};
use cloudfarm_contract::{Error, Result};

use super::cidr::Cidr;
use super::{Call, Orchestrator, validate};
use crate::jobs::JobHandle;

impl Orchestrator {
    /// Begins to make a subnet on a network, which stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `unsupported`.
    pub async fn create_subnet(
        &self,
        call: &Call,
        cloud: &str,
        mut request: SubnetCreate,
    ) -> Result<JobHandle> {
        validate::name("name", &request.name)?;
        validate::optional("location", request.location.as_deref())?;
        let range = Cidr::parse("cidr", &request.cidr)?;
        if let Some(gateway) = request.gateway.filter(|ip| !range.contains(*ip)) {
            return Err(
                Error::invalid(format!("gateway {gateway} is not in {}", request.cidr))
                    .with_field("gateway"),
            );
        }
        let on = self.on(call, cloud)?;
        on.check_subnet_create()?;
        request.network = on
            .find_for::<Network>("network", &request.network)
            .await?
            .id;
        on.create(request).await
    }
}
