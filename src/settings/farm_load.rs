//! Loads the farm: find the file, put the environment over it, check each entry, resolve secrets.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use cloudfarm_contract::{Engine, Result as EngineResult, nearest};
use config::{Value, ValueKind};

use super::entry::{Checked, Rules};
use super::farm::ROOT;
use super::files::FarmFile;
use super::show::ShownValue;
use super::sources::Environment;
use super::tree::{Origin, Table, merge, must_be, sorted};
use super::{
    CloudEntry, FarmSettings, LayerSettings, Problems, SettingProblem, Sources, overrides,
};

/// Finds an engine by its name or alias; the error says which there are.
pub type FindEngine<'a> = dyn Fn(&str) -> EngineResult<&'static dyn Engine> + Sync + 'a;

/// How many entries resolve their secrets at the same time: a command that hangs should not hold
/// up those of the other clouds.
const AT_ONCE: usize = 16;

/// A farm and what is wrong with it.
#[derive(Debug)]
pub struct LoadedFarm {
    /// The clouds, those that cannot be used included.
    pub farm: FarmSettings,
    /// What is wrong with single clouds.
    pub problems: Problems,
    pub(super) shown: Vec<ShownValue>,
}

impl FarmSettings {
    /// The farm from its file, under `CLOUDFARM__CLOUD_FARM__NAME__KEY` of the environment. An
    /// entry that is wrong is in the farm with its error. It runs the commands that secrets refer
    /// to, so it may take seconds and blocks the thread.
    ///
    /// # Errors
    ///
    /// Everything that is wrong if the file cannot be used at all. A reload then keeps the farm
    /// that it has.
    pub fn load(
        sources: &Sources,
        layers: &LayerSettings,
        engines: &FindEngine<'_>,
    ) -> Result<LoadedFarm, Problems> {
        let file = FarmFile::find(sources)?;
        let mut problems = Problems::default();
        let table = lower_case(&file.name, file.parse()?, &mut problems);
        let variables = overrides::of_farm(sources.environment(), &table, &mut problems);
        let clouds = clouds(&file.name, merge([table, variables])?, &mut problems);
        let fatal = problems.split_fatal();

        let entries = sorted(&clouds);
        let named: Vec<&str> = entries
            .iter()
            .filter(|(_, entry)| says_engine(entry))
            .map(|(name, _)| name.as_str())
            .collect();
        let rules = Rules {
            file: &file.name,
            layers,
            engines,
            clouds: &named,
        };
        let checked = entries
            .iter()
            .map(|(name, entry)| {
                let path = vec![ROOT.to_owned(), (*name).clone()];
                rules.check(path, name, entry, problems.split_cloud(name))
            })
            .collect();
        let mut loaded = LoadedFarm {
            farm: FarmSettings::default(),
            // Variables that are wrong in themselves may name a cloud that is not there.
            problems,
            shown: Vec::new(),
        };
        for (cloud, problems, shown) in resolve(checked, sources.environment(), &file.directory) {
            loaded.farm.clouds.push(cloud);
            loaded.problems.append(problems);
            loaded.shown.extend(shown);
        }
        if fatal.is_empty() {
            return Ok(loaded);
        }
        let mut all = fatal;
        all.append(loaded.problems);
        Err(all)
    }
}

fn says_engine(entry: &Value) -> bool {
    matches!(&entry.kind, ValueKind::Table(table) if table.contains_key("engine"))
}

/// `ENGINE` means `engine`. The keys of `extra_params` are the engine's own and stay as they are.
fn lower_case(file: &str, table: Table, problems: &mut Problems) -> Table {
    let origin = Origin::File(file.to_owned());
    let mut root = lower_keys(table, &mut Vec::new(), &origin, problems);
    if let Some(ValueKind::Table(clouds)) = root.get_mut(ROOT).map(|value| &mut value.kind) {
        for (name, entry) in clouds {
            let mut path = vec![ROOT.to_owned(), name.clone()];
            let ValueKind::Table(keys) = &mut entry.kind else {
                continue;
            };
            *keys = lower_keys(std::mem::take(keys), &mut path, &origin, problems);
            if let Some(ValueKind::Table(layers)) =
                keys.get_mut("layers").map(|value| &mut value.kind)
            {
                path.push("layers".to_owned());
                *layers = lower_keys(std::mem::take(layers), &mut path, &origin, problems);
            }
        }
    }
    root
}

fn lower_keys(
    table: Table,
    path: &mut Vec<String>,
    origin: &Origin,
    problems: &mut Problems,
) -> Table {
    let mut lowered = Table::new();
    for (key, value) in table {
        let key = key.to_ascii_lowercase();
        if lowered.insert(key.clone(), value).is_some() {
            path.push(key);
            let message = "is there twice, in upper and in lower case";
            problems.push(SettingProblem::at(origin, path, message));
            path.pop();
        }
    }
    lowered
}

/// The entries. Whatever else stands at the root stops the start: nobody knows which cloud it was
/// meant for.
fn clouds(file: &str, mut root: Table, problems: &mut Problems) -> Table {
    let clouds = root.remove(ROOT);
    for (key, value) in sorted(&root) {
        let hint = match nearest(key, [ROOT]) {
            Some(known) => format!("did you mean {known:?}?"),
            None => format!("clouds are tables below {ROOT}, as [{ROOT}.default]"),
        };
        let origin = Origin::of(value).or_file(file);
        let problem = SettingProblem::at(&origin, std::slice::from_ref(key), "unknown key");
        problems.push(problem.with_hint(Some(hint)));
    }
    let (origin, message) = match clouds {
        Some(value) => match value.kind {
            ValueKind::Table(clouds) => return clouds,
            _ => (
                Origin::of(&value).or_file(file),
                must_be("a table of clouds", &value),
            ),
        },
        None => (
            Origin::File(file.to_owned()),
            format!("is missing: each cloud is a table below it, as [{ROOT}.default]"),
        ),
    };
    problems.push(SettingProblem::at(&origin, &[ROOT.to_owned()], message));
    Table::new()
}

type Resolved = (CloudEntry, Problems, Vec<ShownValue>);

/// Resolves the secrets of all entries, and keeps their order.
fn resolve(checked: Vec<Checked>, environment: &Environment, directory: &Path) -> Vec<Resolved> {
    let waiting = checked
        .iter()
        .filter(|entry| entry.has_references())
        .count();
    let Some(threads) = NonZero::new(waiting.min(AT_ONCE)) else {
        let resolve = |entry: Checked| entry.resolve(environment, directory);
        return checked.into_iter().map(resolve).collect();
    };
    let queue = Mutex::new(checked.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((place, entry)) = next else { break };
                    let resolved = entry.resolve(environment, directory);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((place, resolved));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, resolved)| resolved).collect()
}
