//! Fields as rule files describe them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::ruleset::ByLanguage;
use super::super::values::email::EmailRules;
use super::super::values::phone::PhoneRules;
use super::super::values::reference::OrderRules;
use super::Kind;

/// `rules/fields.toml`: what every inquiry shares, and the words around values.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SharedFields {
    /// Words around labels and answers that say nothing.
    pub labels: LabelRules,
    /// Words that tell whose a phone number is.
    pub phone: PhoneRules,
    /// Words that tell whose an address is.
    pub email: EmailRules,
    /// The fields that several inquiries ask for: `[field.name]`.
    pub field: BTreeMap<String, FieldRules>,
}

/// Words around labels, and answers that say nothing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LabelRules {
    /// Words that may stand before a label: `["uw", "mijn", "wat is uw"]`.
    pub before: Vec<String>,
    /// Words that may stand behind a label: `["overdag", "verplicht"]`.
    pub after: Vec<String>,
    /// Labels that name no field but end the value before them: `["adres", "woonplaats"]`.
    pub others: Vec<String>,
    /// Answers that say nothing: `["n.v.t.", "volgt", "zie bijlage"]`.
    pub no_answer: Vec<String>,
}

/// A field as a rule file describes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldRules {
    /// What it holds; decides which finder looks for it.
    pub kind: Kind,
    /// What it is called in letters: `title.nl = "factuurnummer"`.
    pub title: ByLanguage,
    /// One line of help for the person who is asked for it.
    pub help: ByLanguage,
    /// Words that stand before the value: `["telefoon", "tel", "bereikbaar op"]`. Upper case, accents,
    /// blanks and punctuation do not matter; a letter mistyped in a long label neither.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Labels that other fields may claim too, such as `contact` for name, phone and email: each
    /// takes its part of what stands behind it.
    #[serde(default)]
    pub shared_labels: Vec<String>,
    /// Only what stands behind one of the labels counts, as for a date of birth. A second field of
    /// the same kind in an inquiry (another phone number, say) is always read so.
    #[serde(default)]
    pub labelled_only: bool,
    /// Labels of a part of the value: `parts.first = ["voornaam"]`.
    #[serde(default)]
    pub parts: BTreeMap<String, Vec<String>>,
    /// For kind `pattern`: regular expressions of which one must match the whole value.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// For kind `pattern`: regular expressions for a value behind a label or one of `near`; they
    /// may be broader than `patterns`.
    #[serde(default)]
    pub labelled_patterns: Vec<String>,
    /// For kind `pattern`: words that stand before the value in a sentence: `["factuur", "invoice"]`.
    #[serde(default)]
    pub near: Vec<String>,
    /// For kind `pattern`: words whose number is something else (customer, debtor, …).
    #[serde(default)]
    pub not_after: Vec<String>,
    /// For kind `pattern`: between one of `not_after` and a value that needs no label these say that the
    /// two have nothing to do with each other ("een herinnering, MAAR 26/118834 is betaald").
    #[serde(default)]
    pub apart: Vec<String>,
    /// For kind `pattern`: words after which the value is likely not the one meant (previous, old, …).
    #[serde(default)]
    pub less_after: Vec<String>,
    /// For `pattern`: words behind a value that make it a less likely one ("is paid").
    #[serde(default)]
    pub less_before: Vec<String>,
    /// For `pattern`: words right behind a value that say that it is the one ("daar gaat het om").
    #[serde(default)]
    pub more_before: Vec<String>,
    /// For kind `pattern`: words that may stand between one of `near` and the value.
    #[serde(default)]
    pub between: Vec<String>,
    /// For kind `pattern`: words for "number", after which the value may stand further from `near`.
    #[serde(default)]
    pub number_words: Vec<String>,
    /// For kind `pattern`: words right before a value that point at it, where one of `near` stands further back.
    #[serde(default)]
    pub pointing: Vec<String>,
    /// For kind `pattern`: words shortly before one of `near` that say that it is the one meant ("mijn
    /// vraag gaat over").
    #[serde(default)]
    pub asked: Vec<String>,
    /// For kind `pattern`: words right behind one of `near` that say that it is one of ours ("een rekening VAN U").
    #[serde(default)]
    pub ours: Vec<String>,
    /// For kind `pattern`: words right before a short number without letters that make it an amount
    /// ("de rekening VAN 1250").
    #[serde(default)]
    pub amounts: Vec<String>,
    /// For kind `pattern`: words that say that the mail does not give the value ("ben ik kwijt").
    #[serde(default)]
    pub denials: Vec<String>,
    /// For kind `pattern`: words that count off several values ("de tweede klopt niet").
    #[serde(default)]
    pub order: OrderRules,
    /// For kind `choice`: value and the words that mean it.
    #[serde(default)]
    pub choices: BTreeMap<String, Vec<String>>,
}
