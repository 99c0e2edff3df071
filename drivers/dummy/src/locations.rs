//! Where nodes and volumes can be.

use cloudfarm_contract::model::{Extra, Location};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text};

use crate::driver::DummyDriver;
use crate::ids::Kind;

/// The ids. The state file refers to them by index, so new ones go to the end.
pub(crate) const LOCATIONS: &[&str] = &["zone-a", "zone-b", "zone-c"];

/// The index of the location with this id.
pub(crate) fn index(id: &str) -> Result<usize> {
    LOCATIONS
        .iter()
        .position(|location| *location == id)
        .ok_or_else(|| {
            Error::invalid(format!("there is no location {id}"))
                .with_field("location")
                .with_hint(format!("the locations are {}", LOCATIONS.join(", ")))
        })
}

impl DummyDriver {
    pub(crate) async fn locations(
        &self,
        cx: &Context,
        query: &ListQuery,
    ) -> Result<Page<Location>> {
        self.read(cx, Operation::ListLocations, |view| {
            view.static_page(Kind::Location, &query.page, LOCATIONS, |id| {
                query.matches(id).then(|| Location {
                    cloud: view.cloud(),
                    id: Text::from_static(id),
                    name: Text::from_static(id),
                    available: true,
                    extra: Extra::new(),
                })
            })
        })
        .await
    }
}
