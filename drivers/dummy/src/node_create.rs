//! Nodes: create.

use std::time::Duration;

use cloudfarm_contract::layers::check_node_create;
use cloudfarm_contract::model::{
    Fault, ImageState, Metadata, NodeCreate, NodeCreated, NodeSecrets, VolumeState,
};
use cloudfarm_contract::{Context, Error, Operation, Result, Secret, Text};

use crate::driver::DummyDriver;
use crate::generated::{DEFAULT_GROUP, PRIVATE};
use crate::ids::{Kind, mix};
use crate::node_changes::check_metadata;
use crate::params::Lapse;
use crate::records::{ImageRecord, NodeRecord, Port, VolumeRecord};
use crate::sizes::{SIZES, SizeSpec};
use crate::states::{Phase, Status, after};
use crate::usage::Usage;
use crate::view::{Draft, View};
use crate::world::Slot;
use crate::{locations, nodes, sizes, volumes};

/// What a node fails with when there is no host for it.
const NO_HOST: &str = "No valid host was found. There are not enough hosts available.";

impl DummyDriver {
    pub(crate) async fn create(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        self.write(cx, Operation::CreateNode, |draft| create(draft, request))
            .await
    }
}

fn create(draft: &mut Draft<'_>, request: &NodeCreate) -> Result<NodeCreated> {
    if let Some(created) = made_before(draft, request) {
        return Ok(created);
    }
    check_node_create(&draft.rules.capabilities, request)?;
    let options = Options::read(request)?;
    let plan = Plan::of(draft, request)?;
    draft.check_room(&plan.usage(request))?;
    let ordinal = draft.new_ordinal();
    let ports = ports(draft, request, ordinal)?;
    let volume = plan.root_volume(draft, request, ordinal);
    let generated = request.admin_password.is_none();
    let (phase, fault) = course(draft, &options);
    let node = NodeRecord {
        name: request.name.clone(),
        image: request.image.clone(),
        image_name: Some(plan.image.name.clone()),
        size: plan.size,
        location: plan.location,
        ports,
        floating: Vec::new(),
        volumes: volume.into_iter().collect(),
        groups: plan.groups,
        key_pair: request.key_pair.clone(),
        metadata: request.metadata.clone(),
        mark: request.mark.clone(),
        fault,
        created_at: draft.now,
        phase,
        busy_until: None,
        resized: None,
        user_data_bytes: request
            .user_data
            .as_ref()
            .map_or(0, |data| data.expose().len()),
        passwords: usize::from(generated),
    };
    let id = draft.id(Kind::Node, ordinal);
    // With no time at all a node may be gone before it is shown.
    let shown = draft
        .show_record(ordinal, &node)
        .ok_or_else(|| Kind::Node.not_found(&id))?;
    let secrets = NodeSecrets {
        admin_password: generated.then(|| draft.password(ordinal, 1)),
    };
    draft.put(ordinal, node);
    Ok(NodeCreated {
        node: shown,
        secrets,
    })
}

/// The node that the same job made before. A lost reply is given again, secrets included.
fn made_before(draft: &Draft<'_>, request: &NodeCreate) -> Option<NodeCreated> {
    let mark = request.mark.as_ref().filter(|_| draft.rules.idempotent)?;
    let world = draft.world;
    world
        .marked(Kind::Node, mark, 0)
        .find_map(|ordinal| match world.node(ordinal)? {
            Slot::Kept(_, node) if node.status(draft.now)? != Status::Deleting => {
                let generated = node.passwords > 0 && request.admin_password.is_none();
                Some(NodeCreated {
                    node: draft.show_record(ordinal, node)?,
                    secrets: NodeSecrets {
                        admin_password: generated.then(|| draft.password(ordinal, 1)),
                    },
                })
            }
            _ => None,
        })
}

/// How the node fares, and what it fails with if it does.
fn course(draft: &Draft<'_>, options: &Options) -> (Phase<Status>, Option<Fault>) {
    let now = draft.now;
    let time = draft.rules.times.create + options.delay;
    if draft.fate.vanish {
        return (Phase::vanishing(Status::Building, now, time / 2), None);
    }
    let message = if options.fail {
        "the node was asked to fail"
    } else if draft.fate.node_error {
        NO_HOST
    } else {
        return (
            Phase::moving(Status::Building, now, time, Status::Active),
            None,
        );
    };
    let fault = Fault {
        code: Some(Text::from_static("500")),
        message: Text::from_static(message),
        at: Some(after(now, time)),
    };
    (
        Phase::moving(Status::Building, now, time, Status::Failed),
        Some(fault),
    )
}

/// What only this engine knows about a create.
#[derive(Debug, Default)]
struct Options {
    /// The node ends in error.
    fail: bool,
    /// How much longer it takes.
    delay: Duration,
}

impl Options {
    fn read(request: &NodeCreate) -> Result<Self> {
        let mut options = Self::default();
        for (name, value) in &request.options {
            let refuse = |why: &str| {
                Error::invalid(format!("option {name}: {why}"))
                    .with_field(format!("options.{name}"))
            };
            match name.as_str() {
                "fail" => {
                    options.fail = value.as_bool().ok_or_else(|| refuse("true or false"))?;
                }
                "delay" => {
                    let lapse = value
                        .as_str()
                        .map_or_else(|| value.as_f64().and_then(Lapse::of_seconds), Lapse::parse);
                    let lapse = lapse.ok_or_else(|| {
                        refuse("a duration of at most a day, as \"10s\" or seconds")
                    })?;
                    options.delay = lapse.0;
                }
                _ => return Err(refuse("this engine knows delay and fail")),
            }
        }
        Ok(options)
    }
}

/// What a request refers to, looked up.
struct Plan<'a> {
    image: &'a ImageRecord,
    size: usize,
    location: usize,
    groups: Vec<u64>,
    /// The kind of storage of the boot disk, where that is a volume.
    root_kind: Option<Text>,
}

impl<'a> Plan<'a> {
    fn of(view: &View<'a>, request: &NodeCreate) -> Result<Self> {
        nodes::check_name(&request.name)?;
        check_metadata(&view.rules.capabilities, &request.metadata)?;
        let size = sizes::index(&request.size)?;
        let image = usable_image(view, &request.image)?;
        check_fit(image, &SIZES[size], request)?;
        let location = match &request.location {
            Some(id) => locations::index(id)?,
            None => 0,
        };
        if let Some(name) = &request.key_pair
            && !view
                .world
                .tables
                .key_pairs
                .values()
                .any(|key_pair| key_pair.name == *name)
        {
            return Err(
                Error::invalid(format!("there is no key pair {name}")).with_field("key_pair")
            );
        }
        let root_kind = match &request.root_volume {
            None => None,
            Some(root) => {
                volumes::check_size(root.size_gb, 1)
                    .map_err(|error| error.with_field("root_volume.size_gb"))?;
                let kind = volumes::kind(root.kind.as_deref())
                    .map_err(|error| error.with_field("root_volume.kind"))?;
                Some(kind)
            }
        };
        Ok(Self {
            root_kind,
            image,
            size,
            location,
            groups: groups(view, request)?,
        })
    }

    fn usage(&self, request: &NodeCreate) -> Usage {
        let size = &SIZES[self.size];
        Usage {
            nodes: 1,
            vcpus: u64::from(size.vcpus),
            ram_mb: size.ram_mb,
            hosted_nodes: 1,
            hosted_vcpus: u64::from(size.vcpus),
            hosted_ram_mb: size.ram_mb,
            volumes: u64::from(request.root_volume.is_some()),
            volume_gb: request.root_volume.as_ref().map_or(0, |root| root.size_gb),
            ..Usage::default()
        }
    }

    /// The boot disk, where it is a volume.
    fn root_volume(&self, draft: &mut Draft<'_>, request: &NodeCreate, node: u64) -> Option<u64> {
        let (root, kind) = (request.root_volume.as_ref()?, self.root_kind.as_ref()?);
        let ordinal = draft.new_ordinal();
        let volume = VolumeRecord {
            name: Text::from(format!("{}-root", request.name)),
            size_gb: root.size_gb,
            kind: kind.clone(),
            location: self.location,
            attached: Some((node, volumes::ROOT_DEVICE)),
            snapshot: None,
            image: Some(request.image.clone()),
            delete_with_node: root.delete_with_node,
            metadata: Metadata::new(),
            mark: request.mark.clone(),
            created_at: draft.now,
            phase: Phase::lasting(VolumeState::InUse),
        };
        draft.put(ordinal, volume);
        Some(ordinal)
    }
}

/// The image with this id, if nodes can be made from it.
pub(crate) fn usable_image<'a>(view: &View<'a>, id: &str) -> Result<&'a ImageRecord> {
    let (_, image) = view
        .find(Kind::Image, &view.world.tables.images, id)
        .map_err(|_| Error::invalid(format!("there is no image {id}")).with_field("image"))?;
    match image.phase.at(view.now) {
        Some(ImageState::Available) => Ok(image),
        state => Err(Error::invalid(format!(
            "image {id} is {}, not available",
            state.unwrap_or(ImageState::Unknown)
        ))
        .with_field("image")),
    }
}

/// Refuses an image that needs more than the size has.
fn check_fit(image: &ImageRecord, size: &SizeSpec, request: &NodeCreate) -> Result<()> {
    let disk = request
        .root_volume
        .as_ref()
        .map_or(size.disk_gb, |root| root.size_gb);
    if size.ram_mb < image.min_ram_mb {
        return Err(Error::invalid(format!(
            "image {} needs {} MB of memory, size {} has {}",
            image.name, image.min_ram_mb, size.id, size.ram_mb
        ))
        .with_field("size"));
    }
    if disk < image.min_disk_gb {
        return Err(Error::invalid(format!(
            "image {} needs {} GB of disk, there are {disk}",
            image.name, image.min_disk_gb
        ))
        .with_field(if request.root_volume.is_some() {
            "root_volume.size_gb"
        } else {
            "size"
        }));
    }
    Ok(())
}

fn groups(view: &View<'_>, request: &NodeCreate) -> Result<Vec<u64>> {
    if request.security_groups.is_empty() {
        return Ok(vec![DEFAULT_GROUP]);
    }
    let mut groups = Vec::with_capacity(request.security_groups.len());
    for (index, id) in request.security_groups.iter().enumerate() {
        let (group, _) = view
            .find(Kind::SecurityGroup, &view.world.tables.security_groups, id)
            .map_err(|_| {
                Error::invalid(format!("there is no security group {id}"))
                    .with_field(format!("security_groups.{index}"))
            })?;
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

/// The interfaces of a node, each with an address that is free.
fn ports(view: &View<'_>, request: &NodeCreate, ordinal: u64) -> Result<Vec<Port>> {
    if request.networks.is_empty() {
        let mut ports = Vec::with_capacity(1);
        view.add_ports(&mut ports, ordinal, PRIVATE, None, None)?;
        return Ok(ports);
    }
    let tables = &view.world.tables;
    let mut ports = Vec::new();
    for (index, wish) in request.networks.iter().enumerate() {
        let missing = |what: &str, id: &str| {
            Error::invalid(format!("there is no {what} {id}"))
                .with_field(format!("networks.{index}.{what}"))
        };
        let (network, _) = view
            .network(&wish.network)
            .map_err(|_| missing("network", &wish.network))?;
        let subnet = match &wish.subnet {
            None => None,
            Some(id) => {
                let (subnet, record) = view
                    .find(Kind::Subnet, &tables.subnets, id)
                    .map_err(|_| missing("subnet", id))?;
                if record.network != network {
                    return Err(missing("subnet", id));
                }
                Some(subnet)
            }
        };
        view.add_ports(&mut ports, ordinal, network, subnet, wish.ip)
            .map_err(|error| error.with_field(format!("networks.{index}.ip")))?;
    }
    Ok(ports)
}

impl View<'_> {
    /// What a node's owner is told once: the password, if the cloud chose it.
    pub(crate) fn new_password(
        &self,
        ordinal: u64,
        node: &mut NodeRecord,
        given: Option<&Secret>,
    ) -> NodeSecrets {
        if given.is_some() {
            return NodeSecrets::default();
        }
        node.passwords += 1;
        NodeSecrets {
            admin_password: Some(self.password(ordinal, node.passwords)),
        }
    }

    /// The `count`th password that the cloud chose for a node. It follows from the seed, so that it
    /// need not be kept, and the reply to a repeated create can give it again.
    fn password(&self, ordinal: u64, count: usize) -> Secret {
        let mut state = self.world.ids.draw(ordinal) ^ mix(count as u64);
        let letters = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let password: String = (0..16)
            .map(|_| {
                state = mix(state);
                char::from(letters[(state % letters.len() as u64) as usize])
            })
            .collect();
        Secret::new(password)
    }
}
