//! What a node wrote to its console, and a console in the browser.

use cloudfarm_contract::extensions::{
    ConsoleKind, ConsoleLog, ConsoleOutput, ConsoleRead, ConsoleUrl, RemoteConsole,
};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result, Secret, Text, async_trait};
use cloudfarm_http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Compute;
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;
use crate::version::Microversion;

/// Since then consoles are opened at an address of their own.
const REMOTE_CONSOLES: Microversion = Microversion::new(2, 6);

#[async_trait]
impl ConsoleLog for Compute {
    async fn read_console(
        &self,
        cx: &Context,
        id: &str,
        read: &ConsoleRead,
    ) -> Result<ConsoleOutput> {
        let body = json!({"os-getConsoleOutput": {"length": read.lines}});
        let call = Call::post(&["servers", id, "action"], Effect::Read, body).secret_reply();
        read_output(&self.session.ask(cx, COMPUTE, &call).await?)
    }
}

pub(crate) fn read_output(response: &Response) -> Result<ConsoleOutput> {
    #[derive(Deserialize)]
    struct Reply {
        output: Option<String>,
    }
    let reply: Reply = response.json()?;
    Ok(ConsoleOutput {
        output: reply.output.unwrap_or_default().replace('\0', ""),
        taken_at: None,
    })
}

/// A kind of console: its name, Nova's name and protocol, and the action that opened it before
/// there were addresses for it.
struct Kind {
    names: &'static [&'static str],
    native: &'static str,
    protocol: &'static str,
    action: Option<&'static str>,
}

const KINDS: &[Kind] = &[
    Kind {
        names: &["novnc", "vnc"],
        native: "novnc",
        protocol: "vnc",
        action: Some("os-getVNCConsole"),
    },
    Kind {
        names: &["spice", "spice-html5"],
        native: "spice-html5",
        protocol: "spice",
        action: Some("os-getSPICEConsole"),
    },
    Kind {
        names: &["serial"],
        native: "serial",
        protocol: "serial",
        action: Some("os-getSerialConsole"),
    },
    Kind {
        names: &["webmks"],
        native: "webmks",
        protocol: "mks",
        action: None,
    },
];

#[async_trait]
impl RemoteConsole for Compute {
    async fn open_console(&self, cx: &Context, id: &str, kind: &ConsoleKind) -> Result<ConsoleUrl> {
        if let Some(wanted) = &kind.kind {
            let known = KINDS
                .iter()
                .find(|kind| kind.names.contains(&wanted.as_str()));
            let known = known.ok_or_else(|| unknown_kind(wanted))?;
            return self.open(cx, id, known).await;
        }
        let mut refused = None;
        for kind in KINDS {
            match self.open(cx, id, kind).await {
                Err(error) if error.kind() == ErrorKind::Invalid => {
                    refused.get_or_insert(error);
                }
                result => return result,
            }
        }
        Err(refused.unwrap_or_else(|| Error::unsupported("the cloud has no consoles")))
    }
}

impl Compute {
    async fn open(&self, cx: &Context, id: &str, kind: &Kind) -> Result<ConsoleUrl> {
        let unavailable = || unknown_kind(kind.native);
        let call = if self.session.speaks(cx, COMPUTE, REMOTE_CONSOLES).await? {
            let wanted = json!({"protocol": kind.protocol, "type": kind.native});
            let body = json!({"remote_console": wanted});
            Call::post(&["servers", id, "remote-consoles"], Effect::Once, body)
        } else {
            let action = kind.action.ok_or_else(unavailable)?;
            let mut body = json!({});
            body[action] = json!({"type": Value::from(kind.native)});
            Call::post(&["servers", id, "action"], Effect::Once, body)
        };
        let opened = self.session.ask(cx, COMPUTE, &call.secret_reply()).await;
        let opened = opened.map_err(|error| match error.kind() {
            ErrorKind::Invalid => error.with_field("kind"),
            _ => error,
        })?;
        Ok(ConsoleUrl {
            kind: Text::from_static(kind.names[0]),
            url: read_url(&opened)?,
            expires_at: None,
        })
    }
}

pub(crate) fn read_url(response: &Response) -> Result<Secret> {
    #[derive(Deserialize)]
    struct Reply {
        #[serde(alias = "remote_console")]
        console: Console,
    }
    #[derive(Deserialize)]
    struct Console {
        url: String,
    }
    Ok(Secret::new(response.json::<Reply>()?.console.url))
}

fn unknown_kind(kind: &str) -> Error {
    let names: Vec<_> = KINDS.iter().map(|kind| kind.names[0]).collect();
    Error::invalid(format!("there is no console of kind {kind:?}"))
        .with_field("kind")
        .with_hint(format!("the kinds are: {}", names.join(", ")))
}
