//! What people look at: cases, mails and the state of the program, exactly as `interface.md` names
//! it. On a connection that cannot write, beside a daemon that may be at work.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::cases::{parse, state_word};
use super::open::{daemon_runs, open_to_read};
use super::tokens::{self, TokenState};
use super::{Result, moment, stored};
use crate::triage::case::{Case, State};
use crate::triage::decide::Disposition;
use crate::triage::fields::Value;

/// One line of `cases list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseLine {
    pub number: String,
    pub inquiry: String,
    pub mailbox: String,
    pub state: State,
    pub overdue: bool,
    pub received: DateTime<Tz>,
    pub due: Option<DateTime<Tz>>,
    pub answered: Option<DateTime<Tz>>,
    pub closed: Option<DateTime<Tz>>,
    pub contact: Option<String>,
    pub fields: BTreeMap<String, Value>,
    pub missing: Vec<String>,
    pub requests: u32,
    /// Mails that people wrote in it; copies are not counted.
    pub messages: u32,
}

/// `cases show`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CasePage {
    #[serde(flatten)]
    pub line: CaseLine,
    pub mails: Vec<CaseMail>,
    pub events: Vec<EventLine>,
    /// Digest of the rules that decided last.
    pub rules: String,
}

/// A mail of a case, in or out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseMail {
    /// `in` or `out`.
    pub direction: &'static str,
    pub message_id: Option<String>,
    pub disposition: Option<Disposition>,
    pub reason: Option<String>,
    pub time: DateTime<Tz>,
    /// Of a mail that goes out: `queued`, `sending`, `sent`, `uncertain`, `failed`.
    pub state: Option<String>,
    /// Of a mail that goes out: `acknowledgement`, `request`, `reminder` or `alert`.
    pub kind: Option<String>,
    /// Of an alert: which.
    pub alert: Option<String>,
    /// Of a mail that came in: the digest of the rules that decided it.
    pub rules: Option<String>,
    /// Of a mail that came in: why it was decided so, in a few words that are not the mail's.
    #[serde(skip)]
    pub notes: String,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventLine {
    pub time: DateTime<Tz>,
    pub what: String,
    pub by: String,
    pub text: String,
}

/// One line of `mail list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MailLine {
    pub id: i64,
    pub message_id: Option<String>,
    pub mailbox: String,
    pub folder: String,
    pub disposition: Disposition,
    pub reason: Option<String>,
    pub number: Option<String>,
    pub received: DateTime<Tz>,
}

/// `status`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub ready: bool,
    pub mailboxes: Vec<MailboxLine>,
    pub outbox: OutboxLine,
    pub rules: RulesLine,
    pub seen: u32,
    pub accounted: u32,
}

/// A watched mailbox in `status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MailboxLine {
    pub name: String,
    /// `ok`, `error`, or `unknown` before the first look.
    pub state: &'static str,
    /// The last successful look.
    pub last_check: Option<DateTime<Tz>>,
    /// Up to where each folder has been read.
    pub position: Option<BTreeMap<String, FolderLine>>,
    pub seen: u32,
    pub error: Option<String>,
}

/// Up to where a folder has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FolderLine {
    pub validity: u32,
    pub uid: u32,
}

/// The way out in `status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutboxLine {
    pub waiting: u32,
    pub uncertain: u32,
    pub failed: u32,
    /// Since when the oldest waits.
    pub oldest: Option<DateTime<Tz>>,
}

/// The rules in `status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RulesLine {
    pub digest: Option<String>,
    pub loaded: Option<DateTime<Tz>>,
    pub error: Option<String>,
}

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    pub state: Option<State>,
    pub inquiry: Option<String>,
    pub overdue: bool,
}

/// Which mails to list.
#[derive(Debug, Clone, Default)]
pub struct MailFilter {
    pub disposition: Option<Disposition>,
    /// Arrived at or after this moment.
    pub since: Option<DateTime<Utc>>,
}

/// A reading connection and the zone that moments are shown in.
#[derive(Debug)]
pub struct View {
    connection: Connection,
    path: PathBuf,
    zone: Tz,
}

impl View {
    /// # Errors
    /// In one sentence: what is wrong with the database and what to do.
    pub fn open(path: &Path, zone: Tz) -> Result<Self> {
        Ok(Self { connection: open_to_read(path)?, path: path.to_owned(), zone })
    }

    /// The cases, oldest first.
    pub fn cases(&self, filter: &CaseFilter, now: DateTime<Utc>) -> Result<Vec<CaseLine>> {
        let mut sql = "SELECT whole FROM cases WHERE 1".to_owned();
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        if let Some(state) = filter.state {
            sql.push_str(" AND state = ?");
            values.push(state_word(state).to_owned().into());
        }
        if let Some(inquiry) = &filter.inquiry {
            sql.push_str(" AND inquiry = ?");
            values.push(inquiry.clone().into());
        }
        if filter.overdue {
            sql.push_str(" AND state IN ('awaiting_information', 'open') AND due < ?");
            values.push(stored(now).into());
        }
        sql.push_str(" ORDER BY received, number");
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(0))?;
        rows.map(|json| self.line(parse(&json?)?, now)).collect()
    }

    /// One case with its mails and events.
    pub fn case(&self, number: &str, now: DateTime<Utc>) -> Result<Option<CasePage>> {
        let Some(case) = super::cases::load(&self.connection, number)? else { return Ok(None) };
        let rules = case.rules.clone();
        Ok(Some(CasePage {
            mails: self.mails_of(number)?,
            events: self.events_of(number)?,
            line: self.line(case, now)?,
            rules,
        }))
    }

    /// One case as it is kept, with the words that each value was found in.
    pub fn kept(&self, number: &str) -> Result<Option<Case>> {
        super::cases::load(&self.connection, number)
    }

    /// Every mail that came in, in the order in which they were handled.
    pub fn mails(&self, filter: &MailFilter) -> Result<Vec<MailLine>> {
        let mut statement = self.connection.prepare(
            "SELECT id, message_id, mailbox, folder, disposition, reason, number, received FROM mails
             WHERE (?1 IS NULL OR disposition = ?1) AND (?2 IS NULL OR received >= ?2) ORDER BY id",
        )?;
        let rows = statement.query_map(params![filter.disposition, filter.since.map(stored)], |row| {
            Ok(MailLine {
                id: row.get(0)?,
                message_id: row.get(1)?,
                mailbox: row.get(2)?,
                folder: row.get(3)?,
                disposition: row.get(4)?,
                reason: row.get(5)?,
                number: row.get(6)?,
                received: self.at(row.get(7)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The state of the program; `mailboxes` are the names of the configuration.
    pub fn status(&self, mailboxes: &[String]) -> Result<Status> {
        // All of one moment: else mails that come in meanwhile are accounted for and their letters wait nowhere.
        let moment = self.connection.unchecked_transaction()?;
        // What is in hand has been seen and is not yet accounted for.
        let seen = "SELECT (SELECT count(*) FROM mails) + (SELECT count(*) FROM attempts)";
        let (ready, rules) = self.connection.query_row(
            "SELECT ready, rules, rules_loaded, rules_error FROM daemon",
            [],
            |row| Ok((row.get::<_, bool>(0)?, self.rules_line(row)?)),
        )?;
        let status = Status {
            // A daemon that was killed could not take its word back.
            ready: ready && daemon_runs(&self.path),
            mailboxes: mailboxes.iter().map(|name| self.mailbox(name)).collect::<Result<_>>()?,
            outbox: self.outbox()?,
            rules,
            seen: self.count(seen)?,
            accounted: self.count("SELECT count(*) FROM mails WHERE disposition <> ''")?,
        };
        moment.commit()?;
        Ok(status)
    }

    fn rules_line(&self, row: &Row) -> rusqlite::Result<RulesLine> {
        Ok(RulesLine {
            digest: row.get(1)?,
            loaded: row.get::<_, Option<i64>>(2)?.map(|at| self.at(at)),
            error: row.get(3)?,
        })
    }

    fn mailbox(&self, name: &str) -> Result<MailboxLine> {
        let check: Option<(i64, Option<String>)> = self
            .connection
            .query_row("SELECT time, error FROM checks WHERE mailbox = ?1", [name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (last, error) = check.map_or((0, None), |(time, error)| (time, error));
        let state = match (&error, last) {
            (Some(_), _) => "error",
            (None, 0) => "unknown",
            _ => "ok",
        };
        let seen = self.connection.query_row(
            "SELECT (SELECT count(*) FROM mails WHERE mailbox = ?1) + (SELECT count(*) FROM attempts WHERE mailbox = ?1)",
            [name],
            |row| row.get(0),
        )?;
        let position = self.position(name)?;
        let last_check = (last > 0).then(|| self.at(last));
        Ok(MailboxLine { name: name.to_owned(), state, last_check, position, seen, error })
    }

    fn position(&self, mailbox: &str) -> Result<Option<BTreeMap<String, FolderLine>>> {
        let mut statement = self
            .connection
            .prepare("SELECT folder, validity, uid FROM positions WHERE mailbox = ?1 AND validity > 0")?;
        let rows = statement.query_map([mailbox], |row| {
            Ok((row.get(0)?, FolderLine { validity: row.get(1)?, uid: row.get(2)? }))
        })?;
        let folders: BTreeMap<_, _> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Some(folders).filter(|folders| !folders.is_empty()))
    }

    fn outbox(&self) -> Result<OutboxLine> {
        let oldest = super::outbox::oldest_waiting(&self.connection)?;
        Ok(OutboxLine {
            waiting: self.count("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")?,
            uncertain: self.count("SELECT count(*) FROM outbox WHERE state = 'uncertain'")?,
            failed: self.count("SELECT count(*) FROM outbox WHERE state = 'failed'")?,
            oldest: oldest.map(|oldest| self.at(stored(oldest))),
        })
    }

    fn line(&self, case: Case, now: DateTime<Utc>) -> Result<CaseLine> {
        let messages = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM mails WHERE number = ?1 AND disposition <> 'ignore'
                 AND coalesce(reason, '') <> 'duplicate'",
            )?
            .query_row([&case.number], |row| row.get(0))?;
        let shown = |moment: DateTime<Utc>| self.at(stored(moment));
        Ok(CaseLine {
            overdue: case.overdue(now),
            received: shown(case.received),
            due: case.due.map(shown),
            answered: case.answered.map(shown),
            closed: case.closed.map(shown),
            number: case.number,
            inquiry: case.inquiry,
            mailbox: case.mailbox,
            state: case.state,
            contact: case.contact,
            fields: case.fields.into_iter().map(|(id, stated)| (id, stated.value)).collect(),
            missing: case.missing,
            requests: case.requests,
            messages,
        })
    }

    fn mails_of(&self, number: &str) -> Result<Vec<CaseMail>> {
        let mut statement = self.connection.prepare(
            "SELECT 1, message_id, disposition, reason, received, NULL, NULL, NULL, decided AS at, id, rules, notes
                 FROM mails WHERE number = ?1
             UNION ALL
             SELECT 0, message_id, NULL, NULL, queued, state, kind, alert, queued AS at, id, NULL, ''
                 FROM outbox
                 WHERE number = ?1
             ORDER BY 9, 1 DESC, 10",
        )?;
        let rows = statement.query_map([number], |row| {
            Ok(CaseMail {
                direction: if row.get(0)? { "in" } else { "out" },
                message_id: row.get(1)?,
                disposition: row.get(2)?,
                reason: row.get(3)?,
                time: self.at(row.get(4)?),
                state: row.get(5)?,
                kind: row.get(6)?,
                alert: row.get(7)?,
                rules: row.get(10)?,
                notes: row.get(11)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn events_of(&self, number: &str) -> Result<Vec<EventLine>> {
        let mut statement = self
            .connection
            .prepare("SELECT time, what, actor, text FROM events WHERE number = ?1 ORDER BY id")?;
        let rows = statement.query_map([number], |row| {
            Ok(EventLine {
                time: self.at(row.get(0)?),
                what: row.get(1)?,
                by: row.get(2)?,
                text: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn count(&self, sql: &str) -> Result<u32> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Shown to the second.
    /// How it stood with a token when the daemon last looked.
    pub fn token(&self, name: &str, user: &str) -> Result<Option<TokenState>> {
        tokens::of(&self.connection, name, user)
    }

    fn at(&self, stored: i64) -> DateTime<Tz> {
        moment(stored).trunc_subsecs(0).with_timezone(&self.zone)
    }
}
