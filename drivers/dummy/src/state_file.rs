//! The file that keeps a cloud, so that it outlives the process, however that ends.
//!
//! # Format
//!
//! Lines of UTF-8. Each is sixteen hex digits, a space, a JSON value and a line feed; the digits
//! are the FNV-1a hash of the JSON. The first line is the header, as
//! `{"format":"cloudfarm-dummy","version":1,"seed":7,"nodes":5}`. Every other line is one
//! transaction: a list of changes, each an object with the kind of the resource as its key and as
//! its value the ordinal and the new record, or `null` for what is gone, as
//! `[{"node":[100001,{...}]},{"next":100003}]`. A transaction counts as a whole or not at all.
//!
//! States that change by time alone are not written again: a record says when it changes.
//! Passwords, private keys and user data are never written.
//!
//! # Sharing
//!
//! Whoever writes holds an exclusive lock on the file of the same name with `.lock` added, reads
//! what others wrote, and appends one line with one call. Readers take no lock: they read on from
//! where they were up to the last whole line. A line that a killed process left half written is cut
//! off by the next writer. When the file has grown to several times what it would need, a writer
//! puts a short one in its place by renaming; others notice that the file is another one.
//!
//! What was appended survives the end of the process at any moment. It is not forced to the disk,
//! so a power failure may cost the last transactions.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloudfarm_contract::{Error, Result, Retry, SideEffect};
use serde::{Deserialize, Serialize};

use crate::ids::hash;
use crate::world::{Change, World};

const FORMAT: &str = "cloudfarm-dummy";
const VERSION: u32 = 1;

/// Below this size a file is not worth the trouble of being written anew.
const COMPACT_FROM: u64 = 1 << 20;

/// How long an opening process waits for another one that lays the file.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    seed: u64,
    nodes: u64,
}

/// An open state file.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    lock: Arc<File>,
    file: File,
    /// The end of the last line that is part of the world.
    read_to: u64,
    /// How long the file was when it was last written anew.
    compact: u64,
}

/// The exclusive lock, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Locked(Arc<File>);

impl Drop for Locked {
    fn drop(&mut self) {
        // If it cannot be unlocked, others wait until this process closes it.
        let _ = self.0.unlock();
    }
}

impl StateFile {
    /// Opens the file, or lays it for a cloud with this seed and so many nodes. Gives the world
    /// that it keeps.
    pub(crate) fn open(path: &Path, seed: u64, nodes: u64) -> Result<(Self, World)> {
        let unusable = |error: std::io::Error| {
            Error::invalid(format!("state_file cannot be used: {}", error.kind()))
                .with_field("extra_params.state_file")
                .with_internal(format!("{}: {error}", path.display()))
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(unusable)?;
        }
        let lock = writable(&beside(path, "lock")).map_err(unusable)?;
        if !path.exists() {
            lay(path, &lock, seed, nodes)?;
        }
        let mut state = Self {
            path: path.to_owned(),
            lock: Arc::new(lock),
            file: writable(path).map_err(unusable)?,
            read_to: 0,
            compact: 0,
        };
        let world = state
            .read_anew()
            .map_err(|error| error.with_field("extra_params.state_file"))?;
        Ok((state, world))
    }

    /// Takes the lock, unless somebody else has it.
    pub(crate) fn try_lock(&self) -> Result<Option<Locked>> {
        match self.lock.try_lock() {
            Ok(()) => Ok(Some(Locked(Arc::clone(&self.lock)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Whether there may be more in the file than in the world.
    pub(crate) fn is_stale(&self) -> Result<bool> {
        Ok(self.is_replaced()? || self.length()? != self.read_to)
    }

    fn length(&self) -> Result<u64> {
        Ok(self.file.metadata().map_err(failed)?.len())
    }

    fn is_replaced(&self) -> Result<bool> {
        let (here, there) = (self.file.metadata(), fs::metadata(&self.path));
        let (here, there) = (here.map_err(failed)?, there.map_err(failed)?);
        Ok((here.dev(), here.ino()) != (there.dev(), there.ino()))
    }

    /// Brings the world up to what the file says.
    pub(crate) fn refresh(&mut self, world: &mut World) -> Result<()> {
        if self.is_replaced()? {
            self.file = writable(&self.path).map_err(failed)?;
            *world = self.read_anew()?;
            return Ok(());
        }
        let text = self.unread()?;
        let (read, changes) = transactions(&text);
        self.read_to += read as u64;
        for change in changes {
            world.apply(change);
        }
        Ok(())
    }

    fn read_anew(&mut self) -> Result<World> {
        self.read_to = 0;
        let text = self.unread()?;
        let header = line(&text).and_then(|(length, json)| {
            let header: Header = serde_json::from_str(json).ok()?;
            (header.format == FORMAT && header.version == VERSION).then_some((length, header))
        });
        let Some((length, header)) = header else {
            return Err(Error::invalid(
                "state_file does not hold a dummy cloud that this version can read",
            ));
        };
        let mut world = World::new(header.seed, header.nodes);
        let (read, changes) = transactions(&text[length..]);
        for change in changes {
            world.apply(change);
        }
        self.read_to = (length + read) as u64;
        self.compact = self.compact.max(COMPACT_FROM);
        Ok(world)
    }

    /// What is in the file behind the part that is known.
    fn unread(&mut self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.read_to))
            .and_then(|_| self.file.read_to_end(&mut text))
            .map_err(failed)?;
        Ok(text)
    }

    /// Cuts off what a killed process left half written. Only for whoever holds the lock and has
    /// read all there is: others cannot tell a torn line from one that is just being written.
    pub(crate) fn cut_torn_end(&mut self) -> Result<()> {
        if self.length()? == self.read_to {
            return Ok(());
        }
        let torn = self.unread()?;
        let mut lines = torn.split_inclusive(|byte| *byte == b'\n').skip(1);
        if lines.any(|text| line(text).is_some()) {
            return Err(Error::provider_error(
                "the state file of the cloud is damaged in the middle",
            )
            .with_retry(Retry::Never)
            .with_side_effect(SideEffect::None));
        }
        self.file.set_len(self.read_to).map_err(failed)
    }

    /// Writes a transaction. If it fails nothing is written.
    pub(crate) fn append(&mut self, changes: &[Change]) -> Result<()> {
        let text = encode(changes)?;
        let written = self
            .file
            .seek(SeekFrom::Start(self.read_to))
            .and_then(|_| self.file.write_all(text.as_bytes()));
        if let Err(error) = written {
            // What stays behind is cut off by the next writer if this fails too.
            let _ = self.file.set_len(self.read_to);
            return Err(failed(error));
        }
        self.read_to += text.len() as u64;
        Ok(())
    }

    /// Writes the file anew if it has grown to several times what it needs.
    pub(crate) fn compact(&mut self, world: &World) {
        if self.read_to < self.compact.saturating_mul(4) {
            return;
        }
        if let Err(error) = self.write_anew(world) {
            log::warn!("a state file stays long: {error}");
            // The next try comes when it has grown as much again.
            self.compact = self.read_to;
        }
    }

    fn write_anew(&mut self, world: &World) -> Result<()> {
        let mut text = header(world.seed, world.generated)?;
        for changes in world.changes().chunks(64) {
            text.push_str(&encode(changes)?);
        }
        let (file, length) = put(&self.path, &text).map_err(failed)?;
        self.file = file;
        self.read_to = length;
        self.compact = length.max(COMPACT_FROM);
        Ok(())
    }
}

/// Lays a fresh file, unless somebody else does so at the same time.
fn lay(path: &Path, lock: &File, seed: u64, nodes: u64) -> Result<()> {
    let started = Instant::now();
    while let Err(error) = lock.try_lock() {
        match error {
            TryLockError::Error(error) => return Err(failed(error)),
            TryLockError::WouldBlock if started.elapsed() > OPEN_TIMEOUT => {
                return Err(Error::unavailable("another process holds the state file"));
            }
            TryLockError::WouldBlock => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    let laid = if path.exists() {
        Ok(())
    } else {
        header(seed, nodes).and_then(|text| put(path, &text).map(drop).map_err(failed))
    };
    lock.unlock().map_err(failed)?;
    laid
}

/// Puts a file with this text in the place of whatever is there, in one step.
fn put(path: &Path, text: &str) -> std::io::Result<(File, u64)> {
    let new = beside(path, "new");
    fs::write(&new, text)?;
    let file = writable(&new)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok((file, text.len() as u64))
}

/// The path with a further extension.
fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn writable(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// The error for a file that does not do what it is told. Nothing was changed by then.
fn failed(error: std::io::Error) -> Error {
    Error::provider_error(format!("the cloud cannot keep its state: {}", error.kind()))
        .with_side_effect(SideEffect::None)
        .with_internal(error)
}

fn header(seed: u64, nodes: u64) -> Result<String> {
    encode(&Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        seed,
        nodes,
    })
}

fn encode(value: &(impl Serialize + ?Sized)) -> Result<String> {
    let json = serde_json::to_string(value)
        .map_err(|error| Error::internal("a state cannot be written").with_internal(error))?;
    Ok(format!("{:016x} {json}\n", hash(&json)))
}

/// The first line, if it is whole: its length and its JSON.
fn line(text: &[u8]) -> Option<(usize, &str)> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let text = std::str::from_utf8(&text[..end]).ok()?;
    let (digits, json) = text.split_at_checked(16)?;
    let json = json.strip_prefix(' ')?;
    (u64::from_str_radix(digits, 16).ok()? == hash(json)).then_some((end + 1, json))
}

/// The changes of the whole lines, and how far these go.
fn transactions(text: &[u8]) -> (usize, Vec<Change>) {
    let (mut read, mut all) = (0, Vec::new());
    while let Some((length, json)) = line(&text[read..]) {
        let Ok(changes) = serde_json::from_str::<Vec<Change>>(json) else {
            break;
        };
        if !changes.iter().all(Change::is_sound) {
            break;
        }
        all.extend(changes);
        read += length;
    }
    (read, all)
}
