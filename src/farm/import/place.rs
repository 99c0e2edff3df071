//! What the sources of one provider's files share: where its API answers, and why not.

use std::path::{Path, PathBuf};

use cloudfarm_contract::ErrorKind;
use cloudfarm_eucalyptus::aws_files::FileError;
use serde_json::{Map, Value, json};
use url::Url;

use super::ImportError;

/// Host, port, path and `secure` of an address, as the engines of EC2 and Eucalyptus take them.
pub(super) fn place_of(address: &str) -> Result<Map<String, Value>, ImportError> {
    let wrong = || {
        let message = format!("{address:?} is not an address of http or https");
        refused(ErrorKind::Invalid, &message, "")
    };
    let url = Url::parse(address).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let port = url.port_or_known_default().ok_or_else(wrong)?;
    let mut place = Map::new();
    place.insert("host".to_owned(), json!(host));
    place.insert("port".to_owned(), json!(port));
    place.insert("path".to_owned(), json!(url.path()));
    place.insert("secure".to_owned(), json!(url.scheme() == "https"));
    Ok(place)
}

pub(super) fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    path.display().to_string()
}

pub(super) fn refused(kind: ErrorKind, message: &str, hint: &str) -> ImportError {
    ImportError {
        kind,
        message: message.to_owned(),
        hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
        looked: Vec::new(),
    }
}

impl From<FileError> for ImportError {
    fn from(error: FileError) -> Self {
        let message = match &error.file {
            Some(file) => format!("{}: {error}", file.display()),
            None => error.to_string(),
        };
        Self {
            kind: error.kind,
            message,
            hint: error.hint,
            looked: Vec::new(),
        }
    }
}
