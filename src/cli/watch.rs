//! `--watch`: a list, again and again. A terminal shows the list as it is; a pipe gets it once, and
//! then what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use console::Term;
use serde_json::{Value, json};

use super::exit::Exit;
use super::failure::Result;
use super::listing::List;
use super::output::{Format, stdout};
use super::resource::{self, Resource};
use super::session::Session;
use super::table::{Table, Width};

/// Lists until it is interrupted. A server that is away for a while does not end it, but it must
/// have answered once.
pub(super) async fn watch<T: Resource>(
    session: &Session,
    list: &List,
    limit: Option<u32>,
    every: Duration,
) -> Result<()> {
    let terminal = Term::stdout();
    let width = Width {
        wide: session.output.format == Format::Wide,
        clouds: list.is_over_clouds(),
    };
    let mut changes = Changes::<T>::new(session, width);
    let (mut items, mut clouds) = list.fetch(&session.client, limit).await?;
    loop {
        let mut notes = clouds.complaints();
        if terminal.is_term() && session.output.is_table() {
            redraw::<T>(&terminal, &items, width, every, &notes)?;
        } else {
            notes.iter().for_each(|note| eprintln!("{note}"));
            changes.print(&items)?;
        }
        loop {
            tokio::time::sleep(every).await;
            match list.fetch(&session.client, limit).await {
                Ok(answer) => {
                    (items, clouds) = answer;
                    break;
                }
                Err(failure) if failure.exit() == Exit::Unavailable => {
                    notes = failure.lines(None);
                    notes.iter().for_each(|note| eprintln!("{note}"));
                }
                Err(failure) => return Err(failure),
            }
        }
    }
}

/// Shows as many rows as there is room for, for what has scrolled away cannot be drawn again.
fn redraw<T: Resource>(
    terminal: &Term,
    items: &[Value],
    width: Width,
    every: Duration,
    notes: &[String],
) -> Result<()> {
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        rows.push(resource::row(&resource::read::<T>(item)?, width));
    }
    let height = usize::from(terminal.size().0);
    let room = height.saturating_sub(notes.len() + 5).max(1);
    let hidden = rows.len().saturating_sub(room);
    rows.truncate(room);
    let mut screen = Vec::new();
    let now = jiff::Timestamp::now().strftime("%H:%M:%SZ");
    writeln!(
        screen,
        "{} at {now}, again every {}s; ^C ends",
        super::text::count(items.len(), T::NOUN),
        every.as_secs_f32()
    )?;
    writeln!(screen)?;
    Table::new(resource::headers::<T>(width)).write(&mut screen, &rows)?;
    if hidden > 0 {
        writeln!(screen, "... and {hidden} more")?;
    }
    for note in notes {
        writeln!(screen, "{note}")?;
    }
    terminal.clear_screen()?;
    let mut out = stdout();
    out.write_all(&screen)?;
    Ok(out.flush()?)
}

/// What is different from the list before.
struct Changes<'a, T> {
    session: &'a Session,
    width: Width,
    table: Table,
    known: BTreeMap<String, (Vec<String>, Value)>,
    resource: std::marker::PhantomData<T>,
}

impl<'a, T: Resource> Changes<'a, T> {
    fn new(session: &'a Session, width: Width) -> Self {
        let mut headers = vec!["CHANGE"];
        headers.extend(resource::headers::<T>(width));
        Self {
            session,
            width,
            table: Table::new(headers),
            known: BTreeMap::new(),
            resource: std::marker::PhantomData,
        }
    }

    fn print(&mut self, items: &[Value]) -> Result<()> {
        let mut changes = Vec::new();
        let mut seen = BTreeSet::new();
        for item in items {
            let resource: T = resource::read(item)?;
            let key = key(&resource, item);
            seen.insert(key.clone());
            // Compared is what a wide list shows: a time of observation is no change.
            let compared = Width {
                wide: true,
                clouds: true,
            };
            let row = resource::row(&resource, compared);
            let change = match self.known.get(&key) {
                None => "added",
                Some((before, _)) if *before != row => "changed",
                Some(_) => continue,
            };
            changes.push((change, item.clone()));
            self.known.insert(key, (row, item.clone()));
        }
        let gone = self.known.extract_if(.., |key, _| !seen.contains(key));
        changes.extend(gone.map(|(_, (_, item))| ("gone", item)));
        self.write(&changes)
    }

    fn write(&mut self, changes: &[(&str, Value)]) -> Result<()> {
        let output = self.session.output;
        let mut out = stdout();
        let mut rows = Vec::new();
        for (change, item) in changes {
            let resource: T = resource::read(item)?;
            match output.format {
                _ if output.quiet => writeln!(out, "{change} {}", resource.id())?,
                Format::Table | Format::Wide => {
                    let mut row = vec![(*change).to_owned()];
                    row.extend(resource::row(&resource, self.width));
                    rows.push(row);
                }
                Format::Name => {
                    let name = super::text::printable(&resource.name());
                    writeln!(out, "{change} {name}")?;
                }
                // One document a line, so that a reader can follow.
                Format::Json => writeln!(out, "{}", json!({ "change": change, "item": item }))?,
                Format::Yaml => {
                    let document = json!({ "change": change, "item": item });
                    writeln!(out, "---")?;
                    out.write_all(super::output::yaml(&document)?.as_bytes())?;
                }
            }
        }
        self.table.write(&mut out, &rows)?;
        Ok(out.flush()?)
    }
}

/// Ids are unique on their cloud only.
fn key<T: Resource>(resource: &T, item: &Value) -> String {
    let cloud = item.get("cloud").and_then(Value::as_str).unwrap_or("");
    format!("{cloud}/{}", resource.id())
}
