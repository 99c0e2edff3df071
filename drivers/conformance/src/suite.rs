use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloudfarm_contract::{NodeQuery, Text, escape_glob};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::bench::Bench;
use crate::case::Case;
use crate::cases::cases;
use crate::cleanup::remove_all;
use crate::journal::{Kind, Made};
use crate::report::{CaseReport, Report, Verdict};
use crate::shared::Shared;
use crate::target::Target;

/// A run of cases against one target. Nodes are shared between its cases, so it must be brought to
/// an end with [`Suite::finish`].
#[derive(Debug)]
pub struct Suite {
    engine: Text,
    shared: Arc<Shared>,
    turns: Semaphore,
    reports: Mutex<Vec<CaseReport>>,
    started: Instant,
}

/// Runs the cases that `filter` lets through, and removes what they made.
pub async fn run(engine: &str, target: Target, filter: impl Fn(&Case) -> bool) -> Report {
    let suite = Suite::new(engine, target);
    let chosen = cases().iter().filter(|case| filter(case));
    stream::iter(chosen)
        .for_each_concurrent(None, |case| async {
            suite.run_case(case).await;
        })
        .await;
    suite.finish().await
}

impl Suite {
    /// A run that has not begun.
    pub fn new(engine: &str, target: Target) -> Self {
        Self {
            engine: Text::from(engine),
            turns: Semaphore::new(target.parallel.max(1)),
            shared: Arc::new(Shared::new(target)),
            reports: Mutex::default(),
            started: Instant::now(),
        }
    }

    /// Runs one case when its turn comes, and removes what it made.
    pub async fn run_case(&self, case: &Case) -> CaseReport {
        let report = match case.missing(self.shared.capabilities()) {
            Some(capability) => CaseReport {
                case: Text::from(case.name),
                verdict: Verdict::Skipped {
                    missing: Text::from(capability),
                },
                took_ms: 0,
            },
            None => self.judge(case).await,
        };
        self.lock().push(report.clone());
        report
    }

    async fn judge(&self, case: &Case) -> CaseReport {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        let started = Instant::now();
        let problems = carry_out(&self.shared, case).await;
        CaseReport {
            case: Text::from(case.name),
            verdict: self.verdict(case, &problems),
            took_ms: millis(started.elapsed()),
        }
    }

    fn verdict(&self, case: &Case, problems: &[String]) -> Verdict {
        let deviations = &self.shared.target.deviations;
        let known = deviations.iter().find(|known| known.case == case.name);
        match (problems, known) {
            ([], None) => Verdict::Passed,
            ([], Some(known)) => Verdict::Failed {
                why: format!(
                    "listed as a deviation ({}), but it passes: take it off the list",
                    known.reason
                ),
            },
            (problems, None) => Verdict::Failed {
                why: problems.join("; "),
            },
            (problems, Some(known)) => Verdict::Deviates {
                reason: known.reason.clone(),
                why: problems.join("; "),
            },
        }
    }

    /// Destroys the nodes that the cases shared, looks whether anything was overlooked, and gives
    /// the report.
    pub async fn finish(&self) -> Report {
        let mut idle = Vec::new();
        while let Some(id) = self.shared.take_idle_node() {
            idle.push(node(id));
        }
        let mut left_behind = remove_all(&self.shared, idle).await;
        left_behind.extend(self.sweep().await);
        left_behind.extend(self.unknown_deviations());
        let mut reports = std::mem::take(&mut *self.lock());
        reports.sort_by_key(|report| cases().iter().position(|case| report.case == *case.name));
        Report {
            engine: self.engine.clone(),
            cases: reports,
            left_behind,
            took_ms: millis(self.started.elapsed()),
        }
    }

    /// Destroys nodes of this run that no case knows of: what a driver makes twice has to show.
    async fn sweep(&self) -> Vec<String> {
        if self
            .lock()
            .iter()
            .all(|report| matches!(report.verdict, Verdict::Skipped { .. }))
        {
            return Vec::new();
        }
        let bench = Bench::new(Arc::clone(&self.shared), "sweep");
        let query = NodeQuery {
            name: Some(Text::from(format!(
                "{}-*",
                escape_glob(&self.shared.target.prefix)
            ))),
            ..NodeQuery::default()
        };
        let found = match bench.nodes(&query).await {
            Ok(found) => found,
            Err(failure) => return vec![format!("nobody knows what is left: {failure}")],
        };
        let mut left: Vec<String> = found
            .iter()
            .map(|node| format!("node {} ({}) was overlooked", node.id, node.name))
            .collect();
        let made = found.into_iter().map(|found| node(found.id)).collect();
        left.extend(remove_all(&self.shared, made).await);
        left
    }

    fn unknown_deviations(&self) -> Vec<String> {
        let deviations = self.shared.target.deviations.iter();
        deviations
            .filter(|known| cases().iter().all(|case| case.name != known.case))
            .map(|known| format!("the deviation {:?} is not the name of a case", known.case))
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<CaseReport>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a case and removes what it made. Gives all that is wrong; nothing if all is well.
async fn carry_out(shared: &Arc<Shared>, case: &Case) -> Vec<String> {
    let bench = Bench::new(Arc::clone(shared), case.name);
    let limit = shared.target.timeouts.case;
    let run = AssertUnwindSafe((case.run)(&bench)).catch_unwind();
    let mut problems = Vec::new();
    match timeout(limit, run).await {
        Ok(Ok(Ok(()))) => bench.give_back().await,
        Ok(Ok(Err(failure))) => problems.push(failure.to_string()),
        Ok(Err(panic)) => problems.push(format!("it panicked: {}", panic_message(&*panic))),
        Err(_) => problems.push(format!("it did not end within {} s", limit.as_secs_f32())),
    }
    problems.extend(bench.journal().take_violations());
    problems.extend(remove_all(shared, bench.journal().take_made()).await);
    problems
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

fn node(id: Text) -> Made {
    Made {
        kind: Kind::Node,
        id: Some(id),
        name: Text::default(),
        mark: None,
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
