//! Packages.

use cloudfarm_contract::model::{Extra, Size};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use cloudfarm_http::Response;
use serde::Deserialize;

use crate::call::Call;
use crate::list;
use crate::session::Session;

/// A package: memory and disk are in mebibytes.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: Text,
    #[serde(default)]
    pub(crate) name: Text,
    #[serde(default)]
    memory: u64,
    #[serde(default)]
    disk: u64,
    /// 0 where a share of the processors is not counted in whole ones.
    #[serde(default)]
    vcpus: u32,
    #[serde(flatten)]
    rest: Extra,
}

impl Package {
    pub(crate) fn vcpus(&self) -> Option<u32> {
        (self.vcpus > 0).then_some(self.vcpus)
    }

    fn into_size(self, cloud: &Text) -> Size {
        let vcpus = self.vcpus();
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        Size {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            vcpus,
            ram_mb: self.memory,
            disk_gb: gigabytes(self.disk),
            available: true,
            extra,
        }
    }
}

/// Gigabytes of a disk in megabytes, rounded to the nearest.
pub(crate) const fn gigabytes(megabytes: u64) -> u64 {
    megabytes.saturating_add(512) / 1024
}

/// One page of the sizes.
pub(crate) async fn list_sizes(
    session: &Session,
    cx: &Context,
    query: &ListQuery,
) -> Result<Page<Size>> {
    let response = session.ask(cx, &Call::get(&["packages"])).await?;
    let mut sizes = read(&response, session.cloud())?;
    sizes.retain(|size| query.matches(&size.name));
    list::cut(sizes, |size| &size.id, &query.page)
}

pub(crate) fn read(response: &Response, cloud: &Text) -> Result<Vec<Size>> {
    let packages: Vec<Package> = response.json()?;
    let sizes = packages.into_iter().map(|package| package.into_size(cloud));
    Ok(sizes.collect())
}
