//! `clouds import`: credentials that people have already, as entries of the farm file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::check::{ask, chosen_clouds};
use super::clouds::print_reports;
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::farm_file::FarmFile;
use super::local::SettingsArgs;
use super::output::Output;
use crate::farm::{
    CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name, import_sources,
};
use crate::settings::Span;

pub(super) const EXAMPLES: &str = "Examples:
  cloudfarm clouds import --dry-run
  cloudfarm clouds import --cloud lab --cloud prod --farm settings/cloud_farm.toml
  cloudfarm clouds import --file ~/old/clouds.yaml --all --rename 'Old Lab=lab'
  cloudfarm clouds import --environment --rename envvars=lab";

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Whose files are read: aws (profiles and AWS_ variables), euca2ools (its ini files), eucarc (the
    /// file and EC2_ variables), openstack (clouds.yaml and OS_ variables), smartdatacenter (profiles of
    /// triton, TRITON_ and SDC_ variables)
    #[arg(long, value_name = "SOURCE", default_value = "openstack", value_parser = source)]
    from: &'static dyn ImportSource,
    /// The file to read; else the one that the provider's own tools would read
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// A cloud of the file; several times for several
    #[arg(long = "cloud", value_name = "NAME", conflicts_with = "all")]
    clouds: Vec<String>,
    /// Every cloud of the file
    #[arg(long)]
    all: bool,
    /// The cloud that the variables of the environment describe
    #[arg(long)]
    environment: bool,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Call a cloud otherwise in the farm; several times for several
    #[arg(long = "rename", value_name = "NAME=NEW", value_parser = rename)]
    renames: Vec<(String, String)>,
    /// Copy what the file says, secrets and all, instead of referring to it
    #[arg(long)]
    copy_secrets: bool,
    /// Put the entry in the place of one of the same name
    #[arg(long)]
    replace: bool,
    /// Print the entries and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask the clouds whether they take the credentials
    #[arg(long)]
    no_check: bool,
    /// How long each cloud may take to answer the check
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    timeout: Span,
}

fn source(name: &str) -> Result<&'static dyn ImportSource, String> {
    let known = import_sources().iter().copied();
    known
        .clone()
        .find(|source| source.name() == name)
        .ok_or_else(|| {
            let names: Vec<&str> = known.map(ImportSource::name).collect();
            format!(
                "there is no source of this name; there is {}",
                names.join(", ")
            )
        })
}

fn rename(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or("must be NAME=NEW")?;
    if cloud_name(new) != new {
        let near = cloud_name(new);
        return Err(format!(
            "{new:?} cannot be the name of a cloud; {near:?} can"
        ));
    }
    Ok((old.to_owned(), new.to_owned()))
}

pub(crate) async fn run(args: ImportArgs, output: Output) -> Result<()> {
    let request = ImportRequest {
        file: args.file.clone(),
        clouds: args.clouds.clone(),
        all: args.all,
        environment: args.environment,
        copy_secrets: args.copy_secrets,
    };
    let (drafts, refused) = split(args.from.read(&request).map_err(failure)?)?;
    let drafts = named(drafts, &args.renames)?;
    let path = args.settings.farm_file();
    if args.dry_run {
        if let Some(path) = path {
            refuse_clashes(&FarmFile::open(path)?, &drafts, args.replace)?;
        }
        return show(&drafts, output).and_then(|()| partly(refused));
    }
    let path = path.ok_or_else(|| {
        Failure::usage("there is no farm file to write to")
            .hint("name one with --farm FILE or CLOUD_FARM; it is made if it is not there")
    })?;
    let mut file = FarmFile::open(path)?;
    refuse_clashes(&file, &drafts, args.replace)?;
    for draft in &drafts {
        file.put(&draft.name, &draft.entry)?;
    }
    file.save(drafts.iter().any(|draft| !draft.secrets.is_empty()))?;
    for draft in &drafts {
        let (name, from) = (&draft.name, &draft.from);
        eprintln!("imported {name} from {from} into {}", file.path().display());
    }
    if args.no_check {
        return partly(refused);
    }
    check(&args, &drafts, &file, output).await?;
    partly(refused)
}

/// Those that can be imported. The others are told; if there are no more, the first of them is the
/// failure.
fn split(read: Vec<Result<CloudDraft, ImportError>>) -> Result<(Vec<CloudDraft>, usize)> {
    let (good, bad): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
    let drafts: Vec<CloudDraft> = good.into_iter().flatten().collect();
    let mut failures = bad.into_iter().filter_map(Result::err).map(failure);
    if drafts.is_empty()
        && let Some(first) = failures.next()
    {
        return Err(failures.fold(first, |all, next| all.note("error", next.message())));
    }
    let mut refused = 0;
    for failure in failures {
        refused += 1;
        for line in failure.lines(None) {
            eprintln!("{line}");
        }
    }
    Ok((drafts, refused))
}

fn partly(refused: usize) -> Result<()> {
    match refused {
        0 => Ok(()),
        _ => Err(Failure::said(Exit::Partial)),
    }
}

/// Gives the clouds the names that were asked for. No two may have the same.
fn named(mut drafts: Vec<CloudDraft>, renames: &[(String, String)]) -> Result<Vec<CloudDraft>> {
    for (old, new) in renames {
        let is_meant = |draft: &&mut CloudDraft| draft.origin == *old || draft.name == *old;
        let Some(draft) = drafts.iter_mut().find(is_meant) else {
            let known: Vec<&str> = drafts.iter().map(|draft| draft.origin.as_str()).collect();
            return Err(
                Failure::usage(format!("--rename {old}={new}: {old:?} is not imported"))
                    .hint(format!("imported are: {}", known.join(", "))),
            );
        };
        draft.name.clone_from(new);
    }
    let mut origins: BTreeMap<&str, &str> = BTreeMap::new();
    for draft in &drafts {
        if let Some(other) = origins.insert(&draft.name, &draft.origin) {
            let (name, origin) = (&draft.name, &draft.origin);
            let message = format!("{other:?} and {origin:?} would both be called {name:?}");
            let hint = format!("give one another name, as --rename '{origin}={name}-2'");
            return Err(Failure::new(Exit::Conflict, message).hint(hint));
        }
    }
    Ok(drafts)
}

fn refuse_clashes(file: &FarmFile, drafts: &[CloudDraft], replace: bool) -> Result<()> {
    let there = drafts
        .iter()
        .filter(|draft| file.key_of(&draft.name).is_some());
    let names: Vec<&str> = there.map(|draft| draft.name.as_str()).collect();
    if replace || names.is_empty() {
        return Ok(());
    }
    let (names, path) = (names.join(", "), file.path().display());
    Err(
        Failure::new(Exit::Conflict, format!("{path} has {names} already"))
            .hint("--replace overwrites, --rename NAME=NEW gives another name"),
    )
}

/// The entries as they would be written, without the secrets.
fn show(drafts: &[CloudDraft], output: Output) -> Result<()> {
    let mut file = FarmFile::nowhere();
    for draft in drafts {
        file.put(&draft.name, &draft.shown())?;
    }
    output.line(&file.to_string())
}

async fn check(
    args: &ImportArgs,
    drafts: &[CloudDraft],
    file: &FarmFile,
    output: Output,
) -> Result<()> {
    let settings = args.settings.clone().with_farm(file.path().to_owned());
    let names: Vec<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
    let clouds = chosen_clouds(settings.load()?.farm, Some(&names))?;
    print_reports(output, &ask(clouds, args.timeout.get()).await?)
}

fn failure(error: ImportError) -> Failure {
    let mut failure = Failure::new(Exit::of(error.kind), error.message);
    for place in error.looked {
        failure = failure.note("looked for", place.display().to_string());
    }
    match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
