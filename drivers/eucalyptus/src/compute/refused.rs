//! Which field of a request a refusal is about.

use cloudfarm_contract::{Error, ErrorKind};

use crate::errors::again;

/// The start of a code, words of the message, and the field.
const FIELDS: &[(&str, &str, &str)] = &[
    ("InvalidAMIID", "", "image"),
    ("InvalidManifest", "", "image"),
    ("InvalidInstanceType", "", "size"),
    ("InvalidKeyPair", "", "key_pair"),
    ("InvalidGroup", "", "security_groups"),
    ("InvalidSecurityGroup", "", "security_groups"),
    ("InvalidSubnet", "", "networks"),
    ("InvalidVpcID", "", "networks"),
    ("InvalidNetworkInterface", "", "networks"),
    ("InvalidUserData", "", "user_data"),
    ("InvalidZone", "", "location"),
    ("InvalidAvailabilityZone", "", "location"),
    ("InvalidBlockDeviceMapping", "", "root_volume"),
    ("InvalidTag", "", "metadata"),
    ("", "availability zone", "location"),
    ("", "instance type", "size"),
    ("", "instancetype", "size"),
    ("", "vm type", "size"),
    ("", "keypair", "key_pair"),
    ("", "key pair", "key_pair"),
    ("", "security group", "security_groups"),
    ("", "user data", "user_data"),
    ("", "subnet", "networks"),
    ("", "privateipaddress", "networks"),
    ("", "volume", "root_volume"),
    ("", "tag", "metadata"),
    ("", "image", "image"),
    ("", "ami", "image"),
    ("", "emi-", "image"),
];

/// The refusal of a creation, with the field that is wrong.
pub(super) fn about_field(error: Error) -> Error {
    if !matches!(error.kind(), ErrorKind::Invalid | ErrorKind::NotFound) {
        return error;
    }
    let code = error.provider_code().map_or("", |code| code.as_str());
    let message = error.message().to_ascii_lowercase();
    let field = FIELDS
        .iter()
        .find(|(start, words, _)| code.starts_with(start) && message.contains(words))
        .map(|(.., field)| *field);
    let error = again(&error, ErrorKind::Invalid);
    match field {
        Some(field) => error.with_field(field),
        None => error,
    }
}
