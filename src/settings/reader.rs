//! Reads values that have secrets in them.

use std::path::Path;

use config::Value;
use serde_json::Value as Json;

use super::Problems;
use super::fit::Fit;
use super::secrets;
use super::shape::Shape;
use super::show::ShownValue;
use super::sources::Environment;

/// Where secrets are to be had, and where to say what was found.
pub(super) struct Reader<'a> {
    /// The file that is named where no value says where it came from.
    pub(super) file: &'a str,
    pub(super) environment: &'a Environment,
    /// Where relative paths start from.
    pub(super) directory: &'a Path,
    pub(super) problems: &'a mut Problems,
    pub(super) shown: &'a mut Vec<ShownValue>,
}

impl Reader<'_> {
    /// The value at `path` with its secrets. `check` says what is wrong with one that has the right
    /// shape. Nothing of it is there if anything is wrong with it.
    pub(super) fn read(
        &mut self,
        path: Vec<String>,
        shape: &Shape,
        value: &Value,
        check: impl FnOnce(&Json, &mut Fit<'_>),
    ) -> Option<Json> {
        let depth = path.len();
        let mut fit = Fit::new(self.file, path);
        let mut read = fit.value(shape, value);
        for secret in std::mem::take(&mut fit.secrets) {
            match secret.resolve(self.environment, self.directory) {
                Ok(text) => secrets::put(&mut read, &secret.path[depth..], text),
                Err(wrong) => fit.problems.append(wrong),
            }
        }
        if fit.problems.is_empty() {
            check(&read, &mut fit);
        }
        let is_right = fit.problems.is_empty();
        self.problems.append(fit.problems);
        self.shown.append(&mut fit.shown);
        is_right.then_some(read)
    }
}
