//! Availability zones.

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use serde::Deserialize;
use serde_json::Value;

use crate::driver::Ec2Driver;
use crate::list;
use crate::query::Query;
use crate::xml::Set;

#[derive(Debug, Deserialize)]
pub(crate) struct Zones {
    #[serde(rename = "availabilityZoneInfo")]
    zones: Set<Zone>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Zone {
    #[serde(rename = "zoneName")]
    pub(crate) name: Text,
    #[serde(rename = "zoneState", default)]
    state: Text,
    #[serde(rename = "regionName", default)]
    region: Option<Text>,
}

impl Zone {
    /// Eucalyptus writes the address of the zone's controller behind the word.
    pub(crate) fn is_available(&self) -> bool {
        self.state.to_ascii_lowercase().starts_with("available")
    }
}

impl Ec2Driver {
    pub(crate) async fn zones(&self, cx: &Context) -> Result<Vec<Zone>> {
        let call = Query::read("DescribeAvailabilityZones");
        let reply: Zones = self.session.read(cx, call).await?;
        Ok(reply.zones.items)
    }

    pub(crate) async fn locations(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<Location>> {
        let zones = self.zones(cx).await?.into_iter();
        let zones = zones.filter(|zone| !zone.name.is_empty() && query.matches(&zone.name));
        let locations = zones.map(|zone| {
            let mut extra = Extra::new();
            if let Some(region) = zone.region.as_deref() {
                extra.insert("region".into(), Value::from(region));
            }
            Location {
                cloud: self.cloud(),
                id: zone.name.clone(),
                available: zone.is_available(),
                name: zone.name,
                extra,
            }
        });
        list::whole(locations.collect(), |location| &location.id, &query.page)
    }
}
