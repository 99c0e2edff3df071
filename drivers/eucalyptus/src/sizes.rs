//! Instance types, in the words of Amazon and in those of Eucalyptus.

use cloudfarm_contract::model::{Extra, Size};
use cloudfarm_contract::{Context, ListQuery, Page, Result, Text};
use serde::Deserialize;
use serde_json::Value;

use crate::driver::Ec2Driver;
use crate::list::{self, Listing};
use crate::query::Query;
use crate::xml::{Set, number};

/// The most that Amazon puts on a page of instance types.
const PAGE_MAX: u32 = 100;

#[derive(Debug, Deserialize)]
pub(crate) struct Types {
    #[serde(rename = "instanceTypeSet", default)]
    amazon: Option<Set<Amazon>>,
    #[serde(rename = "instanceTypeDetails", default)]
    eucalyptus: Option<Set<Own>>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Amazon {
    #[serde(rename = "instanceType")]
    name: Text,
    #[serde(rename = "vCpuInfo", default)]
    cpus: Cpus,
    #[serde(rename = "memoryInfo", default)]
    memory: Memory,
    #[serde(rename = "instanceStorageInfo", default)]
    storage: Storage,
    #[serde(rename = "processorInfo", default)]
    processor: Processor,
    #[serde(rename = "currentGeneration", default)]
    is_current: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
struct Cpus {
    #[serde(rename = "defaultVCpus", default, deserialize_with = "number")]
    count: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Memory {
    #[serde(rename = "sizeInMiB", default, deserialize_with = "number")]
    mb: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Storage {
    #[serde(rename = "totalSizeInGB", default, deserialize_with = "number")]
    gb: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Processor {
    #[serde(rename = "supportedArchitectures", default)]
    architectures: Set<Text>,
}

/// A type of Eucalyptus: memory in megabytes, disk in gigabytes.
#[derive(Debug, Deserialize)]
struct Own {
    name: Text,
    #[serde(default, deserialize_with = "number")]
    cpu: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    memory: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    disk: Option<u64>,
}

/// A type in words of no provider.
#[derive(Debug)]
pub(crate) struct Type {
    name: Text,
    vcpus: Option<u32>,
    ram_mb: u64,
    disk_gb: u64,
    extra: Extra,
}

impl From<Amazon> for Type {
    fn from(given: Amazon) -> Self {
        let mut extra = Extra::new();
        let architectures = given.processor.architectures.items;
        if !architectures.is_empty() {
            let names = architectures.iter().map(|name| Value::from(name.as_str()));
            extra.insert("architectures".into(), names.collect());
        }
        if let Some(current) = given.is_current {
            extra.insert(
                "current_generation".into(),
                Value::from(&*current == "true"),
            );
        }
        Self {
            name: given.name,
            vcpus: given.cpus.count.and_then(|count| u32::try_from(count).ok()),
            ram_mb: given.memory.mb.unwrap_or(0),
            disk_gb: given.storage.gb.unwrap_or(0),
            extra,
        }
    }
}

impl From<Own> for Type {
    fn from(given: Own) -> Self {
        Self {
            name: given.name,
            vcpus: given.cpu.and_then(|count| u32::try_from(count).ok()),
            ram_mb: given.memory.unwrap_or(0),
            disk_gb: given.disk.unwrap_or(0),
            extra: Extra::new(),
        }
    }
}

impl Listing for Types {
    type Item = Type;

    fn split(self) -> (Vec<Type>, Option<String>) {
        let amazon = self.amazon.unwrap_or_default().items.into_iter();
        let own = self.eucalyptus.unwrap_or_default().items.into_iter();
        let types = amazon.map(Type::from).chain(own.map(Type::from));
        (types.collect(), self.next)
    }

    fn id(item: &Type) -> &str {
        &item.name
    }
}

pub(crate) fn size(cloud: Text, given: Type) -> Size {
    Size {
        cloud,
        id: given.name.clone(),
        name: given.name,
        vcpus: given.vcpus,
        ram_mb: given.ram_mb,
        disk_gb: given.disk_gb,
        available: true,
        extra: given.extra,
    }
}

impl Ec2Driver {
    pub(crate) async fn sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>> {
        let call = Query::read("DescribeInstanceTypes");
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Types>(&self.session, cx, call, pages, &query.page).await?;
        let mut sizes = page.map(|given| size(self.cloud(), given));
        sizes.items.retain(|size| query.matches(&size.name));
        Ok(sizes)
    }
}
