//! `[phone]` of `rules/fields.toml`: words that tell whose a number is, and whether to call it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::super::expression::Expression;
use super::super::super::fault::{Fault, Place};
use super::super::super::fields::pattern;
use super::super::super::fold::fold;
use super::super::super::sieve::Sieve;
use super::super::phrases::Phrases;

/// `[phone]` of `rules/fields.toml`: words that tell whose a number is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneRules {
    /// Words that make a number the writer's: `["mijn nummer", "bel mij op"]`. The nearest before
    /// the number decides between these and `others`.
    pub mine: Vec<String>,
    /// Words that make a number somebody else's: `["mijn huisarts*", "van hem"]`; `*` stands for
    /// more letters.
    pub others: Vec<String>,
    /// Words right before a number that make it the writer's whatever stands before them: `["me is",
    /// "ik ben"]`.
    pub myself: Vec<String>,
    /// Words behind one of `others` that say that it is not they who are called: `["neemt niet op"]`.
    pub unreached: Vec<String>,
    /// Behind the name of somebody else they make the number theirs: "Tineke IS nog BEREIKBAAR op".
    pub reached: Vec<String>,
    /// Words right before a number that is not for calling: `["fax", "bsn"]`.
    pub not_calls: Vec<String>,
    /// Words before a number that make it one for calling in spite of such a word: "change the number on
    /// my account to 06…".
    pub changed_to: Vec<String>,
    /// Words that say that a number is not in use or not to be used: `["oude nummer"]`.
    pub gone: Vec<String>,
    /// The same, said of the number that follows: `["niet via", "in plaats van"]`.
    pub gone_before: Vec<String>,
    /// The same, said of the number before: `["verwijderen"]`.
    pub gone_behind: Vec<String>,
    /// Words that begin something else than what was said not to be in use: `["dus", "maar"]`.
    pub turns: Vec<String>,
    /// Words behind a number with which another one is spoken of: `["oude nummer is", "(niet het"]`.
    pub another: Vec<String>,
    /// Words between a wrong number and the right one: `["moet zijn", "should be"]`.
    pub corrected: Vec<String>,
    /// Words of the number that a person would rather be called at: `["direct", "mobiel"]`.
    pub preferred: Vec<String>,
    /// Words of the number to be called when there is no better one: `["algemeen"]`.
    pub general: Vec<String>,
    /// Words before a number to be called only where another one does not answer: `["anders", "of anders"]`.
    pub otherwise: Vec<String>,
    /// Words of a wish behind several numbers: "BEL s.v.p. 's avonds".
    pub wishes: Vec<String>,
    /// Words that turn such a wish around: "LIEVER NIET 's avonds".
    pub not_wished: Vec<String>,
    /// Words for one and the same time or place at which somebody is called: `["avond", "avonds"]`.
    pub times: Vec<Vec<String>>,
    /// What a mobile number is called in a wish behind several ("bel liever de MOBIEL").
    pub mobile: Vec<String>,
    /// What a number that is no mobile one is called there ("bel liever de VASTE lijn").
    pub landline: Vec<String>,
    /// Words between two numbers: what stands behind them tells of the second only ("of", "or").
    pub joins: Vec<String>,
    /// Words behind one of these that speak of the first number all the same: `["die lijn"]`.
    pub said_back: Vec<String>,
    /// Other countries of which numbers are written without the code of the country.
    pub abroad: Vec<AbroadRules>,
    /// Regular expressions of sentences that ask not to be called at all.
    pub refusals: Vec<String>,
}

/// A country other than our own: its mobile numbers are known where a mail is plainly from there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AbroadRules {
    /// Code of the country: `32`.
    pub code: String,
    /// Ends of mail addresses from there: `["be"]`.
    pub domains: Vec<String>,
    /// Words beside a number of there: `["belgië", "gsm"]`.
    pub words: Vec<String>,
}

/// [`AbroadRules`], ready to use.
#[derive(Debug, Default)]
pub(super) struct Abroad {
    pub(super) code: String,
    pub(super) domains: Vec<String>,
    pub(super) words: Phrases,
}

/// [`PhoneRules`], ready to use.
#[derive(Debug, Default)]
pub struct PhoneWords {
    pub(super) mine: Phrases,
    pub(super) others: Phrases,
    pub(super) myself: Phrases,
    pub(super) unreached: Phrases,
    pub(super) reached: Phrases,
    pub(super) not_calls: Phrases,
    pub(super) changed_to: Phrases,
    pub(super) gone: Phrases,
    pub(super) gone_before: Phrases,
    pub(super) gone_behind: Phrases,
    pub(super) turns: Phrases,
    pub(super) another: Phrases,
    pub(super) corrected: Phrases,
    pub(super) preferred: Phrases,
    pub(super) general: Phrases,
    pub(super) otherwise: Phrases,
    pub(super) wishes: Phrases,
    pub(super) not_wished: Phrases,
    pub(super) times: Vec<Phrases>,
    pub(super) mobile: Phrases,
    pub(super) landline: Phrases,
    pub(super) joins: Phrases,
    pub(super) said_back: Phrases,
    pub(super) abroad: Vec<Abroad>,
    refusals: Vec<Expression>,
    /// Over the refusals.
    sieve: Sieve,
}

impl PhoneWords {
    /// Faults are added to `faults`.
    pub fn compile(rules: &PhoneRules, faults: &mut Vec<Fault>) -> Self {
        let place = |key: &str| Place::default().key("phone").key(key);
        let mut phrases = |list: &[String], key: &str| Phrases::compile(list, &place(key), faults);
        Self {
            mine: phrases(&rules.mine, "mine"),
            others: phrases(&rules.others, "others"),
            myself: phrases(&rules.myself, "myself"),
            unreached: phrases(&rules.unreached, "unreached"),
            reached: phrases(&rules.reached, "reached"),
            not_calls: phrases(&rules.not_calls, "not_calls"),
            changed_to: phrases(&rules.changed_to, "changed_to"),
            gone: phrases(&rules.gone, "gone"),
            gone_before: phrases(&rules.gone_before, "gone_before"),
            gone_behind: phrases(&rules.gone_behind, "gone_behind"),
            turns: phrases(&rules.turns, "turns"),
            another: phrases(&rules.another, "another"),
            corrected: phrases(&rules.corrected, "corrected"),
            preferred: phrases(&rules.preferred, "preferred"),
            general: phrases(&rules.general, "general"),
            otherwise: phrases(&rules.otherwise, "otherwise"),
            wishes: phrases(&rules.wishes, "wishes"),
            not_wished: phrases(&rules.not_wished, "not_wished"),
            times: rules.times.iter().map(|list| phrases(list, "times")).collect(),
            mobile: phrases(&rules.mobile, "mobile"),
            landline: phrases(&rules.landline, "landline"),
            joins: phrases(&rules.joins, "joins"),
            said_back: phrases(&rules.said_back, "said_back"),
            abroad: rules
                .abroad
                .iter()
                .map(|country| Abroad {
                    code: country.code.trim_start_matches(['+', '0']).to_owned(),
                    domains: country.domains.iter().map(|domain| domain.to_lowercase()).collect(),
                    words: phrases(&country.words, "abroad"),
                })
                .collect(),
            refusals: rules
                .refusals
                .iter()
                .enumerate()
                .filter_map(|(i, text)| pattern(text, place("refusals").index(i), faults))
                .collect(),
            sieve: Sieve::default(),
        }
    }

    /// Does somebody ask there not to be called?
    pub(super) fn refuses(&self, text: &str) -> bool {
        let may = self.sieve.may_match(&fold(text), self.refusals.iter());
        self.refusals.iter().zip(may).any(|(refusal, may)| may && refusal.is_match(text))
    }

    /// Nothing but "of", a comma or a slash.
    pub(super) fn is_join(&self, between: &str) -> bool {
        let between = between.trim_matches(|c: char| !c.is_alphanumeric());
        between.len() <= 40 && (between.is_empty() || self.joins.is_whole(between))
    }
}
