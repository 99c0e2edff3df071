//! What a running job sees: its clouds, its record, and what earlier tries left.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{Context, Error, Result, Secret, SideEffect, Text, async_trait};
use jiff::Timestamp;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::job::{JobStep, ResourceRef};
use crate::farm::{Farm, NodeWatch};
use crate::settings::JobSettings;

/// The step that is written before a call that changes the cloud.
pub(super) const ASK: &str = "ask";

/// The step that is written after a call that changed nothing for sure.
const REFUSED: &str = "refused";

/// The step that is written before anything is undone.
pub(super) const UNDO: &str = "undo";

/// The step that is written when all that was made is undone.
pub(super) const UNDONE: &str = "undone";

/// How long undoing may take, whatever is left of the job's own time.
const UNDO_TIMEOUT: Duration = Duration::from_secs(120);

/// The step that is written when the reply to a call did not come, or told of nothing certain.
pub(super) const LOST: &str = "lost";

/// The step that is written into the job of a worker that vanished.
pub(super) const WORKER_LOST: &str = "worker_lost";

/// Where a running job writes what it does, durably.
#[async_trait]
pub trait Record: Send + Sync + Debug {
    /// Writes all of `note`, or nothing.
    ///
    /// # Errors
    ///
    /// If the job is not this worker's any more, or nothing can be written: then the run ends at
    /// once and neither writes nor calls anything more. A job that is to be cancelled can still
    /// write, so that it can undo what it made.
    async fn write(&self, note: Note) -> Result<()>;

    /// Until when the job is this worker's for sure, which each entry puts off; `None` for ever.
    fn held_until(&self) -> Option<Instant>;

    /// What is written by now, by whomever.
    ///
    /// # Errors
    ///
    /// If nothing can be read.
    async fn read(&self) -> Result<Recorded>;
}

/// What a job's record tells those whose job it is not any more.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// What was made and not undone.
    pub made: Vec<ResourceRef>,
    /// Whether nothing more will be made.
    pub has_ended: bool,
}

/// One entry of a job's record.
#[derive(Debug)]
pub struct Note {
    /// What was done, or is about to be.
    pub step: JobStep,
    /// What was made.
    pub made: Vec<ResourceRef>,
    /// What was made and is undone.
    pub unmade: Vec<ResourceRef>,
    /// What the cloud says once, to be handed over at the job's end.
    pub secrets: Vec<(Text, Secret)>,
}

/// What earlier tries of a job left in its record.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// Which try this is; the first is 1.
    pub attempt: u32,
    /// How many there may be.
    pub attempt_max: u32,
    /// Their steps, oldest first.
    pub steps: Vec<JobStep>,
    /// What they made and did not undo.
    pub made: Vec<ResourceRef>,
    /// The secrets that are to be handed over.
    pub secrets: Vec<(Text, Secret)>,
}

impl Earlier {
    /// The state of a job that was never begun and may be tried this often.
    pub fn none(attempt_max: u32) -> Self {
        Self {
            attempt: 1,
            attempt_max,
            ..Self::default()
        }
    }

    /// The steps since all was undone last, which is as good as a fresh start.
    fn current(&self) -> &[JobStep] {
        let start = self.steps.iter().rposition(|step| step.step == UNDONE);
        &self.steps[start.map_or(0, |undone| undone + 1)..]
    }

    fn last(&self, name: &str) -> Option<&JobStep> {
        self.current().iter().rfind(|step| step.step == name)
    }
}

/// One run of a job.
#[derive(Debug)]
pub struct Run {
    id: Uuid,
    farm: Arc<Farm>,
    cx: Context,
    record: Arc<dyn Record>,
    earlier: Earlier,
    /// What is to be handed over, from earlier tries and this one.
    secrets: Mutex<Vec<(Text, Secret)>>,
    cancelled: CancellationToken,
    patience: Duration,
    /// Whether something could not be written: then nothing more is.
    lost: AtomicBool,
    /// Held while a call is under way whose answer must be dealt with.
    calling: AsyncMutex<()>,
}

impl Run {
    /// A run of the job of this id. Its own time is the deadline of `cx`; whoever starts it leaves
    /// it some more, to undo what it could not finish.
    pub fn new(
        id: Uuid,
        farm: Arc<Farm>,
        cx: Context,
        record: Arc<dyn Record>,
        earlier: Earlier,
        cancelled: CancellationToken,
    ) -> Self {
        let secrets = Mutex::new(earlier.secrets.clone());
        Self {
            id,
            farm,
            cx,
            record,
            earlier,
            secrets,
            cancelled,
            patience: JobSettings::default().search_time.get(),
            lost: AtomicBool::new(false),
            calling: AsyncMutex::default(),
        }
    }

    /// The same, for clouds that show within `patience` what a call made whose reply was lost.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Which job.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The context of the job's calls.
    pub fn cx(&self) -> &Context {
        &self.cx
    }

    /// The context of a call that makes something. It must have left before the job may be
    /// somebody else's: who has it then looks for what was made, and makes it if nothing is there.
    pub fn call_cx(&self) -> Context {
        let until = self.record.held_until();
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        left.map_or_else(|| self.cx.clone(), |left| self.cx.within(left))
    }

    /// Whether something could not be written, because the job is somebody else's.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Marks a call whose answer must be dealt with, even if the job is lost meanwhile.
    pub(super) async fn begin_call(&self) -> MutexGuard<'_, ()> {
        self.calling.lock().await
    }

    /// Returns as soon as no such call is under way.
    pub(super) async fn until_called(&self) {
        drop(self.calling.lock().await);
    }

    /// The context of the calls that undo what cannot be finished.
    pub fn undo_cx(&self) -> Context {
        Context::new(UNDO_TIMEOUT, self.cx.request_id(), self.cx.priority())
    }

    /// The mark to leave on what the job makes. After all was undone it is another one: providers
    /// that know a mark again would give what is gone.
    pub fn mark(&self) -> Mark {
        let undone = |step: &&JobStep| step.step == UNDONE;
        match self.earlier.steps.iter().filter(undone).count() {
            0 => Mark::new(self.id.to_string()),
            count => Mark::new(format!("{}.{count}", self.id)),
        }
    }

    /// Which try this is; the first is 1.
    pub fn attempt(&self) -> u32 {
        self.earlier.attempt
    }

    /// Whether there will be no other try.
    pub fn is_last_attempt(&self) -> bool {
        self.earlier.attempt >= self.earlier.attempt_max
    }

    /// Whether an earlier try may have sent its call to the cloud.
    pub fn asked(&self) -> bool {
        self.asked_at().is_some()
    }

    /// When an earlier try last was about to send its call to the cloud.
    pub fn asked_at(&self) -> Option<Timestamp> {
        let calls = [ASK, REFUSED];
        let mut steps = self.earlier.current().iter();
        let last = steps.rfind(|step| calls.contains(&step.step.as_str()));
        last.filter(|step| step.step == ASK).map(|step| step.at)
    }

    /// How long to look for what a call made whose reply was lost.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// What is left of the patience with the call that an earlier try sent. A worker that vanished
    /// may have sent it as late as its lease ended, and it may be `under_way` for so long.
    pub fn patience_left(&self, under_way: Duration) -> Duration {
        let (patience, last_sent) = match self.earlier.last(LOST) {
            Some(lost) if Some(lost.at) >= self.asked_at() => (self.patience, Some(lost.at)),
            _ => {
                let vanished = self.earlier.last(WORKER_LOST).map(|step| step.at);
                (self.patience.max(under_way), self.asked_at().max(vanished))
            }
        };
        let since = |at| Duration::try_from(Timestamp::now().duration_since(at));
        let passed = last_sent.and_then(|at| since(at).ok());
        patience.saturating_sub(passed.unwrap_or_default())
    }

    /// Whether an earlier try wrote this step.
    pub fn has_step(&self, name: &str) -> bool {
        self.earlier.last(name).is_some()
    }

    /// Why an earlier try began to undo what it made, if it did not get to the end of that.
    pub fn undoing(&self) -> Option<&str> {
        self.earlier.last(UNDO).map(|step| step.message.as_str())
    }

    /// What earlier tries made.
    pub fn made(&self) -> &[ResourceRef] {
        &self.earlier.made
    }

    /// The secrets that the cloud told this try and earlier ones.
    pub fn secrets(&self) -> Vec<(Text, Secret)> {
        let secrets = self.secrets.lock();
        secrets.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fires when the job is to be cancelled: it ends soon, and undoes what it made.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// # Errors
    ///
    /// `conflict` if the job is to be cancelled.
    pub fn check_cancelled(&self) -> Result<()> {
        if self.cancelled.is_cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }

    /// The driver of a cloud.
    ///
    /// # Errors
    ///
    /// `not_found` for a cloud that is not there any more, `unavailable` if its settings are wrong.
    pub fn driver(&self, cloud: &str) -> Result<Arc<Layered>> {
        self.farm.get(cloud)?.driver().cloned()
    }

    /// How long a call to a cloud may be under way.
    pub fn call_time(&self, cloud: &str) -> Duration {
        let found = self.farm.get(cloud);
        found.map_or(Duration::ZERO, |cloud| cloud.attempt_timeout())
    }

    /// What looks at the nodes of a cloud for those who wait.
    pub fn node_watch(&self, cloud: &str) -> Option<&NodeWatch> {
        self.farm.get(cloud).ok().map(|cloud| cloud.node_watch())
    }

    /// Records what was done, or is about to be.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn step(&self, step: &'static str, message: impl Into<String>) -> Result<()> {
        self.write(self.note(step, message)).await
    }

    /// Records that the cloud is about to be asked for the change. This comes before the call: a
    /// later try sees by it that the call may have been sent.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn asking(&self, message: impl Into<String>) -> Result<()> {
        self.step(ASK, message).await
    }

    /// Records that the call changed nothing for sure.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn refused(&self, error: &Error) -> Result<()> {
        self.step(REFUSED, format!("the cloud refused: {error}"))
            .await
    }

    /// Records a thing that the job made.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn record_made(&self, kind: &'static str, id: &Text) -> Result<()> {
        self.record_made_with(kind, id, Vec::new()).await
    }

    /// Records a thing that the job made, and the secrets that the cloud told with it, at once.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn record_made_with(
        &self,
        kind: &'static str,
        id: &Text,
        secrets: Vec<(Text, Secret)>,
    ) -> Result<()> {
        let made = vec![reference(kind, id)];
        let note = Note {
            made,
            secrets,
            ..self.note("created", format!("the cloud gave it id {id}"))
        };
        self.write(note).await
    }

    /// Records secrets that the cloud told.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn record_secrets(&self, secrets: Vec<(Text, Secret)>) -> Result<()> {
        if secrets.is_empty() {
            return Ok(());
        }
        let note = Note {
            secrets,
            ..self.note("answered", "the cloud told a secret")
        };
        self.write(note).await
    }

    /// The ids of what the job's record names of this kind by now, whoever wrote it; `None` as long
    /// as it may still name one.
    ///
    /// # Errors
    ///
    /// As [`Record::read`].
    pub async fn named(&self, kind: &str) -> Result<Option<Vec<Text>>> {
        let recorded = self.record.read().await?;
        let of_kind = recorded.made.into_iter().filter(|made| *made.kind == *kind);
        let ids: Vec<Text> = of_kind.filter_map(|made| made.id).collect();
        Ok((recorded.has_ended || !ids.is_empty()).then_some(ids))
    }

    /// Records that these things, which the job made, are undone: all of them.
    ///
    /// # Errors
    ///
    /// As [`Record::write`].
    pub async fn record_undone(&self, unmade: Vec<ResourceRef>) -> Result<()> {
        let note = Note {
            unmade,
            ..self.note(UNDONE, "nothing is left of what was made")
        };
        self.write(note).await
    }

    async fn write(&self, note: Note) -> Result<()> {
        log::debug!(
            "job={} request_id={} {}: {}",
            self.id,
            self.cx.request_id(),
            note.step.step,
            note.step.message
        );
        if self.is_lost() {
            return Err(lost());
        }
        let secrets = note.secrets.clone();
        let written = self.record.write(note).await;
        if written.is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
        written?;
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(secrets);
        Ok(())
    }

    fn note(&self, step: &'static str, message: impl Into<String>) -> Note {
        Note {
            step: JobStep {
                at: Timestamp::now(),
                step: Text::from_static(step),
                message: message.into(),
            },
            made: Vec::new(),
            unmade: Vec::new(),
            secrets: Vec::new(),
        }
    }
}

/// The error of a job that was called off.
pub(super) fn cancelled() -> Error {
    Error::conflict("the job was cancelled")
}

/// What a run hears that goes on although it could not write.
fn lost() -> Error {
    Error::internal("the job is not this worker's any more").with_side_effect(SideEffect::Possible)
}

fn reference(kind: &'static str, id: &Text) -> ResourceRef {
    ResourceRef {
        kind: Text::from_static(kind),
        id: Some(id.clone()),
    }
}
