//! The server's settings, and the farm with them.

use serde_json::Value as Json;

use super::farm_load::{FindEngine, LoadedFarm};
use super::reader::Reader;
use super::show::{Shown, ShownValue};
use super::store::StoreSecrets;
use super::tree::Origin;
use super::typed::Typed;
use super::{
    FarmSettings, JobSettings, LayerSettings, Problems, SettingProblem, Settings, Sources, files,
    notifiers, overrides, ranges, tree,
};

/// What is shown as the file where a key of the server's settings came from nowhere.
const SERVER_FILE: &str = "settings";

impl Settings {
    /// The built-in defaults, under `default.toml` and `{CLOUDFARM_ENV}.toml` of the directory of
    /// settings, under `CLOUDFARM__SECTION__KEY` of the environment.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        server(sources).map(|(settings, _)| settings)
    }
}

/// Everything that settings say, and where they said it.
#[derive(Debug)]
pub struct Loaded {
    /// How the server itself behaves.
    pub settings: Settings,
    /// The clouds.
    pub farm: FarmSettings,
    /// What is wrong with single clouds; the others serve.
    pub problems: Problems,
    /// The effective values.
    pub shown: Shown,
    /// Where to look again at a reload.
    pub sources: Sources,
}

impl Loaded {
    /// Loads the server's settings and the farm. It runs the commands that secrets refer to, so it
    /// may take seconds and blocks the thread.
    ///
    /// # Errors
    ///
    /// Everything that is wrong if there is anything that stops the start.
    pub fn load(sources: Sources, engines: &FindEngine) -> Result<Self, Problems> {
        let server = server(&sources);
        let layers = match &server {
            Ok((settings, _)) => settings.layers.clone(),
            Err(_) => LayerSettings::default(),
        };
        let farm = FarmSettings::load(&sources, &layers, engines);
        let ((settings, mut shown), farm) = match (server, farm) {
            (Ok(server), Ok(farm)) => (server, farm),
            (Ok(_), Err(problems)) => return Err(problems),
            (Err(mut problems), farm) => {
                problems.append(farm.map_or_else(|fatal| fatal, |farm| farm.problems));
                return Err(problems);
            }
        };
        let LoadedFarm {
            farm,
            problems,
            shown: of_farm,
        } = farm;
        shown.extend(of_farm);
        Ok(Self {
            settings,
            farm,
            shown: Shown::new(shown, problems.clone()),
            problems,
            sources,
        })
    }
}

fn server(sources: &Sources) -> Result<(Settings, Vec<ShownValue>), Problems> {
    let mut problems = Problems::default();
    let mut tables = files::server_tables(sources)?;
    tables.push(overrides::of_server(sources.environment(), &mut problems));
    let mut given = tree::merge(tables)?;
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut shown = Vec::new();
    let directory = sources.directory().unwrap_or_default();
    let mut reader = Reader {
        file: SERVER_FILE,
        environment: sources.environment(),
        directory: &directory,
        problems: &mut problems,
        shown: &mut shown,
    };
    let secrets = StoreSecrets::take(&mut given, &mut reader);
    let notifiers = notifiers::take(&mut given, &mut reader);
    let read = Typed {
        path: Vec::new(),
        file: SERVER_FILE,
        problems: &mut problems,
        shown: &mut shown,
    }
    .read::<Settings>(&shape(&defaults), &given);
    let mut settings: Settings = serde_json::from_value(Json::Object(read))
        .map_err(|_| Problems::from(SettingProblem::of_file(SERVER_FILE, "cannot be read")))?;
    secrets.put(&mut settings.store);
    settings.notifiers = notifiers;
    for (section, keys, message) in ranges::of_server(&settings) {
        let path = |key: &str| [section.to_owned(), key.to_owned()];
        let given = shown.iter().find(|shown| {
            let is_given = |key: &&str| shown.path() == path(key);
            keys.iter().any(is_given)
        });
        if let Some(given) = given {
            problems.push(SettingProblem::at(given.origin(), given.path(), message));
        }
    }
    for (path, message) in ranges::of_kinds(&settings) {
        if let Some(given) = shown.iter().find(|shown| shown.path() == path) {
            problems.push(SettingProblem::at(given.origin(), given.path(), message));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    add_defaults(&mut Vec::new(), &defaults, &mut shown);
    Ok((settings, shown))
}

/// The keys that there may be: the defaults, and what has none because it need not be there.
fn shape(defaults: &Json) -> Json {
    let mut shape = defaults.clone();
    shape["jobs"]["kinds"] = JobSettings::shape_of_kinds(&defaults["jobs"]);
    shape
}

/// Shows what nobody gave.
fn add_defaults(path: &mut Vec<String>, defaults: &Json, shown: &mut Vec<ShownValue>) {
    if let Json::Object(table) = defaults {
        for (key, default) in table {
            path.push(key.clone());
            add_defaults(path, default, shown);
            path.pop();
        }
    } else if !shown.iter().any(|shown| shown.path() == path.as_slice()) {
        shown.push(ShownValue::plain(path, defaults.clone(), Origin::Default));
    }
}
