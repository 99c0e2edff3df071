//! `CLOUDFARM__SECTION__KEY` in the environment.

use config::{Value, ValueKind};

use super::farm::ROOT;
use super::jobs::actions;
use super::sources::Environment;
use super::tree::{Origin, Table};
use super::{Problems, SettingProblem};

const PREFIX: &str = "CLOUDFARM__";
const SEPARATOR: &str = "__";

/// The variables that override the server's settings. Actions are found whatever the case of their
/// letters, because variables are in upper case.
pub(super) fn of_server(environment: &Environment, problems: &mut Problems) -> Table {
    collect(environment, problems, |path| {
        if let [jobs, kinds, action, ..] = path.as_mut_slice()
            && (jobs.as_str(), kinds.as_str()) == ("jobs", "kinds")
            && let Some(known) = actions().find(|known| known.eq_ignore_ascii_case(action))
        {
            known.clone_into(action);
        }
        path[0] != ROOT
    })
}

/// The variables that override the farm. A cloud whose name has a dash is reached with `_`, because
/// shells allow no dash in a variable.
pub(super) fn of_farm(environment: &Environment, farm: &Table, problems: &mut Problems) -> Table {
    let clouds = match farm.get(ROOT).map(|value| &value.kind) {
        Some(ValueKind::Table(clouds)) => Some(clouds),
        _ => None,
    };
    let written = |name: &str| {
        let clouds = clouds.filter(|clouds| !clouds.contains_key(name))?;
        clouds.keys().find(|known| known.replace('-', "_") == name)
    };
    collect(environment, problems, |path| {
        if let Some(cloud) = path.get_mut(1)
            && let Some(known) = written(cloud)
        {
            cloud.clone_from(known);
        }
        path[0] == ROOT
    })
}

/// The variable that overrides the value at `path`.
pub(super) fn variable(path: &[String]) -> String {
    let key = path.join(SEPARATOR).to_ascii_uppercase();
    format!("{PREFIX}{}", key.replace('-', "_"))
}

fn collect(
    environment: &Environment,
    problems: &mut Problems,
    mut wanted: impl FnMut(&mut Vec<String>) -> bool,
) -> Table {
    let mut table = Table::new();
    for (name, value) in environment.starting_with(PREFIX) {
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        let mut path: Vec<String> = key.split(SEPARATOR).map(str::to_owned).collect();
        if !wanted(&mut path) {
            continue;
        }
        let origin = Origin::Variable(name.clone());
        let Ok(value) = value.into_string() else {
            problems.push(SettingProblem::at(&origin, &path, "must be UTF-8 text"));
            continue;
        };
        let value = Value::new(Some(&Origin::variable(&name)), value);
        if let Err(message) = insert(&mut table, &path, value) {
            problems.push(SettingProblem::at(&origin, &path, message));
        }
    }
    table
}

fn insert(table: &mut Table, path: &[String], value: Value) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [key] => {
            table.insert(key.clone(), value);
            Ok(())
        }
        [key, rest @ ..] => {
            let inner = table
                .entry(key.clone())
                .or_insert_with(|| Value::new(None, Table::new()));
            match &mut inner.kind {
                ValueKind::Table(inner) => insert(inner, rest, value),
                _ => Err(format!(
                    "the variable without {SEPARATOR}{} is set too: unset one of them",
                    rest.join(SEPARATOR).to_ascii_uppercase()
                )),
            }
        }
    }
}
