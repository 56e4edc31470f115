//! `triaged cases …` and `triaged mail …`: look, and say what people did.

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::arguments::{CasesCommand, MailCommand};
use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, block_on, configuration, inquiry_named, load_or_last_good, print_json};
use crate::clock::Clock;
use crate::desk::{Desk, Role};
use crate::rules::live::Live;
use crate::rules::together::Loaded;
use crate::store::view::{CaseFilter, CaseLine, CasePage, MailFilter, View};
use crate::triage::decide::Order;
use crate::triage::fields::Value;

pub fn cases(command: CasesCommand, clock: &Clock) -> Done {
    match command {
        CasesCommand::List { config, json, state, inquiry, overdue } => {
            let file = config.path();
            let filter = CaseFilter { state, inquiry, overdue };
            let list = view(&file)?.cases(&filter, clock.now()).map_err(Trouble::failed)?;
            if let (true, Some(inquiry)) = (list.is_empty(), &filter.inquiry) {
                known_inquiry(&file, inquiry)?;
            }
            if json { print_json(&list) } else { show_list(&list) }
        }
        CasesCommand::Show { number, config, json } => {
            let number = number.to_uppercase();
            let page = view(&config.path())?.case(&number, clock.now()).map_err(Trouble::failed)?;
            let page = page.ok_or_else(|| {
                Trouble::Failed(format!("there is no case {number}; `triaged cases list` shows all"))
            })?;
            if json { print_json(&page) } else { show_page(&page) }
        }
        CasesCommand::Answer { number, config, by, note } => {
            order(&config.path(), &number, Order::Answer { note }, by, clock)
        }
        CasesCommand::Close { number, config, outcome, by } => {
            order(&config.path(), &number, Order::Close { outcome }, by, clock)
        }
        CasesCommand::Reopen { number, config, by } => {
            order(&config.path(), &number, Order::Reopen, by, clock)
        }
        CasesCommand::Note { number, text, config, by } => {
            order(&config.path(), &number, Order::Note { text }, by, clock)
        }
    }
}

pub fn mail(command: MailCommand, clock: &Clock) -> Done {
    match command {
        MailCommand::List { config, json, disposition, since } => {
            let since = since.as_deref().map(moment).transpose()?;
            let list =
                view(&config.path())?.mails(&MailFilter { disposition, since }).map_err(Trouble::failed)?;
            if json {
                return print_json(&list);
            }
            for mail in &list {
                let reason = mail.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                let number = mail.number.as_deref().unwrap_or("-");
                let disposition = word_of(&mail.disposition)?;
                say(&format!(
                    "{:>6}  {}  {:14} {disposition}{reason}  {number}",
                    mail.id,
                    short(mail.received),
                    mail.mailbox
                ));
            }
            say(&format!("{} mails", list.len()));
            Ok(())
        }
        MailCommand::Accept { id, config, by } => {
            let desk = visit(&config.path(), clock)?;
            let number = block_on(async { desk.accept(id, &person(by)).await.map_err(Trouble::failed) })?;
            let number = number.map(|number| format!(": case {number}")).unwrap_or_default();
            say(&format!("mail {id} is a person's now{number}"));
            Ok(())
        }
    }
}

fn order(file: &Path, number: &str, order: Order, by: Option<String>, clock: &Clock) -> Done {
    let number = number.to_uppercase();
    let desk = visit(file, clock)?;
    block_on(async { desk.order(&number, order, &person(by)).await.map_err(Trouble::failed) })?;
    let page = view(file)?.case(&number, clock.now()).map_err(Trouble::failed)?;
    if let Some(page) = page {
        say(&format!("{number} is {}", word_of(&page.line.state)?));
    }
    Ok(())
}

/// The database, to look only.
fn view(file: &Path) -> Result<View, Trouble> {
    let config = configuration(file)?;
    View::open(&config.database, config.calendar.time_zone).map_err(Trouble::failed)
}

/// The desk of a command beside a daemon that may be at work.
fn visit(file: &Path, clock: &Clock) -> Result<Desk, Trouble> {
    // An order counts also while somebody edits the rules.
    let Loaded { config, rules, .. } = load_or_last_good(file)?;
    Desk::open(Live::new(rules, config), clock.clone(), Role::Visitor).map_err(Trouble::failed)
}

/// Who gives an order: as said, else the user's name.
fn person(by: Option<String>) -> String {
    by.or_else(|| std::env::var("SUDO_USER").ok())
        .or_else(|| std::env::var("USER").ok())
        .unwrap_or_else(|| "somebody".to_owned())
}

/// No case of an inquiry that nobody knows is a slip of the pen; of one that was once known it is an answer.
fn known_inquiry(file: &Path, id: &str) -> Done {
    inquiry_named(&load_or_last_good(file)?.rules, id).map(drop)
}

/// The word of `interface.md` for a value.
pub fn word_of(value: &impl serde::Serialize) -> Result<String, Trouble> {
    match serde_json::to_value(value).map_err(Trouble::failed)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

fn moment(text: &str) -> Result<DateTime<Utc>, Trouble> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| {
        Trouble::Invalid(format!("triaged: '{text}' is no time; write it like 2026-11-20T00:00:00+01:00"))
    })
}

fn short(time: DateTime<Tz>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn show_list(list: &[CaseLine]) -> Done {
    let nice = decorated();
    for case in list {
        let due = case.due.map_or_else(|| "no term        ".to_owned(), |due| format!("due {}", short(due)));
        let late = if case.overdue { look("  OVERDUE", Look::Bad, nice) } else { String::new() };
        let missing = if case.missing.is_empty() {
            String::new()
        } else {
            format!("  missing: {}", case.missing.join(", "))
        };
        let number = look(&case.number, Look::Bold, nice);
        say(&format!("{number}  {:10} {:20} {due}{late}{missing}", case.inquiry, word_of(&case.state)?));
    }
    say(&format!("{} cases", list.len()));
    Ok(())
}

fn show_page(page: &CasePage) -> Done {
    let nice = decorated();
    let case = &page.line;
    let heading = format!("{}  {}  {}", case.number, case.inquiry, word_of(&case.state)?);
    let late = if case.overdue { look("  OVERDUE", Look::Bad, nice) } else { String::new() };
    say(&format!("{}{late}", look(&heading, Look::Bold, nice)));
    say(&format!("  mailbox   {}", case.mailbox));
    say(&format!("  contact   {}", clean(case.contact.as_deref().unwrap_or("-"))));
    say(&format!("  received  {}", short(case.received)));
    for (what, time) in [("due", case.due), ("answered", case.answered), ("closed", case.closed)] {
        if let Some(time) = time {
            say(&format!("  {what:9} {}", short(time)));
        }
    }
    say(&look("\nStated", Look::Bold, nice));
    for (id, value) in &case.fields {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::List(list) => list.join(" · "),
        };
        say(&format!("  {id:18} {}", clean(&text).replace('\n', "\n                     ")));
    }
    for id in &case.missing {
        say(&format!("  {id:18} {}", look("missing", Look::Bad, nice)));
    }
    say(&look("\nMails", Look::Bold, nice));
    for mail in &page.mails {
        let what = match (&mail.disposition, &mail.kind) {
            (Some(disposition), _) => word_of(disposition)?,
            (None, kind) => {
                let kind = kind.clone().unwrap_or_default();
                let alert = mail.alert.as_ref().map(|alert| format!(" {alert}")).unwrap_or_default();
                format!("{kind}{alert}: {}", mail.state.clone().unwrap_or_default())
            }
        };
        say(&format!("  {}  {:3}  {what}", short(mail.time), mail.direction));
    }
    say(&look("\nLog", Look::Bold, nice));
    for event in &page.events {
        say(&format!(
            "  {}  {:12} {}  {}",
            short(event.time),
            event.what,
            clean(&event.by),
            clean(&event.text)
        ));
    }
    say(&look(&format!("\ndecided with rules {}", page.rules), Look::Dim, nice));
    Ok(())
}
