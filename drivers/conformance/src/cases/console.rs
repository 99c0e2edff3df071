use cloudfarm_contract::ErrorKind;
use cloudfarm_contract::extensions::{ConsoleKind, ConsoleRead};

use super::unknown_ids;
use crate::bench::Bench;
use crate::case::cases;
use crate::failure::{Failure, Outcome, ensure, have, refused};

cases! {
    console_log_gives_the_last_lines: @console_log;
    remote_console_gives_a_url: @remote_console;
}

async fn console_log_gives_the_last_lines(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    let console = have(bench.driver().console_log())?;
    let all = bench
        .until_changed("the console has output", || async {
            match console
                .read_console(&bench.cx(), &node.id, &ConsoleRead::default())
                .await
            {
                Ok(read) => Ok((read.output.lines().count() > 2).then_some(read.output)),
                // There is none yet.
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
                Err(error) => Err(Failure::from(error)),
            }
        })
        .await?;
    let two = ConsoleRead { lines: Some(2) };
    let last = console
        .read_console(&bench.cx(), &node.id, &two)
        .await?
        .output;
    let count = last.lines().count();
    ensure!(
        (1..=2).contains(&count),
        "asked for the last 2 of {} lines, got {count}",
        all.lines().count()
    );
    for id in unknown_ids(Some(&node.id)) {
        let read = console.read_console(&bench.cx(), &id, &two).await;
        refused(
            &format!("read_console of {id:?}"),
            read,
            &[ErrorKind::NotFound],
        )?;
    }
    Ok(())
}

async fn remote_console_gives_a_url(bench: &Bench) -> Outcome {
    let node = bench.node().await?;
    let console = have(bench.driver().remote_console())?;
    let opened = console
        .open_console(&bench.cx(), &node.id, &ConsoleKind::default())
        .await?;
    ensure!(
        opened.url.expose().contains("://"),
        "the address of the {} console is not a URL",
        opened.kind
    );
    ensure!(
        opened
            .expires_at
            .is_none_or(|at| at > bench.shared().target.clock.now()),
        "the console has ceased to work before it was opened"
    );
    let strange = ConsoleKind {
        kind: Some(cloudfarm_contract::Text::from_static("no-such-console")),
    };
    let result = console.open_console(&bench.cx(), &node.id, &strange).await;
    refused(
        "a console of an unknown kind",
        result,
        &[ErrorKind::Invalid],
    )?;
    Ok(())
}
