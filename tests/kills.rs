//! The real daemon on real servers, killed while mails come in, at random moments and at those where it
//! hurts most: nothing is lost, nothing is double.
//!
//! `KILLS` and `KILL_MAILS` say how often and over how many mails, `KILL_SEED` at which moments
//! (`tests/kill` sets them); each failure names its seed.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Dovecot, Running, SmtpSink, eventually};

const LIMIT: Duration = Duration::from_mins(5);
const MAILBOXES: [(&str, &str); 3] =
    [("administratie", "invoice"), ("info", "account"), ("klacht", "complaint")];

/// A number of the environment.
fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// The next number of a sequence that a seed repeats (`SplitMix64`).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn laid_out(dovecot: &Dovecot, sink: &SmtpSink) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let mut config = format!(
        "rules = {rules:?}\ndatabase = \"data/triaged.db\"\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n\
         hours = \"00:00-24:00\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n",
        sink.port
    );
    for (name, inquiry) in MAILBOXES {
        let _ = write!(
            config,
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"{inquiry}\"\n\
             coordinators = [\"{name}.team@ksyos.nl\"]\nstart = \"all\"\n[mailbox.imap]\nhost = \"127.0.0.1\"\n\
             port = {}\nsecurity = \"none\"\nuser = \"{name}\"\npassword_file = \"{}\"\nsent_folder = \"Sent\"\npoll = 1\n",
            dovecot.port,
            dovecot.password_file(name).display(),
        );
    }
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    dir
}

/// Each from somebody else, so that each is a case of its own with one answer.
fn mail(number: u64) -> String {
    format!(
        "Return-Path: <p{number}@example.org>\r\nFrom: Persoon Nummer{number} <p{number}@example.org>\r\n\
         Subject: vraag {number}\r\nMessage-ID: <kill-{number}@example.org>\r\n\r\n\
         Goedendag,\r\n\r\nIk heb een vraag over mijn holteronderzoek: waarom duurt het zo lang?\r\n"
    )
}

/// A mail that was in hand when a run ended, for the second time: its mailbox and UID.
type Suspect = (String, u32);

fn open(dir: &Path) -> Option<rusqlite::Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(dir.join("data/triaged.db"), flags).ok()
}

/// When a run is to end.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After so many milliseconds, whatever it does then.
    Time(u64),
    /// As soon as the far end has a letter: between its 250 and what the daemon notes of it.
    Taken,
    /// As soon as the database shows another value: a mail is in hand, a mail was handled, a letter is
    /// being sent, a letter is gone.
    Shows(&'static str),
}

impl Moment {
    fn by_chance(chance: &mut u64) -> Self {
        const EFFECTS: [&str; 4] = [
            "SELECT count(*) FROM attempts",
            "SELECT count(*) FROM mails",
            "SELECT count(*) FROM outbox WHERE state = 'sending'",
            "SELECT count(*) FROM outbox WHERE state IN ('sent', 'uncertain')",
        ];
        match next(chance) % 10 {
            // From before it has opened its files to well behind the first answers.
            0..4 => Self::Time(next(chance) % 1_500),
            4..6 => Self::Taken,
            at => Self::Shows(EFFECTS[usize::try_from(at - 6).unwrap()]),
        }
    }

    /// Waits for it, though no longer than a while: not every run has anything left to do.
    fn wait(self, dir: &Path, sink: &SmtpSink) {
        let end = Instant::now() + Duration::from_secs(3);
        let (taken, database) = (sink.mails().len(), open(dir));
        let shown = |sql: &str| database.as_ref()?.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
        match self {
            Self::Time(milliseconds) => thread::sleep(Duration::from_millis(milliseconds)),
            Self::Taken => {
                while sink.mails().len() == taken && Instant::now() < end {
                    thread::sleep(Duration::from_micros(200));
                }
            }
            Self::Shows(sql) => {
                let before = shown(sql);
                while shown(sql) == before && Instant::now() < end {
                    thread::sleep(Duration::from_micros(200));
                }
            }
        }
    }
}

/// The daemon, as it runs now; it ends with the test.
struct Daemon(Running);

impl Daemon {
    fn start(dir: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
        command.args(["run", "--config"]).arg(dir.join("triaged.toml"));
        Self(Running::start(&mut command, &dir.join("log")))
    }

    /// SIGKILL. Given are the mails that this was the second death for: they are not to be tried again.
    fn kill(&mut self, dir: &Path) -> Vec<Suspect> {
        self.0.kill();
        let Some(database) = open(dir) else { return Vec::new() };
        let Ok(mut rows) =
            database.prepare("SELECT mailbox, uid FROM attempts WHERE crashes > 0 AND run <> ''")
        else {
            return Vec::new();
        };
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }
}

fn json(dir: &Path, arguments: &[&str]) -> Option<Value> {
    let config: PathBuf = dir.join("triaged.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
        .args(arguments)
        .arg("--config")
        .arg(config)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

/// The value of a header, such as `Message-ID`.
fn header(mail: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(mail);
    let prefix = format!("{name}: ");
    let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn killed_at_any_moment_it_loses_no_mail_and_sends_no_answer_twice() {
    let (kills, mails) = (asked("KILLS", 12), asked("KILL_MAILS", 90));
    let seed = asked("KILL_SEED", u64::from(std::process::id()));
    eprintln!("KILL_SEED={seed} KILLS={kills} KILL_MAILS={mails}");
    let mut chance = seed;
    let dovecot = Dovecot::start();
    let sink = SmtpSink::start();
    let dir = laid_out(&dovecot, &sink);
    let mut suspects: BTreeSet<Suspect> = BTreeSet::new();
    thread::scope(|scope| {
        // They come in all the while, in bursts, into three mailboxes.
        scope.spawn(|| {
            let mut people: Vec<_> = MAILBOXES.iter().map(|(name, _)| dovecot.person(name)).collect();
            for number in 0..mails {
                let at = usize::try_from(number).unwrap() % people.len();
                people[at].append("INBOX", "", None, mail(number).as_bytes());
                if number % 10 == 9 {
                    thread::sleep(Duration::from_millis(kills * 700 / (mails / 10).max(1)));
                }
            }
        });
        for _ in 0..kills {
            let moment = Moment::by_chance(&mut chance);
            let mut daemon = Daemon::start(dir.path());
            moment.wait(dir.path(), &sink);
            suspects.extend(daemon.kill(dir.path()));
        }
    });
    let _last = Daemon::start(dir.path());
    eventually("every mail is accounted for and every answer gone", LIMIT, || {
        let status = json(dir.path(), &["status", "--json"])?;
        let all = status["seen"] == mails && status["accounted"] == mails;
        (all && status["outbox"]["waiting"] == 0).then_some(())
    });
    // What is in doubt does not count as waiting; its one more try is to come, too.
    eventually("nothing is left to be tried", LIMIT, || {
        let sql = "SELECT count(*) FROM outbox WHERE next_try IS NOT NULL OR taken IS NOT NULL";
        let left = open(dir.path())?.query_row(sql, [], |row| row.get::<_, i64>(0)).ok()?;
        (left == 0).then_some(())
    });
    let aside = each_once(dir.path(), mails, seed);
    // A mail is set aside unread only where it was in hand when two runs ended (design, invariant 10).
    assert_eq!(
        aside,
        suspects.len(),
        "seed {seed}: set aside unread, and in hand at two deaths: {suspects:?}"
    );
    // A suspect is taken alone, so a death meets at most one of each mailbox, and never at the first.
    assert!(aside as u64 <= kills.saturating_sub(1) * MAILBOXES.len() as u64, "seed {seed}: {aside} aside");
    let doubtful = answered(dir.path(), &sink, aside, seed);
    eprintln!(
        "{mails} mails, {aside} set aside unread, {doubtful} answers of which nobody can know how often they came"
    );
}

/// Every mail is one row and one message of one case; how many were set aside unread.
fn each_once(dir: &Path, mails: u64, seed: u64) -> usize {
    let list = json(dir, &["mail", "list", "--json"]).unwrap();
    let rows = list.as_array().unwrap();
    assert_eq!(rows.len() as u64, mails, "seed {seed}: each mail once");
    let (aside, read): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["reason"] == "unreadable");
    assert!(aside.iter().all(|row| row["disposition"] == "review"), "seed {seed}: {aside:?}");
    assert!(read.iter().all(|row| row["disposition"] == "case"), "seed {seed}: {read:?}");
    let ids: BTreeSet<&str> = read.iter().filter_map(|row| row["message_id"].as_str()).collect();
    assert_eq!(ids.len(), read.len(), "seed {seed}: each mail once");
    // Each is somebody else's, so each has a case to itself: no case without a mail, no mail without.
    let of: BTreeSet<&str> = rows.iter().filter_map(|row| row["number"].as_str()).collect();
    assert_eq!(of.len() as u64, mails, "seed {seed}: each mail has a case of its own");
    let cases = json(dir, &["cases", "list", "--json"]).unwrap();
    let cases = cases.as_array().unwrap();
    let numbers: BTreeSet<&str> = cases.iter().filter_map(|case| case["number"].as_str()).collect();
    assert_eq!((cases.len() as u64, &numbers), (mails, &of), "seed {seed}: a case for each, and no other");
    assert!(cases.iter().all(|case| case["messages"] == 1), "seed {seed}: one mail in each");
    aside.len()
}

/// Message-ID to every copy that a person got, byte for byte.
type Got = BTreeMap<String, Vec<Vec<u8>>>;

/// One answer was decided for each case whose mail was read, and came once. Only where an attempt ended in
/// doubt may it be otherwise, and the row says so (design, invariant 5). How many do.
fn answered(dir: &Path, sink: &SmtpSink, aside: usize, seed: u64) -> usize {
    let mut people: BTreeMap<String, Got> = BTreeMap::new();
    for taken in sink.mails().into_iter().filter(|taken| taken.to.ends_with("@example.org")) {
        let id = header(&taken.bytes, "Message-ID");
        people.entry(taken.to).or_default().entry(id).or_default().push(taken.bytes);
    }
    let cases = json(dir, &["cases", "list", "--json"]).unwrap();
    let cases: Vec<&str> =
        cases.as_array().unwrap().iter().filter_map(|case| case["number"].as_str()).collect();
    let database = open(dir).unwrap();
    let mut answers = database
        .prepare("SELECT recipient, state, doubts FROM outbox WHERE number = ?1 AND alert IS NULL")
        .unwrap();
    let (mut doubtful, mut unanswered) = (0, 0);
    for number in cases {
        let rows: Vec<(String, String, u32)> = answers
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let [(to, state, doubts)] = rows.as_slice() else {
            assert!(rows.is_empty(), "seed {seed}: one answer decided for {number}: {rows:?}");
            unanswered += 1;
            continue;
        };
        let got = people.remove(to).unwrap_or_default();
        assert!(got.len() <= 1, "seed {seed}: two different answers to {number}: {:?}", got.keys());
        let copies = got.into_values().next().unwrap_or_default();
        assert!(copies.windows(2).all(|two| two[0] == two[1]), "seed {seed}: {number}: other bytes");
        // An attempt in doubt came or did not. After the first, one more was made, and no doubt means that
        // this one came; after the second nobody tries again.
        let (right, wanted) = match doubts {
            0 => (1..=1, "sent"),
            1 => (1..=2, "uncertain"),
            _ => (0..=2, "uncertain"),
        };
        assert!(
            right.contains(&copies.len()) && state == wanted && *doubts <= 2,
            "seed {seed}: {} copies of the answer to {number}, {state}, {doubts} doubts",
            copies.len()
        );
        doubtful += usize::from(*doubts > 0);
    }
    assert!(people.is_empty(), "seed {seed}: nobody else is written to: {:?}", people.keys());
    assert_eq!(unanswered, aside, "seed {seed}: no answer only where the mail was set aside");
    let shown = json(dir, &["status", "--json"]).unwrap();
    assert!(
        shown["outbox"]["uncertain"].as_u64() >= Some(doubtful as u64),
        "seed {seed}: `status` shows them: {}",
        shown["outbox"]
    );
    doubtful
}
