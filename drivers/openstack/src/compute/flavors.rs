//! What the flavors of servers are.
//!
//! Before 2.47 Nova says of a server's flavor its id alone, and since then all but its id. Flavors
//! hardly ever change, so what is once asked for is kept for a while.
//!
//! They are asked for when the servers are there, and not beside them: it is then known which are
//! needed, mostly none, and on the control plane of the tests a first list took longer with both
//! requests at once than one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloudfarm_contract::model::SizeRef;
use cloudfarm_contract::{Context, ErrorKind, Result, Text};
use futures_util::future::join_all;
use serde::Deserialize;
use tokio::time::{Instant, timeout};

use super::Server;
use crate::call::Call;
use crate::errors::not_found_if_malformed;
use crate::list::{self, Listed};
use crate::session::Session;
use crate::sizes::FLAVORS;

/// So long what is known is good.
const FRESH: Duration = Duration::from_secs(600);
/// So long after a failure nobody asks again.
const PAUSE: Duration = Duration::from_secs(30);
/// So long servers that are there wait for their flavors.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of more flavors than this all are read.
const FEW: usize = 2;
/// So many flavors that no list has are asked for in a row, each by itself.
const SINGLY: usize = 8;

/// A flavor as a size needs it: by itself, or in a server as an id or a copy.
#[derive(Debug, Deserialize)]
pub(super) struct Flavor {
    id: Option<Text>,
    #[serde(alias = "original_name")]
    name: Option<Text>,
    vcpus: Option<u32>,
    ram: Option<u64>,
    disk: Option<u64>,
}

#[derive(Deserialize)]
struct FlavorReply {
    flavor: Flavor,
}

impl Listed for Flavor {
    fn marker(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }
}

impl From<Flavor> for SizeRef {
    fn from(flavor: Flavor) -> Self {
        Self {
            id: flavor.id,
            name: flavor.name,
            vcpus: flavor.vcpus,
            ram_mb: flavor.ram,
            disk_gb: flavor.disk,
        }
    }
}

/// The flavors that are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// By id; none for one that is gone or others' own.
    by_id: HashMap<Text, Option<SizeRef>>,
    /// Whether all that Nova lists are among them.
    is_whole: bool,
}

impl Known {
    /// Adds what is known of a size: the rest where there is an id, the id where there is the rest.
    /// A name stands for one flavor at a time, but for different ones over the years.
    pub(super) fn complete(&self, size: &mut SizeRef) {
        let is_same = |known: &&SizeRef| {
            let id = size.id.clone();
            SizeRef {
                id,
                ..(*known).clone()
            } == *size
        };
        let known = match (&size.id, &size.name) {
            (Some(id), None) => self.by_id.get(id).and_then(Option::as_ref),
            (None, Some(_)) => self.by_id.values().flatten().find(is_same),
            _ => None,
        };
        if let Some(known) = known {
            size.clone_from(known);
        }
    }
}

/// What is to be asked for.
#[derive(Debug, Default)]
struct Lacking {
    /// No more than are asked for by themselves.
    ids: Vec<Text>,
    /// Whether there are flavors without an id, which only the whole list tells.
    has_copies: bool,
}

impl Lacking {
    fn of<'s>(servers: impl Iterator<Item = &'s Server>, known: &Known) -> Self {
        let mut lacking = Self::default();
        for size in servers.filter_map(Server::size) {
            match &size.id {
                Some(id) if known.by_id.contains_key(id) || lacking.ids.contains(id) => {}
                Some(id) if lacking.ids.len() < SINGLY => lacking.ids.push(id.clone()),
                Some(_) => {}
                None => lacking.has_copies = !known.is_whole,
            }
        }
        lacking
    }

    fn without(mut self, known: &Known) -> Self {
        self.ids.retain(|id| !known.by_id.contains_key(id));
        self.has_copies &= !known.is_whole;
        self
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty() && !self.has_copies
    }
}

/// The flavors of one cloud, as they were a while ago.
#[derive(Debug, Default)]
pub(super) struct Flavors {
    kept: Mutex<Kept>,
    /// Held by the caller that asks. A lock rather than a task, so that a caller that is cancelled
    /// lets the next one in.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    known: Arc<Known>,
    good_until: Option<Instant>,
    paused_until: Option<Instant>,
}

impl Flavors {
    /// What is known once the flavors of these servers were asked for, as far as that is needed. That
    /// they cannot be had is no failure of the servers, whose sizes then have less to say.
    pub(super) async fn of<'s>(
        &self,
        session: &Session,
        cx: &Context,
        servers: impl Iterator<Item = &'s Server>,
    ) -> Arc<Known> {
        let known = self.good();
        let lacking = Lacking::of(servers, &known);
        if lacking.is_empty() {
            return known;
        }
        let asked = timeout(PATIENCE, self.ask(session, cx, lacking)).await;
        asked.unwrap_or_else(|_| self.failed("they take too long"))
    }

    /// What is known without asking, even if that was long ago.
    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.kept().known)
    }

    async fn ask(&self, session: &Session, cx: &Context, lacking: Lacking) -> Arc<Known> {
        let _alone = self.asking.lock().await;
        if self.kept().is_paused() {
            return self.known();
        }
        // Another caller may have asked while this one waited.
        let known = self.good();
        let lacking = lacking.without(&known);
        if lacking.is_empty() {
            return known;
        }
        match read(session, cx, Known::clone(&known), lacking).await {
            Ok(known) => self.keep(known),
            Err(error) => self.failed(error.message()),
        }
    }

    /// What is known and not too old.
    fn good(&self) -> Arc<Known> {
        let kept = self.kept();
        match kept.good_until {
            Some(until) if Instant::now() < until => Arc::clone(&kept.known),
            _ => Arc::default(),
        }
    }

    fn keep(&self, known: Known) -> Arc<Known> {
        let now = Instant::now();
        let mut kept = self.kept();
        // What was known before grows no younger by what is known beside it.
        let until = kept.good_until.filter(|until| now < *until);
        kept.good_until = Some(until.unwrap_or(now + FRESH));
        kept.known = Arc::new(known);
        Arc::clone(&kept.known)
    }

    fn failed(&self, why: &str) -> Arc<Known> {
        log::warn!("the flavors cannot be read, and sizes lack what only they say: {why}");
        let mut kept = self.kept();
        kept.paused_until = Some(Instant::now() + PAUSE);
        Arc::clone(&kept.known)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_paused(&self) -> bool {
        self.paused_until
            .is_some_and(|until| Instant::now() < until)
    }
}

/// What is known with what was lacking: a few flavors by themselves, for many the list of all. What is
/// private is in no list, not even for those who may see it.
async fn read(
    session: &Session,
    cx: &Context,
    mut known: Known,
    lacking: Lacking,
) -> Result<Known> {
    if !known.is_whole && (lacking.has_copies || lacking.ids.len() > FEW) {
        let call = Call::get(&["flavors", "detail"]).in_base_version();
        let all = list::all::<Flavor>(session, cx, FLAVORS, &call).await?;
        let entry = |flavor: Flavor| Some((flavor.id.clone()?, Some(flavor.into())));
        known.by_id.extend(all.into_iter().filter_map(entry));
        known.is_whole = true;
    }
    let lacking = lacking.without(&known);
    let asked = lacking.ids.iter().map(|id| read_one(session, cx, id));
    for (id, found) in lacking.ids.iter().zip(join_all(asked).await) {
        known.by_id.insert(id.clone(), found?);
    }
    Ok(known)
}

/// One flavor; none if it is gone or others' own.
async fn read_one(session: &Session, cx: &Context, id: &Text) -> Result<Option<SizeRef>> {
    let call = Call::get(&["flavors", id]).in_base_version();
    let asked = session.ask(cx, FLAVORS.service, &call).await;
    match asked.map_err(not_found_if_malformed) {
        Ok(response) => Ok(Some(response.json::<FlavorReply>()?.flavor.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
