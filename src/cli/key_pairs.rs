//! Key pairs.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::KeyPair;
use serde_json::Value;

use super::change::{Change, Telling, carry_out};
use super::failure::{Failure, Result};
use super::filters::CloudArg;
use super::input::text_or_file;
use super::resource::Resource;
use super::secrets::{Handover, SaveArgs};
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body};
use super::wait::WaitArgs;
use crate::settings::Span;

impl Resource for KeyPair {
    const NOUN: &'static str = "key pair";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |key| key.cloud.to_string()),
        Column::new("NAME", |key| key.name.to_string()),
        Column::new("FINGERPRINT", |key| {
            text::optional(key.fingerprint.as_ref())
        }),
        Column::new("CREATED", |key| text::time(key.created_at.as_ref())),
        Column::alone("PUBLIC KEY", |key| {
            text::optional(key.public_key.as_ref().map(|key| key.trim_end()).as_ref())
        }),
    ];

    fn id(&self) -> String {
        self.name.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct KeyPairsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List key pairs
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm key-pairs list
  cloudfarm key-pairs list --cloud lab -o json"
    )]
    List(ListVerb),
    /// Show a key pair
    #[command(after_help = "Examples:
  cloudfarm key-pairs show me")]
    Show(ShowVerb),
    /// Import a public key, or let the cloud generate a pair
    ///
    /// The cloud gives the private key of a generated pair once. It is written to the file that
    /// --save names, or printed.
    #[command(after_help = "Examples:
  cloudfarm key-pairs create me --public-key @$HOME/.ssh/id_ed25519.pub
  cloudfarm key-pairs create deploy --save deploy.pem")]
    Create {
        /// The name of the key pair
        name: String,
        /// The public key to import: the text, @FILE, or - for stdin
        #[arg(long, value_name = "TEXT|@FILE|-", conflicts_with = "save")]
        public_key: Option<String>,
        #[command(flatten)]
        save: SaveArgs,
        /// How long to wait at most; the job goes on
        #[arg(long, value_name = "DURATION", default_value = "10m")]
        timeout: Span,
    },
    /// Delete key pairs
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm key-pairs delete me --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: KeyPairsArgs) -> Result<()> {
    let key_pairs = Collection {
        session,
        cloud: &args.cloud,
        kind: "key-pairs",
    };
    match args.verb {
        Verb::List(list) => key_pairs.list::<KeyPair>(list).await,
        Verb::Show(show) => key_pairs.show::<KeyPair>(show).await,
        Verb::Create {
            name,
            public_key,
            save,
            timeout,
        } => {
            let public_key = public_key.as_deref().map(read_public_key).transpose()?;
            let body = body([
                ("name", Some(name.as_str().into())),
                ("public_key", public_key.map(Value::from)),
            ]);
            let change = Change::post(&name, &key_pairs.path(&[])).with(&body)?;
            // The private key comes once, so there is nothing to be had without waiting for it.
            let wait = WaitArgs {
                wait: true,
                timeout,
            };
            let handover = Handover::new(&save)?;
            let telling = Telling::remains("created");
            carry_out::<KeyPair>(session, vec![change], &wait, telling, handover).await
        }
        Verb::Delete(delete) => key_pairs.delete::<KeyPair>(delete).await,
    }
}

/// A private key that is given by mistake must not leave the machine.
fn read_public_key(value: &str) -> Result<String> {
    let key = text_or_file(value)?;
    if key.contains("PRIVATE KEY") {
        return Err(Failure::usage("--public-key was given a private key")
            .hint("the public key is usually beside it, in a file that ends with .pub"));
    }
    Ok(key.trim().to_owned())
}
