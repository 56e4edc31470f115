//! Each story from bytes to rows, with the shipped rules and a database in a file.

mod ahead;
mod clock;
mod disk;
mod hostile;
mod limits;
mod mails;
mod orders;
mod outgoing;
mod throttled;
mod troubles;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::{Desk, Received, Role};
use crate::clock::Clock;
use crate::mail::Arrival;
use crate::rules::live::{Guidance, Live};
use crate::store::view::{CaseFilter, CaseLine, CasePage, MailFilter, MailLine, View};
use crate::triage::decide::Folder;
use crate::triage::ruleset::RuleSet;

/// A Monday morning in Amsterdam.
const MONDAY: &str = "2026-11-23T09:00:00Z";

const CONFIG: &str = r#"
rules = "RULES"
database = "state/triaged.db"
[alerts]
admin = ["beheer@ksyos.example"]
[[mailbox]]
name = "administratie"
address = "administratie@ksyos.example"
inquiry = "invoice"
coordinators = ["facturen@ksyos.example"]
[mailbox.maildir]
path = "a"
[[mailbox]]
name = "klacht"
address = "klacht@ksyos.example"
inquiry = "complaint"
coordinators = ["coordinator@ksyos.example"]
[mailbox.maildir]
path = "k"
[outbox]
directory = "out"
"#;

/// The shipped rules, compiled once for all stories.
static RULES: LazyLock<Arc<RuleSet>> =
    LazyLock::new(|| Arc::new(crate::rules::load(&rules_folder()).unwrap()));

fn rules_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// A desk with a folder of its own; the clock stands on a Monday morning.
struct Office {
    folder: TempDir,
    clock: Clock,
    live: Live,
    desk: Option<Desk>,
}

impl Office {
    fn new() -> Self {
        Self::with_config(CONFIG)
    }

    fn with_config(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("triaged.toml");
        std::fs::write(&file, config.replace("RULES", rules_folder().to_str().unwrap())).unwrap();
        let config = crate::config::load(&file).unwrap();
        let live = Live::of(Guidance { rules: Arc::clone(&RULES), config: Arc::new(config) });
        let clock = Clock::system();
        clock.jump(MONDAY.parse().unwrap());
        let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).unwrap();
        Self { folder, clock, live, desk: Some(desk) }
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }

    /// The daemon ends as if killed, and starts again.
    fn restart(&mut self) {
        self.desk = None;
        let end = Instant::now() + Duration::from_mins(1);
        // What was broken off in the middle may hold the database for longer than a new daemon waits.
        self.desk = Some(loop {
            match Desk::open(self.live.clone(), self.clock.clone(), Role::Daemon) {
                Ok(desk) => break desk,
                Err(error) if Instant::now() < end && error.to_string().contains("another triaged") => {}
                Err(error) => panic!("{error}"),
            }
        });
    }

    fn visitor(&self) -> Desk {
        Desk::open(self.live.clone(), self.clock.clone(), Role::Visitor).unwrap()
    }

    fn view(&self) -> View {
        let config = &self.live.get().config;
        View::open(&self.folder.path().join("state/triaged.db"), config.calendar.time_zone).unwrap()
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.jump(self.clock.now() + time);
    }

    async fn receive(&self, mailbox: &str, uid: u32, mail: &str) -> Received {
        self.receive_all(mailbox, vec![self.arrival(uid, mail)]).await
    }

    async fn receive_all(&self, mailbox: &str, arrivals: Vec<Arrival>) -> Received {
        self.desk().receive(mailbox, Folder::Inbox, "INBOX", arrivals).await.unwrap()
    }

    fn arrival(&self, uid: u32, mail: &str) -> Arrival {
        arrival(uid, mail, self.clock.now())
    }

    fn cases(&self) -> Vec<CaseLine> {
        self.view().cases(&CaseFilter::default(), self.clock.now()).unwrap()
    }

    fn case(&self, number: &str) -> CasePage {
        self.view().case(number, self.clock.now()).unwrap().unwrap()
    }

    fn mails(&self) -> Vec<MailLine> {
        self.view().mails(&MailFilter::default()).unwrap()
    }

    /// Kind or alert, and recipient, of everything that was ever queued.
    async fn outgoing(&self) -> Vec<(String, String)> {
        self.desk()
            .look(|c| {
                let mut statement =
                    c.prepare("SELECT coalesce(alert, kind), recipient FROM outbox ORDER BY id")?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
            .unwrap()
    }

    async fn count(&self, sql: &'static str) -> u32 {
        self.desk().look(move |c| Ok(c.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
    }
}

fn arrival(uid: u32, mail: &str, arrived: DateTime<Utc>) -> Arrival {
    let bytes = mail.replace('\n', "\r\n").into_bytes();
    Arrival { validity: 1, uid, arrived, size: bytes.len() as u64, bytes }
}

/// A mail of Jan de Vries.
fn mail(id: &str, headers: &str, body: &str) -> String {
    format!(
        "From: Jan de Vries <jan@example.org>\nTo: klacht@ksyos.example\nSubject: Klacht\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0100\nMessage-ID: <{id}@example.org>\n{headers}\
         Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

const INCOMPLETE: &str = "Ik wil een klacht indienen.\n\nNaam: Jan de Vries\nTelefoon: 06-12345678\n\
    Type dienst: holter\nOmschrijving: de uitslag van het onderzoek kwam veel te laat.\n";
