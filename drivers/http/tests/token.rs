//! One fetch for all who wait, an early renewal, one replay.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudfarm_contract::{
    Clock, Context, Effect, Error, ErrorKind, ManualClock, Priority, Result, Secret, SideEffect,
    async_trait,
};
use cloudfarm_http::{
    CredentialKey, FetchToken, Fetched, Request, TokenPool, TokenSettings, TokenSource, header,
};
use futures_util::future::join_all;
use support::{Reply, Server, cx, params, transport};
use tokio::sync::Semaphore;

/// An identity service in memory: counts, waits for permission, fails when told to.
#[derive(Clone)]
struct Identity {
    fetches: Arc<AtomicUsize>,
    /// A fetch ends when it gets a permit.
    permits: Arc<Semaphore>,
    failures: Arc<std::sync::Mutex<Vec<Error>>>,
    clock: ManualClock,
    life: Option<Duration>,
}

impl Identity {
    fn new(life: Option<u64>) -> Self {
        Self {
            fetches: Arc::default(),
            permits: Arc::new(Semaphore::new(1000)),
            failures: Arc::default(),
            clock: ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap_or_default()),
            life: life.map(Duration::from_secs),
        }
    }

    fn source(&self) -> TokenSource<Self> {
        let clock = Arc::new(self.clock.clone());
        TokenSource::new(self.clone(), TokenSettings::default(), clock)
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn fail_with(&self, error: Error) {
        if let Ok(mut failures) = self.failures.lock() {
            failures.push(error);
        }
    }
}

#[async_trait]
impl FetchToken for Identity {
    type Token = Secret;

    async fn fetch(&self, _: &Context) -> Result<Fetched<Secret>> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
        let failure = self
            .failures
            .lock()
            .ok()
            .and_then(|mut failures| failures.pop());
        if let Some(error) = failure {
            return Err(error);
        }
        Ok(Fetched {
            token: Secret::new(format!("token-{number}")),
            expires_at: self.life.map(|life| self.clock.now() + life),
        })
    }
}

async fn get(source: &TokenSource<Identity>) -> String {
    match source.get(&cx()).await {
        Ok(held) => held.expose().to_owned(),
        Err(error) => format!("{}: {error}", error.kind()),
    }
}

#[tokio::test]
async fn two_hundred_callers_over_an_expired_token_make_one_fetch() {
    let identity = Identity::new(Some(3600));
    let source = Arc::new(identity.source());
    assert_eq!(get(&source).await, "token-1");
    identity.clock.advance(Duration::from_secs(3590));
    identity.permits.forget_permits(1000);
    let started = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (source, started) = (Arc::clone(&source), Arc::clone(&started));
            tokio::spawn(async move {
                started.fetch_add(1, Ordering::SeqCst);
                get(&source).await
            })
        })
        .collect();
    while started.load(Ordering::SeqCst) < 200 {
        tokio::task::yield_now().await;
    }
    identity.permits.add_permits(1);
    for token in join_all(callers).await {
        assert_eq!(token.unwrap(), "token-2");
    }
    assert_eq!(identity.fetches(), 2);
}

#[tokio::test]
async fn a_cancelled_fetcher_strands_nobody() {
    let identity = Identity::new(Some(3600));
    identity.permits.forget_permits(1000);
    let source = Arc::new(identity.source());
    let leader = tokio::spawn({
        let source = Arc::clone(&source);
        async move { get(&source).await }
    });
    while identity.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    let followers: Vec<_> = (0..20)
        .map(|_| {
            let source = Arc::clone(&source);
            tokio::spawn(async move { get(&source).await })
        })
        .collect();
    tokio::task::yield_now().await;
    leader.abort();
    identity.permits.add_permits(1);
    for token in join_all(followers).await {
        assert_eq!(token.unwrap(), "token-2");
    }
    assert_eq!(identity.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_follower_waits_no_longer_than_its_own_deadline() {
    let identity = Identity::new(Some(3600));
    identity.permits.forget_permits(1000);
    let source = Arc::new(identity.source());
    let leader = tokio::spawn({
        let source = Arc::clone(&source);
        async move { get(&source).await }
    });
    while identity.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    let soon = Context::new(Duration::from_secs(1), "req-2", Priority::Person);
    let error = source.get(&soon).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.side_effect(), SideEffect::None);
    identity.permits.add_permits(1);
    assert_eq!(leader.await.unwrap(), "token-1");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_while_others_go_on_with_it() {
    let identity = Identity::new(Some(3600));
    let source = Arc::new(identity.source());
    assert_eq!(get(&source).await, "token-1");
    identity.clock.advance(Duration::from_secs(3400));
    assert_eq!(get(&source).await, "token-1");
    identity.permits.forget_permits(1000);
    identity.clock.advance(Duration::from_secs(100));
    let renewer = tokio::spawn({
        let source = Arc::clone(&source);
        async move { get(&source).await }
    });
    while identity.fetches() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&source).await, "token-1");
    identity.permits.add_permits(1);
    assert_eq!(renewer.await.unwrap(), "token-2");
    assert_eq!(get(&source).await, "token-2");
    assert_eq!(identity.fetches(), 2);
}

#[tokio::test]
async fn a_short_lived_token_is_not_fetched_for_each_call() {
    let identity = Identity::new(Some(40));
    let source = identity.source();
    for _ in 0..5 {
        assert_eq!(get(&source).await, "token-1");
    }
    identity.clock.advance(Duration::from_secs(35));
    assert_eq!(get(&source).await, "token-2");

    let skewed = Identity::new(Some(0));
    let source = skewed.source();
    for _ in 0..5 {
        assert_eq!(get(&source).await, "token-1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_fetch_is_not_kept_but_not_repeated_at_once() {
    let identity = Identity::new(Some(3600));
    let source = identity.source();
    for pause in [1, 2, 4] {
        identity.fail_with(Error::provider_auth("wrong password"));
        let before = identity.fetches();
        for _ in 0..10 {
            assert_eq!(get(&source).await, "provider_auth: wrong password");
        }
        assert_eq!(identity.fetches(), before + 1);
        tokio::time::advance(Duration::from_secs(pause)).await;
    }
    assert_eq!(get(&source).await, "token-4");
}

#[tokio::test(start_paused = true)]
async fn a_living_token_outlasts_a_failed_renewal() {
    let identity = Identity::new(Some(3600));
    let source = identity.source();
    assert_eq!(get(&source).await, "token-1");
    identity.clock.advance(Duration::from_secs(3560));
    identity.fail_with(Error::unavailable("identity is down"));
    assert_eq!(get(&source).await, "token-1");
    assert_eq!(get(&source).await, "token-1");
    assert_eq!(identity.fetches(), 2);
    identity.clock.advance(Duration::from_secs(39));
    assert_eq!(get(&source).await, "unavailable: identity is down");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(get(&source).await, "token-3");
}

#[tokio::test]
async fn an_old_refusal_leaves_a_newer_token_alone() {
    let identity = Identity::new(None);
    let source = identity.source();
    let old = source.get(&cx()).await.unwrap();
    source.invalidate(old.generation());
    assert_eq!(get(&source).await, "token-2");
    source.invalidate(old.generation());
    assert_eq!(get(&source).await, "token-2");
    assert_eq!(old.expose(), "token-1");
}

/// A provider that takes these tokens.
async fn provider(taken: &'static [&'static str]) -> Server {
    Server::start(move |seen| {
        if taken.contains(&&*seen.headers["x-auth-token"]) {
            Reply::new(202, &[], "")
        } else {
            Reply::new(401, &[], "")
        }
    })
    .await
}

async fn call(source: &TokenSource<Identity>, server: &Server) -> Result<u16> {
    let transport = transport(&params());
    let name = header::HeaderName::from_static("x-auth-token");
    let response = source
        .with_token(&cx(), |token| {
            let request =
                Request::post(server.url("/"), Effect::Once).secret_header(name.clone(), &token);
            let transport = transport.clone();
            async move { transport.send(&cx(), request).await }
        })
        .await?;
    Ok(response.status().as_u16())
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_call_made_once_more() {
    let identity = Identity::new(None);
    let source = Arc::new(identity.source());
    let server = Arc::new(provider(&["token-2"]).await);
    source.get(&cx()).await.unwrap();
    let callers = (0..50).map(|_| {
        let (source, server) = (Arc::clone(&source), Arc::clone(&server));
        tokio::spawn(async move { call(&source, &server).await })
    });
    for status in join_all(callers).await {
        assert_eq!(status.unwrap().unwrap(), 202);
    }
    assert_eq!(identity.fetches(), 2);
}

#[tokio::test]
async fn a_token_refused_twice_is_an_error_and_no_loop() {
    let identity = Identity::new(None);
    let source = identity.source();
    let server = provider(&[]).await;
    let error = call(&source, &server).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderAuth);
    assert_eq!(error.provider_status(), Some(401));
    assert_eq!(error.side_effect(), SideEffect::None);
    assert!(!error.is_retryable());
    assert_eq!((identity.fetches(), server.seen().len()), (2, 2));
    for _ in 0..5 {
        assert!(call(&source, &server).await.is_err());
    }
    assert_eq!(
        identity.fetches(),
        2,
        "the identity service is left in peace"
    );
}

#[test]
fn clouds_share_a_source_only_with_the_same_secret() {
    let pool = TokenPool::new();
    let source = |secret: &str| {
        let key = CredentialKey::new(["https://id.example", "demo"], &secret.into()).unwrap();
        pool.get(key, || Identity::new(None).source())
    };
    let (one, same, other) = (source("right"), source("right"), source("wrong"));
    assert!(Arc::ptr_eq(&one, &same));
    assert!(!Arc::ptr_eq(&one, &other));
}
