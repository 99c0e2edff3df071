//! Sends one event to one notifier.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use cloudfarm_contract::{Error, Result};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use url::Url;

use super::event::Event;
use super::guard::{NotPublic, PublicOnly, is_private};
use super::sign::sign;
use crate::settings::NotifierSettings;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a receiver may take in all.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
const PRIVATE: &str = "its address is one of a private network";
const AGENT: &str = concat!("cloudfarm/", env!("CARGO_PKG_VERSION"));

/// The way to one notifier.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    pub(super) settings: NotifierSettings,
}

/// Why a notifier did not take an event. It never holds the address, which is a secret.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) retry_after: Option<Duration>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Sender {
    /// The way to this notifier. It asks nobody yet.
    pub(super) fn new(settings: NotifierSettings) -> Result<Self> {
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // An address that moved is for people to look at: the new one is not the one that they
            // trusted.
            .redirect(Policy::none());
        if settings.public_only {
            builder = builder.no_proxy().dns_resolver(PublicOnly);
        }
        let client = builder
            .build()
            .map_err(|error| Error::internal("no HTTP client").with_internal(error))?;
        Ok(Self { client, settings })
    }

    /// Sends it; gives the status with which it was taken.
    pub(super) async fn send(
        &self,
        event: &Event<'_>,
        attempt: i32,
    ) -> std::result::Result<StatusCode, Refused> {
        let settings = &self.settings;
        let refused = |why: &str| Refused {
            why: why.to_owned(),
            retry_after: None,
        };
        let body = event.body(settings.kind);
        let body = body.map_err(|error| refused(error.message()))?;
        let url = Url::parse(settings.url.expose().expose());
        let url = url.map_err(|_| refused("its address cannot be read"))?;
        if settings.public_only && is_private(&url) {
            return Err(refused(PRIVATE));
        }
        let mut request = self
            .client
            .post(url)
            .header(USER_AGENT, AGENT)
            .header(CONTENT_TYPE, "application/json")
            .header("x-cloudfarm-event", event.event)
            .header("x-cloudfarm-delivery", event.id)
            .header("x-cloudfarm-attempt", attempt);
        if let Some(secret) = &settings.secret {
            let now = Timestamp::now().as_second();
            let signature = sign(&secret.expose(), now, &body);
            request = request.header("x-cloudfarm-signature", signature);
        }
        let answer = request.body(body).send().await;
        let answer = answer.map_err(|error| refused(why(&error)))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(status);
        }
        Err(Refused {
            why: format!("it answered {}", status.as_u16()),
            retry_after: cloudfarm_http::retry_after(answer.headers(), Timestamp::now()),
        })
    }
}

fn why(error: &reqwest::Error) -> &'static str {
    if leads_within(error) {
        PRIVATE
    } else if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection to it broke off"
    }
}

/// Whether a name was given that has no public address.
fn leads_within(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(known) = cause {
        if known.is::<NotPublic>() {
            return true;
        }
        cause = known.source();
    }
    false
}
