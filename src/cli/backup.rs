//! `triaged backup` and `triaged restore`: a copy of the database, and the way back.

use std::path::Path;

use super::terminal::say;
use super::{Done, Trouble, configuration};
use crate::clock::Clock;
use crate::store::backup;

pub fn write(file: &Path, to: &Path, clock: &Clock) -> Done {
    let config = configuration(file)?;
    backup::write(&config.database, to, clock.now()).map_err(Trouble::failed)?;
    say(&format!(
        "verified copy in {}: it holds what people wrote, keep it where only you can read it",
        to.display()
    ));
    Ok(())
}

pub fn restore(file: &Path, from: &Path, clock: &Clock) -> Done {
    let config = configuration(file)?;
    let aside = backup::restore(from, &config.database, clock.now()).map_err(Trouble::failed)?;
    if let Some(aside) = aside {
        say(&format!("the database that was there is now {}", aside.display()));
    }
    say("restored: start `triaged run`. Mails that came in since the backup was made are taken in again,");
    say(
        "for a coordinator to look at: whether they were answered cannot be known, so no letter goes out by itself.",
    );
    Ok(())
}
