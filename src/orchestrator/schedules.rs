//! Schedules: keep, look up, change, begin.

use std::sync::Arc;

use cloudfarm_contract::{Error, Result, Text, async_trait};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use uuid::Uuid;

use super::actions::{ActionItem, StoredItem, Wanted};
use super::{Call, Orchestrator, validate};
use crate::jobs::{Actor, Cadence, JobHandle, Kinds, RUN_SCHEDULE, Run, RunSchedule, Submission};
use crate::store::{Idempotency, NewSchedule, ScheduleRow};

/// What is begun again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// Orders schedules by the time they were made.
    pub id: Uuid,
    /// What it is called; another one for each of a project.
    pub name: Text,
    /// When it is due, as a cron expression.
    pub cron: Text,
    /// By the clocks of this time zone.
    pub time_zone: Text,
    /// Whether it is begun at all.
    pub enabled: bool,
    /// What is begun, as `POST /api/v1/actions` takes it; secrets are masked.
    #[schema(value_type = Object)]
    pub action: Value,
    /// When it is due next; `null` while it is not enabled.
    pub next_run: Option<Timestamp>,
    /// The time that the last run was for; `null` before the first.
    pub last_run: Option<Timestamp>,
    /// The job of the last run; its result says which jobs it began.
    pub last_job: Option<Uuid>,
    /// Whose it is.
    pub project: Text,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last changed it.
    pub updated_at: Timestamp,
}

/// An action as a client wrote it, and what it means.
#[derive(Debug)]
pub struct ScheduledAction {
    /// As it was written; it may hold secrets.
    pub written: Value,
    /// What it means.
    pub wanted: Vec<Wanted>,
}

/// What a client says of a schedule. What is `None` stays as it was.
#[derive(Debug, Default)]
pub struct ScheduleChange {
    /// The name.
    pub name: Option<Text>,
    /// The cron expression.
    pub cron: Option<Text>,
    /// The time zone.
    pub time_zone: Option<Text>,
    /// Whether it is begun at all.
    pub enabled: Option<bool>,
    /// What is begun.
    pub action: Option<ScheduledAction>,
}

impl Orchestrator {
    /// Keeps a schedule, once everything about it is found right.
    ///
    /// # Errors
    ///
    /// `invalid` for what is missing, and for a time that never comes; `not_found` for a cloud,
    /// image or size that is not there; `conflict` if there is one of this name.
    pub async fn add_schedule(&self, call: &Call, new: ScheduleChange) -> Result<Schedule> {
        let missing =
            |field: &'static str| Error::invalid(format!("{field} is missing")).with_field(field);
        let name = new.name.ok_or_else(|| missing("name"))?;
        validate::name("name", &name)?;
        let cron = new.cron.ok_or_else(|| missing("cron"))?;
        let time_zone = new.time_zone.unwrap_or(Text::from_static("UTC"));
        let action = new.action.ok_or_else(|| missing("action"))?;
        let cadence = Cadence::parse(&cron, &time_zone)?;
        let store = self.jobs.store();
        let next = cadence.next_after(time(store.now()))?;
        self.check_actions(call, action.wanted).await?;
        let is_enabled = new.enabled.unwrap_or(true);
        let schedule = NewSchedule {
            id: Uuid::now_v7(),
            project: Submission::default_project().to_string(),
            name: name.to_string(),
            cron: cron.to_string(),
            time_zone: time_zone.to_string(),
            payload: action.written.to_string().into_bytes(),
            action: masked(action.written).to_string(),
            next_run: is_enabled.then(|| next.as_millisecond()),
        };
        store.add_schedule(&schedule).await?;
        self.schedule(&schedule.id.to_string()).await
    }

    /// The schedules after the one of this name, by name, and whether there are more.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn schedules(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Schedule>, bool)> {
        let project = Submission::default_project();
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let rows = self.jobs.store().schedules(&project, after, wanted).await?;
        let more = rows.len() > limit;
        let schedules = rows.into_iter().take(limit).map(Schedule::try_from);
        Ok((schedules.collect::<Result<_>>()?, more))
    }

    /// The schedule of this name or id.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` if the store is.
    pub async fn schedule(&self, reference: &str) -> Result<Schedule> {
        self.schedule_row(reference).await?.try_into()
    }

    async fn schedule_row(&self, reference: &str) -> Result<ScheduleRow> {
        let project = Submission::default_project();
        self.jobs.store().schedule(&project, reference).await
    }

    /// Changes a schedule that `accept` takes as it is.
    ///
    /// # Errors
    ///
    /// As [`Orchestrator::add_schedule`]; what `accept` fails with.
    pub async fn change_schedule(
        &self,
        call: &Call,
        reference: &str,
        change: ScheduleChange,
        accept: impl Fn(&Schedule) -> Result<()>,
    ) -> Result<Schedule> {
        let row = self.schedule_row(reference).await?;
        accept(&row.clone().try_into()?)?;
        let store = self.jobs.store();
        let retimed = change.cron.is_some() || change.time_zone.is_some();
        let or = |new: Option<Text>, old: String| new.map_or(old, |new| new.to_string());
        if let Some(name) = &change.name {
            validate::name("name", name)?;
        }
        let (cron, time_zone) = (
            or(change.cron, row.cron),
            or(change.time_zone, row.time_zone),
        );
        let next = Cadence::parse(&cron, &time_zone)?.next_after(time(store.now()))?;
        let is_enabled = change.enabled.unwrap_or(row.enabled);
        // A run that is due is not lost because the name is changed.
        let next_run = match row.next_run {
            Some(next_run) if !retimed => next_run,
            _ => next.as_millisecond(),
        };
        let (payload, action) = match change.action {
            None => (store.scheduled_action(row.id).await?, row.action),
            Some(action) => {
                self.check_actions(call, action.wanted).await?;
                let payload = action.written.to_string().into_bytes();
                (payload, masked(action.written).to_string())
            }
        };
        let changed = NewSchedule {
            id: row.id,
            project: row.project,
            name: or(change.name, row.name),
            cron,
            time_zone,
            action,
            payload,
            next_run: is_enabled.then_some(next_run),
        };
        store.change_schedule(&changed, row.updated_at).await?;
        self.schedule(&row.id.to_string()).await
    }

    /// Forgets a schedule; what it began goes on.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` if the store is.
    pub async fn delete_schedule(&self, reference: &str) -> Result<()> {
        let row = self.schedule_row(reference).await?;
        self.jobs.store().delete_schedule(row.id).await
    }

    /// Begins a schedule now, beside its times. `kinds` are those that the workers know.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` if the store is.
    pub async fn run_schedule(
        &self,
        call: &Call,
        kinds: &Kinds,
        reference: &str,
    ) -> Result<JobHandle> {
        let row = self.schedule_row(reference).await?;
        let work = self.jobs.work_of(kinds, &row, None).await?;
        self.jobs.submit(&*work, call.submission()).await
    }
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Error;

    fn try_from(row: ScheduleRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name.into(),
            cron: row.cron.into(),
            time_zone: row.time_zone.into(),
            enabled: row.enabled,
            action: serde_json::from_str(&row.action).map_err(|error| {
                Error::internal("a schedule cannot be read").with_internal(error)
            })?,
            next_run: row.next_run.map(time),
            last_run: row.last_run.map(time),
            last_job: row.last_job,
            project: row.project.into(),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// The fields of actions that hold secrets, wherever they stand.
const SECRETS: [&str; 3] = ["admin_password", "password", "user_data"];

fn masked(action: Value) -> Value {
    match action {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(_) if SECRETS.contains(&key.as_str()) => (key, json!("[secret]")),
                value => (key, masked(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        other => other,
    }
}

/// Reads an action as clients write it.
pub type ReadAction = fn(Value) -> Result<Vec<Wanted>>;

/// Begins what schedules say through the use case of many actions.
#[derive(Debug)]
struct Scheduler {
    orchestrator: Arc<Orchestrator>,
    read: ReadAction,
}

/// All kinds of jobs, those of schedules among them.
pub fn kinds(orchestrator: Arc<Orchestrator>, read: ReadAction) -> Kinds {
    let actor: Arc<dyn Actor> = Arc::new(Scheduler { orchestrator, read });
    Kinds::new(move |action, payload| {
        if action == RUN_SCHEDULE {
            return Ok(Box::new(RunSchedule::restore(payload, Arc::clone(&actor))?));
        }
        crate::jobs::kinds::restore(action, payload)
    })
}

/// What asks many clouds at once stays on one thread, where a job may be moved to another.
async fn act(
    orchestrator: Arc<Orchestrator>,
    call: Call,
    wanted: Vec<Wanted>,
) -> Result<Vec<ActionItem>> {
    let runtime = Handle::current();
    let acting =
        spawn_blocking(move || runtime.block_on(async { orchestrator.act(&call, wanted).await }));
    acting
        .await
        .map_err(|error| Error::internal("the schedule broke off").with_internal(error))?
}

#[async_trait]
impl Actor for Scheduler {
    async fn act(&self, run: &Run, action: Value) -> Result<Value> {
        let wanted = (self.read)(action)?;
        // No client's key has such a character, so that none can stand in the way.
        let once = Idempotency {
            key: format!("\u{a7} run {}", run.id()),
            fingerprint: run.id().as_bytes().to_vec(),
            not_before: 0,
        };
        let call = Call::new(run.cx().clone()).with_idempotency(Some(once));
        run.step("begin", "looks for what the schedule is about")
            .await?;
        let items = act(Arc::clone(&self.orchestrator), call, wanted).await?;
        let mut refused = items.iter().filter_map(|item| item.result.as_ref().err());
        if items.iter().all(|item| item.result.is_err())
            && let Some(problem) = refused.find(|problem| problem.retryable)
        {
            let why = format!("nothing could be begun: {}", problem.detail);
            return Err(Error::unavailable(why));
        }
        run.step("begun", format!("{} actions", items.len()))
            .await?;
        let failed = items.iter().filter(|item| item.result.is_err()).count();
        Ok(json!({
            "accepted": items.len() - failed,
            "failed": failed,
            "items": items.iter().map(StoredItem::from).collect::<Vec<_>>(),
        }))
    }
}
