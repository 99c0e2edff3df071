//! All that a cloud holds, to be compared.

use cloudfarm::farm::Resource;
use cloudfarm_contract::model::{
    Address, Image, KeyPair, Network, Node, NodeSnapshot, Router, SecurityGroup, Subnet, Volume,
    VolumeSnapshot,
};
use cloudfarm_contract::{ListQuery, PageRequest};
use serde_json::{Map, Value};

use crate::lab::Lab;

/// What differs between two runs of the same job.
const VOLATILE: [&str; 6] = [
    "created_at",
    "observed_at",
    "mark",
    "fingerprint",
    "public_key",
    "at",
];

pub(crate) async fn census(lab: &Lab) -> Value {
    let mut all = Map::new();
    add::<Node>(lab, &mut all).await;
    add::<Image>(lab, &mut all).await;
    add::<KeyPair>(lab, &mut all).await;
    add::<Volume>(lab, &mut all).await;
    add::<VolumeSnapshot>(lab, &mut all).await;
    add::<NodeSnapshot>(lab, &mut all).await;
    add::<Network>(lab, &mut all).await;
    add::<Subnet>(lab, &mut all).await;
    add::<Router>(lab, &mut all).await;
    add::<SecurityGroup>(lab, &mut all).await;
    add::<Address>(lab, &mut all).await;
    Value::Object(all)
}

pub(crate) async fn count<R: Resource>(lab: &Lab) -> usize {
    list::<R>(lab).await.len()
}

async fn add<R: Resource>(lab: &Lab, all: &mut Map<String, Value>) {
    let mut items = serde_json::to_value(list::<R>(lab).await).unwrap();
    forget_volatile(&mut items);
    all.insert(R::KIND.to_owned(), items);
}

pub(crate) async fn list<R: Resource>(lab: &Lab) -> Vec<R> {
    let mut items = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let query = ListQuery { page, name: None };
        let listed = R::list(&lab.driver, &lab.cx, &query).await.unwrap();
        items.extend(listed.items);
        match listed.next {
            Some(marker) => page = PageRequest::after(marker, None),
            None => return items,
        }
    }
}

fn forget_volatile(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !VOLATILE.contains(&name.as_str()));
            fields.values_mut().for_each(forget_volatile);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_volatile),
        _ => {}
    }
}
