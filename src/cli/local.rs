//! What `serve`, `check` and `settings` share: they read the settings themselves, without a server.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::{Failure, Result};
use crate::farm;
use crate::settings::{Loaded, Problems, Sources};

/// Where settings are looked for.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingsArgs {
    /// The file that names the clouds (TOML, YAML or JSON); else the one that CLOUD_FARM names,
    /// else cloud_farm.toml in the directory of settings, else two dummy clouds
    #[arg(long, value_name = "FILE")]
    farm: Option<PathBuf>,
    /// The directory of settings; else the one that CLOUDFARM_SETTINGS names, else settings
    #[arg(long, value_name = "DIRECTORY")]
    settings: Option<PathBuf>,
}

impl SettingsArgs {
    /// The farm file that is read, or would be if it were there.
    pub(crate) fn farm_file(&self) -> Option<PathBuf> {
        self.sources().farm_file()
    }

    /// The same with this farm file.
    pub(crate) fn with_farm(mut self, farm: PathBuf) -> Self {
        self.farm = Some(farm);
        self
    }

    fn sources(&self) -> Sources {
        Sources::process()
            .with_directory(self.settings.clone())
            .with_farm(self.farm.clone())
    }

    /// Reads the settings.
    pub(crate) fn load(&self) -> Result<Loaded> {
        Loaded::load(self.sources(), &farm::engine).map_err(|problems| wrong(&problems))
    }
}

/// All that is wrong, a line each.
fn wrong(problems: &Problems) -> Failure {
    let mut lines = problems.iter().map(ToString::to_string);
    let first = lines.next().unwrap_or_default();
    lines.fold(Failure::new(Exit::Usage, first), |failure, line| {
        failure.note("error", line)
    })
}
