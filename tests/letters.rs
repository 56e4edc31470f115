//! Every letter that is shipped, as it goes out, compared with `tests/golden/letters`.
//! `UPDATE_GOLDEN=1 cargo test --test letters` writes them anew, for review by eye.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use triaged::triage::letter::{AlertKind, Facts, LetterKind, Letters, Missing, sample_facts};
use triaged::triage::reading::Language;

const INQUIRIES: [&str; 3] = ["account", "complaint", "invoice"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn letters() -> Letters {
    let mut sources = std::collections::BTreeMap::new();
    for entry in fs::read_dir(root().join("rules/letters")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        sources.insert(name, fs::read_to_string(&path).unwrap());
    }
    let reasons = fs::read_to_string(root().join("rules/reasons.toml")).unwrap();
    let letters = Letters::compile(&sources, &INQUIRIES).unwrap_or_else(|faults| panic!("{faults:#?}")).0;
    letters.with_reasons(&toml::from_str(&reasons).unwrap())
}

/// A case of each sort, with the words of the shipped rules.
fn facts(kind: LetterKind, inquiry: &str, language: Language) -> Facts {
    let dutch = language == Language::Nl;
    let title = match (inquiry, dutch) {
        ("complaint", true) => "klacht",
        ("complaint", false) => "complaint",
        (_, true) => "vraag over een factuur",
        (_, false) => "question about an invoice",
    };
    let noted = if dutch { ["naam", "e-mailadres"] } else { ["name", "e-mail address"] };
    let missing = if dutch {
        [
            ("telefoonnummer", "het nummer waarop wij u overdag kunnen bellen"),
            ("soort dienst", "het onderzoek of consult waar het over gaat, bijvoorbeeld een ECG"),
        ]
    } else {
        [
            ("phone number", "the number on which we can call you during the day"),
            ("type of service", "the examination or consult that it is about, for example an ECG"),
        ]
    };
    let missing = missing.map(|(title, help)| Missing { title: title.into(), help: help.into() });
    let contact = if dutch {
        "Wilt u liever met een mens praten? Schrijf dat in een antwoord op deze mail. Een medewerker neemt dan contact met u op."
    } else {
        "Would you rather talk to a person? Say so in a reply to this mail. A member of our staff will then contact you."
    };
    Facts {
        contact: contact.into(),
        reasons: vec![
            if kind == LetterKind::Alert(AlertKind::Bounce) { "undeliverable" } else { "still_missing" }
                .into(),
        ],
        inquiry: title.into(),
        noted: noted.map(String::from).to_vec(),
        missing: if kind == LetterKind::Acknowledgement { Vec::new() } else { missing.to_vec() },
        ..sample_facts(kind, language)
    }
}

/// Name of the golden file, kind, inquiry, language, facts.
fn all() -> Vec<(String, LetterKind, &'static str, Language, Facts)> {
    let mut all = Vec::new();
    for kind in LetterKind::ALL {
        let alert = matches!(kind, LetterKind::Alert(_));
        for inquiry in ["complaint", "invoice"] {
            for language in [Language::Nl, Language::En] {
                if alert && (language == Language::En || inquiry == "invoice") {
                    continue;
                }
                let name = format!("{}.{inquiry}.{}", kind.name(), language.code());
                let full = facts(kind, inquiry, language);
                let none = Facts { due: None, due_at: None, noted: Vec::new(), ..full.clone() };
                let reopened = Facts { reopened: true, ..full.clone() };
                let lost = Facts { person: None, trouble: None, reasons: Vec::new(), ..none.clone() };
                all.push((name.clone(), kind, inquiry, language, full));
                if alert {
                    all.push((format!("{name}.bare"), kind, inquiry, language, lost));
                } else {
                    all.push((format!("{name}.no_term"), kind, inquiry, language, none));
                }
                if kind == LetterKind::Acknowledgement {
                    all.push((format!("{name}.reopened"), kind, inquiry, language, reopened));
                }
            }
        }
    }
    all
}

#[test]
fn each_letter_goes_out_as_it_was_reviewed() {
    let (letters, folder) = (letters(), root().join("tests/golden/letters"));
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut different = Vec::new();
    for (name, kind, inquiry, language, facts) in all() {
        let (draft, fault) = letters.render(kind, inquiry, language, &facts);
        assert_eq!(fault, None, "{name}");
        let text = format!("Subject: {}\n\n{}", draft.subject, draft.body);
        let path = folder.join(format!("{name}.txt"));
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            different.push(format!("--- {}\n{text}", path.display()));
        }
    }
    assert!(
        different.is_empty(),
        "these letters changed (see the head of this file):\n{}",
        different.join("\n")
    );
}

#[test]
fn no_line_of_a_letter_is_longer_than_76_characters() {
    let letters = letters();
    for (name, kind, inquiry, language, facts) in all() {
        let (draft, _) = letters.render(kind, inquiry, language, &facts);
        assert!(draft.body.lines().all(|line| line.chars().count() <= 76), "{name}:\n{}", draft.body);
    }
}

#[test]
fn letters_to_people_are_made_of_short_sentences() {
    let letters = letters();
    for (name, kind, inquiry, language, facts) in all() {
        if matches!(kind, LetterKind::Alert(_)) {
            continue;
        }
        let (draft, _) = letters.render(kind, inquiry, language, &facts);
        let text = draft.body.replace("\n\n", ".\n").replace('\n', " ");
        // Language level B1: 20 words at most, 10 on average. A deadline in words counts for five.
        let sentences = text.split(['.', '?', ':', '!']).map(|sentence| sentence.split_whitespace().count());
        let counts: Vec<usize> = sentences.filter(|words| *words > 0).collect();
        let most = counts.iter().max().copied().unwrap_or(0);
        assert!(most <= 24, "{name}: a sentence of {most} words");
        let average = counts.iter().sum::<usize>() / counts.len().max(1);
        assert!(average <= 12, "{name}: {average} words a sentence");
    }
}
