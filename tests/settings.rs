//! What settings files, the environment and references come to.

#[path = "settings/defaults.rs"]
mod defaults;
#[path = "settings/documents.rs"]
mod documents;
#[path = "settings/engine.rs"]
mod engine;
#[path = "settings/environment.rs"]
mod environment;
#[path = "settings/formats.rs"]
mod formats;
#[path = "settings/kinds.rs"]
mod kinds;
#[path = "settings/layering.rs"]
mod layering;
#[path = "settings/notifiers.rs"]
mod notifiers;
#[path = "settings/problems.rs"]
mod problems;
#[path = "settings/room.rs"]
mod room;
#[path = "settings/secrets.rs"]
mod secrets;
#[path = "settings/shown.rs"]
mod shown;
#[path = "settings/worker.rs"]
mod worker;
