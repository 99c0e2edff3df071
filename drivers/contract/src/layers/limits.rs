//! Capability check: what the cloud cannot do, or what is past its limits, is refused before the
//! provider is asked.

use crate::extensions::MetadataChange;
use crate::model::{KeyPairCreate, Metadata, NodeCreate, RebootKind, VolumeCreate};
use crate::{Capabilities, Error, ErrorKind, Operation, Result};

/// Refuses an operation whose extension the cloud does not have.
pub(super) fn check_operation(capabilities: &Capabilities, operation: Operation) -> Result<()> {
    match operation.extension() {
        Some(extension) if !capabilities.extensions.has(extension) => {
            Err(unsupported(extension.as_str()))
        }
        _ => Ok(()),
    }
}

/// Refuses a node that the cloud cannot make.
///
/// # Errors
///
/// `unsupported` for what the capabilities deny, `invalid` for what is past a limit; both name the
/// field.
pub fn check_node_create(capabilities: &Capabilities, node: &NodeCreate) -> Result<()> {
    let asked = [
        (
            node.location.is_some(),
            capabilities.node_create_with_location,
            "location",
        ),
        (
            node.key_pair.is_some(),
            capabilities.node_create_with_key_pair,
            "key_pair",
        ),
        (
            node.user_data.is_some(),
            capabilities.node_create_with_user_data,
            "user_data",
        ),
        (
            node.admin_password.is_some(),
            capabilities.node_create_with_admin_password,
            "admin_password",
        ),
        (
            !node.metadata.is_empty(),
            capabilities.node_create_with_metadata,
            "metadata",
        ),
        (
            !node.networks.is_empty(),
            capabilities.node_create_with_networks,
            "networks",
        ),
        (
            node.networks.iter().any(|network| network.ip.is_some()),
            capabilities.node_create_with_fixed_ip,
            "fixed_ip",
        ),
        (
            !node.security_groups.is_empty(),
            capabilities.node_create_with_security_groups,
            "security_groups",
        ),
        (
            node.root_volume.is_some(),
            capabilities.node_create_with_root_volume,
            "root_volume",
        ),
    ];
    for (wanted, possible, option) in asked {
        if wanted && !possible {
            return Err(unsupported(&format!("node_create_with_{option}")).with_field(option));
        }
    }
    check_node_name(capabilities, &node.name)?;
    check_metadata(capabilities, &node.metadata)?;
    let user_data = node
        .user_data
        .as_ref()
        .map_or(0, |data| data.expose().len());
    check_limit(
        "user_data",
        "bytes of user data",
        user_data,
        capabilities.node_user_data_bytes_max,
    )
}

/// Refuses a name that is longer than the cloud takes.
pub(super) fn check_node_name(capabilities: &Capabilities, name: &str) -> Result<()> {
    check_limit(
        "name",
        "characters in the name",
        name.chars().count(),
        capabilities.node_name_length_max,
    )
}

/// Refuses metadata that is more than the cloud takes.
pub(super) fn check_metadata(capabilities: &Capabilities, metadata: &Metadata) -> Result<()> {
    check_limit(
        "metadata",
        "items of metadata",
        metadata.len(),
        capabilities.node_metadata_items_max,
    )?;
    for (key, value) in metadata {
        let field = format!("metadata.{key}");
        check_limit(
            &field,
            "bytes in a metadata key",
            key.len(),
            capabilities.node_metadata_key_length_max,
        )?;
        check_limit(
            &field,
            "bytes in a metadata value",
            value.len(),
            capabilities.node_metadata_value_length_max,
        )?;
    }
    Ok(())
}

/// Refuses a change that alone is more than the cloud takes.
pub(super) fn check_metadata_change(
    capabilities: &Capabilities,
    change: &MetadataChange,
) -> Result<()> {
    check_metadata(capabilities, &change.set)
}

/// Refuses a reboot of a kind that the cloud does not have.
pub(super) fn check_reboot(capabilities: &Capabilities, kind: RebootKind) -> Result<()> {
    if kind == RebootKind::Hard && !capabilities.node_reboot_hard {
        return Err(unsupported("node_reboot_hard").with_field("kind"));
    }
    Ok(())
}

/// Refuses a key pair that the cloud cannot make.
///
/// # Errors
///
/// `unsupported`, naming the field.
pub fn check_key_pair_create(capabilities: &Capabilities, request: &KeyPairCreate) -> Result<()> {
    match &request.public_key {
        Some(_) if !capabilities.key_pair_create_imported => {
            Err(unsupported("key_pair_create_imported").with_field("public_key"))
        }
        None if !capabilities.key_pair_create_generated => {
            Err(unsupported("key_pair_create_generated").with_field("public_key"))
        }
        _ => Ok(()),
    }
}

/// Refuses a volume that the cloud cannot make.
///
/// # Errors
///
/// `unsupported` for what the capabilities deny, `invalid` for what is past a limit; both name the
/// field.
pub fn check_volume_create(capabilities: &Capabilities, request: &VolumeCreate) -> Result<()> {
    if request.snapshot.is_some() && !capabilities.volume_create_with_snapshot {
        return Err(unsupported("volume_create_with_snapshot").with_field("snapshot"));
    }
    if request.image.is_some() && !capabilities.volume_create_with_image {
        return Err(unsupported("volume_create_with_image").with_field("image"));
    }
    check_volume_size(capabilities, request.size_gb)
}

/// Refuses a volume larger than the cloud has.
pub(super) fn check_volume_size(capabilities: &Capabilities, size_gb: u64) -> Result<()> {
    match capabilities.volume_size_gb_max {
        Some(max) if size_gb > max => Err(Error::invalid(format!(
            "size_gb is {size_gb}, the cloud takes at most {max}"
        ))
        .with_field("size_gb")),
        _ => Ok(()),
    }
}

/// Refuses a larger volume where the cloud cannot.
///
/// # Errors
///
/// `unsupported` without `volume_extend`; `invalid` past the greatest size.
pub fn check_volume_extend(capabilities: &Capabilities, size_gb: u64) -> Result<()> {
    if !capabilities.volume_extend {
        return Err(unsupported("volume_extend"));
    }
    check_volume_size(capabilities, size_gb)
}

/// Refuses to make or delete networks where the cloud cannot.
///
/// # Errors
///
/// `unsupported` without `network_create`.
pub fn check_network_create(capabilities: &Capabilities) -> Result<()> {
    if capabilities.network_create {
        Ok(())
    } else {
        Err(unsupported("network_create"))
    }
}

/// Refuses to make or delete subnets where the cloud cannot.
///
/// # Errors
///
/// `unsupported` without `subnet_create`.
pub fn check_subnet_create(capabilities: &Capabilities) -> Result<()> {
    if capabilities.subnet_create {
        Ok(())
    } else {
        Err(unsupported("subnet_create"))
    }
}

fn check_limit(field: &str, what: &str, given: usize, max: Option<u32>) -> Result<()> {
    match max {
        Some(max) if given > max as usize => Err(Error::invalid(format!(
            "{given} {what}, the cloud takes at most {max}"
        ))
        .with_field(field)),
        _ => Ok(()),
    }
}

/// The error that names a missing capability.
pub fn unsupported(capability: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("this cloud does not have the capability {capability}"),
    )
}
