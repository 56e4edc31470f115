//! `triaged explain --case`: what decided a case, from what was recorded then. The rules of today
//! have no part in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::cases::word_of;
use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, configuration, print_json};
use crate::clock::Clock;
use crate::store::view::{CasePage, View};
use crate::triage::case::Stated;
use crate::triage::fields::Value;

/// `explain --case --json`: the page of `cases show`, with the words that each value was found in.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    page: &'a CasePage,
    evidence: &'a BTreeMap<String, Stated>,
}

pub fn explain_case(file: &Path, number: &str, json: bool, clock: &Clock) -> Done {
    let config = configuration(file)?;
    let number = number.to_uppercase();
    let view = View::open(&config.database, config.calendar.time_zone).map_err(Trouble::failed)?;
    let page = view.case(&number, clock.now()).map_err(Trouble::failed)?;
    let kept = view.kept(&number).map_err(Trouble::failed)?;
    let (Some(page), Some(kept)) = (page, kept) else {
        return Err(Trouble::Failed(format!("there is no case {number}; `triaged cases list` shows all")));
    };
    if json {
        return print_json(&Answer { page: &page, evidence: &kept.fields });
    }
    let status = view.status(&[]).map_err(Trouble::failed)?;
    show(&page, &kept.fields, status.rules.digest.as_deref())
}

fn show(page: &CasePage, evidence: &BTreeMap<String, Stated>, in_force: Option<&str>) -> Done {
    let nice = decorated();
    let line = &page.line;
    let heading = format!("{}  {}  {}", line.number, line.inquiry, word_of(&line.state)?);
    say(&look(&heading, Look::Bold, nice));
    if let Some(due) = line.due {
        say(&format!("  due {}, reckoned when it was promised", due.format("%Y-%m-%d %H:%M")));
    }
    say(&look("\nWhat was found, and why", Look::Bold, nice));
    for (id, stated) in evidence {
        let value = match &stated.value {
            Value::Text(text) => text.clone(),
            Value::List(list) => list.join(" · "),
        };
        let value: String = clean(&value).replace('\n', " ").chars().take(100).collect();
        say(&format!("  {id:18} {}", look(&value, Look::Good, nice)));
        let from = word_of(&stated.from)?;
        say(&look(&format!("  {:18} from the {from}: {}", "", clean(&stated.why)), Look::Dim, nice));
    }
    for missing in &line.missing {
        say(&format!("  {missing:18} {}", look("missing", Look::Bad, nice)));
    }
    say(&look("\nWhich rules decided", Look::Bold, nice));
    for mail in page.mails.iter().filter(|mail| mail.direction == "in") {
        let disposition = mail.disposition.as_ref().map(word_of).transpose()?.unwrap_or_default();
        let reason = mail.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let digest = mail.rules.as_deref().unwrap_or("-");
        let same = if in_force == Some(digest) { ", in force now" } else { ", no longer in force" };
        let time = mail.time.format("%Y-%m-%d %H:%M");
        say(&format!("  {time}  {disposition}{reason} by rules {digest}{same}"));
        for note in mail.notes.lines() {
            say(&look(&format!("  {:16}  {}", "", clean(note)), Look::Dim, nice));
        }
    }
    say(&look("\nWhat happened", Look::Bold, nice));
    for event in &page.events {
        let time = event.time.format("%Y-%m-%d %H:%M");
        let (by, text) = (clean(&event.by), clean(&event.text).replace('\n', " "));
        say(&format!("  {time}  {} by {by}: {text}", event.what));
    }
    Ok(())
}
