//! Data centres. A cloud is in one of them; the others are listed, so that people find them.

use std::collections::BTreeMap;

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use cloudfarm_http::{Response, Url};
use serde_json::Value;

use crate::call::Call;
use crate::list;
use crate::session::Session;

/// Which data centre answered.
const HERE: &str = "triton-datacenter-name";

/// One page of the data centres.
pub(crate) async fn list_locations(
    session: &Session,
    cx: &Context,
    query: &ListQuery,
) -> Result<Page<Location>> {
    let response = session.ask(cx, &Call::get(&["datacenters"])).await?;
    let base = session.base(cx).await?;
    let mut locations = read(&response, base, session.cloud())?;
    locations.retain(|location| query.matches(&location.name));
    list::cut(locations, |location| &location.id, &query.page)
}

pub(crate) fn read(response: &Response, base: &Url, cloud: &Text) -> Result<Vec<Location>> {
    let mut known: BTreeMap<String, String> = response.json()?;
    let here = here(response, base, &known);
    known
        .entry(here.clone())
        .or_insert_with(|| base.to_string());
    let locations = known.into_iter().map(|(name, address)| Location {
        cloud: cloud.clone(),
        id: Text::from(&name),
        available: name == here,
        name: Text::from(name),
        extra: Extra::from_iter([("url".into(), Value::from(address))]),
    });
    Ok(locations.collect())
}

/// The data centre that this cloud is: as it says itself, or the one at this address, or the only
/// one, or what its address is called.
fn here(response: &Response, base: &Url, known: &BTreeMap<String, String>) -> String {
    if let Some(name) = response.header(HERE).filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let is_base =
        |address: &str| Url::parse(address).is_ok_and(|url| url.origin() == base.origin());
    let at_base = known.iter().find(|(_, address)| is_base(address));
    let only = known.iter().next().filter(|_| known.len() == 1);
    match at_base.or(only) {
        Some((name, _)) => name.clone(),
        None => base.host_str().unwrap_or("here").to_owned(),
    }
}
