use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, have};

cases! {
    provider_projects_name_the_current_one: @provider_projects;
}

async fn provider_projects_name_the_current_one(bench: &Bench) -> Outcome {
    let projects = have(bench.driver().provider_projects())?;
    let listed = projects.list_provider_projects(&bench.cx()).await?;
    let current = listed.iter().filter(|project| project.current).count();
    ensure!(
        current == 1,
        "one of the projects is acted on, {current} are said to be: {listed:?}"
    );
    Ok(())
}
