//! Engines: what can be configured.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use crate::api::EngineView;

impl Resource for EngineView {
    const NOUN: &'static str = "engine";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |engine| engine.name.clone()),
        Column::new("ALIASES", |engine| text::list(&engine.aliases)),
        Column::new("SUMMARY", |engine| engine.summary.clone()),
        Column::wide("USER", |engine| text::optional(engine.user.as_ref())),
        Column::wide("PASSWORD", |engine| {
            text::optional(engine.password.as_ref())
        }),
        Column::alone("EXTRA PARAMS", |engine| {
            text::lines(parameters(&engine.parameters))
        }),
    ];

    fn id(&self) -> String {
        self.name.clone()
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// A line for each parameter of a JSON Schema.
fn parameters(schema: &Value) -> Vec<String> {
    let required = schema["required"].as_array();
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    properties
        .iter()
        .map(|(name, property)| {
            let needed = required.is_some_and(|names| names.iter().any(|known| known == name));
            let mark = if needed { " (required)" } else { "" };
            let words = property["description"].as_str().unwrap_or_default();
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            if words.is_empty() {
                return format!("{name}{mark}");
            }
            format!("{name}{mark}: {words}")
        })
        .collect()
}

#[derive(Debug, Args)]
pub(crate) struct EnginesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the engines
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm engines list
  cloudfarm engines list -o wide"
    )]
    List(ListArgs),
    /// Show an engine with the parameters that its clouds take
    #[command(after_help = "Examples:
  cloudfarm engines show dummy
  cloudfarm engines show dummy -o json")]
    Show {
        /// Its name or an alias
        engine: String,
    },
}

pub(crate) async fn run(session: &Session, args: EnginesArgs) -> Result<()> {
    let list = List::at(&["engines"], Vec::new());
    match args.verb {
        Verb::List(args) => list.print::<EngineView>(session, &args).await,
        Verb::Show { engine } => {
            let (engines, _) = list.fetch(&session.client, None).await?;
            let found = engines.iter().find(|known| is_named(known, &engine));
            match found {
                Some(found) => session.output.one::<EngineView>(found),
                None => Err(
                    Failure::new(Exit::NotFound, format!("there is no engine {engine:?}"))
                        .hint("`cloudfarm engines list` shows the engines there are"),
                ),
            }
        }
    }
}

fn is_named(engine: &Value, name: &str) -> bool {
    let aliases = engine["aliases"].as_array();
    engine["name"] == name || aliases.is_some_and(|all| all.iter().any(|alias| alias == name))
}
