//! The world behind its lock.

use std::sync::{PoisonError, RwLock};

use cloudfarm_contract::{Context, Result};
use jiff::Timestamp;

use crate::driver::Rules;
use crate::faults::Fate;
use crate::view::{Draft, View};
use crate::world::World;

/// One cloud, shared by all calls.
#[derive(Debug)]
pub(crate) struct Cloud {
    world: RwLock<World>,
}

impl Cloud {
    pub(crate) fn new(seed: u64, nodes: u64) -> Self {
        Self {
            world: RwLock::new(World::new(seed, nodes)),
        }
    }

    /// Looks at the world.
    pub(crate) async fn read<T>(
        &self,
        _cx: &Context,
        rules: &Rules,
        fate: &Fate,
        now: Timestamp,
        look: impl FnOnce(&View<'_>) -> Result<T>,
    ) -> Result<T> {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        look(&View {
            world: &world,
            rules,
            fate,
            now,
        })
    }

    /// Changes the world: all of what `change` drafts, or nothing if it fails.
    pub(crate) async fn write<T>(
        &self,
        _cx: &Context,
        rules: &Rules,
        fate: &Fate,
        now: Timestamp,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        world.sweep(now);
        let mut draft = Draft::new(View {
            world: &world,
            rules,
            fate,
            now,
        });
        let result = change(&mut draft)?;
        for change in draft.into_changes() {
            world.apply(change);
        }
        Ok(result)
    }
}
