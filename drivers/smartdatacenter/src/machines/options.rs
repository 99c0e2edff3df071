use cloudfarm_contract::model::Extra;
use cloudfarm_contract::{Error, Result, Text, read_options};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a machine can be made with beyond the contract: `options` of a create.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NodeOptions {
    /// Near which machines, or far from which, as `role!=db` or `instance==web-1`.
    pub(crate) affinity: Vec<String>,
    /// What the guest can read, beside its tags.
    pub(crate) metadata: Map<String, Value>,
    /// Whether the rules of the firewall hold for it.
    pub(crate) firewall_enabled: Option<bool>,
    /// Whether it is protected against deletion.
    pub(crate) deletion_protection: Option<bool>,
    /// Whether it may be made from an image that is another account's.
    pub(crate) allow_shared_images: Option<bool>,
    /// `bhyve` or `kvm`, for images that leave it open.
    pub(crate) brand: Option<Text>,
    /// Volumes to mount, in CloudAPI's own form.
    pub(crate) volumes: Vec<Map<String, Value>>,
    /// Disks of a flexible machine, in CloudAPI's own form.
    pub(crate) disks: Vec<Map<String, Value>>,
    /// Whether its disk is encrypted.
    pub(crate) encrypted: Option<bool>,
    /// Whether a zone gets a file system that it can divide itself.
    pub(crate) delegated_dataset: Option<bool>,
    /// The item of metadata that the user data goes into: `user-script` or
    /// `cloud-init:user-data`. Taken from how the user data begins where it is not said.
    pub(crate) user_data_key: Option<String>,
    /// Whether the password that the provider made is asked for.
    pub(crate) generated_password: bool,
}

impl NodeOptions {
    pub(super) fn read(options: &Extra) -> Result<Self> {
        let options: Self = read_options(options)?;
        if let Some((key, _)) = options
            .metadata
            .iter()
            .find(|(_, value)| !value.is_string())
        {
            return Err(
                Error::invalid(format!("options.metadata.{key} must be a text"))
                    .with_field("options.metadata"),
            );
        }
        Ok(options)
    }
}
