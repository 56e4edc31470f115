//! Any text in the place of a file that an admin writes: faults with a place, or a whole value.

#![allow(dead_code, reason = "each fuzz target uses one of them")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::{Path, PathBuf};

/// The name of a fuzz target, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

pub const ALL: [Target; 2] = [("rules", rules), ("config", config)];

fn root() -> PathBuf {
    // The fuzz targets are a package of their own, two folders further down.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    if here.ends_with("tests/fuzz") { here.join("../..") } else { here.to_owned() }
}

/// Vocabularies that stay out of the way: reading them takes a while.
const HEAVY: [&str; 6] = ["machines", "text", "people", "dates", "description", "languages"];

/// Any text in the place of a rule file or of a letter: faults with a place, or a whole set.
pub fn rules(data: &[u8]) {
    const PLACES: [&str; 12] = [
        "complaint.toml",
        "fields.toml",
        "services.toml",
        "letters/request.nl.txt",
        "organisation.toml",
        "reasons.toml",
        "machines.toml",
        "text.toml",
        "people.toml",
        "dates.toml",
        "description.toml",
        "languages.toml",
    ];
    let Some((place, text)) = data.split_first() else { return };
    let place = PLACES[usize::from(*place) % PLACES.len()];
    let dir = scratch();
    let folder = dir.path().join("rules");
    std::fs::create_dir_all(folder.join("letters")).unwrap();
    for (part, ending) in [("", "toml"), ("letters", "txt")] {
        for entry in std::fs::read_dir(root().join("rules").join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|found| found != ending) {
                continue;
            }
            let target = folder.join(part).join(path.file_name().unwrap());
            if HEAVY.contains(&path.file_stem().unwrap().to_str().unwrap()) {
                std::fs::write(target, "# nothing\n").unwrap();
            } else {
                std::os::unix::fs::symlink(std::fs::canonicalize(&path).unwrap(), target).unwrap();
            }
        }
    }
    let target = folder.join(place);
    let _ = std::fs::remove_file(&target);
    std::fs::write(&target, text).unwrap();
    let (set, faults) = triaged::rules::inspect(&folder);
    assert_eq!(set.is_none(), faults.fatal(), "a set exactly where nothing is an error\n{faults}");
    told_well(&faults);
    if let Some(set) = set {
        assert!(!set.inquiries.is_empty());
    }
}

/// Any text as `triaged.toml`.
pub fn config(data: &[u8]) {
    let dir = scratch();
    let file = dir.path().join("triaged.toml");
    std::fs::write(&file, data).unwrap();
    let (config, faults) = triaged::config::inspect(&file);
    assert_eq!(
        config.is_none(),
        faults.fatal(),
        "a configuration exactly where nothing is an error\n{faults}"
    );
    told_well(&faults);
    if let Some(config) = config {
        assert!(!config.mailboxes.is_empty() && !config.surroundings.mailboxes.is_empty());
    }
}

/// In memory where the machine has a place for that.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

fn told_well(faults: &triaged::config::Faults) {
    for fault in &faults.0 {
        assert!(!fault.what.is_empty(), "{fault}");
        let shown = fault.to_string();
        assert!(!shown.contains(['\u{1b}', '\0', '\r']), "{shown:?} can steer a terminal");
        assert!(shown.len() < 8_000, "{} bytes", shown.len());
    }
}
