//! Configuration and rules, read and checked together: what `check` says is what a start and a
//! reload insist on, word for word.

use std::path::{Path, PathBuf};

use super::{VOCABULARIES, inspect, last_good};
use crate::config::{self, Config};
use crate::document::{Faults, Severity};
use crate::triage::ruleset::RuleSet;

/// What was found.
#[derive(Debug)]
pub struct Checked {
    /// Where nothing in it is an error.
    pub config: Option<Config>,
    /// Where nothing in any of their files is an error.
    pub rules: Option<RuleSet>,
    /// Everything that is wrong or odd; what is wrong comes first.
    pub faults: Faults,
}

/// Reads the configuration and the rules that it names. A fault in one hides none in the other.
#[must_use]
pub fn check(file: &Path) -> Checked {
    let (config, mut faults) = config::inspect(file);
    let folder = match &config {
        Some(config) => Some(config.rules.clone()),
        None => config::rules_folder(file).filter(|folder| folder.is_dir()),
    };
    let mut rules = None;
    if let Some(folder) = folder {
        let (found, of_rules) = inspect(&folder);
        rules = found;
        faults.0.extend(of_rules.0);
        let ids = inquiries(&folder);
        if folder.is_dir() {
            faults.0.extend(config::check_inquiries(file, &ids).0);
        }
    }
    faults.0.sort_by_key(|fault| fault.severity == Severity::Warning);
    Checked { config, rules, faults }
}

/// The same, for use.
///
/// # Errors
/// Every fault and every warning, where there is one that is more than a warning.
pub fn load(file: &Path) -> Result<(Config, RuleSet), Faults> {
    let checked = check(file);
    match checked {
        Checked { config: Some(config), rules: Some(rules), faults } if !faults.fatal() => {
            Ok((config, rules))
        }
        Checked { faults, .. } => Err(faults),
    }
}

/// What a start goes by.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub rules: RuleSet,
    /// Why the folder of rules is not in force, where the rules are those that last were.
    pub refused: Option<Faults>,
}

/// The same; where the rules alone are faulty, those that were last in force on this database. A
/// restart in the middle of an edit must not stop the mail.
///
/// # Errors
/// Every fault, where the configuration has one or no rules were ever in force.
pub fn load_or_last_good(file: &Path) -> Result<Loaded, Faults> {
    let Checked { config, rules, faults } = check(file);
    let Some(config) = config else { return Err(faults) };
    match rules {
        Some(rules) if !faults.fatal() => Ok(Loaded { config, rules, refused: None }),
        _ => match last_good::read(&config.database) {
            Some(rules) if config::check_against(&config, &rules).is_ok() => {
                Ok(Loaded { config, rules, refused: Some(faults) })
            }
            _ => Err(faults),
        },
    }
}

/// The ids of the inquiries in a folder, whatever else is wrong with their files.
fn inquiries(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_toml = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml");
    let names = files.filter(is_toml).filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let mut ids: Vec<String> = names
        .filter(|name| !VOCABULARIES.contains(&name.as_str()) && !name.starts_with(['.', '#', '~']))
        .collect();
    ids.sort();
    ids
}
