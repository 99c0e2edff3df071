//! The suite as a test binary (`harness = false`), one line per case.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

use crate::report::{Report, Verdict};
use crate::{Case, Suite, Target, cases};

/// The variable that names the folder for reports in JSON; a file per engine, written when all
/// cases were run.
pub const REPORT_DIR: &str = "CLOUDFARM_CONFORMANCE_REPORTS";

type Prepared = Result<Target, Box<dyn Error + Send + Sync>>;

/// An engine to be judged: its name, and how its target comes about once a case is run.
pub struct Subject {
    name: String,
    prepare: Box<dyn Fn() -> BoxFuture<'static, Prepared> + Send + Sync>,
    suite: OnceCell<Result<Suite, String>>,
}

impl Subject {
    /// An engine whose target `prepare` makes.
    pub fn new<F>(name: &str, prepare: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Prepared> + Send + 'static,
    {
        Self {
            name: name.to_owned(),
            prepare: Box::new(move || Box::pin(prepare())),
            suite: OnceCell::new(),
        }
    }

    async fn run_case(&self, case: &Case) -> Result<Completion, Failed> {
        let prepared = self.suite.get_or_init(|| async {
            let target = (self.prepare)().await.map_err(|error| error.to_string())?;
            Ok(Suite::new(&self.name, target))
        });
        let suite = prepared
            .await
            .as_ref()
            .map_err(|why| Failed::from(format!("there is nothing to judge: {why}")))?;
        match suite.run_case(case).await.verdict {
            Verdict::Passed => Ok(Completion::Completed),
            Verdict::Skipped { missing } => Ok(Completion::ignored_with(format!("no {missing}"))),
            Verdict::Deviates { reason, .. } => {
                Ok(Completion::ignored_with(format!("deviates: {reason}")))
            }
            Verdict::Failed { why } => Err(Failed::from(why)),
        }
    }

    async fn finish(&self) -> Option<Report> {
        let suite = self.suite.get()?.as_ref().ok()?;
        Some(suite.finish().await)
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The `main` of a test binary that judges one engine. `prepare` is called when the first case is
/// run, so that listing the cases needs no cloud.
pub fn main_for<F>(engine: &str, prepare: impl Fn() -> F + Send + Sync + 'static) -> ExitCode
where
    F: Future<Output = Prepared> + Send + 'static,
{
    main_for_all(vec![Subject::new(engine, prepare)])
}

/// The `main` of a test binary that judges several engines, or one in several ways. A case is
/// called `engine::case`.
pub fn main_for_all(subjects: Vec<Subject>) -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => Arc::new(runtime),
        Err(error) => {
            eprintln!("the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let subjects: Vec<Arc<Subject>> = subjects.into_iter().map(Arc::new).collect();
    let trials = subjects
        .iter()
        .flat_map(|subject| trials(subject, &runtime));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let mut good = !conclusion.has_failed();
    for subject in &subjects {
        if let Some(report) = runtime.block_on(subject.finish()) {
            print_skips(&report);
            good &= report.left_behind.is_empty() && written(&report);
        }
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(101)
    }
}

fn trials(subject: &Arc<Subject>, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let trial = |case: &'static Case| {
        let (subject, runtime) = (Arc::clone(subject), Arc::clone(runtime));
        Trial::ignorable_test(format!("{}::{}", subject.name, case.name), move || {
            runtime.block_on(subject.run_case(case))
        })
    };
    cases().iter().map(trial).collect()
}

fn print_skips(report: &Report) {
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &report.cases {
        match &case.verdict {
            Verdict::Skipped { missing: name } => {
                missing.entry(name).or_default().push(&case.case);
            }
            Verdict::Deviates { reason, why } => {
                println!("{} deviates: {reason}: {why}", case.case);
            }
            Verdict::Passed | Verdict::Failed { .. } => {}
        }
    }
    for (capability, cases) in missing {
        println!("skipped for want of {capability}: {}", cases.join(", "));
    }
    for left in &report.left_behind {
        println!("left behind: {left}");
    }
    let totals = report.totals();
    println!("{}: {totals} in {} ms\n", report.engine, report.took_ms);
}

/// Writes the report if somebody wants it. A part of the cases makes no report.
fn written(report: &Report) -> bool {
    let Some(folder) = std::env::var_os(REPORT_DIR) else {
        return true;
    };
    if report.cases.len() < cases().len() {
        return true;
    }
    match write_json(report, Path::new(&folder)) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("the report is not written: {error}");
            false
        }
    }
}

fn write_json(report: &Report, folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let file: PathBuf = folder.join(format!("{}.json", report.engine));
    std::fs::write(file, report.to_json()? + "\n")?;
    Ok(())
}
