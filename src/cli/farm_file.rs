//! The farm file as a document that entries are added to: comments and other entries stay.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

use super::exit::Exit;
use super::failure::{Failure, Result};

const ROOT: &str = "cloud_farm";

/// A farm file in TOML.
#[derive(Debug)]
pub(super) struct FarmFile {
    path: PathBuf,
    document: DocumentMut,
}

impl FarmFile {
    /// Reads the file. One that is not there yet is empty.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let is_toml = path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("toml"));
        if !is_toml {
            let message = format!(
                "{}: clouds can be added to a TOML file only",
                path.display()
            );
            let hint = "--dry-run prints the entries, to be put there by hand";
            return Err(Failure::usage(message).hint(hint));
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(&path, "cannot be read", &error)),
        };
        let document = text
            .parse()
            .map_err(|error| not_toml(&path, &text, &error))?;
        let mut file = Self { path, document };
        file.clouds()?;
        Ok(file)
    }

    /// A file of no place, to be shown.
    pub(super) fn nowhere() -> Self {
        Self {
            path: PathBuf::new(),
            document: DocumentMut::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the entry as the file has it, in whatever case.
    pub(super) fn key_of(&self, cloud: &str) -> Option<String> {
        let root = key_like(self.document.as_table(), ROOT)?;
        let clouds = self.document.get(&root)?.as_table_like()?;
        key_like(clouds, cloud)
    }

    /// Puts an entry at the end, or in the place of the one of this name.
    pub(super) fn put(&mut self, cloud: &str, entry: &Map<String, Json>) -> Result<()> {
        let replaced = self.key_of(cloud);
        let clouds = self.clouds()?;
        if let Some(key) = replaced {
            clouds.remove(&key);
        }
        let mut table = Table::new();
        for (key, value) in entry {
            let item = match value {
                Json::Object(inner) if key == "extra_params" => Item::Table(table_of(inner)),
                value => Item::Value(value_of(value)),
            };
            table.insert(key, item);
        }
        clouds.insert(cloud, Item::Table(table));
        Ok(())
    }

    /// The table of the clouds, made if it is not there.
    fn clouds(&mut self) -> Result<&mut dyn TableLike> {
        let wrong = format!("{}: {ROOT} must be a table", self.path.display());
        let root = key_like(self.document.as_table(), ROOT).unwrap_or_else(|| ROOT.to_owned());
        let item = self.document.entry(&root).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        // An inline table cannot hold tables, and its entries are all on one line.
        if let Item::Value(Value::InlineTable(inline)) = item {
            *item = Item::Table(std::mem::take(inline).into_table());
        }
        item.as_table_like_mut()
            .ok_or_else(|| Failure::usage(wrong))
    }

    /// Writes the file in one step. With secrets in it nobody else may read it.
    pub(super) fn save(&self, holds_secrets: bool) -> Result<()> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut beside = path.clone().into_os_string();
        beside.push(format!(".{}.new", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = self.write(&path, &beside, holds_secrets);
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.map_err(|error| failed(&self.path, "cannot be written", &error))
    }

    fn write(&self, path: &Path, beside: &Path, holds_secrets: bool) -> std::io::Result<()> {
        let mut file = create(beside)?;
        file.write_all(self.document.to_string().as_bytes())?;
        if !holds_secrets {
            keep_mode(path, &file)?;
        }
        file.sync_all()?;
        fs::rename(beside, path)
    }
}

impl std::fmt::Display for FarmFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.document.to_string().trim())
    }
}

/// A new file that only its owner may read.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The new file may be read by whom the old one could be read by.
fn keep_mode(old: &Path, new: &File) -> std::io::Result<()> {
    match fs::metadata(old) {
        Ok(old) => new.set_permissions(old.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => open_mode(new),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn open_mode(new: &File) -> std::io::Result<()> {
    new.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_mode(_: &File) -> std::io::Result<()> {
    Ok(())
}

fn key_like(table: &dyn TableLike, wanted: &str) -> Option<String> {
    let same = |key: &&str| key.eq_ignore_ascii_case(wanted);
    table
        .iter()
        .map(|(key, _)| key)
        .find(same)
        .map(str::to_owned)
}

fn table_of(values: &Map<String, Json>) -> Table {
    let mut table = Table::new();
    for (key, value) in values {
        table.insert(key, Item::Value(value_of(value)));
    }
    table
}

fn value_of(value: &Json) -> Value {
    match value {
        Json::Null => Value::from(""),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, float) => Value::from(float.unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::Array(values.iter().map(value_of).collect::<Array>()),
        Json::Object(values) => {
            let values = values
                .iter()
                .map(|(key, value)| (Key::new(key), value_of(value)));
            Value::InlineTable(values.collect::<InlineTable>())
        }
    }
}

/// Where the file stops to be TOML. The parser quotes the line, which may hold a secret.
fn not_toml(path: &Path, text: &str, error: &toml_edit::TomlError) -> Failure {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before
        .chars()
        .rev()
        .take_while(|char| *char != '\n')
        .count()
        + 1;
    let message = error.message();
    Failure::usage(format!(
        "{}: line {line}, column {column}: {message}",
        path.display()
    ))
}

fn failed(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    let kind = error.kind();
    Failure::new(Exit::Failed, format!("{}: {what}: {kind}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::FarmFile;

    fn put(text: &str, cloud: &str, entry: &Value) -> String {
        let mut file = FarmFile::nowhere();
        file.document = text.parse().unwrap();
        file.put(cloud, entry.as_object().unwrap()).unwrap();
        file.document.to_string()
    }

    #[test]
    fn comments_and_other_entries_stay() {
        let text = "# mine\n[CLOUD_FARM.Lab] # old\nengine = 'dummy'\n\n# last\n";
        let entry = json!({"engine": "openstack", "password": {"env": "X"},
            "extra_params": {"clouds_yaml": "a", "http": {"timeout": "3s"}}});
        let added = put(text, "other", &entry);
        assert!(
            added.starts_with("# mine\n[CLOUD_FARM.Lab] # old\nengine = 'dummy'\n"),
            "{added}"
        );
        assert!(added.contains("# last"), "{added}");
        assert!(
            added.contains("[CLOUD_FARM.other]\nengine = \"openstack\"\n"),
            "{added}"
        );
        assert!(added.contains("password = { env = \"X\" }\n"), "{added}");
        let extra = "[CLOUD_FARM.other.extra_params]\nclouds_yaml = \"a\"\n";
        assert!(added.contains(extra), "{added}");
        assert!(added.contains("http = { timeout = \"3s\" }\n"), "{added}");
        let replaced = put(text, "lab", &json!({"engine": "openstack"}));
        assert!(
            !replaced.contains("dummy") && replaced.contains("openstack"),
            "{replaced}"
        );
        let inline = put("cloud_farm = {a = {engine = 'dummy'}}\n", "b", &entry);
        let read: Value = toml::from_str(&inline).unwrap();
        assert_eq!(read["cloud_farm"]["a"]["engine"], "dummy", "{inline}");
        assert_eq!(read["cloud_farm"]["b"], entry, "{inline}");
    }
}
