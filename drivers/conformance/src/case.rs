use std::fmt;

use cloudfarm_contract::Capabilities;
use futures_util::future::BoxFuture;

use crate::bench::Bench;
use crate::failure::Outcome;

/// One behaviour of the contract.
#[derive(Clone, Copy)]
pub struct Case {
    /// The name, which is a bullet at a method of the contract.
    pub name: &'static str,
    /// What a cloud must have for the case to make sense.
    pub needs: &'static [Need],
    pub(crate) run: for<'b> fn(&'b Bench) -> BoxFuture<'b, Outcome>,
}

/// A capability that a case needs. Where it is not there the case is skipped, and for no other
/// reason.
#[derive(Clone, Copy)]
pub struct Need {
    /// The name of the capability.
    pub capability: &'static str,
    pub(crate) met: fn(&Capabilities) -> bool,
}

impl Case {
    /// The first capability that the case needs and the cloud does not have.
    pub fn missing(&self, capabilities: &Capabilities) -> Option<&'static str> {
        self.needs
            .iter()
            .find(|need| !(need.met)(capabilities))
            .map(|need| need.capability)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs: Vec<_> = self.needs.iter().map(|need| need.capability).collect();
        f.debug_struct("Case")
            .field("name", &self.name)
            .field("needs", &needs)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.capability)
    }
}

/// The cases of a module: each is a function of that name, followed by the extensions (`@`) and the
/// flags that it needs.
macro_rules! cases {
    ($($name:ident $(: $(@$extension:ident)? $($flag:ident)*)?;)*) => {
        pub(super) const CASES: &[$crate::case::Case] = &[$(
            $crate::case::Case {
                name: stringify!($name),
                needs: &[$(
                    $($crate::case::Need {
                        capability: stringify!($extension),
                        met: |capabilities| capabilities.extensions.$extension,
                    },)?
                    $($crate::case::Need {
                        capability: stringify!($flag),
                        met: |capabilities| capabilities.$flag,
                    },)*
                )?],
                run: |bench| Box::pin($name(bench)),
            }
        ),*];
    };
}
pub(crate) use cases;
