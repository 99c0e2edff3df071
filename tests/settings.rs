//! What settings files, the environment and references come to.

#[path = "settings/defaults.rs"]
mod defaults;
#[path = "settings/engine.rs"]
mod engine;
#[path = "settings/layering.rs"]
mod layering;
#[path = "settings/problems.rs"]
mod problems;
#[path = "settings/room.rs"]
mod room;
