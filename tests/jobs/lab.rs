//! A cloud in virtual time that outlives the runs of jobs, and a record that outlives them too.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use cloudfarm::farm::{Cloud, Farm};
use cloudfarm::jobs::kinds::restore;
use cloudfarm::jobs::{Earlier, Note, Outcome, Record, Recorded, ResourceRef, Run, Work};
use cloudfarm_contract::layers::{Layered, Observer, Outcome as CallOutcome};
use cloudfarm_contract::{
    Clock, CloudConfig, Context, Engine, Error, Operation, Priority, Result, Text, async_trait,
};
use cloudfarm_dummy::Dummy;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The name of the cloud.
pub(crate) const CLOUD: Text = Text::from_static("lab");

/// The clock of the virtual time.
#[derive(Debug, Clone)]
struct VirtualClock(Timestamp, Instant);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0 + self.1.elapsed()
    }
}

pub(crate) struct Lab {
    farm: Arc<Farm>,
    pub(crate) driver: Arc<Layered>,
    pub(crate) cx: Context,
    clock: VirtualClock,
    pub(crate) calls: Arc<Calls>,
}

/// How often the cloud was asked for what.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<&'static str, usize>>);

impl Calls {
    pub(crate) fn of(&self, operation: Operation) -> usize {
        let counts = self.0.lock().unwrap();
        counts.get(operation.as_str()).copied().unwrap_or_default()
    }
}

impl Observer for Calls {
    fn call_ended(&self, operation: Operation, _: CallOutcome, _: Duration) {
        let mut counts = self.0.lock().unwrap();
        *counts.entry(operation.as_str()).or_default() += 1;
    }

    fn attempt_repeated(&self, _: Operation, _: &Error, _: Duration) {}
}

impl Lab {
    /// A cloud whose calls take some time, so that a run can be ended within each.
    pub(crate) fn new(params: Value) -> Self {
        Self::at(params, VirtualClock(Timestamp::now(), Instant::now()))
    }

    fn at(params: Value, clock: VirtualClock) -> Self {
        let mut all = json!({ "seed": 1, "latency": "2ms", "transition": "1s" });
        let given = params.as_object().cloned().unwrap_or_default();
        all.as_object_mut().unwrap().extend(given);
        let connected = Dummy.connect(CloudConfig {
            name: CLOUD,
            engine: "dummy".into(),
            user: None,
            password: None,
            extra_params: all.as_object().unwrap().clone(),
            clock: Arc::new(clock.clone()),
        });
        let driver = connected.unwrap();
        let layers = cloudfarm::settings::LayerSettings::default();
        let calls = Arc::new(Calls::default());
        let observer = Arc::clone(&calls);
        let cloud = Cloud::with_driver(CLOUD, driver, &layers, observer);
        let driver = Arc::clone(cloud.driver().unwrap());
        Self {
            farm: Arc::new(Farm::of([cloud])),
            driver,
            cx: Context::new(Duration::from_secs(3600), "test", Priority::Job),
            clock,
            calls,
        }
    }

    /// Another connection to the cloud of the same state file.
    pub(crate) fn again(&self, params: Value) -> Self {
        Self::at(params, self.clock.clone())
    }

    /// Lets every change that is under way come to its end.
    pub(crate) async fn settle(&self) {
        sleep(Duration::from_secs(20)).await;
    }
}

/// A job's durable record.
#[derive(Debug, Default)]
struct Memory {
    notes: Mutex<Vec<Note>>,
    /// Who has the job as soon as the first call was made.
    thief: Option<Thief>,
    /// What the thief found made.
    found: Mutex<Vec<ResourceRef>>,
}

/// Another worker that was given the job, and has ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thief {
    /// It made a thing of its own.
    MadeAnother,
    /// It found what the first one made.
    FoundIt,
}

#[async_trait]
impl Record for Memory {
    async fn write(&self, note: Note) -> Result<()> {
        yield_now().await;
        if self.thief.is_some() && note.step.step != "ask" {
            self.found.lock().unwrap().extend(note.made);
            return Err(Error::conflict("the job was given to another worker"));
        }
        self.notes.lock().unwrap().push(note);
        yield_now().await;
        Ok(())
    }

    fn held_until(&self) -> Option<Instant> {
        None
    }

    async fn read(&self) -> Result<Recorded> {
        let made = match self.thief {
            None => made(&self.notes.lock().unwrap()),
            Some(Thief::FoundIt) => self.found.lock().unwrap().clone(),
            Some(Thief::MadeAnother) => vec![ResourceRef {
                kind: "node".into(),
                id: Some("another".into()),
            }],
        };
        Ok(Recorded {
            made,
            has_ended: self.thief.is_some(),
        })
    }
}

/// What was made and not undone.
fn made(notes: &[Note]) -> Vec<ResourceRef> {
    let mut made = Vec::new();
    for note in notes {
        made.extend(note.made.iter().cloned());
        made.retain(|made| !note.unmade.contains(made));
    }
    made
}

/// A job that outlives its runs.
pub(crate) struct TestJob {
    id: Uuid,
    action: &'static str,
    payload: String,
    record: Arc<Memory>,
    attempt: u32,
    attempt_max: u32,
    pub(crate) cancelled: CancellationToken,
}

impl TestJob {
    pub(crate) fn new(work: &dyn Work, attempt_max: u32) -> Self {
        Self {
            id: Uuid::now_v7(),
            action: work.action(),
            payload: work.payload().unwrap().to_string(),
            record: Arc::default(),
            attempt: 0,
            attempt_max,
            cancelled: CancellationToken::new(),
        }
    }

    /// The same, but another worker has it as soon as the first call was made.
    pub(crate) fn stolen(work: &dyn Work, thief: Thief) -> Self {
        let record = Memory {
            thief: Some(thief),
            ..Memory::default()
        };
        Self {
            record: Arc::new(record),
            ..Self::new(work, 3)
        }
    }

    /// What the record holds.
    fn earlier(&self) -> Earlier {
        let mut earlier = Earlier {
            attempt: self.attempt,
            attempt_max: self.attempt_max,
            ..Earlier::default()
        };
        let notes = self.record.notes.lock().unwrap();
        earlier.made = made(&notes);
        for note in notes.iter() {
            earlier.steps.push(note.step.clone());
            earlier.secrets.extend(note.secrets.iter().cloned());
        }
        drop(notes);
        earlier
    }

    /// The names of its steps.
    pub(crate) fn steps(&self) -> Vec<String> {
        let steps = self.earlier().steps.into_iter();
        steps.map(|step| step.step.into()).collect()
    }

    /// One more try, by a process that knows only what is written.
    pub(crate) async fn run(&mut self, lab: &Lab) -> Result<Outcome> {
        self.attempt += 1;
        let payload = serde_json::from_str(&self.payload).unwrap();
        let work = restore(self.action, payload).unwrap();
        let run = Run::new(
            self.id,
            Arc::clone(&lab.farm),
            Context::new(Duration::from_secs(600), "test", Priority::Job),
            Arc::clone(&self.record) as Arc<dyn Record>,
            self.earlier(),
            self.cancelled.clone(),
        );
        work.run(&run).await
    }
}

/// What comes of `future`, unless it stops for the `stops`th time before: then it is dropped.
pub(crate) async fn killed_at<F: Future>(future: F, stops: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = stops;
    poll_fn(move |cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
