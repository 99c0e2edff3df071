use cloudfarm_contract::extensions::SecurityGroups;
use cloudfarm_contract::model::{
    Direction, IpVersion, SecurityGroup, SecurityGroupCreate, SecurityRule, SecurityRuleCreate,
};
use cloudfarm_contract::{ErrorKind, ListQuery, Text, escape_glob};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Outcome, ensure, have, refused};
use crate::paging::read_all;

cases! {
    security_group_is_listed: @security_groups;
    security_group_of_unknown_id_is_not_found: @security_groups;
    security_group_create_and_delete: @security_groups;
    security_group_delete_twice_succeeds: @security_groups;
    security_rule_add_and_remove: @security_groups;
    security_rule_of_ipv6_keeps_its_version: @security_groups;
    security_rule_duplicate_is_a_conflict: @security_groups;
}

fn groups(bench: &Bench) -> Outcome<&dyn SecurityGroups> {
    have(bench.driver().security_groups())
}

/// The group called `default`, which most providers have.
pub(super) async fn usual(bench: &Bench) -> Outcome<Option<SecurityGroup>> {
    if !bench.can().extensions.security_groups {
        return Ok(None);
    }
    let query = ListQuery {
        name: Some(Text::from_static("default")),
        ..ListQuery::default()
    };
    let page = groups(bench)?
        .list_security_groups(&bench.cx(), &query)
        .await?;
    Ok(page.items.into_iter().next())
}

async fn new_group(bench: &Bench) -> Outcome<SecurityGroup> {
    let request = SecurityGroupCreate {
        name: bench.name(),
        description: Some("made by the conformance suite".to_owned()),
        network: None,
        mark: Some(bench.mark()),
    };
    let made = groups(bench)?
        .create_security_group(&bench.cx(), &request)
        .await?;
    ensure!(
        made.name == request.name,
        "the group is called {:?} instead of {:?}",
        made.name,
        request.name
    );
    Ok(made)
}

fn rule(port: u16, remote: &'static str) -> SecurityRuleCreate {
    SecurityRuleCreate {
        direction: Direction::Ingress,
        protocol: Some(Text::from_static("tcp")),
        port_min: Some(port),
        port_max: Some(port),
        version: None,
        remote_cidr: Some(Text::from_static(remote)),
        remote_group: None,
    }
}

/// Adds a rule, and finds it in the group.
async fn add(
    bench: &Bench,
    group: &SecurityGroup,
    wanted: &SecurityRuleCreate,
) -> Outcome<SecurityRule> {
    let all = groups(bench)?;
    let added = all
        .add_security_rule(&bench.cx(), &group.id, wanted)
        .await?;
    let shown = all.get_security_group(&bench.cx(), &group.id).await?;
    let Some(found) = shown.rules.into_iter().find(|rule| rule.id == added.id) else {
        return Err(crate::failure::Failure::new(format!(
            "the group does not show the rule {added:?}"
        )));
    };
    ensure!(
        found.direction == wanted.direction
            && found.protocol == wanted.protocol
            && (found.port_min, found.port_max) == (wanted.port_min, wanted.port_max)
            && found.remote_cidr == wanted.remote_cidr,
        "asked for {wanted:?}, the group shows {found:?}"
    );
    Ok(found)
}

async fn security_group_is_listed(bench: &Bench) -> Outcome {
    let made = new_group(bench).await?;
    let all = groups(bench)?;
    let name = &escape_glob(&made.name);
    bench
        .until_settled("the list shows the group", || async {
            let found = read_all(None, |page| async move {
                let query = ListQuery {
                    page,
                    name: Some(name.clone()),
                };
                all.list_security_groups(&bench.cx(), &query).await
            });
            Ok(found
                .await?
                .iter()
                .any(|group| group.id == made.id)
                .then_some(()))
        })
        .await
}

async fn security_group_of_unknown_id_is_not_found(bench: &Bench) -> Outcome {
    let all = groups(bench)?;
    let page = all
        .list_security_groups(&bench.cx(), &ListQuery::default())
        .await?;
    let sample = page.items.first().map(|group| group.id.as_str());
    for id in unknown_ids(sample) {
        let group = all.get_security_group(&bench.cx(), &id).await;
        let what = format!("get_security_group of {id:?}");
        refused(&what, group, &[ErrorKind::NotFound])?;
    }
    Ok(())
}

async fn security_group_create_and_delete(bench: &Bench) -> Outcome {
    let made = new_group(bench).await?;
    let all = groups(bench)?;
    let shown = all.get_security_group(&bench.cx(), &made.id).await?;
    ensure!(
        shown.name == made.name && shown.description == made.description,
        "made as {made:?}, shown as {shown:?}"
    );
    all.delete_security_group(&bench.cx(), &made.id).await?;
    let shown = all.get_security_group(&bench.cx(), &made.id).await;
    refused(
        "get_security_group of a deleted one",
        shown,
        &[ErrorKind::NotFound],
    )?;
    Ok(())
}

async fn security_group_delete_twice_succeeds(bench: &Bench) -> Outcome {
    let made = new_group(bench).await?;
    let all = groups(bench)?;
    all.delete_security_group(&bench.cx(), &made.id).await?;
    all.delete_security_group(&bench.cx(), &made.id).await?;
    for id in unknown_ids(Some(&made.id)) {
        all.delete_security_group(&bench.cx(), &id).await?;
    }
    Ok(())
}

async fn security_rule_add_and_remove(bench: &Bench) -> Outcome {
    let group = new_group(bench).await?;
    let keep = add(bench, &group, &rule(443, "0.0.0.0/0")).await?;
    let gone = add(bench, &group, &rule(22, "192.0.2.0/24")).await?;
    ensure!(keep.id != gone.id, "two rules have the id {}", keep.id);
    let all = groups(bench)?;
    all.remove_security_rule(&bench.cx(), &group.id, &gone.id)
        .await?;
    let shown = all.get_security_group(&bench.cx(), &group.id).await?;
    ensure!(
        shown.rules.contains(&keep),
        "the other rule went too, or changed: {:?}",
        shown.rules
    );
    ensure!(
        shown.rules.iter().all(|rule| rule.id != gone.id),
        "the removed rule is still there"
    );
    Ok(all
        .remove_security_rule(&bench.cx(), &group.id, &gone.id)
        .await?)
}

async fn security_rule_of_ipv6_keeps_its_version(bench: &Bench) -> Outcome {
    let group = new_group(bench).await?;
    let six = add(bench, &group, &rule(443, "::/0")).await?;
    let four = add(bench, &group, &rule(443, "0.0.0.0/0")).await?;
    ensure!(
        (six.version, four.version) == (IpVersion::V6, IpVersion::V4),
        "the rule of ::/0 is version {:?}, that of 0.0.0.0/0 version {:?}",
        six.version,
        four.version
    );
    Ok(())
}

async fn security_rule_duplicate_is_a_conflict(bench: &Bench) -> Outcome {
    let group = new_group(bench).await?;
    let twice = rule(8080, "198.51.100.0/24");
    add(bench, &group, &twice).await?;
    let all = groups(bench)?;
    let again = all.add_security_rule(&bench.cx(), &group.id, &twice).await;
    refused("the same rule again", again, &[ErrorKind::Conflict])?;
    Ok(())
}
