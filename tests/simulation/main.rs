//! Thousands of bad days for the real desk, store and core, one seed each: mailboxes drop, senders
//! lie, disks fail, the process dies at any instant; then the books are compared with those of the
//! world around it (`checks`).
//!
//! `tests/simulate --seeds A..B` plays more, `tests/simulate --seed N` tells the story of one.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests may fail loudly")]

mod chance;
mod checks;
mod days;
mod folder;
mod house;
mod line;
mod mails;
mod people;
mod play;
mod rounds;
mod tasks;
mod world;
mod year;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use checks::Seen;
use play::{End, QUIET, play};

/// Played with every run of the tests.
const USUAL: Range<u64> = 0..2000;

/// What a few thousand seeds must have met, or they prove little.
const MET: [&str; 18] = [
    "request Delivered",
    "acknowledgement Delivered",
    "reminder Delivered",
    "request PutOff",
    "request Refused",
    "request Lost",
    "due_soon Delivered",
    "overdue Delivered",
    "bounce Delivered",
    "review Delivered",
    "new Delivered",
    "outbox Delivered",
    "mail Staff",
    "mail Machine",
    "is killed in the middle",
    "numbered anew",
    "disk is full",
    "interrupted",
];

#[test]
fn no_mail_is_lost_answered_twice_or_looped_on_a_bad_day() {
    let seeds = std::env::var("SEEDS").ok().map_or(USUAL, |text| range(&text));
    let many = seeds.end - seeds.start >= 1000;
    let (seen, fault) = play_all(&seeds);
    if std::env::var_os("SEEDS").is_some() {
        println!("{} seeds met {:#?}", seeds.end - seeds.start, seen.0);
    }
    if let Some(seed) = fault {
        tell(seed);
        panic!("seed {seed} leads to a fault; again: tests/simulate --seed {seed}");
    }
    let unmet: Vec<&str> = MET.into_iter().filter(|what| many && !seen.0.contains_key(*what)).collect();
    assert!(unmet.is_empty(), "never met: {unmet:?}");
}

/// Also where other runs keep the machine busy.
#[test]
fn a_seed_always_tells_the_same_story() {
    let seeds = Mutex::new(0..40_u64);
    let work = || {
        while let Some(seed) = seeds.lock().unwrap().next() {
            let (one, other) = (try_one(seed, usize::MAX), try_one(seed, usize::MAX));
            let differs = one.story.iter().zip(&other.story).find(|(one, other)| one != other);
            assert_eq!(differs, None, "seed {seed}");
            assert_eq!((one.story.len(), one.fault), (other.story.len(), other.fault), "seed {seed}");
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
}

/// `3..5`, or `4` for one alone.
fn range(text: &str) -> Range<u64> {
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    match text.split_once("..") {
        Some((start, end)) => number(start)..number(end),
        None => number(text)..number(text) + 1,
    }
}

/// On all cores; the lowest seed that leads to a fault.
fn play_all(seeds: &Range<u64>) -> (Seen, Option<u64>) {
    let next = Mutex::new((seeds.clone(), Seen::default(), None::<u64>));
    let work = || loop {
        let seed = {
            let mut shared = next.lock().unwrap();
            match shared.0.next() {
                Some(seed) if shared.2.is_none() => seed,
                _ => return,
            }
        };
        let end = try_one(seed, usize::MAX);
        let mut shared = next.lock().unwrap();
        shared.1.add(&end.seen);
        if end.fault.is_some() {
            shared.2 = Some(shared.2.map_or(seed, |other| other.min(seed)));
        }
    };
    // A run waits for its own threads half of the time.
    let hands = 2 * thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| (0..hands).for_each(|_| drop(scope.spawn(work))));
    let (_, seen, fault) = next.into_inner().unwrap();
    (seen, fault)
}

/// A panic is a fault too.
fn try_one(seed: u64, steps: usize) -> End {
    let played = catch_unwind(AssertUnwindSafe(|| play(seed, steps)));
    played.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let fault = format!("a panic: {}", what.unwrap_or_default());
        End { fault: Some(fault), story: Vec::new(), seen: Seen::default() }
    })
}

/// The story of a fault, cut down to as few steps of bad days as still lead to one.
fn tell(seed: u64) {
    let shorter = [5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 500];
    let end = shorter
        .into_iter()
        .map(|steps| try_one(seed, steps))
        .find(|end| end.fault.is_some())
        .unwrap_or_else(|| try_one(seed, usize::MAX));
    println!("\nThe story of seed {seed}:");
    let fault = end.fault.unwrap_or_default();
    let (bad, quiet) = end.story.split_at(end.story.iter().position(|l| l.contains(QUIET)).unwrap_or(0));
    // Of the quiet weeks only what the fault is about.
    let about: Vec<&str> = fault.split([' ', ',', ':']).filter(|word| word.contains(['@', '-'])).collect();
    let told = quiet.iter().filter(|line| about.iter().any(|word| line.contains(word)));
    for line in bad.iter().chain(told) {
        println!("  {line}");
    }
    println!("FAULT: {fault}\n");
}
