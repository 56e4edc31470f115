//! Files as hurried hands write them, and what is said of them.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Document, Faults, LocatedFault};
use crate::triage::fault::Place;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sample {
    /// What it is called.
    title: String,
    #[serde(default)]
    #[expect(dead_code, reason = "only its shape counts")]
    days: u32,
    #[serde(default)]
    sign: Vec<Sign>,
    #[serde(default)]
    #[expect(dead_code, reason = "only its shape counts")]
    choices: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sign {
    /// A regular expression.
    #[expect(dead_code, reason = "only its shape counts")]
    pattern: String,
}

fn faults_of(text: &str) -> Faults {
    let mut faults = Faults::default();
    Document::new(Path::new("a.toml"), text).parse::<Sample>(&mut faults);
    faults
}

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    let faults = faults_of("titel = 3\ndays = \"three\"\n[[sign]]\npatern = 'x'\n[choices]\na = 'b'\n");
    let text = faults.to_string();
    for line in [
        "a.toml:1:1: unknown key `titel`",
        "did you mean `title`?",
        "a.toml:2:8: this must be a whole number, not a text",
        "a.toml:4:1: unknown key `patern`",
        "a.toml:6:5: this must be a list, not a text",
        "put it between square brackets: [\"b\"]",
        "^^^^^^^",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn an_unknown_key_does_not_hide_the_rest() {
    let mut faults = Faults::default();
    let document = Document::new(Path::new("a.toml"), "title = 'x'\ncolour = 1\n");
    let parsed = document.parse::<Sample>(&mut faults).unwrap();
    assert_eq!(parsed.value.title, "x");
    assert!(faults.fatal());
}

#[test]
fn a_place_becomes_line_and_column() {
    let mut faults = Faults::default();
    let text = "title = 'x'\r\n[[sign]]\r\npattern = 'a'\r\n[[sign]]\r\npattern = 'b('\r\n";
    let document = Document::new(Path::new("a.toml"), text);
    let parsed = document.parse::<Sample>(&mut faults).unwrap();
    assert_eq!(parsed.value.sign.len(), 2);
    let place = Place::default().key("sign").index(1).key("pattern");
    let fault = document.fault_in(parsed.map.span(&place), "bad".into(), String::new());
    assert_eq!((fault.line, fault.column, fault.text.as_str()), (5, 11, "'b('"));
}

#[test]
fn bytes_that_are_no_text_are_one_clear_fault() {
    let binary = Document::from_bytes(Path::new("a.toml"), b"\x7fELF\0\0").unwrap_err();
    assert!(binary.what.contains("binary"));
    let latin1 = Document::from_bytes(Path::new("a.toml"), b"title = 'x'\ntitle = 'caf\xe9'\n").unwrap_err();
    assert_eq!((latin1.line, latin1.column), (2, 13));
    let bom = Document::from_bytes(Path::new("a.toml"), "\u{feff}title = 'x'".as_bytes()).unwrap();
    let mut faults = Faults::default();
    assert!(bom.parse::<Sample>(&mut faults).is_some());
}

#[test]
fn several_syntax_errors_are_told_together() {
    let faults = faults_of("title = x\ndays = = 3\n");
    assert!(faults.0.len() >= 2, "{faults}");
    assert_eq!(faults.0.first().map(|fault| fault.line), Some(1));
}

#[test]
fn a_long_line_is_shown_in_part() {
    let faults = faults_of(&format!("title = {} 3\n", "é".repeat(5000)));
    assert!(faults.to_string().len() < 2000);
}

#[test]
fn a_mail_about_a_refused_edit_says_what_is_wrong_and_nothing_else() {
    let wrong: Vec<String> = (0..13).map(|n| format!("wrong{n:02} = 1")).collect();
    let mut faults = faults_of(&format!("title = \"t\"\n{}", wrong.join("\n")));
    assert_eq!(faults.0.len(), 13);
    let odd = LocatedFault::of_file(Path::new("b.toml.txt"), "this file is not read", "").warning();
    faults.0.insert(0, odd);
    let told = faults.in_a_mail();
    assert!(told.starts_with("a.toml:2:1: ") && told.ends_with("\n\n... and 3 more"), "{told}");
    assert!(told.contains("wrong09") && !told.contains("wrong10") && !told.contains("b.toml.txt"), "{told}");
    faults.0.truncate(2);
    assert!(!faults.in_a_mail().contains("more"));
}
