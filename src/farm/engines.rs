//! The table of engines: the only place that names driver crates, but for what reads their files.

use cloudfarm_contract::{Engine, Error, Result, nearest};

/// Every engine, in the order of their names.
pub fn engines() -> &'static [&'static dyn Engine] {
    &[
        &cloudfarm_dummy::Dummy,
        &cloudfarm_eucalyptus::Ec2,
        &cloudfarm_eucalyptus::Eucalyptus,
        &cloudfarm_openstack::OpenStack,
        &cloudfarm_rackspace::Rackspace,
        &cloudfarm_smartdatacenter::SmartDataCenter,
    ]
}

/// The engine of this name or alias, in any case of letters.
pub fn engine_named(name: &str) -> Option<&'static dyn Engine> {
    let name = name.to_ascii_lowercase();
    engines()
        .iter()
        .copied()
        .find(|engine| engine.name() == name || engine.aliases().contains(&name.as_str()))
}

/// The engine of this name or alias.
///
/// # Errors
///
/// `invalid`, naming the nearest engine and all there are.
pub fn engine(name: &str) -> Result<&'static dyn Engine> {
    engine_named(name).ok_or_else(|| {
        let names: Vec<&str> = engines().iter().map(|engine| engine.name()).collect();
        let meant = nearest(name, names.iter().copied())
            .map_or_else(String::new, |known| format!("did you mean {known:?}? "));
        Error::invalid(format!("there is no engine {name:?}"))
            .with_hint(format!("{meant}the engines are: {}", names.join(", ")))
            .with_field("engine")
    })
}
