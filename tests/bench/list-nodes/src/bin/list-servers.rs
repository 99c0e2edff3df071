//! A client for measurements; `tests/bench/openstack` drives it. The cloud is in `BENCH_CLOUD`,
//! and for bare requests in `OS_*` variables.
//! Once it is ready it says so. Each line on standard input is a command then, and each is answered
//! by one line of JSON:
//!
//! - `list`: how many nodes the project has, and what it took to list them,
//! - `overhead ROUNDS`: what one call takes through the driver, and as a bare request.
//!
//! Times are in seconds.

use std::env;
use std::io::{BufRead as _, stdin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloudfarm_contract::{
    Context, Driver, NodeQuery, PageRequest, Priority, Secret, SystemClock, Text,
};
use cloudfarm_http::{HttpParams, Transport};
use cloudfarm_openstack::identity::{
    AuthAddress, Credentials, DomainRef, Keystone, Login, ProjectRef, Scope, UserRef,
};
use cloudfarm_openstack::{ServiceKind, Wanted};
use list_nodes::{Failure, answer, connect};
use mimalloc::MiMalloc;
use rustix::time::{ClockId, Timespec, clock_gettime};
use serde_json::{Value, json};

/// The server's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version in which the driver asks for one server.
const VERSION: &str = "compute 2.95";

/// How many servers the page has whose overhead is measured.
const FEW: u32 = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let driver = connect()?;
    answer(&json!({"ready": true}))?;
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        answer(&match words[..] {
            ["list"] => {
                let started = Cost::now();
                let nodes = list(&*driver).await?.len();
                let cost = started.since();
                json!({"nodes": nodes, "wall": cost.wall, "cpu": cost.cpu})
            }
            ["overhead", rounds] => overhead(&*driver, rounds.parse()?).await?,
            _ => return Err(format!("{line:?} is no command").into()),
        })?;
    }
    Ok(())
}

/// What something takes: time on the clock, and time of processors for all threads.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
}

struct Started {
    wall: Instant,
    cpu: Timespec,
}

impl Cost {
    fn now() -> Started {
        Started {
            wall: Instant::now(),
            cpu: clock_gettime(ClockId::ProcessCPUTime),
        }
    }

    /// The middle of each by itself.
    fn median(mut costs: Vec<Self>) -> Value {
        let mut middle = |of: fn(&Self) -> f64| {
            costs.sort_by(|one, other| of(one).total_cmp(&of(other)));
            costs.get(costs.len() / 2).map(of)
        };
        json!({"wall": middle(|cost| cost.wall), "cpu": middle(|cost| cost.cpu)})
    }
}

impl Started {
    fn since(&self) -> Cost {
        let spent = clock_gettime(ClockId::ProcessCPUTime) - self.cpu;
        Cost {
            wall: self.wall.elapsed().as_secs_f64(),
            cpu: Duration::try_from(spent).unwrap_or_default().as_secs_f64(),
        }
    }
}

fn context() -> Context {
    Context::new(Duration::from_secs(120), "benchmark", Priority::Person)
}

/// The ids of all nodes.
async fn list(driver: &dyn Driver) -> Result<Vec<Text>, Failure> {
    let mut ids = Vec::new();
    let mut query = NodeQuery::default();
    loop {
        let page = driver.list_nodes(&context(), &query).await?;
        ids.extend(page.items.into_iter().map(|node| node.id));
        match page.next {
            Some(next) => query.page = PageRequest::after(next, None),
            None => return Ok(ids),
        }
    }
}

/// Alternates between a call of the driver and the request that it sends, so that both see the
/// same cloud.
async fn overhead(driver: &dyn Driver, rounds: usize) -> Result<Value, Failure> {
    let ids = list(driver).await?;
    let id = ids.first().ok_or("there is no server to get")?;
    let bare = Bare::connect().await?;
    let one = format!("servers/{id}");
    let few = NodeQuery {
        page: PageRequest::first(FEW),
        ..NodeQuery::default()
    };
    let page = format!("servers/detail?limit={FEW}");
    let mut of_one = Costs::default();
    let mut of_page = Costs::default();
    for _ in 0..rounds {
        let started = Cost::now();
        driver.get_node(&context(), id).await?;
        of_one.driver.push(started.since());
        of_one.bare.push(bare.cost(&one, Some(VERSION)).await?);
        let started = Cost::now();
        driver.list_nodes(&context(), &few).await?;
        of_page.driver.push(started.since());
        of_page.bare.push(bare.cost(&page, None).await?);
    }
    Ok(json!({"get a server": of_one.medians(), "a page of 10": of_page.medians()}))
}

#[derive(Default)]
struct Costs {
    driver: Vec<Cost>,
    bare: Vec<Cost>,
}

impl Costs {
    fn medians(self) -> Value {
        json!({"driver": Cost::median(self.driver), "bare": Cost::median(self.bare)})
    }
}

/// The compute service without a driver.
struct Bare {
    client: reqwest::Client,
    base: String,
    token: Secret,
}

impl Bare {
    async fn connect() -> Result<Self, Failure> {
        let clock = Arc::new(SystemClock);
        let params = HttpParams::default();
        let transport = Transport::new("bare", &params, clock.clone())?;
        let address = AuthAddress::parse("auth_url", &required("OS_AUTH_URL")?)?;
        let tokens = Keystone::new(transport, address, login()?).into_tokens(clock);
        let token = tokens.get(&context()).await?;
        let base = token
            .catalog
            .find(ServiceKind::Compute, &Wanted::default())?;
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            base: base.trim_end_matches('/').to_owned(),
            token: token.secret.clone(),
        })
    }

    async fn cost(&self, path: &str, version: Option<&str>) -> Result<Cost, Failure> {
        let started = Cost::now();
        let request = self
            .client
            .get(format!("{}/{path}", self.base))
            .header("X-Auth-Token", self.token.expose())
            .header("Accept", "application/json");
        let request = version.into_iter().fold(request, |request, version| {
            request.header("OpenStack-API-Version", version)
        });
        let response = request.send().await?.error_for_status()?;
        response.bytes().await?;
        Ok(started.since())
    }
}

fn login() -> Result<Login, Failure> {
    let named = |name: &str, domain: &str| -> Result<_, Failure> {
        let domain = DomainRef::Name(required(domain)?);
        Ok((required(name)?, domain))
    };
    let (user, user_domain) = named("OS_USERNAME", "OS_USER_DOMAIN_NAME")?;
    let (project, project_domain) = named("OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME")?;
    Ok(Login {
        credentials: Credentials::Password(
            UserRef::Name(user, user_domain),
            Secret::new(required("OS_PASSWORD")?),
        ),
        scope: Scope::Project(ProjectRef::Name(project, project_domain)),
    })
}

fn required(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| format!("{variable} is not set").into())
}
