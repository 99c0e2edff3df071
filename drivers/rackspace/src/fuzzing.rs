//! What reads the answers that are Rackspace's own, without anybody to ask: for fuzzers and for
//! tests. It is no part of the crate's API.

use cloudfarm_contract::{Error, Result, Text};
use cloudfarm_http::Response;
use serde::Serialize;
use serde_json::Value;

use crate::{networks, quotas};

/// What an answer is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it reads")]
pub enum Reply {
    Networks,
    Limits,
}

impl Reply {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Networks, Self::Limits];

    /// Reads an answer as a call would, and gives what the call would give, as JSON.
    ///
    /// # Errors
    ///
    /// What the call would fail with.
    pub fn read(self, response: &Response) -> Result<Value> {
        let cloud = &Text::from_static("recorded");
        match self {
            Self::Networks => {
                let read = networks::read_list(response)?.into_iter();
                let both = read.map(|it| (it.clone().into_network(cloud), it.into_subnet(cloud)));
                written(both.collect::<Vec<_>>())
            }
            Self::Limits => written(quotas::read(response, cloud)?),
        }
    }
}

fn written(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("it cannot be written").with_internal(error))
}
