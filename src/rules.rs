//! `rules/*.toml` and `rules/letters/*.txt` to a [`RuleSet`]: all or nothing, with every fault at
//! its file, line and column.
//!
//! The vocabularies have names of their own; every other `*.toml` is an inquiry. No rule can name
//! a file, a command or an address outside the configuration.

mod check;
pub mod examples;
mod folder;
pub mod last_good;
pub mod live;
mod schema;
pub mod together;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use crate::document::{Faults, LocatedFault, Severity};
use crate::document::{Map, nearest};
use crate::triage::fault::{Fault, Place};
use crate::triage::fields::{FieldRules, Fields, Kind, SharedFields};
use crate::triage::inquiry::{Inquiry, InquiryRules, InquiryWords};
use crate::triage::letter::{Letters, ReasonRules};
use crate::triage::reading::{LanguageRules, Languages};
use crate::triage::ruleset::{Organisation, RuleSet, Term};
use crate::triage::screen::{MachineRules, Machines};
use crate::triage::text::{TextMarks, TextRules};
use crate::triage::values::date::{DateRules, DateWords};
use crate::triage::values::description::{DescriptionRules, DescriptionWords};
use crate::triage::values::name::{People, PeopleRules};
use crate::triage::values::service::{ServiceRules, Services};
use folder::Folder;
pub use schema::{SCHEMAS, schema};

/// Files that are no inquiry.
pub const VOCABULARIES: [&str; 10] = [
    "organisation",
    "fields",
    "services",
    "machines",
    "people",
    "text",
    "dates",
    "reasons",
    "description",
    "languages",
];

/// Reads a folder of rules.
///
/// # Errors
/// Every fault, with file, line, column and remedy.
pub fn load(dir: &Path) -> Result<RuleSet, Faults> {
    let (rules, mut faults) = inspect(dir);
    rules.ok_or_else(|| {
        faults.0.retain(|fault| fault.severity == Severity::Error);
        faults
    })
}

/// Reads a folder of rules and says also what is legal but odd. There is a set exactly where no
/// fault is an error.
#[must_use]
pub fn inspect(dir: &Path) -> (Option<RuleSet>, Faults) {
    let mut faults = Faults::default();
    let folder = Folder::read(dir, &mut faults);
    if folder.rules.is_empty() && faults.fatal() && folder.unreadable.is_empty() {
        // There is no folder: what would be missing in it is no news.
        faults.0.truncate(1);
        return (None, faults);
    }
    let unread = folder.unreadable.clone();
    let mut loader = Loader { dir: dir.to_path_buf(), folder, maps: BTreeMap::new(), unread, faults };
    let rules = loader.rules();
    let mut faults = loader.faults;
    faults.sort();
    (rules.filter(|_| !faults.fatal()), faults)
}

/// Reads file by file and keeps every fault.
struct Loader {
    dir: PathBuf,
    folder: Folder,
    /// Where the keys of each rule file stand.
    maps: BTreeMap<String, Map>,
    /// Files of which nothing is known but their faults: what others say of them is not judged.
    unread: Vec<String>,
    faults: Faults,
}

impl Loader {
    fn rules(&mut self) -> Option<RuleSet> {
        let organisation: Option<Organisation> = self.read("organisation");
        let shared: SharedFields = self.read("fields").unwrap_or_default();
        let services: ServiceRules = self.read("services").unwrap_or_default();
        let machines: MachineRules = self.read("machines").unwrap_or_default();
        let people: PeopleRules = self.read("people").unwrap_or_default();
        let text: TextRules = self.read("text").unwrap_or_default();
        let dates: DateRules = self.read("dates").unwrap_or_default();
        let descriptions: DescriptionRules = self.read("description").unwrap_or_default();
        let languages: LanguageRules = self.read("languages").unwrap_or_default();
        let reasons: ReasonRules = self.read("reasons").unwrap_or_default();
        let inquiries = self.inquiries();

        if let Some(organisation) = &organisation {
            check::organisation(self, organisation);
        }
        check::inquiries(self, &inquiries, &shared.field);
        check::signs(self, &inquiries);
        check::every_field(self, &inquiries, &shared.field);
        check::services(self, &services, &inquiries, &shared.field);
        check::synonyms(self, &services);
        check::service_patterns(self, &services);
        check::machines(self, &machines);
        let of_inquiries: Vec<(String, BTreeMap<String, FieldRules>)> =
            inquiries.iter().map(|(id, rules)| (id.clone(), rules.field.clone())).collect();

        // Every part is compiled before any is asked for: all faults come out at once.
        let fields = self.keep_named(Fields::compile(&shared, &of_inquiries));
        let inquiry_words = self.keep_named(InquiryWords::compile(&inquiries));
        let services = self.keep("services", Services::compile(&services));
        let machines = self.keep("machines", Machines::compile(&machines));
        let people = self.keep("people", People::compile(&people));
        let text = self.keep("text", TextMarks::compile(&text));
        let dates = self.keep("dates", DateWords::compile(&dates));
        let descriptions = self.keep("description", DescriptionWords::compile(&descriptions));
        let letters = self.letters(&inquiries);
        let fields = fields.map(|fields| by_label_where_second(fields, &inquiries));

        Some(RuleSet {
            digest: self.folder.digest.clone(),
            organisation: organisation?,
            inquiries: inquiries.iter().map(|(id, rules)| inquiry(id, rules)).collect(),
            inquiry_words: inquiry_words?,
            fields: fields?,
            services: services?,
            machines: machines?,
            people: Box::new(people?),
            text: text?,
            dates: dates?,
            descriptions: descriptions?,
            languages: Languages::new(&languages),
            letters: letters?.with_reasons(&reasons),
        })
    }

    fn inquiries(&mut self) -> Vec<(String, InquiryRules)> {
        let ids: Vec<String> =
            self.folder.rules.keys().filter(|name| !VOCABULARIES.contains(&name.as_str())).cloned().collect();
        let mut inquiries = Vec::new();
        for id in ids {
            let is_id = check::name(self, &id);
            match self.read(&id) {
                Some(rules) if is_id => inquiries.push((id, rules)),
                // Most often a copy that was kept: all that it shares with another file is no fault.
                Some(_) => self.unread.push(id),
                None => {}
            }
        }
        inquiries
    }

    fn read<T: DeserializeOwned + JsonSchema>(&mut self, name: &str) -> Option<T> {
        let Some(document) = self.folder.rules.get(name) else {
            self.unread.push(name.to_owned());
            let unreadable = self.faults.0.iter().any(|fault| fault.file == self.path(name));
            if !unreadable {
                let other = self
                    .folder
                    .rules
                    .keys()
                    .map(String::as_str)
                    .filter(|other| !VOCABULARIES.contains(other));
                let remedy = match nearest(name, other) {
                    Some(near) => format!("is {near}.toml meant? Rename it"),
                    None => "take it over from the rules that came with the program".to_owned(),
                };
                self.faults.push(LocatedFault::of_file(&self.path(name), "this file is missing", &remedy));
            }
            return None;
        };
        if document.text.trim().is_empty() {
            // As after a save that was cut off: what stood here would be missed without a word.
            let remedy = "put its text back; a file of notes (# ...) alone says that nothing is wanted here";
            self.faults.push(LocatedFault::of_file(&self.path(name), "this file is empty", remedy));
            self.unread.push(name.to_owned());
            return None;
        }
        let Some(parsed) = document.parse::<T>(&mut self.faults) else {
            self.unread.push(name.to_owned());
            return None;
        };
        self.maps.insert(name.to_owned(), parsed.map);
        Some(parsed.value)
    }

    fn letters(&mut self, inquiries: &[(String, InquiryRules)]) -> Option<Letters> {
        if !self.dir.join("letters").is_dir() {
            return None;
        }
        let sources = self.folder.letters.iter();
        let sources = sources.map(|(name, document)| (name.clone(), document.text.clone())).collect();
        let unread = self.unread.iter().filter(|name| !VOCABULARIES.contains(&name.as_str()));
        let ids: Vec<&str> = inquiries.iter().map(|(id, _)| id).chain(unread).map(String::as_str).collect();
        let (letters, faults) = match Letters::compile(&sources, &ids) {
            Ok((letters, odd)) => (Some(letters), odd),
            Err(faults) => (None, faults),
        };
        for fault in faults {
            // Why it cannot be read is said already.
            if self.folder.unreadable_letters.contains(&fault.name) {
                continue;
            }
            let document = self.folder.letters.get(&fault.name);
            let path = self.dir.join("letters").join(format!("{}.txt", fault.name));
            let located = match (fault.span, document) {
                (Some(span), Some(document)) => document.fault_in(span, fault.what, fault.remedy),
                _ => LocatedFault::of_file(&path, &fault.what, &fault.remedy),
            };
            self.faults.push(if fault.odd { located.warning() } else { located });
        }
        letters
    }

    fn keep<T>(&mut self, file: &str, result: Result<T, Vec<Fault>>) -> Option<T> {
        self.keep_named(
            result.map_err(|list| list.into_iter().map(|fault| (file.to_owned(), fault)).collect()),
        )
    }

    fn keep_named<T>(&mut self, result: Result<T, Vec<(String, Fault)>>) -> Option<T> {
        let list = match result {
            Ok(value) => return Some(value),
            Err(list) => list,
        };
        for (file, mut fault) in list {
            fault.what = check::plain(&fault.what);
            if fault.what.ends_with("too large") {
                "repeat fewer times, or use shorter patterns".clone_into(&mut fault.remedy);
            }
            if check::said_of_a_pattern(self, &file, &fault) {
                continue;
            }
            self.fault(&file, &fault);
        }
        None
    }

    fn fault(&mut self, file: &str, fault: &Fault) {
        let located = self.locate(file, fault);
        self.faults.push(located);
    }

    fn warn(&mut self, file: &str, fault: &Fault) {
        let located = self.locate(file, fault).warning();
        self.faults.push(located);
    }

    fn fault_of_folder(&mut self, what: &str, remedy: &str) {
        self.faults.push(LocatedFault::of_file(&self.dir, what, remedy));
    }

    fn locate(&self, file: &str, fault: &Fault) -> LocatedFault {
        match (self.folder.rules.get(file), self.maps.get(file)) {
            (Some(document), Some(map)) if fault.place != Place::default() => document.locate(map, fault),
            _ => LocatedFault::of_file(&self.path(file), &fault.what, &fault.remedy),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.toml"))
    }
}

/// A field before which every inquiry that names it names another of the same kind is found by its
/// labels alone.
fn by_label_where_second(mut fields: Fields, inquiries: &[(String, InquiryRules)]) -> Fields {
    let kinds: BTreeMap<String, Kind> =
        fields.list.iter().map(|field| (field.id.clone(), field.kind)).collect();
    for field in &mut fields.list {
        let mut lists = inquiries
            .iter()
            .map(|(_, rules)| rules.mandatory.iter().chain(&rules.optional))
            .filter_map(|mut names| {
                names.find(|name| kinds.get(*name) == Some(&field.kind)).cloned().zip(Some(names))
            })
            .filter_map(|(first, mut rest)| {
                (first == field.id || rest.any(|name| *name == field.id)).then_some(first)
            })
            .peekable();
        field.rules.labelled_only |= lists.peek().is_some() && lists.all(|first| first != field.id);
    }
    fields
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

#[cfg(test)]
mod tests;
