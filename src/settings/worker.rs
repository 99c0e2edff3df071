//! How a process behaves that only carries out jobs.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// How a process behaves that only carries out jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSettings {
    /// Where it tells how it fares; `None` for nowhere, which is an empty text in the settings.
    #[serde(with = "or_nowhere")]
    pub listen: Option<SocketAddr>,
}

mod or_nowhere {
    use std::net::SocketAddr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        address: &Option<SocketAddr>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match address {
            Some(address) => serializer.collect_str(address),
            None => serializer.serialize_str(""),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let address = (!text.is_empty()).then(|| text.parse().map_err(Error::custom));
        address.transpose()
    }
}
