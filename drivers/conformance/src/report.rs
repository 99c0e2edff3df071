use std::fmt::{self, Write as _};

use cloudfarm_contract::Text;
use serde::{Deserialize, Serialize};

/// How one engine fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was judged, as `dummy` or `dummy, layered`.
    pub engine: Text,
    /// Every case that was run or skipped, in the order of the suite.
    pub cases: Vec<CaseReport>,
    /// What was made and could not be removed in the end.
    pub left_behind: Vec<String>,
    /// How long it took.
    pub took_ms: u64,
}

/// How one case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The name of the case.
    pub case: Text,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How long it took, without its removal of what it made.
    pub took_ms: u64,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The driver behaves.
    Passed,
    /// The cloud does not have what the case needs.
    Skipped {
        /// The name of the capability.
        missing: Text,
    },
    /// The driver does not behave.
    Failed {
        /// What it did.
        why: String,
    },
    /// The driver does not behave, and it is known that this deployment cannot do better.
    Deviates {
        /// Why it cannot.
        reason: Text,
        /// What it did.
        why: String,
    },
}

/// How many cases ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The driver behaves.
    pub passed: usize,
    /// The cloud does not have what the case needs.
    pub skipped: usize,
    /// The driver does not behave.
    pub failed: usize,
    /// As was known of the deployment.
    pub deviates: usize,
}

impl Report {
    /// How many cases ended in which way.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for case in &self.cases {
            match case.verdict {
                Verdict::Passed => totals.passed += 1,
                Verdict::Skipped { .. } => totals.skipped += 1,
                Verdict::Failed { .. } => totals.failed += 1,
                Verdict::Deviates { .. } => totals.deviates += 1,
            }
        }
        totals
    }

    /// Whether nothing failed and nothing was left behind.
    pub fn is_good(&self) -> bool {
        self.totals().failed == 0 && self.left_behind.is_empty()
    }

    /// The report as indented JSON, for a table over several engines.
    ///
    /// # Errors
    ///
    /// None that are known; serialisation is fallible by type.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn verdict(&self, case: &str) -> Option<&Verdict> {
        let report = self.cases.iter().find(|report| report.case == *case)?;
        Some(&report.verdict)
    }
}

impl Verdict {
    /// The name on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped { .. } => "skipped",
            Self::Failed { .. } => "failed",
            Self::Deviates { .. } => "deviates",
        }
    }

    /// What there is to say beyond the name.
    fn detail(&self) -> String {
        match self {
            Self::Passed => String::new(),
            Self::Skipped { missing } => format!("no {missing}"),
            Self::Failed { why } => why.clone(),
            Self::Deviates { reason, why } => format!("{reason}: {why}"),
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} skipped, {} failed",
            self.passed, self.skipped, self.failed
        )?;
        if self.deviates > 0 {
            write!(f, ", {} deviate as known", self.deviates)?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    /// One line per case, and the totals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.cases.iter().map(|case| case.case.len()).max();
        let width = widest.unwrap_or(0);
        for CaseReport {
            case,
            verdict,
            took_ms,
        } in &self.cases
        {
            let line = format!(
                "{case:width$}  {:8}  {took_ms:>6} ms  {}",
                verdict.as_str(),
                verdict.detail()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        for left in &self.left_behind {
            writeln!(f, "{left}")?;
        }
        write!(f, "{}: {}", self.engine, self.totals())
    }
}

/// One table over several engines, in Markdown: a row per case, a column per engine, and below it
/// the totals. A skip names the capability that is missing.
pub fn table(reports: &[Report]) -> String {
    let mut text = String::new();
    let engines = reports.iter().map(|report| report.engine.as_str());
    row(&mut text, std::iter::once("case").chain(engines));
    row(&mut text, std::iter::repeat_n("---", reports.len() + 1));
    for case in crate::cases() {
        let cells = reports.iter().map(|report| cell(report, case.name));
        let cells: Vec<String> = cells.collect();
        let name = format!("`{}`", case.name);
        row(
            &mut text,
            std::iter::once(name.as_str()).chain(cells.iter().map(String::as_str)),
        );
    }
    let totals = reports.iter().map(|report| report.totals().to_string());
    let totals: Vec<String> = totals.collect();
    row(
        &mut text,
        std::iter::once("total").chain(totals.iter().map(String::as_str)),
    );
    text
}

fn cell(report: &Report, case: &str) -> String {
    match report.verdict(case) {
        None => "not run".to_owned(),
        Some(Verdict::Passed) => "passed".to_owned(),
        Some(Verdict::Skipped { missing }) => format!("skipped: no `{missing}`"),
        Some(Verdict::Failed { .. }) => "**failed**".to_owned(),
        Some(Verdict::Deviates { reason, .. }) => format!("deviates: {reason}"),
    }
}

fn row<'t>(text: &mut String, cells: impl Iterator<Item = &'t str>) {
    for cell in cells {
        // Writing to a String does not fail.
        let _ = write!(text, "| {} ", cell.replace('|', "\\|").replace('\n', " "));
    }
    text.push_str("|\n");
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::Text;

    use super::{CaseReport, Report, Verdict, table};

    fn report() -> Report {
        let case = |case: &str, verdict| CaseReport {
            case: Text::from(case),
            verdict,
            took_ms: 7,
        };
        Report {
            engine: Text::from("lab"),
            cases: vec![
                case("check_succeeds", Verdict::Passed),
                case(
                    "volume_is_listed",
                    Verdict::Skipped {
                        missing: Text::from("volumes"),
                    },
                ),
                case(
                    "reboot_node_comes_back",
                    Verdict::Failed {
                        why: "it did not".to_owned(),
                    },
                ),
            ],
            left_behind: Vec::new(),
            took_ms: 21,
        }
    }

    #[test]
    fn json_comes_back_as_it_was() {
        let json = report().to_json().unwrap();
        assert!(json.contains(r#""verdict": "skipped""#), "{json}");
        assert!(json.contains(r#""missing": "volumes""#), "{json}");
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report());
    }

    #[test]
    fn the_table_has_a_row_per_case_and_names_what_is_missing() {
        let table = table(&[report()]);
        assert_eq!(table.lines().count(), crate::cases().len() + 3);
        assert!(table.contains("| `volume_is_listed` | skipped: no `volumes` |"));
        assert!(table.contains("| `reboot_node_comes_back` | **failed** |"));
        assert!(table.contains("| total | 1 passed, 1 skipped, 1 failed |"));
        assert!(!report().is_good());
    }

    #[test]
    fn the_lines_say_why() {
        let text = report().to_string();
        assert!(text.contains("it did not"), "{text}");
        assert!(text.ends_with("lab: 1 passed, 1 skipped, 1 failed"));
    }
}
