//! Notifiers as clients see them, and a trial of one.

use std::collections::HashMap;

use cloudfarm_contract::{Error, Result, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::event::Event;
use super::send::Sender;
use crate::settings::{EventKind, NotifierKind, NotifierSettings};
use crate::store::{NotifierRow, Store};

/// Somebody who is told of ends of jobs and of leases, and how that fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotifierView {
    /// What it is called.
    pub name: Text,
    /// How it is told.
    pub kind: NotifierKind,
    /// The host that is told; the rest of the address is a secret.
    pub host: Text,
    /// Whether what it is told is signed.
    pub signed: bool,
    /// What it is told.
    pub on: Vec<EventKind>,
    /// Of which clouds, by name or glob; of all if it is empty.
    pub clouds: Vec<Text>,
    /// Of jobs with which actions, by name or glob; of all if it is empty.
    pub actions: Vec<Text>,
    /// How much is yet to be told.
    pub waiting: u64,
    /// How much it was never told.
    pub lost: u64,
    /// When it last took something.
    pub delivered_at: Option<Timestamp>,
    /// When it last did not.
    pub failed_at: Option<Timestamp>,
    /// Why not; `null` once it took something again.
    pub error: Option<Text>,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trial {
    /// Whom it was told.
    pub notifier: Text,
    /// The HTTP status with which it was taken.
    pub status: u16,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl NotifierView {
    fn of(settings: &NotifierSettings, row: Option<&NotifierRow>) -> Self {
        let url = Url::parse(settings.url.expose().expose()).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let texts = |texts: &[String]| texts.iter().map(|text| Text::from(text.as_str())).collect();
        let count = |of: fn(&NotifierRow) -> i64| {
            row.and_then(|row| u64::try_from(of(row)).ok())
                .unwrap_or_default()
        };
        let time = |of: fn(&NotifierRow) -> Option<i64>| {
            let millis = row.and_then(of)?;
            Timestamp::from_millisecond(millis).ok()
        };
        let error = row.and_then(|row| row.error.as_deref());
        Self {
            name: Text::from(settings.name.as_str()),
            kind: settings.kind,
            host: Text::from(host),
            signed: settings.secret.is_some(),
            on: settings.on.clone(),
            clouds: texts(&settings.clouds),
            actions: texts(&settings.actions),
            waiting: count(|row| row.waiting),
            lost: count(|row| row.lost),
            delivered_at: time(|row| row.delivered_at),
            failed_at: time(|row| row.failed_at),
            error: error.map(Text::from),
        }
    }
}

/// The notifiers of these settings, and how they fare.
///
/// # Errors
///
/// `unavailable` if the store is.
pub async fn list(notifiers: &[NotifierSettings], store: &Store) -> Result<Vec<NotifierView>> {
    let rows = store.notifiers().await?.into_iter();
    let rows: HashMap<String, NotifierRow> = rows.map(|row| (row.name.clone(), row)).collect();
    let view = |settings: &NotifierSettings| NotifierView::of(settings, rows.get(&settings.name));
    Ok(notifiers.iter().map(view).collect())
}

/// Tells a notifier something for trial, at once and once.
///
/// # Errors
///
/// `not_found`; `provider_error`, with the reason, if it was not taken.
pub async fn test(notifiers: &[NotifierSettings], name: &str) -> Result<Trial> {
    let found = notifiers.iter().find(|notifier| notifier.name == name);
    let settings = found.ok_or_else(|| {
        let names: Vec<&str> = notifiers.iter().map(|it| it.name.as_str()).collect();
        let there_are = match names.as_slice() {
            [] => "the settings name none".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        Error::not_found(format!("there is no notifier {name:?}")).with_hint(there_are)
    })?;
    let id = Uuid::now_v7().to_string();
    let started = Instant::now();
    let sender = Sender::new(settings.clone())?;
    let sent = sender.send(&Event::test(&id), 1).await;
    let status = sent.map_err(|refused| {
        Error::provider_error(format!("notifier {name:?} was not told: {refused}"))
    })?;
    Ok(Trial {
        notifier: Text::from(name),
        status: status.as_u16(),
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}
