//! Who may name whom: downwards only, as `src/lib.rs` says.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

/// From the top down.
const LAYERS: [&str; 10] =
    ["cli", "daemon", "desk", "store", "mail", "rules", "config", "document", "clock", "triage"];

/// What the pure core must not touch: files, wires, time, chance, other threads, the log.
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::time::Instant",
    "std::env",
    "tokio::",
    "rusqlite::",
    "getrandom::",
    "tracing::",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Code without its comments and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn layer_of(path: &Path) -> Option<usize> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
    LAYERS.iter().position(|layer| *layer == first)
}

fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|path| path.file_name().is_some_and(|name| name != "tests.rs"));
    found
}

#[test]
fn every_layer_names_only_those_below_it() {
    let mut seen = 0;
    for path in files() {
        let Some(own) = layer_of(&path) else { continue };
        seen += 1;
        let code = code(&path);
        for above in &LAYERS[..own] {
            let name = format!("crate::{above}::");
            assert!(!code.contains(&name), "{} names {above}, which stands above it", path.display());
        }
    }
    assert!(seen > 30, "only {seen} files were looked at");
}

#[test]
fn the_core_is_pure() {
    for path in files() {
        if layer_of(&path) == Some(LAYERS.len() - 1) {
            let code = code(&path);
            for impure in IMPURE {
                assert!(!code.contains(impure), "{} uses {impure}", path.display());
            }
        }
    }
}

/// The README's table of guarantees: each has a row, and each row names tests that are there.
#[test]
fn every_guarantee_of_the_readme_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let section = readme.split("\n## What it guarantees").nth(1).unwrap().split("\n## ").next().unwrap();
    let (bullets, table) = section.split_once("| guarantee | test |").unwrap();
    let promised: Vec<&str> = bullets
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**"))
        .map(|(name, _)| name.trim_end_matches('.'))
        .filter(|name| *name != "Not promised")
        .collect();
    let rows: Vec<(&str, &str)> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
        .filter(|(name, _)| !name.starts_with("---"))
        .collect();
    assert_eq!(rows.iter().map(|(name, _)| *name).collect::<Vec<_>>(), promised);
    for (name, tests) in rows {
        let (mut text, mut found) = (String::new(), 0);
        for word in tests.split('`').skip(1).step_by(2) {
            if word.contains('/') {
                let path = root.join(word);
                assert!(path.exists(), "{name}: {word} is not there");
                text = fs::read_to_string(path.join("story.txt"))
                    .or_else(|_| fs::read_to_string(&path))
                    .unwrap();
                found += usize::from(path.is_dir());
            } else {
                assert!(text.contains(&format!("fn {word}(")), "{name}: no test {word}");
                found += 1;
            }
        }
        assert!(found > 0, "{name}: no test");
    }
}
