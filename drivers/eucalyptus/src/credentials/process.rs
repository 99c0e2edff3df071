//! Keys of a profile: read again, or asked of its program again, when they end.

use std::path::PathBuf;
use std::process::Stdio;

use cloudfarm_contract::{Context, Error, Result, Retry, Secret, Text, async_trait};
use cloudfarm_http::{FetchToken, Fetched};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::process::Command;

use super::find::refused;
use crate::aws_files::{FileError, Profile, Profiles, Source, Variables};
use crate::sign::Keys;

/// The keys of a profile.
#[derive(Debug)]
pub(crate) struct ProfileKeys {
    pub(super) name: String,
    pub(super) variables: Variables,
    pub(super) config_file: Option<PathBuf>,
    pub(super) credentials_file: Option<PathBuf>,
}

impl ProfileKeys {
    pub(super) fn profile(&self) -> std::result::Result<Profile, FileError> {
        Profiles::load(
            &self.variables,
            self.config_file.as_deref(),
            self.credentials_file.as_deref(),
        )?
        .profile(&self.name)
    }
}

#[async_trait]
impl FetchToken for ProfileKeys {
    type Token = Keys;

    async fn fetch(&self, _cx: &Context) -> Result<Fetched<Keys>> {
        match self.profile().map_err(|error| refused(&error))?.source {
            Source::Keys(token) => Ok(Fetched {
                token,
                expires_at: None,
            }),
            Source::Process(command) => run(&command).await,
        }
    }
}

/// What the program prints, as the AWS tools define it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: u32,
    access_key_id: Text,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    expiration: Option<Timestamp>,
}

async fn run(command: &str) -> Result<Fetched<Keys>> {
    let words = words(command).ok_or_else(|| failed("its quotes do not end"))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("it names no program"));
    };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| failed("it cannot be started").with_internal(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: String = said.chars().take(1000).collect();
        return Err(failed(format!("it ended with {}", output.status)).with_internal(said));
    }
    // The message of serde could quote a key.
    let printed: Printed = serde_json::from_slice(&output.stdout)
        .map_err(|_| failed("what it prints is not the json that the aws tools define"))?;
    if printed.version != 1 {
        return Err(failed(format!(
            "it speaks version {}, and only 1 is known",
            printed.version
        )));
    }
    Ok(Fetched {
        token: Keys {
            access_key: printed.access_key_id,
            secret_key: printed.secret_access_key,
            session_token: printed.session_token,
        },
        expires_at: printed.expiration,
    })
}

fn failed(why: impl std::fmt::Display) -> Error {
    Error::provider_auth(format!("credential_process gives no keys: {why}"))
        .with_retry(Retry::Later)
}

/// A command line as a shell splits it; nothing else of a shell is done. `None` for open quotes.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().push(characters.next()?),
            (Some('"'), '\\') => {
                let next = characters.next()?;
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::{run, words};

    #[test]
    fn a_command_line_is_split_as_a_shell_does() {
        let line = r#"/opt/my\ tool --name "a \"b\" c" 'd e' """#;
        let wanted = ["/opt/my tool", "--name", r#"a "b" c"#, "d e", ""];
        assert_eq!(words(line).unwrap(), wanted);
        assert_eq!(words("open 'quote"), None);
    }

    #[tokio::test]
    async fn a_program_gives_keys_or_says_why_not() {
        let json = r#"{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"T","Expiration":"2030-01-01T00:00:00Z"}"#;
        let fetched = run(&format!("printf %s '{json}'")).await.unwrap();
        assert_eq!(fetched.token.access_key, "AK");
        assert!(fetched.expires_at.is_some());
        for (command, says) in [
            ("false", "ended with"),
            ("/no/such/program", "cannot be started"),
            ("printf secret", "json"),
            (
                r#"printf %s '{"Version":2,"AccessKeyId":"A","SecretAccessKey":"S"}'"#,
                "version 2",
            ),
            ("", "names no program"),
        ] {
            let error = run(command).await.unwrap_err();
            assert!(error.message().contains(says), "{error}");
        }
    }
}
