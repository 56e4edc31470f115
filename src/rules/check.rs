//! What only shows when rule files are seen together: names that nothing carries, prefixes that
//! two inquiries share, letters that do not fit.

use std::collections::BTreeMap;

use super::{Loader, VOCABULARIES};
use regex::RegexBuilder;

use crate::document::nearest;
use crate::triage::expression::{last_line, lean};
use crate::triage::fault::{Fault, Place, Step};
use crate::triage::fields::{FieldRules, Kind};
use crate::triage::fold::fold;
use crate::triage::inquiry::InquiryRules;
use crate::triage::ruleset::{ByLanguage, Organisation};
use crate::triage::screen::MachineRules;
use crate::triage::values::service::ServiceRules;

/// Compiled size of a pattern that is worth a closer look.
const PATTERN_LIMIT: usize = 1 << 18;

const PATTERN_HELP: &str = "put \\ before . ( ) [ ] { } ? * + | where the character itself is meant; \"Patterns\" in rules/README.md says more";

/// A rule file's id and what is in it.
pub(super) type Inquiries = [(String, InquiryRules)];

fn at(key: &str) -> Place {
    Place::default().key(key)
}

pub(super) fn inquiries(loader: &mut Loader, inquiries: &Inquiries, shared: &BTreeMap<String, FieldRules>) {
    if inquiries.is_empty() && loader.unread.iter().all(|name| VOCABULARIES.contains(&name.as_str())) {
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

/// A file name is an id in the database and in letters' names. Is it fit to be one?
pub(super) fn name(loader: &mut Loader, id: &str) -> bool {
    if is_id(id) {
        return true;
    }
    let fit: String = id.to_lowercase().chars().map(|c| if is_of_id(c) { c } else { '-' }).collect();
    let fit = fit.trim_matches(|c: char| !c.is_ascii_lowercase());
    let such = if is_id(fit) && !loader.folder.rules.contains_key(fit) {
        format!(", such as {fit}.toml")
    } else {
        String::new()
    };
    let what = "the name of this file has more than small letters, digits, `-` and `_`";
    let remedy =
        format!("the name is the id of the inquiry: rename it{such}; move a copy out of this folder");
    loader.fault(id, &Fault::new(Place::default(), what, remedy));
    false
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'
}

fn is_id(id: &str) -> bool {
    id.len() <= 40 && id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(is_of_id)
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

fn fields(loader: &mut Loader, id: &str, rules: &InquiryRules, known: &BTreeMap<&str, &FieldRules>) {
    if rules.mandatory.is_empty() {
        let what = "nothing is asked for: every mail is complete";
        loader.warn(id, &Fault::new(at("mandatory"), what, "name the fields that a mail must state"));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (key, list) in [("mandatory", &rules.mandatory), ("optional", &rules.optional)] {
        for (i, field) in list.iter().enumerate() {
            let place = at(key).index(i);
            if !known.contains_key(field.as_str()) && !fields_unread(loader) {
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

/// May a field stand in a file that could not be read?
fn fields_unread(loader: &Loader) -> bool {
    loader.unread.iter().any(|name| name == "fields" || !VOCABULARIES.contains(&name.as_str()))
}

/// A field that no inquiry names is never looked at: probably a slip.
fn unused(loader: &mut Loader, inquiries: &Inquiries, shared: &BTreeMap<String, FieldRules>) {
    if fields_unread(loader) {
        return;
    }
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
    let unread = loader.unread.iter().any(|name| name == "services");
    if asked && !unread && services.service.is_empty() {
        loader.fault(
            "services",
            &Fault::new(Place::default(), "there is no service here", "add [service.NAME] with its words"),
        );
    }
}

/// A word that two services have would make either of them win by chance.
pub(super) fn synonyms(loader: &mut Loader, services: &ServiceRules) {
    let mut claimed: BTreeMap<String, &str> = BTreeMap::new();
    for (id, service) in &services.service {
        for (key, list) in [("words", &service.words), ("weak", &service.weak), ("lay", &service.lay)] {
            for (i, word) in list.iter().enumerate() {
                let first = *claimed.entry(squeezed(word)).or_insert(id);
                if first != id {
                    let what = format!("the service `{first}` has the word \"{word}\" too");
                    let place = at("service").key(id).key(key).index(i);
                    let remedy = "keep it at one of the two, or make it longer: \"... consult\"";
                    loader.fault("services", &Fault::new(place, what, remedy));
                }
            }
        }
    }
}

/// As words of services are compared: letters and digits alone.
fn squeezed(word: &str) -> String {
    fold(word).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A sign of nothing would be found in every mail.
pub(super) fn signs(loader: &mut Loader, inquiries: &Inquiries) {
    for (id, rules) in inquiries {
        for (i, sign) in rules.words.sign.iter().enumerate() {
            let here = at("words").key("sign").index(i);
            if sign.words.is_empty() && sign.patterns.is_empty() {
                let what = format!("the sign \"{}\" has neither words nor patterns", sign.name);
                loader.fault(id, &Fault::new(here.clone().key("name"), what, "add words = [\"...\"]"));
            }
            if sign.weight == 0 {
                let what = "a weight of 0 changes nothing";
                loader.warn(
                    id,
                    &Fault::new(here.clone().key("weight"), what, "write 30 for a hint, 100 for proof"),
                );
            }
            for (j, word) in
                sign.words.iter().enumerate().filter(|(_, word)| word.trim_matches(['*', ' ']).is_empty())
            {
                let place = here.clone().key("words").index(j);
                let what = format!("\"{word}\" is no word");
                loader.fault(id, &Fault::new(place, what, "leave it out"));
            }
            patterns(loader, id, &here.key("patterns"), &sign.patterns);
        }
    }
}

/// Each pattern by itself: one that is none, or that is found in every text.
fn patterns(loader: &mut Loader, file: &str, here: &Place, list: &[String]) {
    for (i, text) in list.iter().enumerate() {
        pattern(loader, file, &here.clone().index(i), text);
    }
}

fn pattern(loader: &mut Loader, file: &str, place: &Place, text: &str) {
    let fault = match regex_syntax::Parser::new().parse(text) {
        Ok(parsed) if parsed.properties().minimum_len() == Some(0) => {
            let what = "this pattern also fits an empty text: it would be found everywhere";
            Fault::new(place.clone(), what, "name at least one character that must be there")
        }
        Ok(_) => return,
        Err(error) => {
            let what = format!("this is no pattern: {}", plain(&error.to_string()));
            Fault::new(place.clone(), what, PATTERN_HELP)
        }
    };
    loader.fault(file, &fault);
}

/// Patterns of services, and of the words around them.
pub(super) fn service_patterns(loader: &mut Loader, services: &ServiceRules) {
    for (id, service) in &services.service {
        patterns(loader, "services", &at("service").key(id).key("patterns"), &service.patterns);
    }
    let lists = [
        ("context", &services.context),
        ("context_weak", &services.context_weak),
        ("context_portal", &services.context_portal),
    ];
    for (key, list) in lists {
        for (i, near) in list.iter().enumerate() {
            patterns(loader, "services", &at(key).index(i).key("patterns"), &near.patterns);
        }
    }
}

/// A sign that fits every mail would silence everybody.
pub(super) fn machines(loader: &mut Loader, machines: &MachineRules) {
    let file = "machines";
    for (key, list) in [
        ("forwarders", &machines.forwarders),
        ("no_reply", &machines.no_reply),
        ("machine_senders", &machines.machine_senders),
    ] {
        patterns(loader, file, &at(key), list);
    }
    for (i, sign) in machines.sign.iter().enumerate() {
        let here = at("sign").index(i);
        for (key, text) in [
            ("subject", &sign.subject),
            ("from", &sign.from),
            ("body", &sign.body),
            ("attachment", &sign.attachment),
        ] {
            if let Some(text) = text {
                pattern(loader, file, &here.clone().key(key), text);
            }
        }
    }
}

/// Has this place been judged as a pattern by itself? The compiler of a list only says that one of
/// them is bad, or says it a second time.
pub(super) fn said_of_a_pattern(loader: &Loader, file: &str, fault: &Fault) -> bool {
    let located = loader.locate(file, fault);
    loader.faults.0.iter().any(|said| {
        let within = said.line == located.line
            && located.column <= said.column
            && said.end <= located.end.max(located.column + 1);
        let opens = matches!(fault.place.0.last(), Some(Step::Key(key)) if key == "patterns");
        said.file == located.file
            && said.line > 0
            && said.what.starts_with("this ")
            && said.what.contains("pattern")
            && (within || opens && said.line >= located.line)
    })
}

/// The last line of what the library of regular expressions says, which tells it all.
pub(super) fn plain(what: &str) -> String {
    if what.contains("exceeds size limit") {
        return "one of these patterns is too large".to_owned();
    }
    let Some((before, after)) = what.split_once("regex parse error:") else { return what.to_owned() };
    format!("{before}{}", last_line(after))
}

/// Every field: what a person would read of it, and the words of its choices.
pub(super) fn every_field(loader: &mut Loader, inquiries: &Inquiries, shared: &BTreeMap<String, FieldRules>) {
    let own =
        inquiries.iter().flat_map(|(id, rules)| rules.field.iter().map(move |field| (id.as_str(), field)));
    let shared = shared.iter().map(|field| ("fields", field));
    for (file, (id, field)) in shared.chain(own) {
        let here = at("field").key(id);
        if !is_id(id) {
            let what = "the name of a field has small letters, digits, `-` and `_`";
            loader.fault(file, &Fault::new(here.clone(), what, "such as [field.customer_number]"));
        }
        without_use(loader, file, &here, field);
        titles(loader, file, &here.clone().key("title"), &field.title);
        titles(loader, file, &here.clone().key("help"), &field.help);
        choices(loader, file, &here.key("choices"), &field.choices);
    }
}

/// Legal keys that do nothing, or too much.
fn without_use(loader: &mut Loader, file: &str, here: &Place, field: &FieldRules) {
    if !field.choices.is_empty() && field.kind != Kind::Choice {
        let what = "choices are for a field of kind \"choice\" only";
        loader.warn(file, &Fault::new(here.clone().key("choices"), what, "leave them out, or change `kind`"));
    }
    if !field.patterns.is_empty() && field.kind == Kind::Text {
        let what =
            "a field of kind \"text\" takes whatever stands behind its labels: patterns change nothing";
        loader.warn(file, &Fault::new(here.clone().key("patterns"), what, "write kind = \"pattern\""));
    }
    for (i, text) in field.patterns.iter().enumerate().filter(|_| field.kind == Kind::Pattern) {
        let mut whole = RegexBuilder::new(&format!("^(?:{})$", lean(text)));
        let whole = whole.case_insensitive(true).size_limit(PATTERN_LIMIT).build();
        if whole.is_ok_and(|whole| ["goedemorgen", "q", "2026", "!"].iter().all(|word| whole.is_match(word)))
        {
            let what = "this pattern fits any text";
            let remedy = "say more of what it looks like, or write kind = \"text\"";
            loader.warn(file, &Fault::new(here.clone().key("patterns").index(i), what, remedy));
        }
    }
}

fn choices(loader: &mut Loader, file: &str, here: &Place, choices: &BTreeMap<String, Vec<String>>) {
    let mut claimed: BTreeMap<String, &str> = BTreeMap::new();
    for (choice, words) in choices {
        if words.is_empty() {
            let fault = Fault::new(
                here.clone().key(choice),
                "no words mean this choice",
                "such as [\"ja\", \"yes\"]",
            );
            loader.fault(file, &fault);
        }
        for (i, word) in words.iter().enumerate() {
            let first = *claimed.entry(squeezed(word)).or_insert(choice);
            if first != choice {
                let what = format!("the choice `{first}` has the word \"{word}\" too");
                loader.fault(
                    file,
                    &Fault::new(here.clone().key(choice).index(i), what, "keep it at one of the two"),
                );
            }
        }
    }
}
