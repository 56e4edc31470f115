//! A copy of the rules that were last in force, beside the database: a start in the middle of a
//! faulty edit goes on with it. Only the daemon writes it. It is a folder of plain files, so that
//! an admin can compare (`diff -r`) and take a file back.
//!
//! The folder is named by the digest of what is in it: a copy that is torn, or that somebody
//! changed, is no copy.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::inspect;
use crate::document::{Document, Faults};
use crate::triage::ruleset::RuleSet;

/// While a copy is being written; no digest reads like this.
const UNFINISHED: &str = "unfinished";

/// Keeps the rules of a folder, where they still are those with this digest, instead of what was
/// kept before.
///
/// # Errors
/// Where it cannot be written; then the copy before it stays.
pub fn keep(dir: &Path, digest: &str, database: &Path) -> io::Result<()> {
    let folder = Folder::read(dir, &mut Faults::default());
    if folder.digest != digest {
        // Saved anew since it was read: the next set in force is kept in its turn.
        return Ok(());
    }
    let home = home(database);
    let goal = home.join(digest);
    if Folder::read(&goal, &mut Faults::default()).digest != digest {
        write(&folder, &home, &goal)?;
    }
    for old in kept(&home).into_iter().filter(|old| *old != goal) {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}

/// The rules that were last in force; `None` where none were ever kept, or none of them are valid
/// any more (for a newer program).
#[must_use]
pub fn read(database: &Path) -> Option<RuleSet> {
    // A crash can leave the copy before the newest.
    kept(&home(database)).into_iter().find_map(|copy| {
        let (rules, _) = inspect(&copy);
        rules.filter(|rules| copy.file_name().is_some_and(|name| name == rules.digest.as_str()))
    })
}

/// `triaged.db.rules`
fn home(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".rules");
    PathBuf::from(name)
}

/// Every copy, the newest first.
fn kept(home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut copies: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    copies.sort_by_key(|path| fs::metadata(path).and_then(|what| what.modified()).ok());
    copies.reverse();
    copies
}

/// Whole or not at all, also across a power cut: aside first, on disk, then under its name.
fn write(folder: &Folder, home: &Path, goal: &Path) -> io::Result<()> {
    let aside = home.join(UNFINISHED);
    for leftover in [&aside, goal] {
        match fs::remove_dir_all(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let letters = aside.join("letters");
    // What an organisation writes is its own, like the database beside it.
    DirBuilder::new().recursive(true).mode(0o700).create(&letters)?;
    let rules = folder.rules.iter().map(|(name, text)| (aside.join(format!("{name}.toml")), text));
    let texts = folder.letters.iter().map(|(name, text)| (letters.join(format!("{name}.txt")), text));
    for (path, Document { text, .. }) in rules.chain(texts) {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    for dir in [&letters, &aside] {
        File::open(dir)?.sync_all()?;
    }
    fs::rename(&aside, goal)?;
    File::open(home)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
    }

    fn digest() -> String {
        Folder::read(&rules(), &mut Faults::default()).digest
    }

    #[test]
    fn what_was_kept_is_what_was_in_force() {
        let state = tempfile::tempdir().unwrap();
        let database = state.path().join("triaged.db");
        assert!(read(&database).is_none(), "nothing was kept yet");
        keep(&rules(), "0000000000000000", &database).unwrap();
        assert!(read(&database).is_none(), "the folder holds other rules than those in force");
        keep(&rules(), &digest(), &database).unwrap();
        assert_eq!(read(&database).map(|rules| rules.digest), Some(digest()));
    }

    #[test]
    fn a_copy_that_was_torn_or_changed_is_none_and_is_written_anew() {
        let state = tempfile::tempdir().unwrap();
        let database = state.path().join("triaged.db");
        keep(&rules(), &digest(), &database).unwrap();
        fs::remove_file(home(&database).join(digest()).join("letters/request.nl.txt")).unwrap();
        fs::create_dir_all(home(&database).join(UNFINISHED)).unwrap();
        assert!(read(&database).is_none());
        keep(&rules(), &digest(), &database).unwrap();
        assert_eq!(read(&database).map(|rules| rules.digest), Some(digest()));
        assert_eq!(kept(&home(&database)), [home(&database).join(digest())]);
    }
}
