//! What is begun again and again: when, and the job that begins it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use cloudfarm_contract::{Error, Result, Text, async_trait, nearest};
use croner::Cron;
use croner::errors::CronError;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::engine::{Jobs, Submission};
use super::job::ResourceRef;
use super::kinds::Kinds;
use super::run::Run;
use super::view;
use super::work::{Outcome, Work};
use crate::store::{ScheduleRow, Tick};

/// What the job of a schedule does.
pub const RUN_SCHEDULE: &str = "RunSchedule";

/// Times that come again: a cron expression by the clocks of a time zone.
#[derive(Debug, Clone)]
pub struct Cadence {
    cron: Cron,
    zone: TimeZone,
}

impl Cadence {
    /// Reads an expression of five fields, or six with seconds, or a nickname as `@daily`.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field `cron` or `time_zone`.
    pub fn parse(cron: &str, zone: &str) -> Result<Self> {
        let parsed = Cron::from_str(cron).map_err(|error| no_cron(cron, &error))?;
        Ok(Self {
            cron: parsed,
            zone: zone_of(jiff::tz::db(), zone)?,
        })
    }

    /// The first of the times after `after`. A time that the clocks skip comes when they have
    /// skipped it, and one that they show twice comes once.
    ///
    /// # Errors
    ///
    /// `invalid` if there is none.
    pub fn next_after(&self, after: Timestamp) -> Result<Timestamp> {
        let after = after.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&after, false);
        next.map(|next| next.timestamp()).map_err(|_| {
            let expression = self.cron.as_str();
            Error::invalid(format!("{expression:?} is a time that never comes"))
                .with_field("cron")
                .with_hint("is there such a day in that month?")
        })
    }
}

fn no_cron(cron: &str, error: &CronError) -> Error {
    let why = error.to_string();
    let why = why.trim_end_matches('.');
    let mut letters = why.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    let why: String = first.into_iter().chain(letters).collect();
    Error::invalid(format!("{cron:?} is no cron expression: {why}"))
        .with_field("cron")
        .with_hint("minute, hour, day, month and weekday: \"30 4 * * 1-5\", or @daily")
}

/// The zone as `system` knows it, which is updated with the machine, else as this program does: a
/// machine may have no zones, or not all of them.
fn zone_of(system: &TimeZoneDatabase, name: &str) -> Result<TimeZone> {
    let own = TimeZoneDatabase::bundled();
    system.get(name).or_else(|_| own.get(name)).map_err(|_| {
        let known: Vec<String> = own.available().map(|it| it.to_string()).collect();
        let wrong = Error::invalid(format!("there is no time zone {name:?}"));
        wrong.with_field("time_zone").with_hint(
            match nearest(name, known.iter().map(String::as_str)) {
                Some(known) => format!("did you mean {known:?}?"),
                None => "a name of the IANA database, as Europe/Berlin, or UTC".to_owned(),
            },
        )
    })
}

/// Begins what schedules say.
#[async_trait]
pub trait Actor: Send + Sync + fmt::Debug {
    /// Begins it once for the job of `run`, however often this is called, and gives what became of
    /// it.
    async fn act(&self, run: &Run, action: Value) -> Result<Value>;
}

/// Begins what a schedule says.
pub struct RunSchedule {
    planned: Planned,
    actor: Arc<dyn Actor>,
}

/// One time of a schedule, as it is stored.
#[derive(Serialize, Deserialize)]
struct Planned {
    schedule: Uuid,
    name: Text,
    /// The time that it is for; `None` if somebody asked for it.
    tick: Option<Timestamp>,
    /// May hold secrets.
    action: Value,
}

impl RunSchedule {
    /// The job of `payload`, which this wrote.
    ///
    /// # Errors
    ///
    /// `internal` if it cannot be read.
    pub fn restore(payload: Value, actor: Arc<dyn Actor>) -> Result<Self> {
        let planned = serde_json::from_value(payload)
            .map_err(|_| Error::internal("the job could not be read by this version"))?;
        Ok(Self { planned, actor })
    }
}

impl fmt::Debug for RunSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunSchedule")
            .field("schedule", &self.planned.schedule)
            .finish_non_exhaustive()
    }
}

/// A schedule is of no cloud; what it begins is.
static NO_CLOUD: Text = Text::from_static("");

#[async_trait]
impl Work for RunSchedule {
    fn action(&self) -> &'static str {
        RUN_SCHEDULE
    }

    fn cloud(&self) -> &Text {
        &NO_CLOUD
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static("schedule"),
            id: Some(Text::from(self.planned.schedule.to_string())),
        }
    }

    fn params(&self) -> Value {
        json!({ "schedule": self.planned.name, "tick": self.planned.tick })
    }

    fn payload(&self) -> Result<Value> {
        serde_json::to_value(&self.planned)
            .map_err(|error| Error::internal("the job could not be written").with_internal(error))
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let result = self.actor.act(run, self.planned.action.clone()).await?;
        Ok(Outcome {
            result,
            ..Outcome::default()
        })
    }
}

impl Jobs {
    /// Begins every schedule that is due at `now`, each once however many processes do this: of
    /// several times that nobody was there for, only one is made up for. Gives how many jobs it
    /// made.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn fire_schedules(&self, kinds: &Kinds, now: i64) -> Result<usize> {
        let mut fired = 0;
        for row in self.store().due_schedules(now).await? {
            match self.fire(kinds, &row, now).await {
                Ok(true) => fired += 1,
                Ok(false) => {}
                // The others are not held up by it.
                Err(error) if error.is_retryable() => return Err(error),
                Err(error) => log::error!("schedule={} cannot be begun: {error:?}", row.id),
            }
        }
        Ok(fired)
    }

    async fn fire(&self, kinds: &Kinds, row: &ScheduleRow, now: i64) -> Result<bool> {
        let Some(tick) = row.next_run else {
            return Ok(false);
        };
        let at = view::time(now.max(tick));
        let next = Cadence::parse(&row.cron, &row.time_zone)?.next_after(at)?;
        let work = self.work_of(kinds, row, Some(view::time(tick))).await?;
        let submission = Submission {
            project: Text::from(row.project.as_str()),
            unique_key: Some(format!("schedule {} {tick}", row.id)),
            ..Submission::new(Text::from(format!("schedule-{}-{tick}", row.id)))
        };
        let job = self.new_job(&*work, &submission)?;
        let tick = Tick {
            schedule: row.id,
            at: tick,
            next: next.as_millisecond(),
        };
        self.store().submit_tick(&job, &tick).await
    }

    /// What begins a schedule, at one of its times or because somebody asks for it.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn work_of(
        &self,
        kinds: &Kinds,
        row: &ScheduleRow,
        tick: Option<Timestamp>,
    ) -> Result<Box<dyn Work>> {
        let action = self.store().scheduled_action(row.id).await?;
        let planned = Planned {
            schedule: row.id,
            name: Text::from(row.name.as_str()),
            tick,
            action: serde_json::from_slice(&action)
                .map_err(|_| Error::internal("the schedule could not be read by this version"))?,
        };
        let payload = serde_json::to_value(planned).map_err(|error| {
            Error::internal("the job could not be written").with_internal(error)
        })?;
        kinds.restore(RUN_SCHEDULE, payload)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZoneDatabase;

    use super::{Cadence, zone_of};

    #[track_caller]
    fn assert_next(cron: &str, zone: &str, from: &str, expected: &[&str]) {
        let cadence = Cadence::parse(cron, zone).unwrap();
        let mut at: Timestamp = from.parse().unwrap();
        for expected in expected {
            at = cadence.next_after(at).unwrap();
            assert_eq!(at.to_string(), *expected, "{cron} {zone}");
        }
    }

    #[test]
    fn times_are_by_the_clocks_of_the_zone() {
        let summer = "2026-07-01T00:00:00Z";
        let expected = ["2026-07-01T20:00:00Z", "2026-07-02T20:00:00Z"];
        assert_next("0 22 * * *", "Europe/Berlin", summer, &expected);
        assert_next("@hourly", "UTC", summer, &["2026-07-01T01:00:00Z"]);
        // A Friday, then a Monday.
        let working_days = ["2026-07-03T09:00:00Z", "2026-07-06T09:00:00Z"];
        assert_next("0 9 * * 1-5", "UTC", "2026-07-02T10:00:00Z", &working_days);
        assert_next(
            "*/20 * * * * *",
            "UTC",
            summer,
            &["2026-07-01T00:00:20Z", "2026-07-01T00:00:40Z"],
        );
    }

    #[test]
    fn a_skipped_time_comes_later_and_a_doubled_one_once() {
        // 2026-03-29: from 2:00 to 3:00 at 1:00 UTC.
        let spring = ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"];
        assert_next(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            &spring,
        );
        // 2026-10-25: from 3:00 back to 2:00 at 1:00 UTC.
        let autumn = ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"];
        assert_next(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            &autumn,
        );
    }

    #[test]
    fn zones_are_known_where_the_system_knows_none() {
        let none = TimeZoneDatabase::none();
        let summer: Timestamp = "2026-07-01T00:00:00Z".parse().unwrap();
        for (name, hours) in [
            ("Europe/Berlin", 2),
            ("US/Pacific", -7),
            ("asia/tokyo", 9),
            ("UTC", 0),
        ] {
            let zone = zone_of(&none, name).unwrap();
            assert_eq!(zone.to_offset(summer).seconds(), hours * 3600, "{name}");
        }
        let unknown = zone_of(&none, "Europe/Berln").unwrap_err();
        assert_eq!(unknown.message(), "there is no time zone \"Europe/Berln\"");
        assert_eq!(unknown.hint(), Some("did you mean \"Europe/Berlin\"?"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |cron, zone| {
            let error = Cadence::parse(cron, zone)
                .and_then(|cadence| cadence.next_after(Timestamp::UNIX_EPOCH))
                .unwrap_err();
            let field = error.field().map(ToString::to_string).unwrap_or_default();
            (
                field,
                error.message().to_owned(),
                error.hint().unwrap_or_default().to_owned(),
            )
        };
        let (field, message, _) = wrong("0 0 30 2 *", "UTC");
        assert_eq!(field, "cron");
        assert!(message.contains("never comes"), "{message}");
        for cron in ["", "every day", "61 * * * *", "* * *", "@sometimes"] {
            let (field, message, _) = wrong(cron, "UTC");
            assert_eq!(field, "cron", "{message}");
            assert!(message.contains("no cron expression: "), "{message}");
        }
        let (field, message, hint) = wrong("@daily", "Europe/Berln");
        assert_eq!(field, "time_zone");
        assert_eq!(message, "there is no time zone \"Europe/Berln\"");
        assert_eq!(hint, "did you mean \"Europe/Berlin\"?");
    }
}
