//! `rules/*.toml` and `rules/letters/*.txt` to a [`RuleSet`]: all or nothing, with every fault at
//! its file, line and column.

pub mod examples;
pub mod live;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::triage::fields::{FieldRules, Fields, SharedFields};
use crate::triage::inquiry::{Inquiry, InquiryRules, InquiryWords};
use crate::triage::letter::Letters;
use crate::triage::ruleset::{Organisation, RuleSet, Term};
use crate::triage::screen::{MachineRules, Machines};
use crate::triage::text::{TextMarks, TextRules};
use crate::triage::values::date::{DateRules, DateWords};
use crate::triage::values::name::{People, PeopleRules};
use crate::triage::values::service::{ServiceRules, Services};

/// Files that are no inquiry.
const VOCABULARIES: [&str; 7] = ["organisation", "fields", "services", "machines", "people", "text", "dates"];

/// Reads a folder of rules.
///
/// # Errors
/// Every fault, as text.
pub fn load(dir: &Path) -> Result<RuleSet, Vec<String>> {
    let mut faults: Vec<String> = Vec::new();
    let organisation: Option<Organisation> = read(dir, "organisation", &mut faults);
    let shared: SharedFields = read(dir, "fields", &mut faults).unwrap_or_default();
    let services: ServiceRules = read(dir, "services", &mut faults).unwrap_or_default();
    let machines: MachineRules = read(dir, "machines", &mut faults).unwrap_or_default();
    let people: PeopleRules = read(dir, "people", &mut faults).unwrap_or_default();
    let text: TextRules = read(dir, "text", &mut faults).unwrap_or_default();
    let dates: DateRules = read(dir, "dates", &mut faults).unwrap_or_default();
    let mut inquiries: Vec<(String, InquiryRules)> = Vec::new();
    let mut names: Vec<String> = fs::read_dir(dir)
        .map_err(|error| vec![format!("{}: {error}", dir.display())])?
        .filter_map(|entry| {
            entry.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    for name in names.iter().filter(|name| !VOCABULARIES.contains(&name.as_str())) {
        if let Some(rules) = read(dir, name, &mut faults) {
            inquiries.push((name.clone(), rules));
        }
    }
    let of_inquiries: Vec<(String, BTreeMap<String, FieldRules>)> =
        inquiries.iter().map(|(id, rules)| (id.clone(), rules.field.clone())).collect();
    let say = |file: &str, list: Vec<crate::triage::fault::Fault>| -> Vec<String> {
        list.into_iter().map(|fault| format!("{file}.toml: {}: {}", fault.place, fault.what)).collect()
    };
    let fields = Fields::compile(&shared, &of_inquiries).map_err(|list| {
        list.into_iter().flat_map(|(file, fault)| say(&file, vec![fault])).collect::<Vec<_>>()
    })?;
    let inquiry_words = InquiryWords::compile(&inquiries).map_err(|list| {
        list.into_iter().flat_map(|(file, fault)| say(&file, vec![fault])).collect::<Vec<_>>()
    })?;
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(RuleSet {
        digest: "0000000000000000".into(),
        organisation: organisation.unwrap_or_default(),
        inquiries: inquiries.iter().map(|(id, rules)| inquiry(id, rules)).collect(),
        inquiry_words,
        fields,
        services: Services::compile(&services).map_err(|list| say("services", list))?,
        machines: Machines::compile(&machines).map_err(|list| say("machines", list))?,
        people: People::compile(&people).map_err(|list| say("people", list))?,
        text: TextMarks::compile(&text).map_err(|list| say("text", list))?,
        dates: DateWords::compile(&dates).map_err(|list| say("dates", list))?,
        letters: Letters::default(),
    })
}

fn inquiry(id: &str, rules: &InquiryRules) -> Inquiry {
    Inquiry {
        id: id.to_owned(),
        title: rules.title.clone(),
        case_prefix: rules.case_prefix.clone(),
        working_days: match rules.working_days {
            Term::Days(days) => Some(days),
            Term::None(_) => None,
        },
        mandatory: rules.mandatory.clone(),
        optional: rules.optional.clone(),
        alert_new: rules.alert_new,
    }
}

fn read<T: DeserializeOwned>(dir: &Path, name: &str, faults: &mut Vec<String>) -> Option<T> {
    let path = dir.join(format!("{name}.toml"));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(_) if VOCABULARIES.contains(&name) => return None,
        Err(error) => {
            faults.push(format!("{}: {error}", path.display()));
            return None;
        }
    };
    match toml::from_str(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            faults.push(format!("{}: {error}", path.display()));
            None
        }
    }
}
