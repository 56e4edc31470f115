//! The stage of the demo: the running daemon, its clock, and what it is seen to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::task::JoinHandle;

use super::super::cases::word_of;
use super::super::terminal::{Look, clean, decorated, look, say};
use super::super::{Done, Trouble, load};
use crate::clock::Clock;
use crate::daemon::{Control, Daemon};
use crate::desk::{Desk, Role};
use crate::mail::parse::parse;
use crate::rules::live::Live;
use crate::store::view::{CaseFilter, MailFilter, MailLine, View};
use crate::triage::message::Message;

/// Between two mails, so that a person can read along.
const BREATH: Duration = Duration::from_millis(250);

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running daemon and what is known of it.
pub struct Stage {
    dir: PathBuf,
    day: String,
    clock: Clock,
    zone: Tz,
    view: View,
    control: Control,
    daemon: JoinHandle<Result<(), String>>,
    /// Letters that were told already.
    told: BTreeSet<PathBuf>,
    delivered: u32,
    nice: bool,
}

impl Stage {
    /// Starts the daemon at this moment.
    pub async fn start(dir: &Path, at: &str) -> Result<Self, Trouble> {
        let (config, rules) = load(&dir.join("triaged.toml"))?;
        let (zone, database) = (config.calendar.time_zone, config.database.clone());
        let clock = Clock::system();
        clock.jump(moment(at)?);
        let live = Live::new(rules, config);
        let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).map_err(Trouble::failed)?;
        let (daemon, control) = Daemon::new(live, desk, clock.clone());
        let daemon = tokio::spawn(daemon.run());
        control.ready().await;
        let view = View::open(&database, zone).map_err(Trouble::failed)?;
        Ok(Self {
            dir: dir.to_owned(),
            day: at.split('T').next().unwrap_or_default().to_owned(),
            clock,
            zone,
            view,
            control,
            daemon,
            told: BTreeSet::new(),
            delivered: 0,
            nice: decorated(),
        })
    }

    /// A mail arrives, at `time` of the first day.
    pub async fn deliver(&mut self, time: &str, mailbox: &str, mail: &str, story: &str) -> Done {
        self.clock.jump(moment(&format!("{}T{time}:00+01:00", self.day))?);
        self.headline(&format!("{mailbox}@"), story);
        self.put("mail", mailbox, mail).await
    }

    /// A mail arrives that answers the newest letter to `person`.
    pub async fn answer(&mut self, time: &str, mailbox: &str, mail: &str, person: &str, story: &str) -> Done {
        let letters = self.letters()?;
        let letter = letters.iter().rev().find(|(_, letter)| letter.to.iter().any(|to| to.address == person));
        let (_, letter) = letter.ok_or_else(|| Trouble::Failed(format!("no letter went to {person}")))?;
        let id = format!("<{}>", letter.message_id.as_deref().unwrap_or_default());
        let mail = mail.replace("{{MESSAGE_ID}}", &id).replace("{{SUBJECT}}", &letter.subject);
        self.deliver(time, mailbox, &mail, story).await
    }

    /// A mail turns up among those that staff sent.
    pub async fn sent(&mut self, at: &str, mailbox: &str, mail: &str, story: &str) -> Done {
        self.clock.jump(moment(at)?);
        self.headline("Sent", story);
        self.put("sent", mailbox, mail).await
    }

    /// The clock jumps ahead.
    pub async fn jump(&mut self, at: &str, story: &str) -> Done {
        self.clock.jump(moment(at)?);
        self.control.clock_moved();
        self.headline("clock", story);
        let before = self.told.len();
        self.wait("an alert", |stage| Ok(stage.letters()?.len() > before && stage.idle()?)).await?;
        self.tell_letters()
    }

    /// Ends the daemon in order.
    pub async fn end(self) -> Done {
        self.control.stop();
        let ended = self.daemon.await.map_err(Trouble::failed)?;
        let list = self.view.cases(&CaseFilter::default(), self.clock.now()).map_err(Trouble::failed)?;
        let overdue = list.iter().filter(|case| case.overdue).count();
        say(&format!("{} cases, {overdue} of them overdue; every mail is accounted for.\n", list.len()));
        ended.map_err(Trouble::Failed)
    }

    fn headline(&self, place: &str, story: &str) {
        let time = self.clock.now().with_timezone(&self.zone).format("%a %d %b %H:%M");
        say(&format!(
            "{}  {}",
            look(&format!("{time}  {place:14}"), Look::Dim, self.nice),
            look(story, Look::Bold, self.nice)
        ));
    }

    /// Puts a mail into a Maildir as a delivery does, and tells what became of it.
    async fn put(&mut self, folder: &str, mailbox: &str, mail: &str) -> Done {
        let before = self.mails()?.len();
        self.delivered += 1;
        let name = format!("{}.{}.demo", self.clock.now().timestamp(), self.delivered);
        let maildir = self.dir.join(folder).join(mailbox);
        let written = fs::write(maildir.join("tmp").join(&name), mail)
            .and_then(|()| fs::rename(maildir.join("tmp").join(&name), maildir.join("new").join(&name)));
        written.map_err(|error| Trouble::Failed(format!("cannot deliver: {error}")))?;
        self.wait("the mail to be handled", |stage| Ok(stage.mails()?.len() > before && stage.idle()?))
            .await?;
        for mail in self.mails()?.split_off(before) {
            self.tell_mail(&mail)?;
        }
        self.tell_letters()?;
        tokio::time::sleep(BREATH).await;
        Ok(())
    }

    async fn wait(&self, what: &str, done: impl Fn(&Self) -> Result<bool, Trouble>) -> Done {
        let began = Instant::now();
        while !done(self)? {
            if began.elapsed() > PATIENCE || self.daemon.is_finished() {
                return Err(Trouble::Failed(format!("waited in vain for {what}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn mails(&self) -> Result<Vec<MailLine>, Trouble> {
        self.view.mails(&MailFilter::default()).map_err(Trouble::failed)
    }

    /// Nothing waits in the outbox.
    fn idle(&self) -> Result<bool, Trouble> {
        Ok(self.view.status(&[]).map_err(Trouble::failed)?.outbox.waiting == 0)
    }

    fn tell_mail(&self, mail: &MailLine) -> Done {
        let reason = mail.reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
        let mut line = format!("    {}{reason}", word_of(&mail.disposition)?);
        if let Some(number) = &mail.number {
            let page = self.view.case(number, self.clock.now()).map_err(Trouble::failed)?;
            if let Some(case) = page.map(|page| page.line) {
                let due =
                    case.due.map(|due| format!(", due {}", due.format("%a %d %b %H:%M"))).unwrap_or_default();
                line = format!("{line}: {number}, {}, {}{due}", case.inquiry, word_of(&case.state)?);
                if !case.missing.is_empty() {
                    line = format!("{line}; missing: {}", case.missing.join(", "));
                }
            }
        }
        say(&line);
        Ok(())
    }

    fn tell_letters(&mut self) -> Done {
        for (path, letter) in self.letters()? {
            if !self.told.insert(path) {
                continue;
            }
            let kind = letter
                .header("x-triaged-alert")
                .map_or_else(|| "letter".to_owned(), |kind| format!("alert {kind}"));
            let to = letter.to.first().map(|to| to.address.clone()).unwrap_or_default();
            say(&format!(
                "    {} {to}: {}",
                look(&format!("→ {kind} to"), Look::Good, self.nice),
                clean(&letter.subject)
            ));
        }
        say("");
        Ok(())
    }

    /// The `.eml` files of the outbox, oldest first.
    fn letters(&self) -> Result<Vec<(PathBuf, Message)>, Trouble> {
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).ok()?;
            let written = fs::metadata(&path).and_then(|data| data.modified()).ok()?;
            Some((written, path, parse(&bytes, bytes.len() as u64)))
        };
        let folder = fs::read_dir(self.dir.join("outbox")).map_err(Trouble::failed)?;
        let paths = folder.flatten().map(|entry| entry.path());
        let mut letters: Vec<_> = paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
            .filter_map(read)
            .collect();
        letters.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        Ok(letters.into_iter().map(|(_, path, message)| (path, message)).collect())
    }
}

fn moment(text: &str) -> Result<DateTime<Utc>, Trouble> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(Trouble::failed)
}
