//! Everything that was ever found by throwing bytes at the program, and the seeds that the search
//! starts from, through the same functions as the fuzz targets of `tests/fuzz`.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod bodies;
mod files;
mod program;
#[path = "../support/mod.rs"]
mod support;
mod wires;

use std::fs;
use std::time::{Duration, Instant};

/// Deep nesting costs stack when a mail is taken apart.
const STACK: usize = 128 << 20;
/// Far more than any of them takes, on the slowest machine in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn whatever_was_found_by_throwing_bytes_at_it_stays_mended() {
    let targets = bodies::ALL.into_iter().chain(files::ALL).chain(wires::ALL);
    let work = move || targets.for_each(|(name, body)| replay(name, body));
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
    assert!(thread.join().is_ok(), "see the message above");
}

fn replay(name: &str, body: fn(&[u8])) {
    body(b"");
    let mut count = 0;
    for entry in fs::read_dir(bodies::root().join("tests/fuzz/seeds").join(name)).unwrap() {
        let path = entry.unwrap().path();
        // Shown only where a test fails.
        println!("{}", path.display());
        let began = Instant::now();
        body(&fs::read(&path).unwrap());
        assert!(began.elapsed() < PATIENCE, "{}: {:?}", path.display(), began.elapsed());
        count += 1;
    }
    assert!(count > 0, "no seeds for {name}");
}
