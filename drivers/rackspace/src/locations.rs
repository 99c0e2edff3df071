//! The region, which is all that there is to choose from.

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, ListQuery, Page, Result};
use cloudfarm_openstack::cut;

use crate::driver::RackspaceDriver;

impl RackspaceDriver {
    /// The region of this cloud. Another one is another cloud of the farm.
    pub(crate) async fn regions(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        let region = self.region(cx).await?;
        let mut locations = vec![Location {
            cloud: self.session.cloud().clone(),
            id: region.clone(),
            name: region,
            available: true,
            extra: Extra::new(),
        }];
        locations.retain(|location| query.matches(&location.name));
        cut(locations, |location| &location.id, &query.page)
    }
}
