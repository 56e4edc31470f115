use std::fs;
use std::path::{Path, PathBuf};

use super::{inspect, load};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

#[test]
fn the_shipped_rules_have_no_faults() {
    let (rules, faults) = inspect(&shipped());
    assert!(!faults.fatal(), "{faults}");
    assert_eq!(rules.unwrap().digest.len(), 16);
}
