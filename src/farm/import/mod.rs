//! Credentials that people have already, as entries of the farm. A kind of files is one
//! [`ImportSource`], and one line in [`import_sources`].

mod aws;
mod entry;
mod eucalyptus;
mod openstack;
mod place;
mod smartdatacenter;

use std::fmt::Debug;
use std::path::PathBuf;

use cloudfarm_contract::ErrorKind;

pub use entry::{CloudDraft, cloud_name};

/// A kind of files, and variables, that hold credentials.
pub trait ImportSource: Send + Sync + Debug {
    /// What `--from` calls it.
    fn name(&self) -> &'static str;

    /// Reads what is asked for. A cloud that cannot be used stands there with the reason.
    ///
    /// # Errors
    ///
    /// What keeps all of them from being read.
    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError>;
}

/// Every source, in the order of their names.
pub fn import_sources() -> &'static [&'static dyn ImportSource] {
    &[
        &aws::Aws,
        &eucalyptus::Euca2oolsFiles,
        &eucalyptus::EucarcFile,
        &openstack::OpenStack,
        &smartdatacenter::SmartDataCenter,
    ]
}

/// What is asked of a source.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// The file, if it is not where the provider's own tools look for it.
    pub file: Option<PathBuf>,
    /// These clouds of the file.
    pub clouds: Vec<String>,
    /// Every cloud of the file.
    pub all: bool,
    /// The cloud that the variables of the environment describe.
    pub environment: bool,
    /// The secrets themselves instead of references to where they are.
    pub copy_secrets: bool,
}

/// What keeps a cloud from being imported; told to the person at the machine.
#[derive(Debug, Clone)]
pub struct ImportError {
    /// Which kind of error it is.
    pub kind: ErrorKind,
    /// What is wrong.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
    /// Where it was looked for.
    pub looked: Vec<PathBuf>,
}
