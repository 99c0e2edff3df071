//! The commands, and what they have in common.

use clap::{Args, CommandFactory, Parser, Subcommand};
use url::Url;

use super::client::{DEFAULT_URL, parse_url};
use super::failure::{Failure, Result};
use super::output::Format;
use super::session::Session;
use super::{
    addresses, completions, exit, images, jobs, key_pairs, locations, networks, node_snapshots,
    nodes, quotas, security_groups, sizes, subnets, volume_snapshots, volumes,
};

/// One door to every cloud of a farm
///
/// `cloudfarm serve` starts the server. The other commands ask a server that runs: the one at
/// --url, else the one that CLOUDFARM_URL names, else the one on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "cloudfarm",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    infer_long_args = true,
    max_term_width = 100,
    after_long_help = exit::help()
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command can be told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// The address of the server
    #[arg(
        long,
        env = "CLOUDFARM_URL",
        default_value = DEFAULT_URL,
        value_name = "URL",
        value_parser = parse_url,
        global = true
    )]
    pub(crate) url: Url,
    /// The form of the output
    #[arg(
        long,
        short = 'o',
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "The form of the output: table, wide, json, yaml or name",
        global = true
    )]
    pub(crate) output: Format,
    /// Print ids and nothing else, and show no progress
    #[arg(long, short = 'q', global = true)]
    pub(crate) quiet: bool,
    /// Tell on stderr of each request with its id, and of each step of a job
    #[arg(long, short = 'v', global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Machines: list, create, start, stop, resize, destroy ...
    #[command(visible_alias = "node")]
    Nodes(nodes::NodesArgs),
    /// What nodes are made from: list, show, create, delete
    #[command(visible_alias = "image")]
    Images(images::ImagesArgs),
    /// How much of everything a node gets: list, show
    #[command(visible_alias = "size")]
    Sizes(sizes::SizesArgs),
    /// Where nodes can be: list, show
    #[command(visible_alias = "location")]
    Locations(locations::LocationsArgs),
    /// Keys that open nodes: list, show, create, delete
    #[command(visible_alias = "key-pair")]
    KeyPairs(key_pairs::KeyPairsArgs),
    /// Disks with a life of their own: list, create, attach, extend ...
    #[command(visible_alias = "volume")]
    Volumes(volumes::VolumesArgs),
    /// Volumes as they were: list, show, create, delete
    #[command(visible_alias = "volume-snapshot")]
    VolumeSnapshots(volume_snapshots::VolumeSnapshotsArgs),
    /// Nodes as they were: list, create, restore, delete
    #[command(visible_alias = "node-snapshot")]
    NodeSnapshots(node_snapshots::NodeSnapshotsArgs),
    /// Networks: list, show, create, delete
    #[command(visible_alias = "network")]
    Networks(networks::NetworksArgs),
    /// Ranges of addresses on networks: list, show, create, delete
    #[command(visible_alias = "subnet")]
    Subnets(subnets::SubnetsArgs),
    /// What traffic nodes take: list, create, add-rule ...
    #[command(visible_alias = "security-group")]
    SecurityGroups(security_groups::SecurityGroupsArgs),
    /// Floating and elastic IPs: list, create, associate ...
    #[command(visible_alias = "address")]
    Addresses(addresses::AddressesArgs),
    /// How much there may be on a cloud, and is
    #[command(visible_alias = "quota")]
    Quotas(quotas::QuotasArgs),
    /// The work that the server does: list, show, watch
    #[command(visible_alias = "job")]
    Jobs(jobs::JobsArgs),
    /// Print a script that completes commands in a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::CompletionsArgs),
}

/// The tree of commands.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

/// Carries out a command line.
pub(crate) fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Completions(args) => completions::run(&args),
        command => ask_server(cli.global, command),
    }
}

fn ask_server(global: GlobalArgs, command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::Exit::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let session = Session::new(global)?;
        match command {
            Command::Nodes(args) => nodes::run(&session, args).await,
            Command::Images(args) => images::run(&session, args).await,
            Command::Sizes(args) => sizes::run(&session, args).await,
            Command::Locations(args) => locations::run(&session, args).await,
            Command::KeyPairs(args) => key_pairs::run(&session, args).await,
            Command::Volumes(args) => volumes::run(&session, args).await,
            Command::VolumeSnapshots(args) => volume_snapshots::run(&session, args).await,
            Command::NodeSnapshots(args) => node_snapshots::run(&session, args).await,
            Command::Networks(args) => networks::run(&session, args).await,
            Command::Subnets(args) => subnets::run(&session, args).await,
            Command::SecurityGroups(args) => security_groups::run(&session, args).await,
            Command::Addresses(args) => addresses::run(&session, args).await,
            Command::Quotas(args) => quotas::run(&session, args).await,
            Command::Jobs(args) => jobs::run(&session, args).await,
            Command::Completions(args) => completions::run(&args),
        }
    })
}
