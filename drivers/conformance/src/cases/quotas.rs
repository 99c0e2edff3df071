use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have};

cases! {
    quotas_count_nodes: @quotas;
}

async fn quotas_count_nodes(bench: &Bench) -> Outcome {
    let _node = bench.node().await?;
    let quotas = have(bench.driver().quotas())?;
    let listed = quotas.list_quotas(&bench.cx()).await?;
    let Some(nodes) = listed.iter().find(|quota| quota.name == "nodes") else {
        let names: Vec<_> = listed.iter().map(|quota| &quota.name).collect();
        return Err(Failure::new(format!("no quota is called nodes: {names:?}")));
    };
    ensure!(
        nodes.used.is_none_or(|used| used >= 1),
        "a node is there, the quota counts {:?}",
        nodes.used
    );
    ensure!(
        nodes.limit.is_none_or(|limit| limit >= 1),
        "a node is there, the quota allows {:?}",
        nodes.limit
    );
    Ok(())
}
