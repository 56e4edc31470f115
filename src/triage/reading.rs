//! What can be known of a mail without knowing any case: who wrote it, in which language, what it
//! is about, what it states. Needs no database, so many mails are read at once.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, Candidate, Findings, Found};
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
    /// Of the other fields what may have been meant, but not surely enough; best first.
    pub doubted: BTreeMap<String, Vec<Candidate>>,
    pub sections: Sections,
}

/// Reads a mail. Total; time and memory linear in its (bounded) size.
#[must_use]
pub fn read(message: &Message, context: Context) -> Reading {
    let rules = context.rules;
    let labels = labels::find(message, &rules.text, &rules.fields);
    let rows = labels::rows(&labels, &rules.fields);
    let sections = text::split(message, &rules.text, &rules.organisation.domains, &rows);
    let sections = labels::rezoned(sections, message, &labels, &rules.fields);
    let own = own_text(message, &sections);
    let screening = screen::screen(message, &sections, &rules.machines, context.surroundings);
    if message.legibility != Legibility::Readable {
        let inquiry =
            Choice { id: context.mailbox.inquiry.clone(), scores: Vec::new(), why: "the mailbox".into() };
        let (fields, doubted) = (BTreeMap::new(), BTreeMap::new());
        return Reading { language: Language::Nl, screening, inquiry, fields, doubted, sections };
    }
    let view = View {
        message,
        context,
        sections: &sections,
        labels: &labels,
        language: language(&own, &message.subject, &rules.languages),
        written: day_of_writing(message, context.arrived),
    };
    let inquiry = inquiry::choose(&view);
    let Findings { found, doubted } = fields::find(&view);
    let language = view.language;
    Reading { language, screening, inquiry, fields: found, doubted, sections }
}

/// The writer's own words joined, without quotes, signature and small print.
#[must_use]
pub fn own_text(message: &Message, sections: &Sections) -> String {
    let parts: Vec<&str> =
        sections.of(&[Zone::Own]).filter_map(|section| message.text.get(section.span.clone())).collect();
    parts.join("\n")
}

/// `rules/languages.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LanguageRules {
    /// Short words that only Dutch, Frisian and the dialects have.
    pub dutch: Vec<String>,
    /// Short words that only English has.
    pub english: Vec<String>,
}

/// [`LanguageRules`], ready to use: beside the trigrams of a library they decide about texts of a
/// line or two, which trigrams get wrong.
#[derive(Debug, Default)]
pub struct Languages {
    dutch: FxHashSet<String>,
    english: FxHashSet<String>,
}

impl Languages {
    #[must_use]
    pub fn new(rules: &LanguageRules) -> Self {
        let set = |words: &[String]| words.iter().map(|word| super::fold::fold(word)).collect();
        Self { dutch: set(&rules.dutch), english: set(&rules.english) }
    }
}

/// Dutch or English; anything that is not plainly Dutch is answered in English. Frisian and the
/// dialects count as Dutch.
fn language(own: &str, subject: &str, languages: &Languages) -> Language {
    // Enough to know a language by; more would only cost time.
    let text: String = own.chars().chain(" ".chars()).chain(subject.chars()).take(LANGUAGE_SAMPLE).collect();
    let folded = super::fold::fold(&text);
    let (mut dutch, mut english, mut words) = (0u32, 0u32, 0u32);
    for word in folded.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        words += 1;
        dutch += u32::from(languages.dutch.contains(word));
        english += u32::from(languages.english.contains(word));
    }
    if words == 0 {
        return Language::Nl;
    }
    // A third of running text is made of such words; less than a tenth is another language.
    let known = 10 * (dutch + english) >= words.max(4);
    if known
        && dutch != english
        && dutch.max(english) >= 2 * dutch.min(english)
        && 5 * dutch.max(english) >= words
    {
        return if dutch > english { Language::Nl } else { Language::En };
    }
    match whatlang::detect(&text).map(|info| (info.lang(), info.is_reliable())) {
        Some((whatlang::Lang::Nld | whatlang::Lang::Afr, _)) => Language::Nl,
        Some((_, true)) if dutch <= 2 * english && 8 * dutch < words => Language::En,
        _ if dutch >= english && (5 * dutch >= words || words <= 6) => Language::Nl,
        _ => Language::En,
    }
}

/// Characters by which the language of a mail is told.
const LANGUAGE_SAMPLE: usize = 2_000;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writers_language_is_known() {
        let languages = Languages::new(&toml::from_str(include_str!("../../rules/languages.toml")).unwrap());
        for (own, subject, expected) in [
            ("waarom krijg ik een rekening van 34,50", "", Language::Nl),
            ("Beste, zie bijlage.", "", Language::Nl),
            ("", "Vraag over factuur", Language::Nl),
            ("", "Invoice question", Language::En),
            ("Hi, where is my invoice?", "", Language::En),
            (
                "Bonjour,\n\nJe n'arrive pas à ouvrir mon compte, le code SMS n'arrive jamais.",
                "Compte bloqué",
                Language::En,
            ),
            (
                "Guten Tag, ich kann mich nicht anmelden. Können Sie mir bitte helfen?",
                "Konto gesperrt",
                Language::En,
            ),
            ("Goeie, ik haw in fraach oer myn rekken. It is net goed.", "fraach", Language::Nl),
            (
                "Moi, ik wil mien beklag doun over dat kastje veur t slaapen. t Wark neet.",
                "beklag",
                Language::Nl,
            ),
            ("Hi, kunnen jullie de login resetten?", "login", Language::Nl),
            ("Dzień dobry, nie mogę zalogować się na konto. Proszę o pomoc.", "konto", Language::En),
            ("Merhaba, hesabıma giriş yapamıyorum. Yardım eder misiniz?", "hesap", Language::En),
            ("Hola, no puedo entrar en mi cuenta. Por favor, ayuda.", "cuenta", Language::En),
        ] {
            assert_eq!(language(own, subject, &languages), expected, "{own:?} {subject:?}");
        }
    }
}
