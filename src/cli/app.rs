//! The commands, and what they have in common.

use clap::{Args, CommandFactory, Parser, Subcommand};
use url::Url;

use super::client::{DEFAULT_URL, parse_url};
use super::failure::{Failure, Result};
use super::output::{Format, Output};
use super::session::Session;
use super::{
    addresses, check, clouds, completions, engines, exit, images, jobs, key_pairs, locations,
    networks, node_snapshots, nodes, notifiers, openapi, orphans, provider_projects, quotas,
    routers, schedules, security_groups, serve, settings, sizes, subnets, volume_snapshots,
    volumes, worker,
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
        hide_env_values = true,
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
    #[command(flatten)]
    Local(Local),
    #[command(flatten)]
    Remote(Remote),
}

/// What needs no server.
#[derive(Debug, Subcommand)]
pub(crate) enum Local {
    /// Serve the API and do its work
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::ServeArgs),
    /// Carry out jobs, for servers that run with --no-worker
    #[command(after_help = worker::EXAMPLES)]
    Worker(worker::WorkerArgs),
    /// Check the settings, and ask every cloud whether it takes its credentials
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArgs),
    /// The settings as they are in effect
    #[command(display_order = LAST)]
    Settings(settings::SettingsCommand),
    /// Print the OpenAPI document of the API
    #[command(after_help = openapi::EXAMPLES)]
    #[command(display_order = LAST)]
    Openapi,
    /// Print a script that completes commands in a shell
    #[command(after_help = completions::EXAMPLES)]
    #[command(display_order = LAST)]
    Completions(completions::CompletionsArgs),
}

/// What asks a server.
#[derive(Debug, Subcommand)]
pub(crate) enum Remote {
    /// Kinds of providers, and what can be configured of them: list, show
    #[command(alias = "engine")]
    Engines(engines::EnginesArgs),
    /// The clouds of the farm: list, show, check, import
    #[command(alias = "cloud")]
    Clouds(clouds::CloudsArgs),
    /// Machines: list, create, start, stop, resize, destroy ...
    #[command(alias = "node")]
    Nodes(Box<nodes::NodesArgs>),
    /// What nodes are made from: list, show, create, delete
    #[command(alias = "image")]
    Images(images::ImagesArgs),
    /// How much of everything a node gets: list, show
    #[command(alias = "size")]
    Sizes(sizes::SizesArgs),
    /// Where nodes can be: list, show
    #[command(alias = "location")]
    Locations(locations::LocationsArgs),
    /// Keys that open nodes: list, show, create, delete
    #[command(alias = "key-pair")]
    KeyPairs(key_pairs::KeyPairsArgs),
    /// Disks with a life of their own: list, create, attach, extend ...
    #[command(alias = "volume")]
    Volumes(volumes::VolumesArgs),
    /// Volumes as they were: list, show, create, delete
    #[command(alias = "volume-snapshot")]
    VolumeSnapshots(volume_snapshots::VolumeSnapshotsArgs),
    /// Nodes as they were: list, create, restore, delete
    #[command(alias = "node-snapshot")]
    NodeSnapshots(node_snapshots::NodeSnapshotsArgs),
    /// Networks: list, show, create, delete
    #[command(alias = "network")]
    Networks(networks::NetworksArgs),
    /// Ranges of addresses on networks: list, show, create, delete
    #[command(alias = "subnet")]
    Subnets(subnets::SubnetsArgs),
    /// What leads from subnet to subnet, and out: list, create, attach ...
    #[command(alias = "router")]
    Routers(routers::RoutersArgs),
    /// What traffic nodes take: list, create, add-rule ...
    #[command(alias = "security-group")]
    SecurityGroups(security_groups::SecurityGroupsArgs),
    /// Floating and elastic IPs: list, create, associate ...
    #[command(alias = "address")]
    Addresses(addresses::AddressesArgs),
    /// How much there may be on a cloud, and is
    #[command(alias = "quota")]
    Quotas(quotas::QuotasArgs),
    /// The provider's projects that a cloud's credential may act on: list
    #[command(alias = "provider-project")]
    ProviderProjects(provider_projects::ProviderProjectsArgs),
    /// What jobs left behind on a cloud: list, adopt, forget, destroy
    #[command(alias = "orphan")]
    Orphans(orphans::OrphansArgs),
    /// Who is told of ends of jobs and of leases: list, test
    #[command(alias = "notifier")]
    Notifiers(notifiers::NotifiersArgs),
    /// The work that the server does: list, show, watch, cancel, retry
    #[command(alias = "job")]
    Jobs(jobs::JobsArgs),
    /// What the server begins again and again: list, create, update, run, delete ...
    #[command(alias = "schedule")]
    Schedules(schedules::SchedulesArgs),
}

/// Behind the nouns.
const LAST: usize = 100;

/// The tree of commands, for completions, for the reference and for the tests.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Carries out a command line.
pub(crate) fn run(cli: Cli) -> Result<()> {
    let output = Output {
        format: cli.global.output,
        quiet: cli.global.quiet,
    };
    match cli.command {
        Command::Local(command) => run_local(command, output),
        Command::Remote(command) => {
            let session = Session::new(cli.global)?;
            block_on(run_remote(&session, command))
        }
    }
}

fn run_local(command: Local, output: Output) -> Result<()> {
    match command {
        Local::Serve(args) => serve::run(&args, output),
        Local::Worker(args) => worker::run(&args, output),
        Local::Check(args) => block_on(check::run(&args, output)),
        Local::Settings(args) => settings::run(&args, output),
        Local::Openapi => openapi::run(output),
        Local::Completions(args) => completions::run(&args),
    }
}

async fn run_remote(session: &Session, command: Remote) -> Result<()> {
    match command {
        Remote::Engines(args) => engines::run(session, args).await,
        Remote::Clouds(args) => clouds::run(session, args).await,
        Remote::Nodes(args) => nodes::run(session, *args).await,
        Remote::Images(args) => images::run(session, args).await,
        Remote::Sizes(args) => sizes::run(session, args).await,
        Remote::Locations(args) => locations::run(session, args).await,
        Remote::KeyPairs(args) => key_pairs::run(session, args).await,
        Remote::Volumes(args) => volumes::run(session, args).await,
        Remote::VolumeSnapshots(args) => volume_snapshots::run(session, args).await,
        Remote::NodeSnapshots(args) => node_snapshots::run(session, args).await,
        Remote::Networks(args) => networks::run(session, args).await,
        Remote::Subnets(args) => subnets::run(session, args).await,
        Remote::Routers(args) => routers::run(session, args).await,
        Remote::SecurityGroups(args) => security_groups::run(session, args).await,
        Remote::Addresses(args) => addresses::run(session, args).await,
        Remote::Quotas(args) => quotas::run(session, args).await,
        Remote::ProviderProjects(args) => provider_projects::run(session, args).await,
        Remote::Orphans(args) => orphans::run(session, args).await,
        Remote::Notifiers(args) => notifiers::run(session, args).await,
        Remote::Jobs(args) => jobs::run(session, args).await,
        Remote::Schedules(args) => schedules::run(session, args).await,
    }
}

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::Exit::Failed, format!("cannot start: {error}")))?
        .block_on(work)
}
