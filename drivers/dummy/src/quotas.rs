//! Quotas.

use cloudfarm_contract::extensions::Quotas;
use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Context, Operation, Result, async_trait};

use crate::driver::DummyDriver;

#[async_trait]
impl Quotas for DummyDriver {
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>> {
        self.read(cx, Operation::ListQuotas, |view| {
            let usage = &view.world.index.usage;
            Ok(usage.quotas(&view.rules.quota, &view.rules.cloud))
        })
        .await
    }
}
