//! What went wrong, as a person reads it and as a script sees it.

use std::fmt::Display;
use std::io;

use cloudfarm_contract::SideEffect;

use super::exit::Exit;
use super::text::printable;
use crate::Problem;
use crate::jobs::{Job, JobState};

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// One line that says what happened, further lines that help, and an exit code.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    notes: Vec<(&'static str, String)>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            notes: Vec::new(),
        }
    }

    /// What was typed is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Everything has been said; only the exit code is left.
    pub(crate) fn said(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.note("hint", hint)
    }

    #[must_use]
    pub(crate) fn note(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((name, text.into()));
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The lines for stderr; none if everything has been said. `subject` is the one of several
    /// things that it is about.
    pub(crate) fn lines(&self, subject: Option<&str>) -> Vec<String> {
        if self.message.is_empty() {
            return Vec::new();
        }
        let about = subject.map_or_else(String::new, |subject| format!("{subject}: "));
        let mut lines = vec![format!("error: {about}{}", self.message)];
        lines.extend(
            self.notes
                .iter()
                .map(|(name, text)| format!("{name}: {text}")),
        );
        lines.iter().map(|line| printable(line)).collect()
    }

    /// The job failed or was called off.
    pub(crate) fn of_job(job: &Job) -> Self {
        let failure = match (&job.error, job.state) {
            (Some(problem), _) => Self::from(problem.clone()),
            (None, JobState::Cancelled) => Self::new(Exit::Failed, "the job was cancelled"),
            (None, _) => Self::new(Exit::Failed, "the job failed without a reason"),
        };
        failure.note("job", job.id.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let mut message = match &problem.field {
            Some(field) if !problem.detail.contains(field.as_str()) => {
                format!("{field}: {}", problem.detail)
            }
            _ => problem.detail,
        };
        if message.is_empty() {
            message = problem.title.into_owned();
        }
        let mut failure = Self::new(Exit::of(problem.kind), message);
        let states = joined(problem.allowed_states.iter());
        let candidates = joined(
            problem
                .candidates
                .iter()
                .map(|candidate| format!("{} ({})", candidate.id, candidate.name)),
        );
        let side_effect = match problem.side_effect {
            SideEffect::None => None,
            SideEffect::Possible => Some("something may have been made or changed".to_owned()),
            SideEffect::Done => Some("something was made or changed".to_owned()),
        };
        let provider = provider_answer(
            problem.provider_status,
            problem.provider_code.as_deref(),
            problem.provider_request_id.as_deref(),
        );
        let notes = [
            ("hint", problem.hint.map(|hint| in_commands(&hint))),
            ("allowed states", states),
            ("candidates", candidates),
            (
                "retry after",
                problem.retry_after.map(|seconds| format!("{seconds} s")),
            ),
            ("side effect", side_effect),
            ("the cloud said", provider),
            ("request id", problem.request_id.map(String::from)),
        ];
        for (name, text) in notes {
            if let Some(text) = text {
                failure.notes.push((name, text));
            }
        }
        failure
    }
}

/// A closed pipe is how `| head` ends a command, not an error.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::said(Exit::Done);
        }
        Self::new(Exit::Failed, format!("cannot write the output: {error}"))
    }
}

/// The server speaks of its API; here the same is had by a command.
fn in_commands(hint: &str) -> String {
    const LIST: &str = "GET /api/v1/";
    match hint.split_once(LIST) {
        Some((before, rest)) => {
            let (noun, after) = rest.split_at(rest.find([' ', '?']).unwrap_or(rest.len()));
            if noun.contains('/') {
                return hint.to_owned();
            }
            format!("{before}`cloudfarm {noun} list`{after}")
        }
        None => hint.to_owned(),
    }
}

fn provider_answer(status: Option<u16>, code: Option<&str>, id: Option<&str>) -> Option<String> {
    let parts = [
        status.map(|status| format!("status {status}")),
        code.map(|code| format!("code {code}")),
        id.map(|id| format!("its request id {id}")),
    ];
    joined(parts.into_iter().flatten())
}

fn joined<T: Display>(parts: impl Iterator<Item = T>) -> Option<String> {
    let parts: Vec<String> = parts.map(|part| part.to_string()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use cloudfarm_contract::model::NodeState;
    use cloudfarm_contract::{Candidate, Error};

    use super::Failure;
    use crate::Problem;

    #[test]
    fn a_problem_becomes_lines_that_help() {
        let error = Error::conflict("node \"web-1\" is stopped")
            .with_hint("start it first")
            .with_allowed_states([NodeState::Running, NodeState::Paused])
            .with_candidates(vec![Candidate {
                id: "n-1".into(),
                name: "web-1".into(),
            }]);
        let failure = Failure::from(Problem::new(&error, Some("r-1".into())));
        assert_eq!(
            failure.lines(None),
            [
                "error: node \"web-1\" is stopped",
                "hint: start it first",
                "allowed states: running, paused",
                "candidates: n-1 (web-1)",
                "request id: r-1",
            ]
        );
        assert_eq!(failure.exit().code(), 4);
    }

    #[test]
    fn hints_speak_of_commands() {
        let error = Error::not_found("x").with_hint("GET /api/v1/clouds lists the clouds");
        let failure = Failure::from(Problem::new(&error, None));
        assert_eq!(
            failure.lines(None)[1],
            "hint: `cloudfarm clouds list` lists the clouds"
        );
    }

    #[test]
    fn what_a_cloud_says_cannot_steer_the_terminal() {
        let failure = Failure::usage("bad \u{1b}[2J name");
        assert_eq!(failure.lines(None), ["error: bad \\u{1b}[2J name"]);
    }
}
