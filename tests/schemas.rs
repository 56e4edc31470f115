//! The schemas against the files that they describe and against typical mistakes, judged by a
//! validator that others wrote (Python's jsonschema): what an editor underlines is what `check` says.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail loudly")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use triaged::rules::{SCHEMAS, VOCABULARIES, schema};

/// Reads `{"schemas": {name: schema}, "documents": [[name, value]]}`, answers with the errors of each.
const VALIDATE: &str = "
import json, sys
from jsonschema import Draft202012Validator
asked = json.load(sys.stdin)
validators = {}
for name, schema in asked['schemas'].items():
    Draft202012Validator.check_schema(schema)
    validators[name] = Draft202012Validator(schema)
def told(error):
    return '/'.join(str(step) for step in error.absolute_path) + ': ' + error.message[:200]
errors = [[told(e) for e in validators[name].iter_errors(value)] for name, value in asked['documents']]
json.dump(errors, sys.stdout)
";

/// The errors of each document, by the schema of that name.
fn errors(documents: &[(String, Value)]) -> Vec<Vec<String>> {
    let schemas: serde_json::Map<String, Value> =
        SCHEMAS.iter().map(|name| ((*name).to_owned(), schema(name).unwrap())).collect();
    let mut python = Command::new("python3")
        .args(["-c", VALIDATE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs python3 with jsonschema: install the package python3-jsonschema");
    let asked = json!({ "schemas": schemas, "documents": documents });
    python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "this test needs the package python3-jsonschema, see above");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A file of TOML as a validator sees it.
fn value(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}"))).unwrap()
}

fn schema_of(path: &str) -> String {
    let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let known = stem == "triaged" || VOCABULARIES.contains(&stem);
    if known { stem } else { "inquiry" }.to_owned()
}

#[test]
fn every_file_that_is_shipped_fits_its_schema() {
    let mut paths: Vec<String> =
        ["deploy/triaged.toml", "fixtures/demo/triaged.toml"].map(str::to_owned).to_vec();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|ending| ending == "toml") {
            paths.push(format!("rules/{name}"));
        }
    }
    let mut documents: Vec<(String, Value)> =
        paths.iter().map(|path| (schema_of(path), value(&read(path)))).collect();
    // The worked example of the guide.
    let guide = read("rules/README.md");
    let inquiry = guide.split("```toml\n").nth(2).and_then(|block| block.split("```").next()).unwrap();
    paths.push("the inquiry of rules/README.md".to_owned());
    documents.push(("inquiry".to_owned(), value(inquiry)));
    for (path, errors) in paths.iter().zip(errors(&documents)) {
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
}

#[test]
fn typical_mistakes_are_refused_while_one_types() {
    let mistakes = [
        ("rules/invoice.toml", "working_days = 3", "working_days = 0"),
        ("rules/invoice.toml", "working_days = 3", "working_days = -3"),
        ("rules/invoice.toml", "working_days = 3", "working_days = 999"),
        ("rules/invoice.toml", "working_days = 3", "working_days = 2.5"),
        ("rules/invoice.toml", "working_days = 3", "working_days = \"three\""),
        ("rules/invoice.toml", "working_days = 3", "workingdays = 3"),
        ("rules/invoice.toml", "case_prefix = \"F\"", "case_prefix = \"f-1\""),
        ("rules/invoice.toml", "case_prefix = \"F\"", ""),
        ("rules/invoice.toml", "mandatory = [", "mandatory = \"name\"\nx = ["),
        ("rules/invoice.toml", "[title]", "[titel]"),
        ("rules/invoice.toml", "nl = \"vraag over een factuur\"", "de = \"Frage\""),
        ("rules/invoice.toml", "nl = \"vraag over een factuur\"", "nl = \"\""),
        ("rules/invoice.toml", "kind = \"pattern\"", "kind = \"patern\""),
        ("rules/invoice.toml", "[[words.sign]]", "[[words.signs]]"),
        ("rules/complaint.toml", "alert_new = true", "alert_new = \"yes\""),
        ("rules/services.toml", "words = [", "word = ["),
        ("rules/organisation.toml", "name = ", "nam = "),
        ("rules/machines.toml", "[[sign]]", "[[signs]]"),
        ("rules/reasons.toml", "nl = ", "nederlands = "),
        ("deploy/triaged.toml", "port = 993", "port = 99999"),
        ("deploy/triaged.toml", "security = \"tls\"", "security = \"ssl\""),
        ("deploy/triaged.toml", "[calendar]", "[kalender]"),
        ("deploy/triaged.toml", "closed = []", "closed = [2026-05-15]"),
    ];
    let documents: Vec<(String, Value)> = mistakes
        .iter()
        .map(|(path, old, new)| {
            let text = read(path);
            assert!(text.contains(old), "{path} has no {old}");
            (schema_of(path), value(&text.replacen(old, new, 1)))
        })
        .collect();
    for ((path, _, new), errors) in mistakes.iter().zip(errors(&documents)) {
        assert!(!errors.is_empty(), "{path}: nobody minds {new}");
    }
}
