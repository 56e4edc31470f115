//! What only shows when rule files are seen together: names that nothing carries, prefixes that
//! two inquiries share, letters that do not fit.

use std::collections::BTreeMap;

use super::Loader;
use crate::document::nearest;
use crate::triage::fault::{Fault, Place};
use crate::triage::fields::{FieldRules, Kind};
use crate::triage::inquiry::InquiryRules;
use crate::triage::ruleset::{ByLanguage, Organisation, Term};
use crate::triage::values::service::ServiceRules;

/// Longer terms are a slip of the finger: a year has some 250 working days.
const LONGEST_TERM: u32 = 250;

/// A rule file's id and what is in it.
pub(super) type Inquiries = [(String, InquiryRules)];

fn at(key: &str) -> Place {
    Place::default().key(key)
}

pub(super) fn inquiries(loader: &mut Loader, inquiries: &Inquiries, shared: &BTreeMap<String, FieldRules>) {
    if inquiries.is_empty() {
        loader.fault_of_folder("there is no inquiry", "add a rule file such as invoice.toml");
    }
    let known = known_fields(inquiries, shared);
    let mut prefixes: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, rules) in inquiries {
        titles(loader, id, &at("title"), &rules.title);
        prefix(loader, id, &rules.case_prefix);
        if let Some(first) = prefixes.insert(&rules.case_prefix, id) {
            let what = format!("{first}.toml has this prefix too");
            loader.fault(id, &Fault::new(at("case_prefix"), what, "each inquiry needs a prefix of its own"));
        }
        term(loader, id, rules.working_days);
        fields(loader, id, rules, &known);
    }
    unused(loader, inquiries, shared);
}

/// Fields by id: those that all share, and those of any inquiry.
fn known_fields<'a>(
    inquiries: &'a Inquiries,
    shared: &'a BTreeMap<String, FieldRules>,
) -> BTreeMap<&'a str, &'a FieldRules> {
    let own = inquiries.iter().flat_map(|(_, rules)| &rules.field);
    shared.iter().chain(own).map(|(id, field)| (id.as_str(), field)).collect()
}

/// A file name is an id in the database and in letters' names.
pub(super) fn name(loader: &mut Loader, id: &str) {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if id.len() > 40 || !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(good) {
        let what = "the name of this file has more than small letters, digits, `-` and `_`";
        loader.fault(id, &Fault::new(Place::default(), what, "rename it: the name is the id of the inquiry"));
    }
}

fn titles(loader: &mut Loader, id: &str, place: &Place, title: &ByLanguage) {
    for (language, text) in [("nl", &title.nl), ("en", &title.en)] {
        if text.trim().is_empty() {
            let what = "a person would read nothing here";
            loader.fault(id, &Fault::new(place.clone().key(language), what, "write it in this language"));
        }
    }
}

fn prefix(loader: &mut Loader, id: &str, prefix: &str) {
    if prefix.is_empty() || prefix.len() > 8 || !prefix.chars().all(|c| c.is_ascii_uppercase()) {
        let what = "a case prefix has 1 to 8 capital letters";
        loader.fault(id, &Fault::new(at("case_prefix"), what, "such as \"K\", which makes K-2026-000123"));
    }
}

fn term(loader: &mut Loader, id: &str, term: Term) {
    let remedy = "write 1 or more, or \"none\" for no term";
    match term {
        Term::Days(0) => {
            loader.fault(
                id,
                &Fault::new(at("working_days"), "a term of 0 days is over before it begins", remedy),
            );
        }
        Term::Days(days) if days > LONGEST_TERM => {
            loader.fault(id, &Fault::new(at("working_days"), "a term of more than a year", remedy));
        }
        _ => {}
    }
}

fn fields(loader: &mut Loader, id: &str, rules: &InquiryRules, known: &BTreeMap<&str, &FieldRules>) {
    if rules.mandatory.is_empty() {
        let what = "nothing is asked for: every mail is complete";
        loader.warn(id, &Fault::new(at("mandatory"), what, "name the fields that a mail must state"));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (key, list) in [("mandatory", &rules.mandatory), ("optional", &rules.optional)] {
        for (i, field) in list.iter().enumerate() {
            let place = at(key).index(i);
            if !known.contains_key(field.as_str()) {
                let near = nearest(field, known.keys().copied());
                let remedy = near.map_or_else(
                    || format!("describe it as [field.{field}] in this file, or in fields.toml"),
                    |near| format!("did you mean \"{near}\"? A new field is described as [field.{field}]"),
                );
                loader.fault(id, &Fault::new(place.clone(), format!("there is no field `{field}`"), remedy));
            }
            if seen.contains(&field.as_str()) {
                loader.warn(id, &Fault::new(place, "this field stands here twice", "take one away"));
            }
            seen.push(field);
        }
    }
}

/// A field that no inquiry names is never looked at: probably a slip.
fn unused(loader: &mut Loader, inquiries: &Inquiries, shared: &BTreeMap<String, FieldRules>) {
    let named = |field: &String| {
        inquiries.iter().any(|(_, rules)| rules.mandatory.contains(field) || rules.optional.contains(field))
    };
    let own =
        inquiries.iter().flat_map(|(id, rules)| rules.field.keys().map(move |field| (id.as_str(), field)));
    let shared = shared.keys().map(|field| ("fields", field));
    for (file, field) in shared.chain(own).filter(|(_, field)| !named(field)) {
        let what = "no inquiry asks for this field or notes it";
        let fault = Fault::new(at("field").key(field), what, "name it under `mandatory` or `optional`");
        loader.warn(file, &fault);
    }
}

pub(super) fn organisation(loader: &mut Loader, organisation: &Organisation) {
    let file = "organisation";
    if organisation.name.trim().is_empty() {
        loader.fault(file, &Fault::new(at("name"), "letters are signed with this name", "write it"));
    }
    titles(loader, file, &at("contact"), &organisation.contact);
    for (i, domain) in organisation.domains.iter().enumerate() {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if domain.is_empty() || !domain.chars().all(good) {
            let fault = Fault::new(
                at("domains").index(i),
                "this is no mail domain",
                "such as \"ksyos.nl\", in small letters",
            );
            loader.fault(file, &fault);
        }
    }
}

/// A mandatory service without a vocabulary would be asked for in every mail.
pub(super) fn services(
    loader: &mut Loader,
    services: &ServiceRules,
    inquiries: &Inquiries,
    shared: &BTreeMap<String, FieldRules>,
) {
    let known = known_fields(inquiries, shared);
    let asked = inquiries.iter().flat_map(|(_, rules)| &rules.mandatory);
    let asked = asked.filter_map(|field| known.get(field.as_str())).any(|field| field.kind == Kind::Service);
    if asked && services.service.is_empty() {
        loader.fault(
            "services",
            &Fault::new(Place::default(), "there is no service here", "add [service.NAME] with its words"),
        );
    }
}
