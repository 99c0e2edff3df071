//! Looks at single instances. Who asks while others are being answered shares the next call with
//! all who ask then: many who wait for nodes cost the cloud a call for two hundred of them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cloudfarm_contract::{Context, Error, ErrorKind, Result, Text};
use tokio::sync::{Semaphore, oneshot};

use super::wire::{Instance, Instances};
use crate::driver::Ec2Driver;
use crate::list::{self, Listing as _, PAGE_MAX};
use crate::query::Query;

/// The most values of a filter.
pub(crate) const BATCH_MAX: usize = 200;

/// So many calls are under way at the same time before questions are gathered.
const TURNS: usize = 4;

/// What is asked for and not yet taken into a call.
#[derive(Debug)]
pub(crate) struct Lookups {
    turns: Semaphore,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    questions: VecDeque<Question>,
}

#[derive(Debug)]
struct Question {
    number: u64,
    id: Text,
    answer: oneshot::Sender<Option<Instance>>,
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(TURNS),
            waiting: Mutex::default(),
        }
    }
}

impl Lookups {
    fn ask(&self, id: &str) -> (u64, oneshot::Receiver<Option<Instance>>) {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.lock();
        waiting.last += 1;
        let number = waiting.last;
        waiting.questions.push_back(Question {
            number,
            id: Text::from(id),
            answer,
        });
        (number, answered)
    }

    /// The questions of a call, this one among them; `None` if another call has it already.
    fn take(&self, number: u64) -> Option<Vec<Question>> {
        let mut waiting = self.lock();
        waiting
            .questions
            .retain(|question| !question.answer.is_closed());
        let at = waiting
            .questions
            .iter()
            .position(|question| question.number == number)?;
        let own = waiting.questions.remove(at)?;
        let others = waiting.questions.len().min(BATCH_MAX - 1);
        let mut taken = vec![own];
        taken.extend(waiting.questions.drain(..others));
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ec2Driver {
    /// The instance as the cloud shows it; none if it does not know it.
    pub(super) async fn look_up(&self, cx: &Context, id: &str) -> Result<Option<Instance>> {
        loop {
            let (number, mut answered) = self.lookups.ask(id);
            let turn = tokio::select! {
                biased;
                answer = &mut answered => match answer {
                    Ok(found) => return Ok(found),
                    // Whoever asked for all of them failed, which need not be so here.
                    Err(_) => continue,
                },
                turn = self.lookups.turns.acquire() => turn.map_err(|closed| {
                    Error::internal("nodes cannot be looked up").with_internal(closed)
                })?,
                () = tokio::time::sleep_until(cx.deadline()) => {
                    cx.check_deadline()?;
                    continue;
                }
            };
            let Some(questions) = self.lookups.take(number) else {
                drop(turn);
                if let Ok(Ok(found)) = tokio::time::timeout_at(cx.deadline(), answered).await {
                    return Ok(found);
                }
                cx.check_deadline()?;
                continue;
            };
            return self.answer(cx, questions).await;
        }
    }

    /// Answers the questions, and gives the answer to the first.
    async fn answer(&self, cx: &Context, questions: Vec<Question>) -> Result<Option<Instance>> {
        let ids: BTreeSet<Text> = questions
            .iter()
            .map(|question| question.id.clone())
            .collect();
        let found = self.look_up_all(cx, &ids).await?;
        let found: HashMap<String, Instance> = found
            .into_iter()
            .map(|instance| (instance.id.to_ascii_lowercase(), instance))
            .collect();
        let of = |id: &Text| found.get(&id.to_ascii_lowercase()).cloned();
        let mut questions = questions.into_iter();
        let own = questions.next().and_then(|own| of(&own.id));
        for question in questions {
            let answer = of(&question.id);
            // Who no longer waits needs no answer.
            let _ = question.answer.send(answer);
        }
        Ok(own)
    }

    /// A call that names ids fails if one of them is unknown; a filter leaves it out.
    async fn look_up_all(&self, cx: &Context, ids: &BTreeSet<Text>) -> Result<Vec<Instance>> {
        let call = Query::read("DescribeInstances");
        if ids.len() > 1 {
            let call = call.filter("instance-id", ids.iter().map(Text::as_str));
            let pages = self.pages(PAGE_MAX);
            return list::all::<Instances>(&self.session, cx, call, pages).await;
        }
        let call = call.list("InstanceId", ids.iter().map(Text::as_str));
        match self.session.read::<Instances>(cx, call).await {
            Ok(found) => Ok(found.split().0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
