//! Lists, on one cloud and over many.

use cloudfarm_contract::{Error, Page, PageRequest, Result, Text};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cursor::{self, Markers};
use super::state::AppState;
use crate::Problem;
use crate::farm::CloudAnswer;
use crate::orchestrator::from_one;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Listing<T> {
    /// The items. There may be fewer than asked for, even none, while `next` is set.
    pub items: Vec<T>,
    /// The cursor of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// A page of a list over several clouds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FarmListing<T> {
    /// The items of all clouds that answered.
    pub items: Vec<T>,
    /// What each cloud did.
    pub clouds: Vec<CloudRow>,
    /// The cursor of the next page; `null` if no cloud has more.
    pub next: Option<String>,
}

/// What one cloud did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CloudRow {
    /// The name of the cloud.
    pub cloud: Text,
    /// Whether it answered.
    pub status: CloudRowStatus,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What happened instead of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// Whether a cloud answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloudRowStatus {
    /// It did.
    Ok,
    /// It did not.
    Failed,
}

/// Which page of a list, of which names.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Items on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    pub(super) name: Option<Text>,
}

/// The same over several clouds.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FarmListParams {
    /// Items of each cloud on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    pub(super) name: Option<Text>,
    /// The clouds to ask, separated by commas; all where it is missing.
    pub(super) cloud: Option<String>,
}

/// Limit and cursor of a request, and the list that the cursor must belong to.
#[derive(Debug)]
pub(super) struct Paging {
    limit: u32,
    markers: Option<Markers>,
    scope: String,
}

impl Paging {
    /// Reads limit and cursor. `scope` names the list with its filters.
    ///
    /// # Errors
    ///
    /// `invalid` for a limit of 0 or above the greatest, and for a cursor of another list.
    pub(super) fn new(
        state: &AppState,
        limit: Option<u32>,
        cursor: Option<&str>,
        scope: String,
    ) -> Result<Self> {
        let settings = &state.settings().api;
        let limit = limit.unwrap_or(settings.page_limit);
        from_one("limit", limit.into(), settings.page_limit_max.into())?;
        let markers = cursor
            .map(|cursor| cursor::decode(&scope, cursor))
            .transpose()?;
        Ok(Self {
            limit,
            markers,
            scope,
        })
    }

    /// The page to ask `cloud` for; `None` if it has no more.
    pub(super) fn page(&self, cloud: &str) -> Option<PageRequest> {
        let marker = match &self.markers {
            None => None,
            Some(markers) => Some(markers.get(cloud)?.clone()),
        };
        Some(PageRequest {
            limit: Some(self.limit),
            marker,
        })
    }

    /// The page to ask the only cloud of the list for.
    ///
    /// # Errors
    ///
    /// `invalid` for a cursor of another cloud.
    pub(super) fn page_of(&self, cloud: &str) -> Result<PageRequest> {
        self.page(cloud).ok_or_else(|| {
            Error::invalid("the cursor is one of another cloud").with_field("cursor")
        })
    }

    /// The answer of one cloud.
    pub(super) fn listing<T>(&self, cloud: &Text, page: Page<T>) -> Listing<T> {
        let next = page
            .next
            .map(|marker| cursor::encode(&self.scope, &Markers::from([(cloud.clone(), marker)])));
        Listing {
            items: page.items,
            next,
        }
    }

    /// The answers of many clouds.
    pub(super) fn farm_listing<T>(
        &self,
        answers: Vec<CloudAnswer<Page<T>>>,
        request_id: &Text,
    ) -> FarmListing<T> {
        let pages = answers
            .iter()
            .filter_map(|answer| answer.result.as_ref().ok());
        let mut items = Vec::with_capacity(pages.map(|page| page.items.len()).sum());
        let mut clouds = Vec::with_capacity(answers.len());
        let mut markers = Markers::new();
        for CloudAnswer {
            cloud,
            took,
            result,
        } in answers
        {
            let error = match result {
                Ok(page) => {
                    items.extend(page.items);
                    if let Some(marker) = page.next {
                        markers.insert(cloud.clone(), marker);
                    }
                    None
                }
                Err(error) => Some(Problem::new(&error, Some(request_id.clone()))),
            };
            let status = if error.is_none() {
                CloudRowStatus::Ok
            } else {
                CloudRowStatus::Failed
            };
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            clouds.push(CloudRow {
                cloud,
                status,
                took_ms,
                error,
            });
        }
        let next = (!markers.is_empty()).then(|| cursor::encode(&self.scope, &markers));
        FarmListing {
            items,
            clouds,
            next,
        }
    }

    /// The clouds that the cursor still has pages of, of those asked for.
    pub(super) fn remaining(&self, asked: Option<Vec<Text>>) -> Option<Vec<Text>> {
        match &self.markers {
            None => asked,
            Some(markers) => Some(markers.keys().cloned().collect()),
        }
    }
}

impl ListParams {
    /// Limit and cursor, for the list of `kind`.
    pub(super) fn paging(&self, state: &AppState, kind: &str) -> Result<Paging> {
        let scope = format!("{kind}?name={}", self.name.as_deref().unwrap_or_default());
        Paging::new(state, self.limit, self.cursor.as_deref(), scope)
    }
}

impl FarmListParams {
    /// Limit and cursor, for the list of `kind`.
    pub(super) fn paging(&self, state: &AppState, kind: &str) -> Result<Paging> {
        let scope = format!(
            "{kind}?name={}&cloud={}",
            self.name.as_deref().unwrap_or_default(),
            self.cloud.as_deref().unwrap_or_default(),
        );
        Paging::new(state, self.limit, self.cursor.as_deref(), scope)
    }
}

/// The names in a list that is separated by commas; `None` for all.
pub(super) fn names(list: Option<&str>) -> Option<Vec<Text>> {
    let list = list?;
    Some(
        list.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(Text::from)
            .collect(),
    )
}
