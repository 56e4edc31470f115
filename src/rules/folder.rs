//! The folder of rule files, read once and within bounds. What is not a rule file (README, schema,
//! examples, an editor's own files) is left alone.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::document::{Document, Faults, LocatedFault};

/// More files than this in one folder are a mistake.
const MOST_FILES: usize = 500;

/// Every rule file, read.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// File name without `.toml`.
    pub rules: BTreeMap<String, Document>,
    /// File name without `.txt`.
    pub letters: BTreeMap<String, Document>,
    /// Names of rule files that could not be read.
    pub unreadable: Vec<String>,
    /// Names of letters that could not be read.
    pub unreadable_letters: Vec<String>,
    /// SHA-256 of all names and bytes, the first 16 hexadecimal digits.
    pub digest: String,
}

impl Folder {
    pub fn read(dir: &Path, faults: &mut Faults) -> Self {
        let mut hash = Sha256::new();
        let (mut unreadable, mut unreadable_letters) = (Vec::new(), Vec::new());
        let rules = documents(dir, "toml", &mut hash, faults, &mut unreadable);
        if let Err(fault) = inside(dir, &dir.join("letters")) {
            faults.push(*fault);
        }
        let letters = documents(&dir.join("letters"), "txt", &mut hash, faults, &mut unreadable_letters);
        let mut digest = String::new();
        for byte in hash.finalize().iter().take(8) {
            let _ = write!(digest, "{byte:02x}");
        }
        Self { rules, letters, unreadable, unreadable_letters, digest }
    }
}

fn documents(
    dir: &Path,
    ending: &str,
    hash: &mut Sha256,
    faults: &mut Faults,
    unreadable: &mut Vec<String>,
) -> BTreeMap<String, Document> {
    let mut documents = BTreeMap::new();
    for (name, path) in names(dir, ending, faults) {
        match inside(dir, &path).and_then(|()| Document::read(&path)) {
            Ok(document) => {
                // Lengths keep `ab` + `c` and `a` + `bc` apart.
                hash.update(format!("{name}.{ending} {}\n", document.text.len()));
                hash.update(&document.text);
                documents.insert(name, document);
            }
            Err(fault) => {
                faults.push(*fault);
                unreadable.push(name);
            }
        }
    }
    documents
}

/// Names without ending, in order, with their paths.
fn names(dir: &Path, ending: &str, faults: &mut Faults) -> BTreeMap<String, PathBuf> {
    let mut names = BTreeMap::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            let what = match error.kind() {
                ErrorKind::NotFound => "there is no such folder".to_owned(),
                ErrorKind::NotADirectory => "this is a file, not a folder".to_owned(),
                ErrorKind::PermissionDenied => "this folder may not be read by this user".to_owned(),
                _ => format!("this folder cannot be read: {error}"),
            };
            let remedy = match ending {
                "toml" => "`rules` in the configuration names the folder: write its right name there",
                _ => "the letters stand in a folder `letters` beside the rule files",
            };
            faults.push(LocatedFault::of_file(dir, &what, remedy));
            return names;
        }
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_none_or(|found| found != ending) {
            faults.0.extend(mistaken(&path, ending));
            continue;
        }
        match path.file_stem().and_then(|name| name.to_str()) {
            // Editors keep their own files beside the one that is edited: `.#x.toml`, `#x.toml`.
            Some(name) if name.starts_with(['.', '#', '~']) => {}
            Some(name) => {
                names.insert(name.to_owned(), path);
            }
            None => {
                faults.push(LocatedFault::of_file(&path, "the name of this file is no text", "rename it"));
            }
        }
        if names.len() > MOST_FILES {
            faults.push(LocatedFault::of_file(
                dir,
                "there are more than 500 files here",
                "is this the right folder?",
            ));
            return BTreeMap::new();
        }
    }
    names
}

/// A file that looks as if its author took it for a rule: Windows adds endings that it does not show.
fn mistaken(path: &Path, ending: &str) -> Option<LocatedFault> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let stem = name.strip_suffix(".txt").unwrap_or(&name);
    let meant = stem.ends_with(&format!(".{ending}")) && !name.starts_with(['.', '#', '~']);
    let what = format!("this file is not read: its name does not end in .{ending}");
    meant.then(|| LocatedFault::of_file(path, &what, &format!("rename it: NAME.{ending}")).warning())
}

/// A link may lead to another file of the folder, not out of it.
fn inside(dir: &Path, path: &Path) -> Result<(), Box<LocatedFault>> {
    let linked = fs::symlink_metadata(path).is_ok_and(|what| what.file_type().is_symlink());
    if !linked {
        return Ok(());
    }
    let fault = |what: &str, remedy: &str| Err(Box::new(LocatedFault::of_file(path, what, remedy)));
    match (fs::canonicalize(dir), fs::canonicalize(path)) {
        (Ok(dir), Ok(target)) if target.starts_with(&dir) => Ok(()),
        (_, Ok(_)) => fault("this link leads out of the folder of rules", "put the file itself here"),
        (_, Err(_)) => fault("this link leads nowhere", "put the file itself here"),
    }
}
