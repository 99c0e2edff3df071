//! The addresses of a server, network by network.

use std::fmt;
use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{AddressKind, NodeAddress};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Each address once, by the names of the networks.
#[derive(Default)]
pub(super) struct Addresses(pub(super) Vec<NodeAddress>);

#[derive(serde::Deserialize)]
struct ServerAddress {
    addr: IpAddr,
    #[serde(rename = "OS-EXT-IPS:type")]
    kind: Option<Text>,
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Networks)
    }
}

struct Networks;

impl<'de> Visitor<'de> for Networks {
    type Value = Addresses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("networks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Addresses, A::Error> {
        let mut found = Vec::new();
        while let Some(network) = map.next_key::<Text>()? {
            let of_network = OfNetwork {
                network,
                found: &mut found,
            };
            map.next_value_seed(of_network)?;
        }
        found.sort_by(|one, other| one.network.cmp(&other.network));
        Ok(Addresses(found))
    }
}

/// Adds the addresses on one network to those that were found.
struct OfNetwork<'f> {
    network: Text,
    found: &'f mut Vec<NodeAddress>,
}

impl<'de> DeserializeSeed<'de> for OfNetwork<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OfNetwork<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the addresses on a network")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(ServerAddress { addr, kind }) = seq.next_element()? {
            let kind = match kind.as_deref() {
                Some("floating") => AddressKind::Floating,
                _ => AddressKind::Fixed,
            };
            let address = NodeAddress::new(addr, Some(self.network.clone()), kind);
            if !self.found.contains(&address) {
                self.found.push(address);
            }
        }
        Ok(())
    }
}
