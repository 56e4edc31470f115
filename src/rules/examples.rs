//! Example mails with what they must lead to, and how near the rules come to it.
//!
//! An example is two files: `NAME.eml` and `NAME.json` (an [`Example`]).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::triage::fields::Value;

/// `NAME.json`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Example {
    /// Name of the mailbox that it arrived in.
    pub mailbox: String,
    pub expect: Expectation,
    /// What makes this mail hard.
    #[serde(default)]
    pub notes: String,
}

/// What a mail must lead to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    pub disposition: String,
    /// Every disposition that is right, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disposition_any: Vec<String>,
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason_any: Vec<String>,
    pub inquiry: Option<String>,
    pub language: Option<String>,
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
    #[serde(default)]
    pub missing: Vec<String>,
    #[serde(default)]
    pub reply: String,
    /// Statements that are checked elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_hold: Vec<String>,
}

/// What the program made of the mail.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub disposition: String,
    pub reason: Option<String>,
    pub inquiry: Option<String>,
    pub language: Option<String>,
    pub fields: BTreeMap<String, Value>,
    pub missing: Vec<String>,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `disposition`, `reason`, `inquiry`, `language`, `missing` or the id of a field.
    pub what: String,
    pub expected: String,
    pub got: String,
}

/// How often a field was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub right: u32,
    /// Claimed, but not what the mail states.
    pub wrong: u32,
    /// Stated by the mail, not found or found wrong.
    pub missed: u32,
}

impl Count {
    /// Harmonic mean of precision and recall; 1 where there was nothing to find.
    #[must_use]
    pub fn f1(self) -> f64 {
        let total = 2 * self.right + self.wrong + self.missed;
        if total == 0 { 1.0 } else { 2.0 * f64::from(self.right) / f64::from(total) }
    }
}

/// Sums over many examples.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub examples: u32,
    pub cases: u32,
    pub inquiry_right: u32,
    pub language_right: u32,
    pub missing_right: u32,
    pub disposition_right: u32,
    pub reason_right: u32,
    /// A machine's mail that would be answered.
    pub machines_answered: u32,
    /// A person's mail that would be ignored.
    pub people_ignored: u32,
    pub fields: BTreeMap<String, Count>,
}

/// An example: the file, its bytes, and what is expected of it.
pub type Mail = (PathBuf, Vec<u8>, Example);

/// The examples of a folder, by name; files that are none are said in the second list.
#[must_use]
pub fn read_folder(dir: &Path) -> (Vec<Mail>, Vec<String>) {
    let mut list = Vec::new();
    let mut faults = Vec::new();
    let mut paths: Vec<PathBuf> = match fs::read_dir(dir) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(error) => {
            faults.push(format!("{}: {error}", dir.display()));
            Vec::new()
        }
    };
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    paths.sort();
    for path in paths {
        let labels = path.with_extension("json");
        let example = fs::read_to_string(&labels)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    format!(
                        "what it must lead to is not there: triaged rules accept --mailbox NAME {}",
                        path.display()
                    )
                }
                _ => error.to_string(),
            })
            .and_then(|text| serde_json::from_str::<Example>(&text).map_err(|error| error.to_string()));
        match (fs::read(&path), example) {
            (Ok(bytes), Ok(example)) => list.push((path, bytes, example)),
            (Err(error), _) => faults.push(format!("{}: {error}", path.display())),
            (_, Err(error)) => faults.push(format!("{}: {error}", labels.display())),
        }
    }
    (list, faults)
}

impl Tally {
    /// All fields together.
    #[must_use]
    pub fn all(&self) -> Count {
        self.fields.values().fold(Count::default(), |sum, count| Count {
            right: sum.right + count.right,
            wrong: sum.wrong + count.wrong,
            missed: sum.missed + count.missed,
        })
    }

    /// Counts one example and returns what differs.
    pub fn add(&mut self, expect: &Expectation, got: &Outcome) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differ = |what: &str, expected: String, got: String| {
            differences.push(Difference { what: what.to_owned(), expected, got });
        };
        self.examples += 1;
        let right_disposition =
            expect.disposition == got.disposition || expect.disposition_any.contains(&got.disposition);
        self.disposition_right += u32::from(right_disposition);
        if !right_disposition {
            differ(
                "disposition",
                expect.disposition.clone(),
                match &got.reason {
                    Some(reason) => format!("{} ({reason})", got.disposition),
                    None => got.disposition.clone(),
                },
            );
        }
        self.machines_answered +=
            u32::from(expect.disposition != "case" && got.disposition == "case" && !right_disposition);
        self.people_ignored += u32::from(expect.disposition == "case" && got.disposition == "ignore");
        if expect.disposition != "case" || got.disposition != "case" {
            let right_reason = expect.reason == got.reason
                || got.reason.as_ref().is_some_and(|reason| expect.reason_any.contains(reason))
                || expect.disposition != got.disposition;
            self.reason_right += u32::from(right_reason);
            if !right_reason {
                differ("reason", word(expect.reason.as_ref()), word(got.reason.as_ref()));
            }
            if expect.disposition != "case" || right_disposition {
                return differences;
            }
        } else {
            self.reason_right += 1;
        }
        self.add_case(expect, got, &mut differ);
        differences
    }

    /// What only a case has.
    fn add_case(
        &mut self,
        expect: &Expectation,
        got: &Outcome,
        differ: &mut impl FnMut(&str, String, String),
    ) {
        self.cases += 1;
        self.inquiry_right += u32::from(expect.inquiry == got.inquiry);
        if expect.inquiry != got.inquiry {
            differ("inquiry", word(expect.inquiry.as_ref()), word(got.inquiry.as_ref()));
        }
        self.language_right += u32::from(expect.language == got.language);
        if expect.language != got.language {
            differ("language", word(expect.language.as_ref()), word(got.language.as_ref()));
        }
        for (field, expected, value) in pairs(&expect.fields, &got.fields) {
            let (count, same) = compare(field, expected, value);
            let sum = self.fields.entry(field.to_owned()).or_default();
            sum.right += count.right;
            sum.wrong += count.wrong;
            sum.missed += count.missed;
            if !same {
                differ(field, show(expected), show(value));
            }
        }
        let (mut expected, mut missing) = (expect.missing.clone(), got.missing.clone());
        expected.sort();
        missing.sort();
        self.missing_right += u32::from(expected == missing);
        if expected != missing {
            differ("missing", expected.join(", "), missing.join(", "));
        }
    }
}

fn pairs<'a>(
    expected: &'a BTreeMap<String, Value>,
    got: &'a BTreeMap<String, Value>,
) -> Vec<(&'a str, Option<&'a Value>, Option<&'a Value>)> {
    let mut ids: Vec<&str> = expected.keys().chain(got.keys()).map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| (id, expected.get(id), got.get(id))).collect()
}

/// A list counts member by member; a description is right when it contains the phrase.
fn compare(field: &str, expected: Option<&Value>, got: Option<&Value>) -> (Count, bool) {
    let mut count = Count::default();
    match (expected, got) {
        (Some(Value::List(expected)), Some(Value::List(got))) => {
            let got: Vec<String> = got.iter().map(|person| fold(person)).collect();
            let expected: Vec<String> = expected.iter().map(|person| fold(person)).collect();
            for person in &expected {
                if got.contains(person) {
                    count.right += 1;
                } else {
                    count.missed += 1;
                }
            }
            count.wrong = got.iter().filter(|person| !expected.contains(person)).fold(0, |n, _| n + 1);
        }
        (Some(expected), Some(got)) => {
            let same = match (expected, got) {
                (Value::Text(phrase), Value::Text(text)) if field == "description" => {
                    fold(text).contains(&fold(phrase))
                }
                _ => expected == got,
            };
            if same {
                count.right = 1;
            } else {
                (count.wrong, count.missed) = (1, 1);
            }
        }
        (Some(_), None) => count.missed = 1,
        (None, Some(_)) => count.wrong = 1,
        (None, None) => {}
    }
    (count, count.wrong == 0 && count.missed == 0)
}

/// White space and case folded.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn word(word: Option<&String>) -> String {
    word.cloned().unwrap_or_else(|| "(nothing)".to_owned())
}

fn show(value: Option<&Value>) -> String {
    match value {
        None => "(nothing)".to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(list)) => list.join(" | "),
    }
}
