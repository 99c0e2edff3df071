//! A driver that watches another one: it holds every answer against the invariants and keeps a
//! journal of what is made.

/// One method: a `call`, a `list` or a `create`.
macro_rules! watch {
    ($self:ident, $inner:expr, $operation:ident, call, $cx:ident,
        $method:ident($($arg:ident),*)) => {
        $self.saw(Operation::$operation, $inner.$method($cx $(, $arg)*).await)
    };
    ($self:ident, $inner:expr, $operation:ident, list, $cx:ident, $method:ident($query:ident)) => {
        $self.saw_page(Operation::$operation, $query, $inner.$method($cx, $query).await)
    };
    ($self:ident, $inner:expr, $operation:ident, create, $cx:ident,
        $method:ident($request:ident)) => {
        $self
            .saw_create(Operation::$operation, $request, $inner.$method($cx, $request))
            .await
    };
}

mod driver;
mod extensions;

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudfarm_contract::{Driver, Operation, Page, Result, SideEffect};

use crate::invariants::{Answer, Rules};
use crate::journal::Journal;
use crate::things::{Created, Query, Request, Thing};

/// The driver that cases are given.
#[derive(Debug)]
pub(crate) struct Witness {
    inner: Arc<dyn Driver>,
    rules: Rules,
    journal: Journal,
}

impl Witness {
    pub(crate) fn new(inner: Arc<dyn Driver>, rules: Rules) -> Self {
        Self {
            inner,
            rules,
            journal: Journal::default(),
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    fn saw<T: Answer>(&self, operation: Operation, result: Result<T>) -> Result<T> {
        let mut problems = Vec::new();
        match &result {
            Ok(answer) => answer.problems(&self.rules, &mut problems),
            Err(error) => error.problems(&self.rules, &mut problems),
        }
        self.note(operation, problems);
        result.map_err(|error| match error.operation() {
            Some(_) => error,
            None => error.with_operation(operation.as_str()),
        })
    }

    fn note(&self, operation: Operation, problems: Vec<String>) {
        for problem in problems {
            self.journal
                .violation(format!("{}: {problem}", operation.as_str()));
        }
    }

    fn saw_page<T: Answer + Thing>(
        &self,
        operation: Operation,
        query: &impl Query<T>,
        result: Result<Page<T>>,
    ) -> Result<Page<T>> {
        if let Ok(page) = &result {
            let mut problems = Vec::new();
            let asked = query.page();
            if asked
                .limit
                .is_some_and(|limit| page.items.len() > limit as usize)
            {
                let count = page.items.len();
                problems.push(format!("{count} items on a page of {:?}", asked.limit));
            }
            if page.next.is_some() && page.next == asked.marker {
                problems.push("the next page is the same page".to_owned());
            }
            let strangers = page.items.iter().filter(|item| !query.wants(item));
            problems
                .extend(strangers.map(|item| format!("the query does not match {}", item.id())));
            let ids: BTreeSet<_> = page.items.iter().map(Thing::id).collect();
            if ids.len() < page.items.len() {
                problems.push("an id stands twice on a page".to_owned());
            }
            self.note(operation, problems);
        }
        self.saw(operation, result)
    }

    async fn saw_create<R: Request, T: Answer + Created>(
        &self,
        operation: Operation,
        request: &R,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let place = self.journal.intend(request.intention());
        let result = call.await;
        match &result {
            Ok(created) => self.journal.identify(place, created.id()),
            Err(error) if error.side_effect() == SideEffect::None => self.journal.strike(place),
            Err(_) => {}
        }
        self.saw(operation, result)
    }
}
