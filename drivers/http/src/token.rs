//! Tokens: fetched once for all who wait, renewed early, replayed once.

mod cell;
mod key;
mod pool;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::{
    Clock, Context, Error, ErrorKind, Result, Retry, SideEffect, async_trait,
};
use jiff::Timestamp;
use reqwest::StatusCode;
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use self::cell::{Advice, Cell};
pub use self::key::CredentialKey;
pub use self::pool::TokenPool;
use crate::{Complaint, Response};

/// Asks an identity service for a token.
#[async_trait]
pub trait FetchToken: Send + Sync {
    /// What the service gives: the token, and whatever comes with it, such as a catalog.
    type Token: Send + Sync;

    /// Asks once. Repeating and remembering are [`TokenSource`]'s.
    ///
    /// # Errors
    ///
    /// `provider_auth` if the credentials are refused; anything else as it happened.
    async fn fetch(&self, cx: &Context) -> Result<Fetched<Self::Token>>;
}

/// A token as it came from the identity service.
#[derive(Debug, Clone)]
pub struct Fetched<T> {
    /// The token, and whatever came with it.
    pub token: T,
    /// When it ends; `None` if the service does not say, then it is used until it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A token in use. Cheap to clone; it stays what it is when the source renews.
#[derive(Debug)]
pub struct Held<T> {
    token: Arc<T>,
    generation: u64,
}

impl<T> Held<T> {
    /// Which token of the source this is; the argument of [`TokenSource::invalidate`].
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self {
            token: Arc::clone(&self.token),
            generation: self.generation,
        }
    }
}

impl<T> std::ops::Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.token
    }
}

/// How a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSettings {
    /// So long before its end a token is no longer handed out while a new one can be had: a
    /// provider passes it on within long operations, which fail when it dies in their midst. A
    /// token with a short life is renewed in the last quarter of it instead.
    pub margin: Duration,
    /// After a failed fetch nobody asks again for so long; doubled with each further failure.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            margin: Duration::from_secs(60),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// The tokens of one identity at one identity service, shared by all calls, and by all clouds with
/// the same [`CredentialKey`].
///
/// - However many callers find the token missing or at its end, one fetches and the others wait,
///   each under its own deadline. If the one goes away, the next takes over.
/// - Twice the margin before the end one caller renews, while the others go on with the old token.
/// - If a renewal fails in a way that may pass, the old token is used while it lives.
/// - A failed fetch is not kept, but for a short while callers get its error instead of asking
///   again.
pub struct TokenSource<F: FetchToken> {
    fetcher: F,
    cell: Cell<F::Token>,
    /// Held by the caller that fetches. A lock rather than a task, so that a caller that is
    /// cancelled lets the next one in.
    fetching: Mutex<()>,
}

impl<F: FetchToken> TokenSource<F> {
    /// A source that has no token yet.
    pub fn new(fetcher: F, settings: TokenSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetcher,
            cell: Cell::new(settings, clock),
            fetching: Mutex::new(()),
        }
    }

    /// What fetches the tokens.
    pub fn fetcher(&self) -> &F {
        &self.fetcher
    }

    /// A token that is good for now.
    ///
    /// # Errors
    ///
    /// What [`FetchToken::fetch`] failed with, now or a moment ago; `timeout` without a side effect
    /// if the deadline passes while another caller fetches.
    pub async fn get(&self, cx: &Context) -> Result<Held<F::Token>> {
        match self.cell.advice() {
            Advice::Use(held) => Ok(held),
            Advice::RenewIfNobodyDoes(held) => match self.fetching.try_lock() {
                Ok(_alone) => self.renew(cx, held).await,
                Err(_) => Ok(held),
            },
            Advice::Fetch(old) => self.fetch_or_wait(cx, old).await,
            Advice::Fail(error) => Err(error),
        }
    }

    /// Says that the provider refused the token of this generation. A newer one, which another
    /// caller may have fetched meanwhile, is left alone.
    pub fn invalidate(&self, generation: u64) {
        self.cell.drop_token(generation);
    }

    /// Makes a call with a token; if the provider answers 401, makes it once more with a new token.
    /// A 401 says that nothing was done, so any effect may be repeated.
    ///
    /// # Errors
    ///
    /// What `call` or the fetch failed with; `provider_auth` if the provider refuses the new token
    /// too.
    pub async fn with_token<C, R>(&self, cx: &Context, call: C) -> Result<Response>
    where
        C: Fn(Held<F::Token>) -> R,
        R: Future<Output = Result<Response>>,
    {
        let held = self.get(cx).await?;
        let generation = held.generation();
        let response = call(held).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        if !self.cell.may_replay() {
            return Err(refused(&response));
        }
        self.invalidate(generation);
        let response = call(self.get(cx).await?).await?;
        let accepted = response.status() != StatusCode::UNAUTHORIZED;
        self.cell.note_replay(accepted);
        if accepted {
            return Ok(response);
        }
        Err(refused(&response))
    }

    /// Renews a token that is still good, so that nobody has to wait for one.
    async fn renew(&self, cx: &Context, held: Held<F::Token>) -> Result<Held<F::Token>> {
        // Another caller may have renewed between the advice and the lock.
        match self.cell.advice() {
            Advice::RenewIfNobodyDoes(_) => self.fetch(cx).await.or(Ok(held)),
            Advice::Use(newer) => Ok(newer),
            Advice::Fetch(_) | Advice::Fail(_) => Ok(held),
        }
    }

    async fn fetch_or_wait(
        &self,
        cx: &Context,
        old: Option<Held<F::Token>>,
    ) -> Result<Held<F::Token>> {
        let alone = timeout_at(cx.deadline(), self.fetching.lock()).await;
        let Ok(_alone) = alone else {
            return Err(
                Error::timeout("the deadline passed while a token was fetched")
                    .with_side_effect(SideEffect::None),
            );
        };
        // Another caller may have fetched, or failed to, while this one waited.
        match self.cell.advice() {
            Advice::Use(held) | Advice::RenewIfNobodyDoes(held) => Ok(held),
            Advice::Fail(error) => Err(error),
            Advice::Fetch(_) => match (self.fetch(cx).await, old) {
                (Err(error), Some(old)) if error.is_retryable() && self.cell.is_alive(&old) => {
                    Ok(old)
                }
                (result, _) => result,
            },
        }
    }

    /// Fetches. The caller holds the lock.
    async fn fetch(&self, cx: &Context) -> Result<Held<F::Token>> {
        let result = timeout_at(cx.deadline(), self.fetcher.fetch(cx)).await;
        let error = match result {
            Ok(Ok(fetched)) => return Ok(self.cell.put(fetched)),
            Ok(Err(error)) => error,
            Err(_) => Error::timeout("the deadline passed while a token was fetched"),
        };
        // Nothing of what the caller wanted was begun.
        let error = error.with_side_effect(SideEffect::None);
        log::warn!("no token could be fetched: {error}");
        // That one caller was in a hurry says nothing about the next.
        if !cx.remaining().is_zero() {
            self.cell.note_failure(&error);
        }
        Err(error)
    }
}

fn refused(response: &Response) -> Error {
    response
        .to_error_of(ErrorKind::ProviderAuth, &Complaint::from_json(response))
        .with_retry(Retry::Never)
        .with_hint("the provider gives a token for these credentials and then refuses it")
}

impl<F: FetchToken> fmt::Debug for TokenSource<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").finish_non_exhaustive()
    }
}
