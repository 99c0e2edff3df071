use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Context, Result, Secret, Text};

/// How much of the console output is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleRead {
    /// The last so many lines; `None` for all that the provider keeps.
    pub lines: Option<u32>,
}

/// What a node wrote to its console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsoleOutput {
    /// The text, oldest line first. It is the guest's, and may hold anything but NUL.
    pub output: String,
    /// When the provider took it; `null` where it does not say.
    pub taken_at: Option<Timestamp>,
}

/// The text that a node wrote to its console.
#[async_trait]
pub trait ConsoleLog: Send + Sync {
    /// The end of the console output.
    ///
    /// - `console_log_gives_the_last_lines`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` while there is none yet.
    async fn read_console(
        &self,
        cx: &Context,
        id: &str,
        read: &ConsoleRead,
    ) -> Result<ConsoleOutput>;
}

/// A way into a console, which carries its own permission and so is a secret.
#[derive(Debug, Clone)]
pub struct ConsoleUrl {
    /// The kind that was given, as `novnc`.
    pub kind: Text,
    /// Where to point the browser.
    pub url: Secret,
    /// When it ceases to work; `None` where the provider does not say.
    pub expires_at: Option<Timestamp>,
}

/// Which console is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleKind {
    /// `novnc`, `spice`, `serial` ...; `None` leaves it to the provider.
    pub kind: Option<Text>,
}

/// A console in the browser.
#[async_trait]
pub trait RemoteConsole: Send + Sync {
    /// Opens a console.
    ///
    /// - `remote_console_gives_a_url`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it; `invalid` for a kind that the
    /// cloud does not have.
    async fn open_console(&self, cx: &Context, id: &str, kind: &ConsoleKind) -> Result<ConsoleUrl>;
}
