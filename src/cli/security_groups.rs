//! Security groups and their rules.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::{Direction, SecurityGroup, SecurityRule, SecurityRuleCreate};
use reqwest::Method;

use super::change::{Change, Telling, carry_out};
use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::secrets::Handover;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field};
use super::wait::WaitArgs;

impl Resource for SecurityGroup {
    const NOUN: &'static str = "security group";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |group| group.cloud.to_string()),
        Column::new("NAME", |group| group.name.to_string()),
        Column::new("ID", |group| group.id.to_string()),
        Column::new("RULES", |group| group.rules.len().to_string()),
        Column::new("DESCRIPTION", |group| {
            text::optional(group.description.as_ref())
        }),
        Column::alone("RULE", |group| text::lines(group.rules.iter().map(rule))),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

impl Resource for SecurityRule {
    const NOUN: &'static str = "rule";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |rule| rule.id.to_string()),
        Column::new("DIRECTION", |rule| rule.direction.to_string()),
        Column::new("PROTOCOL", protocol),
        Column::new("PORTS", ports),
        Column::new("REMOTE", remote),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }
}

fn protocol(rule: &SecurityRule) -> String {
    rule.protocol
        .as_ref()
        .map_or_else(|| "any".to_owned(), ToString::to_string)
}

fn ports(rule: &SecurityRule) -> String {
    match (rule.port_min, rule.port_max) {
        (None, None) => "any".to_owned(),
        (Some(min), Some(max)) if min == max => min.to_string(),
        (min, max) => format!(
            "{}-{}",
            min.map_or_else(String::new, |port| port.to_string()),
            max.map_or_else(String::new, |port| port.to_string())
        ),
    }
}

fn remote(rule: &SecurityRule) -> String {
    match (&rule.remote_cidr, &rule.remote_group) {
        (Some(cidr), _) => cidr.to_string(),
        (None, Some(group)) => format!("group {group}"),
        (None, None) => format!("any (IPv{})", u8::from(rule.version)),
    }
}

fn rule(rule: &SecurityRule) -> String {
    format!(
        "{}: {} {} ports {} {} {}",
        rule.id,
        rule.direction,
        protocol(rule),
        ports(rule),
        match rule.direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        },
        remote(rule)
    )
}

#[derive(Debug, Args)]
pub(crate) struct SecurityGroupsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List security groups
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm security-groups list"
    )]
    List(ListVerb),
    /// Show a security group with its rules
    #[command(after_help = "Examples:
  cloudfarm security-groups show web")]
    Show(ShowVerb),
    /// Create a security group
    #[command(after_help = "Examples:
  cloudfarm security-groups create web --description 'web servers' --wait")]
    Create {
        /// The name of the group
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// Its network, on clouds that tie a group to one
        #[arg(long)]
        network: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Let more traffic through
    #[command(after_help = "Examples:
  cloudfarm security-groups add-rule web --protocol tcp --ports 443 --remote-cidr 0.0.0.0/0
  cloudfarm security-groups add-rule web --protocol tcp --ports 8000-8100 --remote-group lb
  cloudfarm security-groups add-rule web --egress --wait")]
    AddRule(AddRuleArgs),
    /// Let less traffic through
    #[command(after_help = "Examples:
  cloudfarm security-groups remove-rule web 4f2a --wait")]
    RemoveRule {
        /// The group: its id or its name
        group: String,
        /// The id of the rule
        rule: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete security groups
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm security-groups delete web --yes"
    )]
    Delete(DeleteVerb),
}

#[derive(Debug, Args)]
struct AddRuleArgs {
    /// The group: its id or its name
    group: String,
    /// Traffic out of the node rather than into it
    #[arg(long)]
    egress: bool,
    /// tcp, udp, icmp, icmpv6 or a number; any where it is left out
    #[arg(long)]
    protocol: Option<String>,
    /// A port, or a range as 8000-8100; any where it is left out
    #[arg(long, value_parser = port_range)]
    ports: Option<(u16, u16)>,
    /// The range of addresses at the other end
    #[arg(long, value_name = "CIDR", conflicts_with = "remote_group")]
    remote_cidr: Option<String>,
    /// The group at the other end
    #[arg(long, value_name = "GROUP")]
    remote_group: Option<String>,
    /// IPv6 rather than IPv4, where no range says it
    #[arg(long)]
    ipv6: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

impl AddRuleArgs {
    fn rule(&self) -> SecurityRuleCreate {
        SecurityRuleCreate {
            direction: if self.egress {
                Direction::Egress
            } else {
                Direction::Ingress
            },
            protocol: self.protocol.as_deref().map(Into::into),
            port_min: self.ports.map(|(min, _)| min),
            port_max: self.ports.map(|(_, max)| max),
            version: self
                .ipv6
                .then_some(cloudfarm_contract::model::IpVersion::V6),
            remote_cidr: self.remote_cidr.as_deref().map(Into::into),
            remote_group: self.remote_group.as_deref().map(Into::into),
        }
    }
}

/// Reads `443` and `8000-8100`.
fn port_range(text: &str) -> Result<(u16, u16), String> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| {
        text.parse::<u16>()
            .map_err(|_| "write it as 443 or 8000-8100".to_owned())
    };
    let (min, max) = (port(min)?, port(max)?);
    if min > max {
        return Err("the lower port comes first".to_owned());
    }
    Ok((min, max))
}

pub(crate) async fn run(session: &Session, args: SecurityGroupsArgs) -> Result<()> {
    let groups = Collection {
        session,
        cloud: &args.cloud,
        kind: "security-groups",
    };
    match args.verb {
        Verb::List(list) => groups.list::<SecurityGroup>(list).await,
        Verb::Show(show) => groups.show::<SecurityGroup>(show).await,
        Verb::Create {
            name,
            description,
            network,
            wait,
        } => {
            let body = body([
                ("name", Some(name.as_str().into())),
                ("description", field(&description)),
                ("network", field(&network)),
            ]);
            groups.create::<SecurityGroup>(&name, &body, &wait).await
        }
        Verb::AddRule(add) => {
            let path = groups.path(&[&add.group, "rules"]);
            let change = Change::post(&add.group, &path).with(&add.rule())?;
            let telling = Telling::remains("added");
            let handover = Handover::default();
            carry_out::<SecurityRule>(session, vec![change], &add.wait, telling, handover).await
        }
        Verb::RemoveRule { group, rule, wait } => {
            let path = groups.path(&[&group, "rules", &rule]);
            let changes = vec![Change::new(&rule, Method::DELETE, &path)];
            let telling = Telling::gone("removed");
            carry_out::<SecurityRule>(session, changes, &wait, telling, Handover::default()).await
        }
        Verb::Delete(delete) => groups.delete::<SecurityGroup>(delete).await,
    }
}

#[cfg(test)]
mod tests {
    use super::port_range;

    #[test]
    fn ports_are_one_or_a_range() {
        assert_eq!(port_range("443"), Ok((443, 443)));
        assert_eq!(port_range("8000-8100"), Ok((8000, 8100)));
        assert!(port_range("8100-8000").is_err());
        assert!(port_range("http").is_err());
        assert!(port_range("70000").is_err());
    }
}
