//! placeholder until the dummy lands
use cloudfarm_contract::*;
#[derive(Debug)]
pub struct Dummy;
impl Engine for Dummy {
    fn name(&self) -> &'static str {
        "dummy"
    }
    fn summary(&self) -> &'static str {
        ""
    }
    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: None,
            password: None,
        }
    }
    fn parameters(&self) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        unreachable!()
    }
    fn connect(&self, _: CloudConfig) -> Result<std::sync::Arc<dyn Driver>> {
        Err(Error::invalid("x"))
    }
}
