//! `rules/dates.toml` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::near::NearRules;

/// `rules/dates.toml`: names of months and days, words such as "gisteren".
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateRules {
    /// Names of the twelve months, January first.
    pub months: Vec<Vec<String>>,
    /// Names of the seven days of the week, Monday first.
    pub weekdays: Vec<Vec<String>>,
    /// Their abbreviations: believed only with a date behind them.
    pub weekdays_short: Vec<Vec<String>>,
    /// Parts of the day that are glued to a weekday or to "gisteren".
    pub day_parts: Vec<String>,
    /// Words for the day of writing.
    pub today: Vec<String>,
    /// Words for the day before.
    pub yesterday: Vec<String>,
    /// Words for the day before that.
    pub day_before_yesterday: Vec<String>,
    /// Words for "a moment ago".
    pub just_now: Vec<String>,
    /// Numbers in letters, 1 first.
    pub numbers: Vec<Vec<String>>,
    /// Ordinals in letters, "eerste" first.
    pub ordinals: Vec<Vec<String>>,
    /// What is glued to a number to make it an ordinal.
    pub ordinal_ends: Vec<String>,
    /// Words before a weekday that make it the last one: "afgelopen".
    pub last: Vec<String>,
    /// Words behind a weekday that make it the last one: "jl".
    pub last_behind: Vec<String>,
    /// "deze", "this".
    pub this: Vec<String>,
    /// Words before a day that is still to come: "aanstaande".
    pub next: Vec<String>,
    /// Words behind a day that is still to come: "a.s.".
    pub next_behind: Vec<String>,
    /// Before a weekday that comes again and again: "elke".
    pub every: Vec<String>,
    /// "week" as in "vorige week dinsdag".
    pub week: Vec<String>,
    /// "jaar" as in "vorig jaar".
    pub year: Vec<String>,
    /// "maand" as in "de 3e van deze maand".
    pub month: Vec<String>,
    /// "dagen" as in "drie dagen geleden".
    pub days: Vec<String>,
    /// "weken" as in "precies twee weken geleden".
    pub weeks: Vec<String>,
    /// "geleden".
    pub ago: Vec<String>,
    /// Words that make "een week geleden" an exact day.
    pub exactly: Vec<String>,
    /// Between the two ends of a stretch of days, of which the first counts.
    pub through: Vec<String>,
    /// Between two days of which the writer does not know which: no day.
    pub or: Vec<String>,
    /// Before a day that the writer is not sure of: no day.
    pub vague: Vec<String>,
    /// Words before a short date (`12/3`) that make it one.
    pub on: Vec<String>,
    /// Words behind a number that make it a count and no day.
    pub counts: Vec<String>,
    /// Words that are no typing errors of a name above.
    pub not_typos: Vec<String>,
    /// Behind these a full stop ends no sentence.
    pub abbreviations: Vec<String>,
    /// Feast days: `"04-27"`, `"easter+50"`, `"04-27 not sunday"`.
    pub feasts: BTreeMap<String, String>,
    /// Behind "de 3e" they make it a day: "de 3e HEB ik".
    pub happens: Vec<String>,
    /// Behind "had de 8e" they make it a day: "had de 8e EEN gehoortest".
    pub goes_on: Vec<String>,
    /// Before one of these a sentence that names two days goes over to the second of them.
    pub turns: Vec<String>,
    /// Expressions for a time that is no day ("een paar weken geleden"): what a named day is only a
    /// day of finding out of, happened then.
    pub vague_times: Vec<String>,
    /// What stands near a date and says whether it is the day of the incident.
    pub context: Vec<NearRules>,
    /// What speaks of the day named last.
    pub back: Vec<BackRules>,
}

/// Words that speak of the day named last: "diezelfde dag", "daar gaat deze klacht over".
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackRules {
    /// Said in `explain`.
    pub why: String,
    /// Added to the score of that day.
    pub weight: i32,
    /// Whole words.
    #[serde(default)]
    pub words: Vec<String>,
    /// Regular expressions over small letters without accents.
    #[serde(default)]
    pub patterns: Vec<String>,
}
