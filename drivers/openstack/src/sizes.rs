//! Flavors.

use cloudfarm_contract::model::{Extra, Size};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use serde::Deserialize;

use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::compute::Compute;
use crate::list::{self, Collection, Listed};

pub(crate) const FLAVORS: Collection = Collection {
    service: ServiceKind::Compute,
    key: "flavors",
};

#[derive(Debug, Deserialize)]
pub(crate) struct Flavor {
    id: Text,
    #[serde(default)]
    name: Text,
    vcpus: Option<u32>,
    ram: u64,
    #[serde(default)]
    disk: u64,
    #[serde(default, rename = "OS-FLV-DISABLED:disabled")]
    disabled: Option<bool>,
    #[serde(flatten)]
    rest: Extra,
}

impl Listed for Flavor {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl Flavor {
    pub(crate) fn into_size(self, cloud: &Text) -> Size {
        let mut extra = self.rest;
        extra.retain(|key, value| key != "links" && !value.is_null() && value.as_str() != Some(""));
        Size {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            vcpus: self.vcpus,
            ram_mb: self.ram,
            disk_gb: self.disk,
            available: !self.disabled.unwrap_or(false),
            extra,
        }
    }
}

impl Compute {
    /// One page of the sizes.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::list_sizes`].
    pub async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        let call = Call::get(&["flavors", "detail"]);
        let page = list::page::<Flavor>(&self.session, cx, FLAVORS, &call, &query.page).await?;
        let mut sizes = page.map(|flavor| flavor.into_size(self.session.cloud()));
        sizes.items.retain(|size| query.matches(&size.name));
        Ok(sizes)
    }
}
