//! Lists come in pages, linked by markers that only the driver can read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// Where the next page starts. Opaque to everybody but the driver that made it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Marker(pub Text);

impl Marker {
    /// Wraps what the driver wants to see again.
    pub fn new(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// What the driver put in.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many items; the driver may give fewer. `None` leaves it to the driver.
    pub limit: Option<u32>,
    /// The `next` of the page before; `None` for the first page.
    pub marker: Option<Marker>,
}

impl PageRequest {
    /// The first page, of at most `limit` items.
    pub fn first(limit: u32) -> Self {
        Self {
            limit: Some(limit),
            marker: None,
        }
    }

    /// The page that `marker` points to, of at most `limit` items.
    pub fn after(marker: Marker, limit: Option<u32>) -> Self {
        Self {
            limit,
            marker: Some(marker),
        }
    }
}

/// A part of a list. It may be empty although `next` is set: a filter that the provider does not
/// know is applied by the driver afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in an order that is the same from page to page.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last page.
    pub next: Option<Marker>,
}

impl<T> Page<T> {
    /// The last page.
    pub fn last(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The same page with every item passed through `change`.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next: None,
        }
    }
}
