//! Bytes to what they say, for many mails at once. Needs no transaction.
//!
//! Mails are parsed on deep stacks: a mail of a million nested parts overflows a usual one (an abort
//! that nothing can catch). A large mail is parsed by a thread of its own, so that a stack that it has
//! grown goes back to the system. Only plain structs leave.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::{DeskError, Result};
use crate::mail::{Arrival, parse};
use crate::rules::live::Guidance;
use crate::store::open::open_to_read;
use crate::store::{cases, outbox};
use crate::triage::case::numbers_in;
use crate::triage::inquiry::Choice;
use crate::triage::message::{Legibility, Message};
use crate::triage::reading::{self, Context, Language, Reading};
use crate::triage::screen::{Screening, Verdict};
use crate::triage::surroundings::Mailbox;
use crate::triage::text::Sections;

/// 860,000 nested mails in 24 MB fit; 64 MiB overflow. Only what is used is ever memory.
pub(super) const STACK: usize = 128 << 20;
/// However it nests, a mail of so many bytes grows no stack by more than 2 MiB.
const SHALLOW: usize = 512 << 10;
/// Of a larger mail only the header is read.
pub(super) const LARGEST: usize = 25_000_000;
/// So much of it at most.
const LARGEST_HEADER: usize = 256_000;
/// Ancestors that are asked after for what their case waits for.
const NEAREST: usize = 10;

/// A mail that has been read.
#[derive(Debug)]
pub struct Read {
    pub uid: u32,
    pub arrived: DateTime<Utc>,
    pub message: Message,
    pub reading: Reading,
    /// It was not taken apart: it killed the program, or made it panic.
    pub poisonous: bool,
}

/// Reading connections, for a question or two while mails are read.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Vec::new()) }
    }

    fn with<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| open_to_read(&self.path), Ok)?;
        let answer = question(&connection)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer)
    }

    /// The fields that the case waits for which this mail answers.
    fn expecting(&self, message: &Message) -> Result<Vec<String>> {
        let ancestors = message.ancestors();
        let numbers = numbers_in(&message.subject);
        if ancestors.is_empty() && numbers.is_empty() {
            return Ok(Vec::new());
        }
        self.with(|connection| {
            let mut number = None;
            for id in ancestors.iter().take(NEAREST) {
                number = number.or(outbox::ours(connection, id)?.and_then(|ours| ours.number));
            }
            let Some(number) = number.or_else(|| numbers.into_iter().next()) else { return Ok(Vec::new()) };
            Ok(cases::load(connection, &number)?.map_or_else(Vec::new, |case| case.missing))
        })
    }
}

pub(super) fn no_thread(error: &std::io::Error) -> DeskError {
    DeskError::temporary(format!("no thread to read mail: {error}"))
}

/// The mailbox of the configuration.
pub fn mailbox_named<'a>(guidance: &'a Guidance, name: &str) -> Result<&'a Mailbox> {
    guidance
        .config
        .surroundings
        .mailbox(name)
        .ok_or_else(|| DeskError::permanent(format!("the configuration has no mailbox {name}")))
}

/// A mail that was read before and kept.
pub fn read_again(
    guidance: &Guidance,
    mailbox: &Mailbox,
    message: &Message,
    arrived: DateTime<Utc>,
) -> Reading {
    catch_unwind(AssertUnwindSafe(|| reading::read(message, context(guidance, mailbox, arrived, &[]))))
        .unwrap_or_else(|_| unread(mailbox))
}

/// A mail that is not taken apart at all.
pub fn poisonous(mailbox: &Mailbox, arrival: &Arrival) -> Read {
    let digest = digest(&arrival.bytes);
    let message = Message {
        content_digest: digest.clone(),
        digest,
        size: arrival.size,
        legibility: Legibility::Broken,
        ..Message::default()
    };
    Read { uid: arrival.uid, arrived: arrival.arrived, message, reading: unread(mailbox), poisonous: true }
}

/// What is understood of a mail that nobody read.
pub fn unread(mailbox: &Mailbox) -> Reading {
    Reading {
        language: Language::Nl,
        screening: Screening {
            verdict: Verdict::Review { reason: "unreadable".to_owned() },
            signs: Vec::new(),
        },
        inquiry: Choice { id: mailbox.inquiry.clone(), scores: Vec::new(), why: "the mailbox".to_owned() },
        fields: BTreeMap::new(),
        doubted: BTreeMap::new(),
        sections: Sections::default(),
    }
}

pub fn context<'a>(
    guidance: &'a Guidance,
    mailbox: &'a Mailbox,
    arrived: DateTime<Utc>,
    expecting: &'a [String],
) -> Context<'a> {
    Context {
        rules: &guidance.rules,
        surroundings: &guidance.config.surroundings,
        mailbox,
        arrived: arrived.with_timezone(&guidance.config.calendar.time_zone),
        expecting,
    }
}

pub(super) fn read_one(
    guidance: &Guidance,
    mailbox: &str,
    readers: &Readers,
    arrival: &Arrival,
) -> Result<Read> {
    let mailbox = mailbox_named(guidance, mailbox)?;
    let Some(message) = parse_apart(arrival)? else { return Ok(poisonous(mailbox, arrival)) };
    let expecting = readers.expecting(&message)?;
    let context = context(guidance, mailbox, arrival.arrived, &expecting);
    let Ok(reading) = catch_unwind(AssertUnwindSafe(|| reading::read(&message, context))) else {
        return Ok(poisonous(mailbox, arrival));
    };
    Ok(Read { uid: arrival.uid, arrived: arrival.arrived, message, reading, poisonous: false })
}

/// Parses on a stack of its own what could make one grow. `None`: the parser panicked.
fn parse_apart(arrival: &Arrival) -> Result<Option<Message>> {
    if arrival.bytes.len() <= SHALLOW {
        return Ok(catch_unwind(AssertUnwindSafe(|| parse(arrival))).ok());
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("parse".to_owned()).stack_size(STACK);
        let parsing = builder.spawn_scoped(scope, || parse(arrival)).map_err(|error| no_thread(&error))?;
        Ok(parsing.join().ok())
    })
}

fn parse(arrival: &Arrival) -> Message {
    if arrival.bytes.len() <= LARGEST {
        return parse::parse(&arrival.bytes, arrival.size);
    }
    let head = arrival.bytes.get(..LARGEST_HEADER).unwrap_or(&arrival.bytes);
    let end =
        head.windows(2).position(|pair| pair == b"\n\n" || pair == b"\n\r").map_or(head.len(), |at| at + 1);
    let mut message = parse::parse(head.get(..end).unwrap_or(head), arrival.size);
    message.digest = digest(&arrival.bytes);
    // Its words are out of reach: a person must look.
    message.legibility = Legibility::Broken;
    message
}

pub(super) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
