//! The catalog: which services there are, and where.

use std::collections::BTreeSet;

use cloudfarm_contract::{Error, Result, Text};
use serde::Deserialize;

use crate::params::{Interface, wrong};

/// What a cloud's identity service says about the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Every address of every service.
    pub entries: Vec<CatalogEntry>,
}

/// One address of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The type, as `compute`.
    pub kind: Text,
    /// The name, as `nova`; Rackspace has several services of one type.
    pub name: Option<Text>,
    /// The region; none where the service has no regions.
    pub region: Option<Text>,
    /// For whom it is.
    pub interface: Interface,
    /// The address as it stands there: with or without version and project.
    pub url: Text,
}

/// A service that this crate speaks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceKind {
    /// Nova.
    Compute,
    /// Glance.
    Image,
    /// Neutron.
    Network,
    /// Cinder.
    Volume,
}

impl ServiceKind {
    /// Every service.
    pub const ALL: [Self; 4] = [Self::Compute, Self::Image, Self::Network, Self::Volume];

    /// The name in messages and settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Image => "image",
            Self::Network => "network",
            Self::Volume => "volume",
        }
    }

    /// The types under which catalogs list it, the best first.
    pub const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Compute => &["compute", "computev21"],
            Self::Image => &["image"],
            Self::Network => &["network"],
            Self::Volume => &[
                "block-storage",
                "volumev3",
                "block-store",
                "volumev2",
                "volume",
            ],
        }
    }
}

/// Which address of a service is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The region; where it is not given there must be only one.
    pub region: Option<Text>,
    /// For whom the address is.
    pub interface: Interface,
    /// The name of the service, where its type is not enough.
    pub name: Option<Text>,
}

impl Catalog {
    /// The address of a service.
    ///
    /// # Errors
    ///
    /// `unsupported` for a service that is not there; `invalid` for a region that is not there
    /// (the hint names those that are), or for none where there are several.
    pub fn find(&self, service: ServiceKind, wanted: &Wanted) -> Result<&Text> {
        Ok(&self.find_entry(service, wanted)?.url)
    }

    /// The entry of a service.
    ///
    /// # Errors
    ///
    /// As [`Catalog::find`].
    pub fn find_entry(&self, service: ServiceKind, wanted: &Wanted) -> Result<&CatalogEntry> {
        let Some(entries) = service
            .types()
            .iter()
            .map(|kind| self.of_type(kind, wanted))
            .find(|entries| !entries.is_empty())
        else {
            return Err(self.missing(service, wanted));
        };
        if let Some(region) = &wanted.region {
            return entries
                .iter()
                .find(|entry| entry.region.as_ref() == Some(region))
                .or_else(|| entries.iter().find(|entry| is_region(entry, region)))
                .copied()
                .ok_or_else(|| self.unknown_region(service, region, &regions(&entries)));
        }
        let urls: BTreeSet<_> = entries.iter().map(|entry| &entry.url).collect();
        if urls.len() > 1 {
            let listed = regions(&entries).join(", ");
            return Err(
                wrong("region", "the cloud has several regions, and none is given")
                    .with_hint(format!("the regions are: {listed}")),
            );
        }
        Ok(entries[0])
    }

    /// Whether there is a service of this type, whatever its name.
    pub fn has(&self, service: ServiceKind) -> bool {
        let mut kinds = self.entries.iter().map(|entry| entry.kind.as_str());
        kinds.any(|kind| service.types().contains(&kind))
    }

    /// Every region, in order.
    pub fn regions(&self) -> Vec<&str> {
        regions(&self.entries.iter().collect::<Vec<_>>())
    }

    fn of_type(&self, kind: &str, wanted: &Wanted) -> Vec<&CatalogEntry> {
        let is_wanted = |entry: &&CatalogEntry| {
            entry.kind == *kind
                && entry.interface == wanted.interface
                && (wanted.name.is_none() || entry.name == wanted.name)
        };
        self.entries.iter().filter(is_wanted).collect()
    }

    fn unknown_region(&self, service: ServiceKind, region: &str, there: &[&str]) -> Error {
        let message = if self.regions().contains(&region) {
            format!(
                "there is no {} service in region {region:?}",
                service.as_str()
            )
        } else {
            format!("there is no region {region:?}")
        };
        wrong("region", message).with_hint(format!("the regions are: {}", there.join(", ")))
    }

    fn missing(&self, service: ServiceKind, wanted: &Wanted) -> Error {
        if self.entries.is_empty() {
            return wrong("project", "the credential gives no catalog of services")
                .with_hint("set extra_params.project to one of the credential's projects");
        }
        let kinds: BTreeSet<_> = self
            .entries
            .iter()
            .map(|entry| entry.kind.as_str())
            .collect();
        let kinds: Vec<_> = kinds.into_iter().collect();
        let called = match &wanted.name {
            Some(name) => format!(" called {name:?}"),
            None => String::new(),
        };
        Error::unsupported(format!(
            "the cloud has no {} service{called} with a {} address",
            service.as_str(),
            wanted.interface.as_str()
        ))
        .with_hint(format!("the catalog has: {}", kinds.join(", ")))
    }
}

/// Rackspace writes its regions in either case.
fn is_region(entry: &CatalogEntry, region: &str) -> bool {
    entry
        .region
        .as_ref()
        .is_some_and(|known| known.eq_ignore_ascii_case(region))
}

fn regions<'e>(entries: &[&'e CatalogEntry]) -> Vec<&'e str> {
    let names: BTreeSet<_> = entries.iter().filter_map(|e| e.region.as_deref()).collect();
    names.into_iter().collect()
}

/// A service in the catalog of Keystone v3.
#[derive(Debug, Deserialize)]
pub(crate) struct V3Service {
    #[serde(rename = "type")]
    kind: Text,
    name: Option<Text>,
    #[serde(default)]
    endpoints: Vec<V3Endpoint>,
}

#[derive(Debug, Deserialize)]
struct V3Endpoint {
    interface: String,
    region: Option<Text>,
    region_id: Option<Text>,
    url: Option<Text>,
}

/// A service in the catalog of Keystone v2.0.
#[derive(Debug, Deserialize)]
pub(crate) struct V2Service {
    #[serde(rename = "type")]
    kind: Text,
    name: Option<Text>,
    #[serde(default)]
    endpoints: Vec<V2Endpoint>,
}

#[derive(Debug, Deserialize)]
struct V2Endpoint {
    region: Option<Text>,
    #[serde(rename = "publicURL")]
    public: Option<Text>,
    #[serde(rename = "internalURL")]
    internal: Option<Text>,
    #[serde(rename = "adminURL")]
    admin: Option<Text>,
}

fn interface(name: &str) -> Option<Interface> {
    match name {
        "public" | "publicURL" => Some(Interface::Public),
        "internal" | "internalURL" => Some(Interface::Internal),
        "admin" | "adminURL" => Some(Interface::Admin),
        _ => None,
    }
}

impl From<Vec<V3Service>> for Catalog {
    fn from(services: Vec<V3Service>) -> Self {
        let mut entries = Vec::new();
        for service in services {
            for endpoint in service.endpoints {
                let (Some(interface), Some(url)) = (interface(&endpoint.interface), endpoint.url)
                else {
                    continue;
                };
                entries.push(CatalogEntry {
                    kind: service.kind.clone(),
                    name: service.name.clone(),
                    region: endpoint.region_id.or(endpoint.region),
                    interface,
                    url,
                });
            }
        }
        Self { entries }
    }
}

impl From<Vec<V2Service>> for Catalog {
    fn from(services: Vec<V2Service>) -> Self {
        let mut entries = Vec::new();
        for service in services {
            for endpoint in service.endpoints {
                let urls = [
                    (Interface::Public, endpoint.public),
                    (Interface::Internal, endpoint.internal),
                    (Interface::Admin, endpoint.admin),
                ];
                for (interface, url) in urls {
                    entries.extend(url.map(|url| CatalogEntry {
                        kind: service.kind.clone(),
                        name: service.name.clone(),
                        region: endpoint.region.clone(),
                        interface,
                        url,
                    }));
                }
            }
        }
        Self { entries }
    }
}
