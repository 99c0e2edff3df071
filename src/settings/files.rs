//! Settings files: which there are, and what stands in them.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use config::{ConfigError, FileFormat, Format};

use super::sources::{ENVIRONMENT_VARIABLE, Sources, USUAL_FARM};
use super::tree::Table;
use super::{Problems, SettingProblem};

/// `settings/default.toml` as it was at the build; it equals the built-in defaults.
pub const DEFAULT_SETTINGS: &str = include_str!("../../settings/default.toml");
/// `settings/cloud_farm.toml` as it was at the build: the farm where no file says otherwise.
pub const DEFAULT_FARM: &str = include_str!("../../settings/cloud_farm.toml");
/// How the built-in farm is called in messages.
const BUILT_IN_FARM: &str = "built-in cloud_farm.toml";

/// The text of a farm file.
pub(super) struct FarmFile {
    /// How it is called in messages.
    pub(super) name: String,
    /// What its relative paths start from.
    pub(super) directory: PathBuf,
    format: FileFormat,
    text: String,
}

impl FarmFile {
    /// The file that was named, or that of the directory of settings, or the built-in one.
    pub(super) fn find(sources: &Sources) -> Result<Self, Problems> {
        if let Some(path) = sources.named_farm() {
            return Self::read(&path);
        }
        let usual = sources.directory().map(|dir| dir.join(USUAL_FARM));
        match usual {
            Some(path) if path.exists() => Self::read(&path),
            _ => Ok(Self {
                name: BUILT_IN_FARM.to_owned(),
                directory: PathBuf::new(),
                format: FileFormat::Toml,
                text: DEFAULT_FARM.to_owned(),
            }),
        }
    }

    fn read(path: &Path) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let extension = path.extension().map(|it| it.to_ascii_lowercase());
        let format = match extension.as_ref().and_then(|it| it.to_str()) {
            Some("toml") => FileFormat::Toml,
            Some("yaml" | "yml") => FileFormat::Yaml,
            Some("json") => FileFormat::Json,
            _ => {
                let message = "the name of a farm file must end in .toml, .yaml, .yml or .json";
                return Err(SettingProblem::of_file(name, message).into());
            }
        };
        Ok(Self {
            text: read_text(path)?,
            directory: path.parent().map(Path::to_owned).unwrap_or_default(),
            name,
            format,
        })
    }

    pub(super) fn parse(&self) -> Result<Table, Problems> {
        parse(&self.name, self.format, &self.text)
    }
}

/// The files of the server's settings, the weakest first.
pub(super) fn server_tables(sources: &Sources) -> Result<Vec<Table>, Problems> {
    let environment = environment_name(sources)?;
    let Some(directory) = sources.directory() else {
        return match environment {
            None => Ok(Vec::new()),
            Some(name) => Err(missing_environment(&format!("{name}.toml"))),
        };
    };
    if !directory.is_dir() {
        let name = directory.display().to_string();
        return Err(SettingProblem::of_file(name, "there is no such directory").into());
    }
    let mut tables = Vec::new();
    let default = directory.join("default.toml");
    if default.exists() {
        tables.push(parse_toml(&default)?);
    }
    if let Some(environment) = environment {
        let path = directory.join(format!("{environment}.toml"));
        if !path.exists() {
            return Err(missing_environment(&path.display().to_string()));
        }
        tables.push(parse_toml(&path)?);
    }
    Ok(tables)
}

fn parse_toml(path: &Path) -> Result<Table, Problems> {
    let text = read_text(path)?;
    parse(&path.display().to_string(), FileFormat::Toml, &text)
}

fn environment_name(sources: &Sources) -> Result<Option<String>, Problems> {
    let Some(name) = sources.environment().get(ENVIRONMENT_VARIABLE) else {
        return Ok(None);
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match name.into_string() {
        Ok(name) if name.bytes().all(allowed) => Ok(Some(name)),
        _ => Err(SettingProblem::of_file(
            "environment",
            format!("{ENVIRONMENT_VARIABLE}: must be a name of letters, digits, - and _"),
        )
        .into()),
    }
}

fn missing_environment(file: &str) -> Problems {
    let message = format!("there is no such file, and {ENVIRONMENT_VARIABLE} asks for it");
    SettingProblem::of_file(file, message).into()
}

fn read_text(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::NotFound => "there is no such file",
            ErrorKind::PermissionDenied => "may not be read",
            ErrorKind::IsADirectory => "is a directory",
            ErrorKind::InvalidData => "is not UTF-8 text",
            _ => "cannot be read",
        };
        SettingProblem::of_file(path.display().to_string(), message).into()
    })
}

fn parse(name: &str, format: FileFormat, text: &str) -> Result<Table, Problems> {
    format
        .parse(Some(&name.to_owned()), text)
        .map_err(|error| SettingProblem::of_file(name, syntax_error(text, &*error)).into())
}

/// What is wrong with the syntax and where. The parsers' own texts may quote the line, which may
/// hold a secret.
fn syntax_error(text: &str, error: &(dyn StdError + Send + Sync + 'static)) -> String {
    if error.is::<ConfigError>() || error.is::<Box<ConfigError>>() {
        return "must be a table of keys".to_owned();
    }
    if let Some(error) = error.downcast_ref::<toml::de::Error>() {
        let place = error
            .span()
            .map_or_else(String::new, |span| place(text, span));
        return format!("{place}{}", error.message());
    }
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or("not JSON");
        return format!("line {line}, column {column}: {message}");
    }
    let message = error.to_string();
    match message.rsplit_once(" at byte ") {
        Some((message, place)) => {
            let place = place.split_once(" line ").map_or(place, |(_, place)| place);
            format!(
                "line {}: {message}",
                place.replacen(" column", ", column", 1)
            )
        }
        None => "not a farm file: its syntax is wrong".to_owned(),
    }
}

fn place(text: &str, span: Range<usize>) -> String {
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    format!("line {line}, column {column}: ")
}
