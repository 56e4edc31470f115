//! Letters that come out whatever is known, and templates that cannot.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Facts, LetterKind, Letters, sample_facts};
use crate::triage::reading::Language;

/// The letters that are shipped.
fn shipped() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/letters");
    let mut sources = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        sources.insert(name, std::fs::read_to_string(path).unwrap());
    }
    sources
}

const INQUIRIES: [&str; 3] = ["account", "complaint", "invoice"];

fn with(name: &str, source: &str) -> Vec<(String, String)> {
    let mut sources = shipped();
    sources.insert(name.to_owned(), source.to_owned());
    let faults = match Letters::compile(&sources, &INQUIRIES) {
        Ok((_, odd)) => odd,
        Err(faults) => faults,
    };
    faults.into_iter().map(|fault| (fault.name, fault.what)).collect()
}

#[test]
fn the_shipped_letters_have_no_faults() {
    assert_eq!(Letters::compile(&shipped(), &INQUIRIES).map(|(_, odd)| odd), Ok(Vec::new()));
}

#[test]
fn each_mistake_in_a_letter_is_found_before_it_goes_out() {
    let good = "Subject: [{{ number }}] x\n\n";
    let list = "{% for item in missing %}{{ item.title }}{% endfor %}";
    for (name, source, what) in [
        ("request.nl", format!("{good}{{{{ nummer }}}} {list}"), "there is no value `nummer`"),
        ("request.nl", format!("{good}Hello"), "does not ask for what is missing"),
        (
            "request.nl",
            format!("{good}{{% for item in missing %}}{{{{ item.titel }}}}{{% endfor %}}"),
            "no such value",
        ),
        ("request.nl", format!("{good}{list} {{{{ due }}}}"), "can be without a value"),
        ("request.nl", format!("{good}{list} {{% if due %}}"), "this has no end"),
        ("request.nl", format!("{good}{list} {{{{ number | shout }}}}"), "shout"),
        ("request.nl", format!("{good}{list} {{% include 'x' %}}"), "include"),
        ("request.nl", format!("Subject: hello\n\n{list}"), "does not show the case number"),
        ("request.nl", format!("{good}   \n"), "the letter has no text"),
        ("request.nl", "Hello\n".to_owned(), "does not begin with `Subject:`"),
        ("request.nl", "Subject: [{{ number }}]\nHello\n".to_owned(), "an empty line must follow"),
        ("request.nl", "# nothing\n".to_owned(), "there is no subject"),
        ("request.invoice.nl", format!("{good}{list}"), "this letter is missing"),
        ("request.invoce.nl", format!("{good}{list}"), "there is no inquiry `invoce`"),
        ("requests.nl", format!("{good}{list}"), "no letter of the kind `requests`"),
        ("request.de", format!("{good}{list}"), "`de` is no language"),
        ("request", format!("{good}{list}"), "no name of a letter"),
    ] {
        let faults = with(name, &source);
        assert!(faults.iter().any(|fault| fault.1.contains(what)), "{name} {what:?} is not in {faults:?}");
        assert!(faults.iter().all(|fault| fault.0.starts_with("request")), "{faults:?}");
    }
}

#[test]
fn a_missing_language_is_found() {
    let mut sources = shipped();
    sources.remove("reminder.en");
    let faults = Letters::compile(&sources, &INQUIRIES).unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.name.as_str()).collect::<Vec<_>>(), ["reminder.en"]);
}

#[test]
fn the_span_of_a_fault_is_the_offending_text() {
    let mut sources = shipped();
    let source = "# note\nSubject: [{{ number }}] x\n\nDear {{ nmae }},\n{{ missing }}\n";
    sources.insert("request.nl".to_owned(), source.to_owned());
    let faults = Letters::compile(&sources, &INQUIRIES).unwrap_err();
    let span = faults.first().and_then(|fault| fault.span.clone()).unwrap();
    assert_eq!(source.get(span), Some("nmae"));
}

#[test]
fn a_template_that_fails_gives_way_to_a_plain_letter_and_says_why() {
    let mut letters = Letters::default();
    letters.add("request.nl", "Subject: [{{ number }}]\n\n{{ nonsense }}").ok().unwrap();
    let facts = sample_facts(LetterKind::Request, Language::Nl);
    let (draft, fault) = letters.render(LetterKind::Request, "complaint", Language::Nl, &facts);
    assert!(draft.subject.starts_with("[K-2026-000123] "));
    assert!(draft.body.contains("telefoonnummer: waarop"), "{}", draft.body);
    assert!(draft.body.contains("Thank you"));
    assert!(fault.is_some_and(|fault| fault.contains("request.nl.txt")));
}

#[test]
fn no_letter_runs_for_ever() {
    let mut letters = Letters::default();
    let nested = "{% for a in missing %}".repeat(40) + &"{% endfor %}".repeat(40);
    let _ = letters.add("request.nl", &format!("Subject: x\n\n{nested}"));
    let facts = sample_facts(LetterKind::Request, Language::Nl);
    let (draft, fault) = letters.render(LetterKind::Request, "complaint", Language::Nl, &facts);
    assert!(fault.is_some() && !draft.body.is_empty());
}

#[test]
fn a_letter_of_its_own_goes_before_the_common_one() {
    let (letters, _) = Letters::compile(&shipped(), &INQUIRIES).unwrap();
    let name = |inquiry| letters.name_for(LetterKind::Request, inquiry, Language::En);
    assert_eq!(name("complaint").as_deref(), Some("request.complaint.en"));
    assert_eq!(name("invoice").as_deref(), Some("request.en"));
    let alert = letters.name_for(LetterKind::Alert(super::AlertKind::New), "invoice", Language::En);
    assert_eq!(alert.as_deref(), Some("alert-new.nl"));
}

#[test]
fn a_letter_names_the_day_of_the_answer_and_works_without_one() {
    let (letters, _) = Letters::compile(&shipped(), &INQUIRIES).unwrap();
    for kind in [LetterKind::Acknowledgement, LetterKind::Request, LetterKind::Reminder] {
        for inquiry in INQUIRIES {
            for language in [Language::Nl, Language::En] {
                let facts = sample_facts(kind, language);
                let (draft, _) = letters.render(kind, inquiry, language, &facts);
                assert!(draft.body.replace('\n', " ").contains(facts.due.as_deref().unwrap()));
                let facts = Facts { due: None, due_at: None, ..facts };
                let (draft, fault) = letters.render(kind, inquiry, language, &facts);
                assert_eq!(fault, None);
                assert!(!draft.body.contains("2026 "), "{}", draft.body);
            }
        }
    }
}
