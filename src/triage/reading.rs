//! What can be known of a mail without knowing any case: who wrote it, in which language, what it
//! is about, what it states. Needs no database, so many mails are read at once.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::fields::{self, Found};
use super::inquiry::{self, Choice};
use super::message::{Legibility, Message};
use super::ruleset::RuleSet;
use super::screen::{self, Screening};
use super::surroundings::{Mailbox, Surroundings};
use super::text::{self, Sections, Zone};
use super::values::labels::{self, Labelled};

/// The language that a person is answered in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Nl,
    En,
}

impl Language {
    /// `nl` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
        }
    }
}

/// What the core is given beside the mail.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub rules: &'a RuleSet,
    pub surroundings: &'a Surroundings,
    /// The mailbox that it arrived in.
    pub mailbox: &'a Mailbox,
    /// Arrival by the server's clock, in the calendar's zone.
    pub arrived: DateTime<Tz>,
    /// Fields that the case waits for, when the mail answers a request: a bare value may be one.
    pub expecting: &'a [String],
}

/// A mail with everything that finders share, worked out once.
#[derive(Debug)]
pub struct View<'a> {
    pub message: &'a Message,
    pub context: Context<'a>,
    pub sections: &'a Sections,
    pub labels: &'a [Labelled],
    pub language: Language,
    /// The day of writing in the calendar's zone: the `Date` header's, or the day of arrival where
    /// that header is missing or cannot be true.
    pub written: NaiveDate,
}

/// What was understood.
#[derive(Debug, Clone)]
pub struct Reading {
    pub language: Language,
    pub screening: Screening,
    pub inquiry: Choice,
    /// Every field that the mail states, of whatever inquiry.
    pub fields: BTreeMap<String, Found>,
    pub sections: Sections,
}

/// Reads a mail. Total; time and memory linear in its (bounded) size.
#[must_use]
pub fn read(message: &Message, context: Context) -> Reading {
    let rules = context.rules;
    let sections = text::split(message, &rules.text, &rules.organisation.domains);
    let own = own_text(message, &sections);
    let screening = screen::screen(message, &own, &rules.machines, context.surroundings);
    if message.legibility != Legibility::Readable {
        let inquiry =
            Choice { id: context.mailbox.inquiry.clone(), scores: Vec::new(), why: "the mailbox".into() };
        return Reading { language: Language::Nl, screening, inquiry, fields: BTreeMap::new(), sections };
    }
    let labels = labels::find(message, &sections, &rules.fields);
    let view = View {
        message,
        context,
        sections: &sections,
        labels: &labels,
        language: language(&own, &message.subject),
        written: day_of_writing(message, context.arrived),
    };
    let inquiry = inquiry::choose(&view);
    let fields = fields::find(&view);
    let language = view.language;
    Reading { language, screening, inquiry, fields, sections }
}

/// The writer's own words joined, without quotes, signature and small print.
#[must_use]
pub fn own_text(message: &Message, sections: &Sections) -> String {
    let parts: Vec<&str> =
        sections.of(&[Zone::Own]).filter_map(|section| message.text.get(section.span.clone())).collect();
    parts.join("\n")
}

/// Dutch or English; anything that is not plainly Dutch is answered in English.
fn language(_own: &str, _subject: &str) -> Language {
    Language::Nl
}

/// A `Date` more than a month before or a day after arrival is not believed.
fn day_of_writing(message: &Message, arrived: DateTime<Tz>) -> NaiveDate {
    let zone = arrived.timezone();
    message
        .date
        .map(|date| date.with_timezone(&zone))
        .filter(|date| {
            let late = arrived.signed_duration_since(*date);
            late.num_days() <= 31 && late.num_hours() >= -24
        })
        .unwrap_or(arrived)
        .date_naive()
}
