//! Rules to compiled fields, or every fault of them.
//!
//! Refuses what an admin would not notice at once: a label that two fields claim, a pattern that
//! matches nothing at all, a field that two files define.

use std::collections::{BTreeMap, HashMap};

use super::super::expression::{Expression, TOO_LARGE, fits_nothing, lean};
use super::super::fault::{Fault, Place};
use super::super::ruleset::ByLanguage;
use super::super::values::email::EmailWords;
use super::super::values::labels::{LabelBook, fold};
use super::super::values::phone::PhoneWords;
use super::super::values::reference::Reference;
use super::{FieldRules, Kind, SharedFields};

/// A field, ready to use.
#[derive(Debug, Clone)]
pub struct Field {
    pub id: String,
    pub kind: Kind,
    pub title: ByLanguage,
    pub help: ByLanguage,
    pub rules: FieldRules,
    /// Compiled `patterns`, `near`, … and `choices`.
    pub reference: Reference,
}

/// All fields of all inquiries, each once, and their labels compiled together.
#[derive(Debug, Default)]
pub struct Fields {
    pub list: Vec<Field>,
    pub labels: LabelBook,
    pub phone: PhoneWords,
    pub email: EmailWords,
}

/// A fault with the name of its file without `.toml`.
type Faulty = (String, Fault);

impl Fields {
    /// `shared` is `fields.toml`; `of_inquiries` are the `[field.X]` tables of the inquiry files.
    ///
    /// # Errors
    /// Every fault, with the name of the file without `.toml`.
    pub fn compile(
        shared: &SharedFields,
        of_inquiries: &[(String, BTreeMap<String, FieldRules>)],
    ) -> Result<Self, Vec<Faulty>> {
        let mut faults = Vec::new();
        let all: Vec<(&str, &str, &FieldRules)> = shared
            .field
            .iter()
            .map(|(id, rules)| ("fields", id.as_str(), rules))
            .chain(of_inquiries.iter().flat_map(|(file, fields)| {
                fields.iter().map(move |(id, rules)| (file.as_str(), id.as_str(), rules))
            }))
            .collect();
        defined_twice(&all, &mut faults);
        claimed_twice(&all, &mut faults);
        let mut list = Vec::new();
        for &(file, id, rules) in &all {
            let place = Place::default().key("field").key(id);
            let mut of_field = Vec::new();
            required(rules, &place, &mut of_field);
            empty_labels(rules, &place, &mut of_field);
            let reference = Reference::compile(rules, &place, &mut of_field);
            faults.extend(of_field.into_iter().map(|fault| (file.to_owned(), fault)));
            list.push(Field {
                id: id.to_owned(),
                kind: rules.kind,
                title: rules.title.clone(),
                help: rules.help.clone(),
                rules: rules.clone(),
                reference,
            });
        }
        let mut of_shared = Vec::new();
        let phone = PhoneWords::compile(&shared.phone, &mut of_shared);
        let email = EmailWords::compile(&shared.email, &mut of_shared);
        faults.extend(of_shared.into_iter().map(|fault| ("fields".to_owned(), fault)));
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { labels: LabelBook::new(&list, &shared.labels), list, phone, email })
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Field> {
        self.list.iter().find(|field| field.id == id)
    }

    /// The fields of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Field> {
        self.list.iter().filter(move |field| field.kind == kind)
    }
}

/// A pattern of a rule file, without regard to case. Must match something, and not the empty string.
pub fn pattern(text: &str, place: Place, faults: &mut Vec<Fault>) -> Option<Expression> {
    let (what, remedy) = match fits_nothing(text) {
        Ok(false) => return Expression::any_case(lean(text)).ok(),
        Ok(true) => (
            format!("the pattern '{text}' also fits an empty text: it would be found everywhere"),
            "name at least one character that must be there",
        ),
        Err(why) if why == TOO_LARGE => {
            (format!("the pattern '{text}' is too large"), "repeat fewer times, or use shorter patterns")
        }
        Err(why) => (
            format!("the pattern '{text}' is no pattern: {why}"),
            "put \\ before . ( ) [ ] { } ? * + | where the character itself is meant; \"Patterns\" in rules/README.md says more",
        ),
    };
    faults.push(Fault::new(place, what, remedy));
    None
}

fn defined_twice(all: &[(&str, &str, &FieldRules)], faults: &mut Vec<Faulty>) {
    let mut first: HashMap<&str, &str> = HashMap::new();
    for &(file, id, _) in all {
        if let Some(before) = first.get(id) {
            faults.push((
                file.to_owned(),
                Fault::new(
                    Place::default().key("field").key(id),
                    format!("the field '{id}' is defined in {before}.toml already"),
                    "keep one of the two; what several inquiries ask for belongs in fields.toml",
                ),
            ));
        } else {
            first.insert(id, file);
        }
    }
}

fn claimed_twice(all: &[(&str, &str, &FieldRules)], faults: &mut Vec<Faulty>) {
    // Folded label to the field that claims it, and whether others may claim it too.
    let mut first: HashMap<String, (&str, bool)> = HashMap::new();
    for &(file, id, rules) in all {
        let place = Place::default().key("field").key(id);
        let own =
            rules.labels.iter().enumerate().map(|(i, l)| (l, false, place.clone().key("labels").index(i)));
        let parts = rules.parts.iter().flat_map(|(part, labels)| {
            let place = place.clone().key("parts").key(part);
            labels.iter().enumerate().map(move |(i, l)| (l, false, place.clone().index(i)))
        });
        let common = rules
            .shared_labels
            .iter()
            .enumerate()
            .map(|(i, l)| (l, true, place.clone().key("shared_labels").index(i)));
        for (label, shared, place) in own.chain(parts).chain(common) {
            match first.get(&fold(label)) {
                Some(&(other, was_shared)) if !(shared && was_shared) && other != id => faults.push((
                    file.to_owned(),
                    Fault::new(
                        place,
                        format!("the label '{label}' is claimed by the field '{other}' too"),
                        "take it out of one of them, or list it under shared_labels of both",
                    ),
                )),
                Some(_) => {}
                None => {
                    first.insert(fold(label), (id, shared));
                }
            }
        }
    }
}

fn required(rules: &FieldRules, place: &Place, faults: &mut Vec<Fault>) {
    if rules.kind == Kind::Pattern && rules.patterns.is_empty() {
        faults.push(Fault::new(
            place.clone(),
            "a field of kind 'pattern' needs 'patterns'",
            r"such as patterns = ['\d{4}-\d{5}']",
        ));
    }
    if rules.kind == Kind::Choice && rules.choices.is_empty() {
        faults.push(Fault::new(
            place.clone(),
            "a field of kind 'choice' needs 'choices'",
            "such as choices.yes = [\"ja\", \"yes\"]",
        ));
    }
    if rules.kind == Kind::Text && rules.labels.is_empty() && rules.shared_labels.is_empty() {
        faults.push(Fault::new(
            place.clone(),
            "a field of kind 'text' is found by its labels, and has none",
            "write the words that stand before it: labels = [\"...\"]",
        ));
    }
}

fn empty_labels(rules: &FieldRules, place: &Place, faults: &mut Vec<Fault>) {
    for (i, label) in rules.labels.iter().enumerate().filter(|(_, label)| fold(label).is_empty()) {
        faults.push(Fault::new(
            place.clone().key("labels").index(i),
            format!("the label '{label}' has no letter or digit"),
            "write the word that stands before the value",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> SharedFields {
        toml::from_str(text).unwrap_or_default()
    }

    const TITLES: &str = "title = { nl = \"x\", en = \"x\" }\nhelp = { nl = \"x\", en = \"x\" }\n";

    fn faults(shared: &str, other: &str) -> Vec<String> {
        let filled = |text: &str| rules(&text.replace("TITLES", TITLES));
        let of_inquiries = vec![("invoice".to_owned(), filled(other).field)];
        match Fields::compile(&filled(shared), &of_inquiries) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(|(file, f)| format!("{file} {}: {}", f.place, f.what)).collect(),
        }
    }

    #[test]
    fn every_fault_of_a_field_is_told_with_its_place() {
        let found = faults(
            "[field.a]\nkind = \"pattern\"\nTITLES\nlabels = [\"Nummer\", \"--\"]\n\
             [field.b]\nkind = \"choice\"\nTITLES\nlabels = [\"nummer\"]\n\
             [phone]\nothers = [\"!\"]\nrefusals = [\"(\"]\n",
            "[field.a]\nkind = \"pattern\"\nTITLES\npatterns = ['[', 'x*', '(?:[a-z]{99}){999}', '[0-9]+']\n",
        );
        for part in [
            "invoice field.a: the field 'a' is defined in fields.toml already",
            "fields field.b.labels[0]: the label 'nummer' is claimed by the field 'a' too",
            "fields field.a.labels[1]: the label '--' has no letter or digit",
            "fields field.a: a field of kind 'pattern' needs 'patterns'",
            "fields field.b: a field of kind 'choice' needs 'choices'",
            "invoice field.a.patterns[0]: the pattern '[' is no pattern",
            "invoice field.a.patterns[1]: the pattern 'x*' also fits an empty text",
            "invoice field.a.patterns[2]: the pattern '(?:[a-z]{99}){999}' is too large",
            "fields phone.others[0]: '!' has no letter or digit",
            "fields phone.refusals[0]: the pattern '('",
        ] {
            assert!(found.iter().any(|fault| fault.starts_with(part)), "{part} is not among {found:#?}");
        }
        assert_eq!(found.len(), 10, "{found:#?}");
    }

    #[test]
    fn a_shared_label_is_no_fault_unless_another_has_it_to_itself() {
        let two = |second: &str| {
            format!(
                "[field.a]\nkind = \"name\"\nTITLES\nshared_labels = [\"contact\"]\n\
                 [field.b]\nkind = \"phone\"\nTITLES\n{second} = [\"contact\"]\n"
            )
        };
        assert!(faults(&two("shared_labels"), "").is_empty());
        assert_eq!(faults(&two("labels"), "").len(), 1);
    }
}
