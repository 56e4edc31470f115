//! The policy as stories. Readings are made up here, so that the stories stand whatever the finders
//! find; the rules are the shipped ones with inquiries of our own.

mod alarms;
mod copies;
mod follow_ups;
mod invariants;
mod machines;
mod openings;
mod orders;
mod staff;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Europe::Amsterdam;

use super::{
    AlarmContext, Ancestor, Decision, Effect, Folder, Incoming, Known, Outgoing, Parent, Reply, on_mail,
};
use crate::triage::calendar::{Calendar, Holidays};
use crate::triage::case::{Case, State};
use crate::triage::fields::{Evidence, Found, FoundIn, Source, Value};
use crate::triage::inquiry::{Choice, Inquiry};
use crate::triage::letter::{AlertKind, LetterKind};
use crate::triage::message::{Address, Message};
use crate::triage::reading::{Context, Language, Reading};
use crate::triage::ruleset::{ByLanguage, RuleSet};
use crate::triage::screen::{Screening, Sign, Verdict};
use crate::triage::surroundings::{Mailbox, Surroundings};
use crate::triage::text::{Section, Sections, Zone};

const JAN: &str = "jan@example.org";
const KLACHT: &str = "klacht@ksyos.nl";
const CARLA: &str = "carla@ksyos.nl";
/// Monday.
const MONDAY: &str = "2026-11-16T10:00:00+01:00";

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut rules = crate::rules::load(&folder).expect("the shipped rules are valid");
    let base = ["name", "phone", "email"];
    rules.inquiries = vec![
        inquiry("account", "A", Some(3), &[&base[..], &["description"]].concat()),
        inquiry("complaint", "K", Some(3), &[&base[..], &["incident_date", "description"]].concat()),
        inquiry("invoice", "F", None, &[&base[..], &["invoice_number"]].concat()),
    ];
    rules
});

fn inquiry(id: &str, prefix: &str, working_days: Option<u32>, mandatory: &[&str]) -> Inquiry {
    Inquiry {
        id: id.to_owned(),
        title: ByLanguage { nl: format!("{id}-nl"), en: format!("{id}-en") },
        case_prefix: prefix.to_owned(),
        working_days,
        mandatory: mandatory.iter().map(|id| (*id).to_owned()).collect(),
        optional: vec!["service_type".to_owned()],
        alert_new: id == "complaint",
    }
}

fn surroundings() -> Surroundings {
    let mailbox = |name: &str, inquiry: &str, coordinators: &[&str]| Mailbox {
        name: name.to_owned(),
        address: format!("{name}@ksyos.nl"),
        inquiry: inquiry.to_owned(),
        coordinators: coordinators.iter().map(|address| (*address).to_owned()).collect(),
    };
    Surroundings {
        mailboxes: vec![
            mailbox("administratie", "invoice", &["finn@ksyos.nl"]),
            mailbox("info", "account", &["ines@ksyos.nl"]),
            mailbox("klacht", "complaint", &[CARLA, "karim@ksyos.nl"]),
        ],
        admins: vec!["beheer@ksyos.nl".to_owned()],
        authserv_ids: Vec::new(),
        time_zone: Amsterdam,
    }
}

fn calendar() -> Calendar {
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Calendar {
        time_zone: Amsterdam,
        holidays: Holidays::Nl,
        closed: Vec::new(),
        open_days: Vec::new(),
        day_ends: hour(17),
        alert_hours: (hour(8), hour(18)),
        due_soon: 1,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A mail with its reading.
#[derive(Debug, Clone)]
struct Mail {
    message: Message,
    reading: Reading,
    mailbox: &'static str,
    arrived: DateTime<Utc>,
    now: DateTime<Utc>,
    folder: Folder,
    poisonous: bool,
    accepted: bool,
}

fn address(address: &str) -> Address {
    Address { name: None, address: address.to_owned() }
}

/// A mail of a person to klacht@ about a complaint that states nothing.
fn mail(from: &str, id: &str) -> Mail {
    let message = Message {
        message_id: Some(id.to_owned()),
        from: vec![address(from)],
        to: vec![address(KLACHT)],
        content_digest: format!("digest-of-{id}"),
        ..Message::default()
    };
    let choice = Choice { id: "complaint".to_owned(), ..Choice::default() };
    let reading = Reading {
        language: Language::Nl,
        screening: Screening { verdict: Verdict::Person, signs: Vec::new() },
        inquiry: choice,
        fields: BTreeMap::new(),
        doubted: BTreeMap::new(),
        sections: Sections::default(),
    };
    let arrived = at(MONDAY);
    Mail {
        message,
        reading,
        mailbox: "klacht",
        arrived,
        now: arrived,
        folder: Folder::Inbox,
        poisonous: false,
        accepted: false,
    }
}

impl Mail {
    fn says(mut self, field: &str, value: &str) -> Self {
        self.reading.fields.insert(field.to_owned(), found(value, FoundIn::Body, "made up"));
        self
    }

    fn says_all(self) -> Self {
        ["name", "phone", "email", "incident_date", "description", "invoice_number"]
            .into_iter()
            .fold(self, |mail, field| mail.says(field, &format!("VALUE-OF-{field}")))
            .says("email", JAN)
    }

    fn verdict(mut self, verdict: Verdict) -> Self {
        self.reading.screening.verdict = verdict;
        self
    }

    fn machine(self, reason: &str) -> Self {
        self.verdict(Verdict::Machine { reason: reason.to_owned() })
    }

    fn review(self, reason: &str) -> Self {
        self.verdict(Verdict::Review { reason: reason.to_owned() })
    }

    fn sign(mut self, reason: &str) -> Self {
        self.reading.screening.signs.push(Sign { reason: reason.to_owned(), seen: String::new() });
        self
    }

    fn inquiry(mut self, id: &str, mailbox: &'static str) -> Self {
        id.clone_into(&mut self.reading.inquiry.id);
        self.mailbox = mailbox;
        self
    }

    fn arrives(mut self, moment: &str) -> Self {
        self.arrived = at(moment);
        self.now = self.arrived;
        self
    }

    fn to(mut self, recipients: &[&str]) -> Self {
        self.message.to = recipients.iter().map(|to| address(to)).collect();
        self
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.message.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn in_sent(mut self) -> Self {
        self.folder = Folder::Sent;
        self
    }

    fn decide(&self, known: &Known) -> Decision {
        let surroundings = surroundings();
        let calendar = calendar();
        let context = Context {
            rules: &RULES,
            surroundings: &surroundings,
            mailbox: surroundings.mailbox(self.mailbox).unwrap(),
            arrived: self.arrived.with_timezone(&Amsterdam),
            expecting: &[],
        };
        let incoming = Incoming {
            message: &self.message,
            reading: &self.reading,
            context,
            calendar: &calendar,
            folder: self.folder,
            now: self.now,
            poisonous: self.poisonous,
            accepted: self.accepted,
        };
        on_mail(&incoming, known)
    }
}

fn found(value: &str, from: FoundIn, why: &str) -> Found {
    Found {
        value: Value::Text(value.to_owned()),
        text: value.to_owned(),
        from,
        why: why.to_owned(),
        evidence: Evidence { source: Source::Body, span: 0..value.len(), text: value.to_owned() },
        others: Vec::new(),
    }
}

fn own_words(mail: &mut Mail) {
    mail.reading.sections = Sections(vec![Section { zone: Zone::Own, span: 0..1_000 }]);
}

/// Nothing is known; the next case has number 123.
fn nothing() -> Known {
    Known { next_serial: 123, ..Known::default() }
}

fn answers_ours(case: &Case) -> Known {
    let ancestors = vec![Ancestor { case: case.clone(), ours: true, alert: false }];
    Known { ancestors, parent: Parent::Ours, ..nothing() }
}

fn answers_theirs(case: &Case) -> Known {
    Known { ancestors: vec![Ancestor { case: case.clone(), ours: false, alert: false }], ..nothing() }
}

fn numbered(case: &Case) -> Known {
    Known { numbered: vec![case.clone()], ..nothing() }
}

fn of_recipients(cases: &[&Case]) -> Known {
    Known { of_recipients: cases.iter().map(|case| (*case).clone()).collect(), ..nothing() }
}

/// A complete complaint of Jan's, opened on Monday.
fn open_case() -> Case {
    case(&mail(JAN, "first@jan").says_all().decide(&nothing()))
}

/// One that lacks its incident date and the phone.
fn waiting_case() -> Case {
    let mail = mail(JAN, "first@jan").says("name", "Jan").says("email", JAN).says("description", "SECRET");
    case(&mail.decide(&nothing()))
}

fn answered_case() -> Case {
    let mut case = open_case();
    case.answer(at("2026-11-17T10:00:00+01:00"));
    case
}

/// The case as it stands after a decision.
fn case(decision: &Decision) -> Case {
    case_in(&decision.effects).expect("a case is opened or changed")
}

fn case_in(effects: &[Effect]) -> Option<Case> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open(case) | Effect::Update(case) => Some((**case).clone()),
        _ => None,
    })
}

fn sent(effects: &[Effect]) -> Vec<&Outgoing> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(mail) => Some(&**mail),
            _ => None,
        })
        .collect()
}

fn alerts(effects: &[Effect], kind: AlertKind) -> Vec<&str> {
    let mails = sent(effects).into_iter().filter(|mail| mail.kind == LetterKind::Alert(kind));
    mails.map(|mail| mail.to.as_str()).collect()
}

fn letters(effects: &[Effect]) -> Vec<LetterKind> {
    let kinds = sent(effects).into_iter().map(|mail| mail.kind);
    kinds.filter(|kind| !matches!(kind, LetterKind::Alert(_))).collect()
}

fn events(effects: &[Effect]) -> Vec<&str> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Event { what, .. } => Some(what.as_str()),
            _ => None,
        })
        .collect()
}

fn around<'a>(surroundings: &'a Surroundings, calendar: &'a Calendar, now: &str) -> AlarmContext<'a> {
    AlarmContext { rules: &RULES, surroundings, calendar, now: at(now) }
}

fn reply_kind(decision: &Decision) -> Option<&str> {
    decision.reply.as_ref().map(|Reply { kind, .. }| kind.as_str())
}

fn waits(case: &Case) -> bool {
    matches!(case.state, State::Open | State::AwaitingInformation)
}
