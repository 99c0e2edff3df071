//! Availability zones.

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use cloudfarm_http::Response;
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
        let response = self.session.ask(cx, ServiceKind::Compute, &call).await?;
        let mut locations = read(&response, self.session.cloud())?;
        locations.retain(|location| query.matches(&location.name));
        list::cut(locations, |location| &location.id, &query.page)
    }
}

pub(crate) fn read(response: &Response, cloud: &Text) -> Result<Vec<Location>> {
    let reply: Reply = response.json()?;
    let locations = reply.zones.into_iter().map(|zone| Location {
        cloud: cloud.clone(),
        id: zone.name.clone(),
        name: zone.name,
        available: zone.state.available,
        extra: Extra::new(),
    });
    Ok(locations.collect())
}
