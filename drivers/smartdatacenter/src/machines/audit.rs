//! The history of a machine. A reboot and a change of name or size show in no state: that they are
//! done stands in the history alone.

use std::time::Duration;

use cloudfarm_contract::{Context, Error, Result, Retry, SideEffect, Text};
use cloudfarm_http::Response;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::sleep;

use super::Machines;
use crate::call::Call;

/// The pauses between looks.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    action: Text,
    #[serde(default)]
    success: Text,
    #[serde(default)]
    time: Option<Timestamp>,
}

/// How an action ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Well,
    Badly,
}

impl Machines {
    /// Waits until the history shows that an action which was accepted has ended. What takes longer
    /// than is set is left to itself: it was accepted.
    pub(super) async fn settled(
        &self,
        cx: &Context,
        id: &str,
        action: &str,
        accepted: &Response,
    ) -> Result<()> {
        let Some(since) = answered_at(accepted) else {
            return Ok(());
        };
        // Some time is left for the answer of whoever waits.
        let cx = cx.within(self.settle.min(cx.remaining().mul_f64(0.8)));
        let mut pause = FIRST;
        while cx.remaining() > pause {
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST);
            match self.history(&cx, id).await {
                Ok(entries) => match end_of(&entries, action, since) {
                    Some(End::Well) => return Ok(()),
                    Some(End::Badly) => return Err(failed(id, action)),
                    None => {}
                },
                Err(error) if error.is_retryable() => {}
                Err(error) => {
                    log::debug!("the history of node {id} cannot be read: {error}");
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn history(&self, cx: &Context, id: &str) -> Result<Vec<Entry>> {
        let call = Call::get(&["machines", id, "audit"]);
        self.session.ask(cx, &call).await?.json()
    }
}

fn failed(id: &str, action: &str) -> Error {
    Error::provider_error(format!("the provider could not {action} node {id}"))
        .with_retry(Retry::Never)
        .with_side_effect(SideEffect::Possible)
}

/// When the provider answered, by its own clock.
fn answered_at(response: &Response) -> Option<Timestamp> {
    let date = jiff::fmt::rfc2822::parse(response.header("date")?).ok()?;
    Some(date.timestamp())
}

fn end_of(entries: &[Entry], action: &str, since: Timestamp) -> Option<End> {
    let is_ours =
        |entry: &&Entry| entry.action == *action && entry.time.is_some_and(|time| time >= since);
    let entry = entries.iter().find(is_ours)?;
    Some(if entry.success == *"no" {
        End::Badly
    } else {
        End::Well
    })
}

/// How the reboots in a history ended, for the tests of what reads it.
pub(crate) fn end_of_reboot(response: &Response) -> Result<Option<End>> {
    let entries: Vec<Entry> = response.json()?;
    Ok(end_of(&entries, "reboot", Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::{End, Entry, end_of};

    #[test]
    fn only_the_action_that_is_waited_for_ends_the_wait() {
        let entries: Vec<Entry> = serde_json::from_str(
            r#"[{"action": "rename", "success": "no", "time": "2026-01-01T00:00:09.000Z"},
                {"action": "reboot", "success": "yes", "time": "2026-01-01T00:00:05.500Z"},
                {"action": "provision"}]"#,
        )
        .unwrap();
        let at = |second: u8| format!("2026-01-01T00:00:0{second}Z").parse().unwrap();
        assert_eq!(end_of(&entries, "reboot", at(5)), Some(End::Well));
        assert_eq!(end_of(&entries, "reboot", at(6)), None);
        assert_eq!(end_of(&entries, "rename", at(6)), Some(End::Badly));
        assert_eq!(end_of(&entries, "provision", at(1)), None);
    }
}
