//! From the file as it is written to a [`Config`]: every key is looked at, every fault kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::file::{CalendarFile, ConfigFile};
use super::words;
use super::{Config, MailboxConfig, MailboxPlace, OAuth, Start};
use crate::document::nearest;
use crate::triage::calendar::Calendar;
use crate::triage::fault::{Fault, Place};
use crate::triage::surroundings::{Mailbox, Surroundings};

/// Above this a mail is not worth reading whole; mail-parser is only safe below it.
const MOST_FETCHED: u64 = 24 * 1024 * 1024;

/// Below this hardly any header would fit.
const LEAST_FETCHED: u64 = 64 * 1024;

/// What stops the file from being used, and what is merely odd.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

impl Remarks {
    pub(super) fn fault(&mut self, place: &Place, what: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::new(place.clone(), what, remedy));
    }

    pub(super) fn warn(&mut self, place: &Place, what: impl Into<String>, remedy: impl Into<String>) {
        self.warnings.push(Fault::new(place.clone(), what, remedy));
    }
}

/// Builds the configuration; `None` exactly where there are faults.
pub(super) fn build(file: &Path, raw: &ConfigFile) -> (Option<Config>, Remarks) {
    // Not canonical: a link to the file keeps its own neighbours.
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let folder = absolute.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut builder = Builder { folder, oauths: Vec::new(), remarks: Remarks::default() };
    builder.oauths = builder.oauths(raw);
    let calendar = builder.calendar(raw);
    let surroundings = Surroundings {
        mailboxes: builder.who(raw),
        admins: builder.addresses(&raw.alerts.admin, &at("alerts").key("admin")),
        authserv_ids: raw.receiver.authserv_ids.iter().map(|id| id.trim().to_lowercase()).collect(),
        time_zone: calendar.time_zone,
    };
    let mailboxes = builder.mailboxes(raw);
    let outgoing = builder.outgoing(raw);
    let alarm = builder.alarm(raw, &surroundings.admins);
    let fetch_limit = builder.fetch_limit(raw);
    builder.oddities(raw, &surroundings);
    let remarks = builder.remarks;
    let whole = remarks.faults.is_empty();
    let config = outgoing.filter(|_| whole).map(|outgoing| Config {
        file: file.to_path_buf(),
        rules: builder.folder.join(&raw.rules),
        database: builder.folder.join(&raw.database),
        calendar,
        surroundings,
        mailboxes,
        oauths: builder.oauths,
        outgoing,
        alarm,
        fetch_limit,
    });
    (config, remarks)
}

pub(super) struct Builder {
    pub(super) folder: PathBuf,
    pub(super) oauths: Vec<Arc<OAuth>>,
    pub(super) remarks: Remarks,
}

pub(super) fn at(key: &str) -> Place {
    Place::default().key(key)
}

/// `Amsterdam` of `Europe/Amsterdam`.
fn city(zone: &str) -> &str {
    zone.rsplit('/').next().unwrap_or(zone)
}

/// The time zone that was probably meant; who writes only a city means that city.
fn nearest_zone(name: &str) -> Option<&'static str> {
    let zones = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    if name.contains('/') {
        return nearest(name, zones());
    }
    let meant = nearest(&name.replace(' ', "_"), zones().map(city))?;
    zones().find(|zone| city(zone) == meant)
}

impl Builder {
    fn calendar(&mut self, raw: &ConfigFile) -> Calendar {
        let CalendarFile { time_zone, holidays, closed, open_days, day_ends } = &raw.calendar;
        let here = at("calendar");
        let zone = time_zone.parse::<Tz>().unwrap_or_else(|_| {
            let remedy = nearest_zone(time_zone).map_or_else(
                || "such as \"Europe/Amsterdam\"".to_owned(),
                |n| format!("did you mean \"{n}\"?"),
            );
            self.remarks.fault(&here.clone().key("time_zone"), "no time zone has this name", remedy);
            Tz::UTC
        });
        let midnight = (NaiveTime::MIN, NaiveTime::MIN);
        let day_ends = words::time(day_ends).unwrap_or_else(|| {
            self.remarks.fault(
                &here.clone().key("day_ends"),
                "this is no time of day",
                "write it as \"17:00\"",
            );
            NaiveTime::MIN
        });
        let alert_hours = words::hours(&raw.alerts.hours).unwrap_or_else(|| {
            let what = "these are no hours of a day, from earlier to later";
            self.remarks.fault(&at("alerts").key("hours"), what, "write them as \"08:00-18:00\"");
            midnight
        });
        Calendar {
            time_zone: zone,
            holidays: *holidays,
            closed: self.days(closed, &here.clone().key("closed")),
            open_days: self.days(open_days, &here.key("open_days")),
            day_ends,
            alert_hours,
            due_soon: raw.alerts.due_soon,
        }
    }

    fn days(&mut self, days: &[String], place: &Place) -> Vec<NaiveDate> {
        let mut good = Vec::new();
        for (i, text) in days.iter().enumerate() {
            match words::day(text) {
                Some(day) if good.contains(&day) => {
                    self.remarks.warn(&place.clone().index(i), "this day stands here twice", "take one away");
                }
                Some(day) => good.push(day),
                None => self.remarks.fault(
                    &place.clone().index(i),
                    "there is no such day",
                    "write it as \"2026-05-15\"",
                ),
            }
        }
        good
    }

    fn address(&mut self, text: &str, place: &Place) -> String {
        words::address(text).unwrap_or_else(|| {
            self.remarks.fault(
                place,
                "this is no mail address",
                "write it as \"klacht@example.nl\", without a name",
            );
            String::new()
        })
    }

    pub(super) fn addresses(&mut self, texts: &[String], place: &Place) -> Vec<String> {
        texts.iter().enumerate().map(|(i, text)| self.address(text, &place.clone().index(i))).collect()
    }

    /// The mailboxes as decisions know them.
    fn who(&mut self, raw: &ConfigFile) -> Vec<Mailbox> {
        if raw.mailbox.is_empty() {
            self.remarks.fault(&Place::default(), "no mailbox is watched", "add a [[mailbox]]");
        }
        let (mut names, mut addresses) = (BTreeMap::new(), BTreeMap::new());
        let mut who = Vec::new();
        for (i, mailbox) in raw.mailbox.iter().enumerate() {
            let here = at("mailbox").index(i);
            let address = self.address(&mailbox.address, &here.clone().key("address"));
            self.name(&mailbox.name, &here.clone().key("name"));
            if let Some(first) = names.insert(mailbox.name.clone(), i) {
                let what = format!("mailbox {} has this name too", first + 1);
                self.remarks.fault(&here.clone().key("name"), what, "each mailbox needs a name of its own");
            }
            if !address.is_empty()
                && let Some(first) = addresses.insert(address.clone(), i)
            {
                let what = format!("mailbox {} has this address too", first + 1);
                self.remarks.fault(&here.clone().key("address"), what, "watch each address once");
            }
            let coordinators = self.addresses(&mailbox.coordinators, &here.key("coordinators"));
            let name = mailbox.name.clone();
            who.push(Mailbox { name, address, inquiry: mailbox.inquiry.clone(), coordinators });
        }
        who
    }

    pub(super) fn name(&mut self, name: &str, place: &Place) {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(good) {
            self.remarks.fault(
                place,
                "a name has 1 to 64 letters, digits, `-`, `_` or `.`",
                "such as \"klacht\"",
            );
        }
    }

    fn mailboxes(&mut self, raw: &ConfigFile) -> Vec<MailboxConfig> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut list = Vec::new();
        for (i, mailbox) in raw.mailbox.iter().enumerate() {
            let here = at("mailbox").index(i);
            let start = self.start(&mailbox.start, &here.clone().key("start"));
            let Some(place) = self.place(mailbox, &here) else { continue };
            if let Some(first) = places.insert(name_of(&place), i) {
                let what = format!("mailbox {} watches the same folder", first + 1);
                self.remarks.fault(&here, what, "each folder may be watched once");
            }
            let address = mailbox.address.trim().to_ascii_lowercase();
            list.push(MailboxConfig { name: mailbox.name.clone(), address, start, place });
        }
        list
    }

    fn start(&mut self, text: &str, place: &Place) -> Start {
        match (text, words::day(text)) {
            ("new", _) => Start::New,
            ("all", _) => Start::All,
            (_, Some(day)) => Start::Since(day),
            _ => {
                let what = "this says not which mail is handled at the first start";
                self.remarks.fault(place, what, "write \"new\", \"all\", or a day such as \"2026-11-01\"");
                Start::New
            }
        }
    }

    fn fetch_limit(&mut self, raw: &ConfigFile) -> u64 {
        let place = at("limits").key("fetch");
        match words::size(&raw.limits.fetch) {
            Some(size) if (LEAST_FETCHED..=MOST_FETCHED).contains(&size) => size,
            Some(_) => {
                self.remarks.fault(
                    &place,
                    "this is out of bounds",
                    "write a size from \"64 KiB\" to \"24 MiB\"",
                );
                0
            }
            None => {
                self.remarks.fault(&place, "this is no size", "write it as \"10 MiB\"");
                0
            }
        }
    }

    pub(super) fn path(&mut self, text: &str, place: &Place) -> PathBuf {
        self.not_empty(text, place);
        self.folder.join(text)
    }

    pub(super) fn not_empty(&mut self, text: &str, place: &Place) {
        if text.trim().is_empty() {
            self.remarks.fault(place, "this is empty", "");
        }
    }

    /// Legal but odd.
    fn oddities(&mut self, raw: &ConfigFile, who: &Surroundings) {
        if raw.alerts.admin.is_empty() {
            let what = "nobody is told when a mailbox cannot be read or mail cannot be sent";
            self.remarks.warn(&at("alerts"), what, "add admin = [\"...\"] under [alerts]");
        }
        let served =
            raw.mailbox.iter().position(|mailbox| mailbox.imap.is_some() && !mailbox.coordinators.is_empty());
        if let (Some(i), true) = (served, who.authserv_ids.is_empty()) {
            let what = "nobody proves who a mail is from: who writes a coordinator's address into From can stop a clock";
            let remedy =
                "name your receiving servers under [receiver], such as authserv_ids = [\"mx1.example.nl\"]";
            self.remarks.warn(&at("mailbox").index(i).key("address"), what, remedy);
        }
        for (i, mailbox) in who.mailboxes.iter().enumerate() {
            let here = at("mailbox").index(i);
            if mailbox.coordinators.is_empty() {
                let what = "nobody is told about the deadlines of this mailbox";
                self.remarks.warn(&here.clone().key("name"), what, "add coordinators = [\"...\"]");
            }
            for (j, coordinator) in mailbox.coordinators.iter().enumerate() {
                if who.is_own(coordinator) {
                    let what = "this is a watched mailbox: its alerts are recognised as our own mail, but people must look there for them";
                    self.remarks.warn(
                        &here.clone().key("coordinators").index(j),
                        what,
                        "an address of a person is better",
                    );
                }
            }
        }
    }
}

/// Two mailboxes with the same name watch the same mail.
fn name_of(place: &MailboxPlace) -> String {
    match place {
        MailboxPlace::Imap(imap) => {
            let host = imap.server.host.to_ascii_lowercase();
            format!("{host}:{} {} {}", imap.server.port, imap.user, imap.folder)
        }
        MailboxPlace::Maildir { path, .. } => path.display().to_string(),
    }
}
