//! `eucarc`, the shell file that Eucalyptus hands out with its credentials.

use std::path::Path;

use cloudfarm_contract::{ErrorKind, Secret};

use super::{Described, FileError, Variables, read, variable};

/// What an `eucarc` sets. It is read, never run.
#[derive(Debug, Clone, Default)]
pub struct Eucarc {
    variables: Variables,
}

impl Eucarc {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// `not_found`, `forbidden`, or `invalid` for one that sets nothing of Eucalyptus.
    pub fn load(file: &Path) -> Result<Self, FileError> {
        let Some(text) = read(file)? else {
            let message = "the file does not exist";
            return Err(FileError::new(ErrorKind::NotFound, message).in_file(file));
        };
        let parsed = Self::parse(&text, file.parent());
        if parsed.described().access_key.is_none() {
            let message = "the file sets no EC2_ACCESS_KEY";
            return Err(FileError::new(ErrorKind::Invalid, message)
                .with_hint("an eucarc is what euca-get-credentials, or the console, hands out")
                .in_file(file));
        }
        Ok(parsed)
    }

    /// What a shell set that has sourced the file.
    pub fn of_variables(variables: Variables) -> Self {
        Self { variables }
    }

    /// What `text` sets, in a file of this folder.
    pub fn parse(text: &str, folder: Option<&Path>) -> Self {
        let mut variables = Variables::new();
        if let Some(folder) = folder {
            let folder = folder.display().to_string();
            // The file finds out where it is in words of the shell, which are not run here.
            variables.insert("EUCA_KEY_DIR".to_owned(), folder);
        }
        for line in text.lines() {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name || name.is_empty() || (name == "EUCA_KEY_DIR" && folder.is_some()) {
                continue;
            }
            if let Some(value) = word(value, &variables) {
                variables.insert(name.to_owned(), value);
            }
        }
        Self { variables }
    }

    /// The cloud that it describes.
    pub fn described(&self) -> Described {
        described(&self.variables)
    }
}

/// The cloud that variables of Eucalyptus describe.
fn described(variables: &Variables) -> Described {
    let text = |names: &[&str]| variable(variables, names).map(str::to_owned);
    Described {
        access_key: text(&["EC2_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"]),
        secret_key: variable(
            variables,
            &["EC2_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"],
        )
        .map(Secret::new),
        url: text(&["EC2_URL", "AWS_EC2_URL"]),
        region: text(&["EC2_REGION"]),
        verify: None,
        ca_file: None,
    }
}

/// The value of an assignment, with quotes and variables as a shell takes them; `None` for what only
/// a shell can say.
fn word(text: &str, variables: &Variables) -> Option<String> {
    let mut value = String::new();
    let mut rest = text.trim_start();
    let mut quote = None;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None | Some('"'), '`') => return None,
            (None | Some('"'), '\\') => {
                let next = rest.chars().next()?;
                value.push(next);
                rest = &rest[next.len_utf8()..];
            }
            (None | Some('"'), '$') => {
                let (name, after) = name_at(rest)?;
                value.push_str(variables.get(name).map_or("", String::as_str));
                rest = after;
            }
            (None, end) if end.is_whitespace() || end == ';' => break,
            _ => value.push(character),
        }
    }
    quote.is_none().then_some(value)
}

/// The name of a variable, with or without braces, and what follows.
fn name_at(text: &str) -> Option<(&str, &str)> {
    if let Some(braced) = text.strip_prefix('{') {
        let (name, after) = braced.split_once('}')?;
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        return is_plain.then_some((name, after));
    }
    if text.starts_with('(') {
        return None;
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Eucarc;

    const FILE: &str = r#"EUCA_KEY_DIR=$(cd $(dirname ${BASH_SOURCE:-$0}); pwd -P)
export EC2_URL=http://10.111.1.1:8773/services/compute
export S3_URL=http://10.111.1.1:8773/services/objectstorage
export EC2_PRIVATE_KEY=${EUCA_KEY_DIR}/euca2-admin-1f2e-pk.pem
export EC2_JVM_ARGS=-Djavax.net.ssl.trustStore=${EUCA_KEY_DIR}/jssecacerts
export AWS_CREDENTIAL_FILE=${EUCA_KEY_DIR}/iamrc
export EC2_USER_ID="000000000123"
alias ec2-upload-bundle="ec2-upload-bundle -a ${EC2_ACCESS_KEY}"
export EC2_ACCESS_KEY='AKIEXAMPLE'
export EC2_SECRET_KEY="se/cr=et"; # the secret
"#;

    #[test]
    fn a_eucarc_is_read_without_a_shell() {
        let described = Eucarc::parse(FILE, Some(Path::new("/keys"))).described();
        assert_eq!(described.access_key.as_deref(), Some("AKIEXAMPLE"));
        assert_eq!(described.secret_key.unwrap().expose(), "se/cr=et");
        assert_eq!(
            described.url.as_deref(),
            Some("http://10.111.1.1:8773/services/compute")
        );
    }
}
