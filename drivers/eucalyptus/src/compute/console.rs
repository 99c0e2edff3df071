//! What a node wrote to its console.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::extensions::{ConsoleLog, ConsoleOutput, ConsoleRead};
use cloudfarm_contract::{Context, Error, Result, Text, async_trait};
use serde::Deserialize;

use super::checked;
use crate::driver::Ec2Driver;
use crate::query::Query;
use crate::time;

#[derive(Debug, Deserialize)]
pub(crate) struct Console {
    #[serde(default)]
    output: String,
    #[serde(default)]
    timestamp: Option<Text>,
}

impl Console {
    pub(crate) fn read(self, id: &str, lines: Option<u32>) -> Result<ConsoleOutput> {
        let packed: String = self.output.split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(packed).map_err(|error| {
            Error::provider_error(format!("the console of node {id} is not in base64"))
                .with_internal(error)
                .with_side_effect(cloudfarm_contract::SideEffect::None)
        })?;
        if bytes.is_empty() {
            return Err(Error::conflict(format!(
                "node {id} has written nothing to its console yet"
            )));
        }
        let text = String::from_utf8_lossy(&bytes).replace('\0', "");
        Ok(ConsoleOutput {
            output: last_lines(text, lines),
            taken_at: time::optional(self.timestamp.as_ref()),
        })
    }
}

fn last_lines(text: String, lines: Option<u32>) -> String {
    let Some(lines) = lines else { return text };
    let body = text.trim_end_matches('\n');
    let start = body
        .rmatch_indices('\n')
        .nth((lines as usize).saturating_sub(1))
        .map_or(0, |(at, _)| at + 1);
    if lines == 0 {
        return String::new();
    }
    text[start..].to_owned()
}

#[async_trait]
impl ConsoleLog for Ec2Driver {
    async fn read_console(
        &self,
        cx: &Context,
        id: &str,
        read: &ConsoleRead,
    ) -> Result<ConsoleOutput> {
        let call = Query::read("GetConsoleOutput")
            .set("InstanceId", checked(id)?)
            .secret_answer();
        let console: Console = self.session.read(cx, call).await?;
        console.read(id, read.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn the_last_lines_are_whole() {
        let text = || "one\ntwo\nthree\n".to_owned();
        assert_eq!(last_lines(text(), Some(1)), "three\n");
        assert_eq!(last_lines(text(), Some(2)), "two\nthree\n");
        assert_eq!(last_lines(text(), Some(9)), text());
        assert_eq!(last_lines(text(), Some(0)), "");
        assert_eq!(last_lines(text(), None), text());
    }
}
