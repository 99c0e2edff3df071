//! What the command line knows about every kind of resource.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::unreadable;
use super::failure::Result;
use super::table::{Column, Width};

/// A kind of resource, as the API gives it and as tables show it.
pub(crate) trait Resource: DeserializeOwned + 'static {
    /// The word for one, as in "no node matches".
    const NOUN: &'static str;

    /// The properties in the order of the table.
    const COLUMNS: &'static [Column<Self>];

    /// What the server takes as its id.
    fn id(&self) -> String;

    /// What people call it.
    fn name(&self) -> String;
}

/// Reads one resource from an answer.
pub(crate) fn read<T: Resource>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| unreadable(&error))
}

/// The headers of a list.
pub(crate) fn headers<T: Resource>(width: Width) -> Vec<&'static str> {
    T::COLUMNS
        .iter()
        .filter(|column| column.is_in(width))
        .map(Column::header)
        .collect()
}

/// The row of a resource in a list.
pub(crate) fn row<T: Resource>(resource: &T, width: Width) -> Vec<String> {
    T::COLUMNS
        .iter()
        .filter(|column| column.is_in(width))
        .map(|column| column.cell(resource))
        .collect()
}

/// Everything about a resource, with its name.
pub(crate) fn properties<T: Resource>(resource: &T) -> Vec<(&'static str, String)> {
    T::COLUMNS
        .iter()
        .map(|column| (column.header(), column.cell(resource)))
        .collect()
}
