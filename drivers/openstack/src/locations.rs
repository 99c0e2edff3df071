//! Availability zones.

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use serde::Deserialize;

use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::compute::Compute;
use crate::list;

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "availabilityZoneInfo")]
    zones: Vec<Zone>,
}

#[derive(Deserialize)]
struct Zone {
    #[serde(rename = "zoneName")]
    name: Text,
    #[serde(rename = "zoneState")]
    state: ZoneState,
}

#[derive(Deserialize)]
struct ZoneState {
    available: bool,
}

impl Compute {
    /// One page of the availability zones.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::list_locations`].
    pub async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>> {
        let call = Call::get(&["os-availability-zone"]);
        let reply: Reply = self
            .session
            .ask(cx, ServiceKind::Compute, &call)
            .await?
            .json()?;
        let zones = reply
            .zones
            .into_iter()
            .filter(|zone| query.matches(&zone.name));
        let locations = zones.map(|zone| Location {
            cloud: self.session.cloud().clone(),
            id: zone.name.clone(),
            name: zone.name,
            available: zone.state.available,
            extra: Extra::new(),
        });
        list::cut(locations.collect(), |location| &location.id, &query.page)
    }
}
