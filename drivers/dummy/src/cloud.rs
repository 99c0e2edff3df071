//! The world behind its lock, and the file that it is kept in.

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use cloudfarm_contract::{Context, Error, Result, SideEffect};
use jiff::Timestamp;
use tokio::time::sleep;

use crate::driver::Rules;
use crate::faults::Fate;
use crate::state_file::StateFile;
use crate::view::{Draft, View};
use crate::world::World;

/// The pause before another process is asked again for the state file.
const LOCK_PAUSE: Duration = Duration::from_millis(1);

/// One cloud, shared by all calls.
#[derive(Debug)]
pub(crate) struct Cloud {
    shared: RwLock<Shared>,
}

#[derive(Debug)]
struct Shared {
    world: World,
    file: Option<StateFile>,
}

/// What accompanies a call to the world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) rules: &'a Rules,
    pub(crate) fate: &'a Fate,
    pub(crate) now: Timestamp,
}

impl<'a> Call<'a> {
    fn view(&self, world: &'a World) -> View<'a> {
        View {
            world,
            rules: self.rules,
            fate: self.fate,
            now: self.now,
        }
    }
}

impl Cloud {
    /// A cloud in a state file, or one that ends with the process.
    pub(crate) fn open(path: Option<&Path>, seed: u64, nodes: u64) -> Result<Self> {
        let (file, world) = match path {
            None => (None, World::new(seed, nodes)),
            Some(path) => {
                let (file, world) = StateFile::open(path, seed, nodes)?;
                (Some(file), world)
            }
        };
        Ok(Self {
            shared: RwLock::new(Shared { world, file }),
        })
    }

    // A panic under the lock leaves the world as it was: changes are applied one whole record at a
    // time, after everything that can fail.
    fn reading(&self) -> RwLockReadGuard<'_, Shared> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Shared> {
        self.shared.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world.
    pub(crate) fn read<T>(
        &self,
        call: Call<'_>,
        look: impl FnOnce(&View<'_>) -> Result<T>,
    ) -> Result<T> {
        {
            let shared = self.reading();
            let stale = shared.file.as_ref().map(StateFile::is_stale).transpose()?;
            if !stale.unwrap_or_default() {
                return look(&call.view(&shared.world));
            }
        }
        let mut shared = self.writing();
        let Shared { world, file } = &mut *shared;
        if let Some(file) = file {
            file.refresh(world)?;
        }
        look(&call.view(world))
    }

    /// Changes the world: all of what `change` drafts, or nothing if it fails. A call whose caller
    /// has given up on the way does not arrive: a process that stood still must not change the
    /// cloud long after its time.
    pub(crate) async fn write<T>(
        &self,
        call: Call<'_>,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T>,
    ) -> Result<T> {
        loop {
            call.cx.check_deadline()?;
            {
                let mut shared = self.writing();
                let Shared { world, file } = &mut *shared;
                let Some(file) = file else {
                    return transact(world, None, call, change);
                };
                if let Some(_locked) = file.try_lock()? {
                    return transact(world, Some(file), call, change);
                }
            }
            if call.cx.remaining().is_zero() {
                return Err(Error::timeout(
                    "other processes kept the state file until the deadline",
                )
                .with_side_effect(SideEffect::None));
            }
            sleep(LOCK_PAUSE).await;
        }
    }
}

/// One transaction. The lock on the state file is held by the caller.
fn transact<T>(
    world: &mut World,
    mut file: Option<&mut StateFile>,
    call: Call<'_>,
    change: impl FnOnce(&mut Draft<'_>) -> Result<T>,
) -> Result<T> {
    if let Some(file) = &mut file {
        file.refresh(world)?;
        file.cut_torn_end()?;
    }
    world.sweep(call.now);
    let mut draft = Draft::new(call.view(world));
    let result = change(&mut draft)?;
    let changes = draft.into_changes();
    if changes.is_empty() {
        return Ok(result);
    }
    if let Some(file) = &mut file {
        file.append(&changes)?;
    }
    for change in changes {
        world.apply(change);
    }
    if let Some(file) = file {
        file.compact(world);
    }
    Ok(result)
}
