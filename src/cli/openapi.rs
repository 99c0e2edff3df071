//! `openapi`: the description of the API.

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::output::Output;
use crate::api::document;

pub(super) const EXAMPLES: &str = "Examples:
  cloudfarm openapi > openapi.json
  cloudfarm openapi -o yaml";

pub(crate) fn run(output: Output) -> Result<()> {
    let document = serde_json::to_value(document()).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("the document cannot be written: {error}"),
        )
    })?;
    output.document(&document)
}
