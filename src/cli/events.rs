//! Server-Sent Events, as a server streams them.

use std::time::Duration;

use reqwest::Response;
use tokio::time::timeout;

use super::exit::Exit;
use super::failure::{Failure, Result};

/// The server says something at least every fifteen seconds; one that is silent for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// What to name when the stream breaks off after it.
    pub(crate) id: String,
    /// What kind of event.
    pub(crate) kind: String,
    /// What it says.
    pub(crate) data: String,
}

/// Events as they arrive.
#[derive(Debug)]
pub(crate) struct Events {
    answer: Response,
    parser: Parser,
}

impl Events {
    pub(crate) fn of(answer: Response) -> Self {
        Self {
            answer,
            parser: Parser::default(),
        }
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.parser.take() {
                return Ok(Some(event));
            }
            let chunk = timeout(SILENCE_MAX, self.answer.chunk())
                .await
                .map_err(|_| broke_off("the server fell silent"))?;
            match chunk.map_err(|_| broke_off("the connection broke off"))? {
                Some(chunk) => self.parser.push(&chunk),
                None => return Ok(None),
            }
        }
    }
}

fn broke_off(why: &str) -> Failure {
    Failure::new(Exit::Unavailable, why)
}

/// What has arrived and is not read yet.
#[derive(Debug, Default)]
struct Parser {
    arrived: Vec<u8>,
}

impl Parser {
    fn push(&mut self, chunk: &[u8]) {
        self.arrived.extend_from_slice(chunk);
    }

    /// The next event that has arrived as a whole; comments are left out.
    fn take(&mut self) -> Option<Event> {
        loop {
            let end = self.arrived.windows(2).position(|pair| pair == b"\n\n")?;
            let block: Vec<u8> = self.arrived.drain(..end + 2).collect();
            let event = Event::read(&String::from_utf8_lossy(&block));
            if !event.data.is_empty() {
                return Some(event);
            }
        }
    }
}

impl Event {
    fn read(block: &str) -> Self {
        let mut event = Self::default();
        for (field, value) in block.lines().filter_map(|line| line.split_once(':')) {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.kind),
                "data" => {
                    if !event.data.is_empty() {
                        event.data.push('\n');
                    }
                    event.data.push_str(value);
                }
                _ => {}
            }
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Parser};

    #[test]
    fn events_are_whole_however_they_arrive() {
        let text = b": still here\n\nid: 1-\nevent: step\ndata: {\"a\": \"b: c\"}\n\nid: 2-\ndata: x\ndata: y\n\nid: 3";
        let expected = [
            Event {
                id: "1-".to_owned(),
                kind: "step".to_owned(),
                data: "{\"a\": \"b: c\"}".to_owned(),
            },
            Event {
                id: "2-".to_owned(),
                kind: String::new(),
                data: "x\ny".to_owned(),
            },
        ];
        for size in [1, 3, 1000] {
            let mut parser = Parser::default();
            let mut read = Vec::new();
            for chunk in text.chunks(size) {
                parser.push(chunk);
                read.extend(std::iter::from_fn(|| parser.take()));
            }
            assert_eq!(read, expected, "in chunks of {size}");
        }
    }
}
