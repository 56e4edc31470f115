//! `triaged letter preview`: a letter as it would go out, of an imaginary case or of the case that a
//! mail would open. Nothing is sent.

use std::path::Path;

use chrono::{DateTime, Datelike, Utc};

use super::arguments::LetterCommand;
use super::explain::{explain_one, on_deep_stack};
use super::terminal::{clean, remark, say};
use super::{Done, Trouble, load};
use crate::clock::Clock;
use crate::config::Config;
use crate::triage::case::{Bell, Case, State, Stated};
use crate::triage::decide::{AlarmContext, Effect, draft, facts};
use crate::triage::fields::{FoundIn, Value};
use crate::triage::inquiry::Inquiry;
use crate::triage::letter::{AlertKind, Facts, LetterKind, sample_facts};
use crate::triage::reading::Language;
use crate::triage::ruleset::RuleSet;
use crate::triage::surroundings::Mailbox;

/// Nobody has it: RFC 2606 §3.
const SOMEBODY: &str = "jan@example.org";

struct Wanted<'a> {
    inquiry: &'a Inquiry,
    mailbox: &'a Mailbox,
    kind: LetterKind,
    language: Language,
    now: DateTime<Utc>,
}

pub fn letter(command: LetterCommand, clock: &Clock) -> Done {
    let LetterCommand::Preview { config, inquiry, kind, language, mail } = command;
    let (config, rules) = load(&config.path())?;
    let wanted = wanted(&config, &rules, &inquiry, (&kind, &language), clock.now())?;
    let case = match mail {
        Some(mail) => case_of(&mail, &config, &rules, &wanted)?,
        None => imaginary(&config, &wanted),
    };
    show(&case, &config, &rules, &wanted);
    Ok(())
}

fn wanted<'a>(
    config: &'a Config,
    rules: &'a RuleSet,
    inquiry: &str,
    (kind, language): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Wanted<'a>, Trouble> {
    let unknown = |what: &str, word: &str, known: &[&str]| {
        Trouble::Invalid(format!("triaged: there is no {what} '{word}'; known: {}", known.join(", ")))
    };
    let ids: Vec<&str> = rules.inquiries.iter().map(|inquiry| inquiry.id.as_str()).collect();
    let found = rules.inquiry(inquiry).ok_or_else(|| unknown("inquiry", inquiry, &ids))?;
    let kinds = LetterKind::ALL.map(LetterKind::name);
    let kind = LetterKind::from_name(kind).ok_or_else(|| unknown("letter of the kind", kind, &kinds))?;
    let known = [Language::Nl, Language::En].into_iter().find(|known| known.code() == language);
    let language = known.ok_or_else(|| unknown("language", language, &["nl", "en"]))?;
    let mailbox = config.surroundings.mailbox_for(inquiry, "");
    let mailbox = mailbox.ok_or_else(|| Trouble::Failed("no mailbox is configured".to_owned()))?;
    Ok(Wanted { inquiry: found, mailbox, kind, language, now })
}

/// The case that the mail would open; it is as if it were of the wanted inquiry.
fn case_of(path: &Path, config: &Config, rules: &RuleSet, wanted: &Wanted) -> Result<Case, Trouble> {
    let bytes = std::fs::read(path)
        .map_err(|error| Trouble::Failed(format!("cannot read {}: {error}", path.display())))?;
    let explained =
        on_deep_stack(|| Ok(explain_one(&bytes, config, rules, wanted.mailbox, wanted.now, wanted.now)))?;
    let opened = explained.decision.effects.iter().find_map(|effect| match effect {
        Effect::Open(case) => Some(case.as_ref().clone()),
        _ => None,
    });
    let mut case = opened.ok_or_else(|| {
        let reason = explained.decision.reason.clone().unwrap_or_default();
        Trouble::Failed(format!(
            "this mail opens no case ({reason}): no letter goes out; see `triaged explain`"
        ))
    })?;
    if case.inquiry != wanted.inquiry.id {
        remark(&format!("the mail is about {}; shown as if it were {}", case.inquiry, wanted.inquiry.id));
        case.inquiry.clone_from(&wanted.inquiry.id);
        let stated = &explained.reading.fields;
        let missing = wanted.inquiry.mandatory.iter().filter(|id| !stated.contains_key(*id));
        case.missing = missing.cloned().collect();
    }
    if explained.decision.reply.is_none() {
        remark("no answer would go out to this mail by itself; `triaged explain` says why");
    }
    if case.missing.is_empty() && wanted.kind == LetterKind::Request {
        remark("nothing is missing in this mail: it gets an acknowledgement, not a request");
    }
    case.number = number(wanted);
    Ok(case)
}

/// A request asks for all but the first two of what is mandatory; other letters have it all.
fn imaginary(config: &Config, wanted: &Wanted) -> Case {
    let Wanted { inquiry, mailbox, now, .. } = wanted;
    let asks = matches!(wanted.kind, LetterKind::Request | LetterKind::Reminder);
    let known = if asks { 2.min(inquiry.mandatory.len().saturating_sub(1)) } else { inquiry.mandatory.len() };
    let (stated, missing) = inquiry.mandatory.split_at_checked(known).unwrap_or_default();
    let value = |id: &String| {
        let value = Value::Text(String::new());
        (id.clone(), Stated { value, text: String::new(), from: FoundIn::Body, why: String::new() })
    };
    let due = inquiry.working_days.map(|days| config.calendar.deadline(*now, days).due.to_utc());
    Case {
        number: number(wanted),
        inquiry: inquiry.id.clone(),
        mailbox: mailbox.name.clone(),
        state: if missing.is_empty() { State::Open } else { State::AwaitingInformation },
        language: wanted.language,
        contact: Some(SOMEBODY.to_owned()),
        senders: Vec::new(),
        fields: stated.iter().map(value).collect(),
        missing: missing.to_vec(),
        requests: 0,
        review: false,
        received: *now,
        latest: *now,
        due,
        answered: None,
        closed: None,
        term: 1,
        bell: Bell::default(),
        alarm: None,
        rules: String::new(),
    }
}

fn number(wanted: &Wanted) -> String {
    format!("{}-{}-000123", wanted.inquiry.case_prefix, wanted.now.year())
}

fn show(case: &Case, config: &Config, rules: &RuleSet, wanted: &Wanted) {
    let (kind, language, now) = (wanted.kind, wanted.language, wanted.now);
    let context = AlarmContext { rules, surroundings: &config.surroundings, calendar: &config.calendar, now };
    let facts = facts(case, language, &context);
    let alert = matches!(kind, LetterKind::Alert(_));
    let sample = sample_facts(kind, language);
    // Only these two say why they were sent.
    let says_why = matches!(kind, LetterKind::Alert(AlertKind::Review | AlertKind::Bounce));
    let reasons = if says_why { sample.reasons } else { Vec::new() };
    let facts = if alert { Facts { reasons, trouble: sample.trouble, ..facts } } else { facts };
    let (draft, fault) = draft(case, kind, language, &facts, &context);
    let name = rules.letters.name_for(kind, &case.inquiry, language);
    remark(&format!("letters/{}.txt", name.as_deref().unwrap_or("builtin.letter")));
    if let Some(fault) = fault {
        remark(&format!("it failed, so the built-in one goes out: {fault}"));
    }
    let staff = || {
        if kind.is_about_program() {
            config.surroundings.admins.first()
        } else {
            wanted.mailbox.coordinators.first()
        }
    };
    let to = if alert { staff() } else { case.contact.as_ref() };
    say(&format!("From: {}", wanted.mailbox.address));
    say(&format!("To: {}", to.map_or_else(|| "-".to_owned(), |to| clean(to))));
    say(&format!("Subject: {}\n\n{}", clean(&draft.subject), clean(draft.body.trim_end())));
}
