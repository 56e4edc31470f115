//! The shipped rules, whole and spoilt.

use std::fs;
use std::path::{Path, PathBuf};

use super::{SCHEMAS, VOCABULARIES, inspect, load, schema};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// The shipped rules in a folder of their own, to be spoilt.
fn copy() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("letters")).unwrap();
    for folder in ["", "letters"] {
        for entry in fs::read_dir(shipped().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, dir.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    dir
}

/// The same without the patterns that take long to compile, for mistakes in what is left.
fn light_copy() -> tempfile::TempDir {
    let dir = copy();
    for file in ["machines.toml", "text.toml"] {
        fs::write(dir.path().join(file), "# nothing\n").unwrap();
    }
    dir
}

/// What is said of the shipped rules when this is put in place of that in one of their files.
fn faults_with(file: &str, old: &str, new: &str) -> String {
    let dir = light_copy();
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(text.contains(old), "{file} has no {old}");
    fs::write(&path, text.replacen(old, new, 1)).unwrap();
    inspect(dir.path()).1.to_string()
}

/// What is said when a file has these bytes.
fn faults_with_bytes(file: &str, bytes: &[u8]) -> String {
    let dir = light_copy();
    fs::write(dir.path().join(file), bytes).unwrap();
    inspect(dir.path()).1.to_string()
}

#[test]
fn the_shipped_rules_have_no_faults() {
    let (rules, faults) = inspect(&shipped());
    assert!(faults.is_empty(), "{faults}");
    assert_eq!(rules.unwrap().digest.len(), 16);
}

/// File; what stands there; the mistake in its place; what must be said of it.
const MISTAKES: &[(&str, &str, &str, &[&str])] = &[
    (
        "invoice.toml",
        "working_days = 3",
        "working_days = 0",
        &["invoice.toml:", "a term of 0 days", "\"none\""],
    ),
    (
        "invoice.toml",
        "working_days = 3",
        "working_days = \"non\"",
        &["this must be a whole number or \"none\", not \"non\"", "did you mean \"none\""],
    ),
    (
        "invoice.toml",
        "working_days = 3",
        "working_days = -3",
        &["a term of 0 days", "write 1 or more, or \"none\""],
    ),
    (
        "invoice.toml",
        "working_days",
        "working_day",
        &["unknown key `working_day`", "did you mean `working_days`?"],
    ),
    (
        "invoice.toml",
        "case_prefix = \"F\"",
        "case_prefix = \"K\"",
        &["invoice.toml:", "complaint.toml has this prefix too"],
    ),
    ("invoice.toml", "case_prefix = \"F\"", "case_prefix = \"f1\"", &["1 to 8 capital letters"]),
    (
        "invoice.toml",
        "\"invoice_number\"]",
        "\"invoice_nummer\"]",
        &["there is no field `invoice_nummer`", "did you mean \"invoice_number\"?"],
    ),
    (
        "invoice.toml",
        "\"invoice_number\"]",
        "\"invoice_number\", \"name\"]",
        &["warning: this field stands here twice"],
    ),
    (
        "invoice.toml",
        "mandatory = [",
        "mandatory = \"name\" # [",
        &["must be a list, not a text", "[\"name\"]"],
    ),
    ("invoice.toml", "nl = \"vraag over een factuur\"", "nl = \"\"", &["a person would read nothing here"]),
    ("invoice.toml", "nl = \"vraag over een factuur\"", "", &["`nl` is missing here"]),
    ("invoice.toml", "[title]", "[titel]", &["unknown key `titel`", "did you mean `title`?"]),
    ("organisation.toml", "\"ksyos.nl\"", "\"info@ksyos.nl\"", &["this is no mail domain"]),
    (
        "letters/request.nl.txt",
        "{{ inquiry }}",
        "{{ inquirie }}",
        &["letters/request.nl.txt:", "there is no value `inquirie`", "the values are"],
    ),
];

#[test]
fn each_mistake_in_a_rule_file_is_told_with_its_place_and_its_remedy() {
    for (file, old, new, messages) in MISTAKES {
        let text = faults_with(file, old, new);
        for message in *messages {
            assert!(text.contains(message), "{file}, {new}: {message:?} is not in\n{text}");
        }
    }
}

#[test]
fn files_that_are_no_rules_are_clear_faults() {
    let big = vec![b'#'; 2 * 1024 * 1024];
    for (file, bytes, message) in [
        ("invoice.toml", &b"\x7fELF\x00\x01"[..], "invoice.toml: this is a binary file"),
        ("invoice.toml", b"title = 'caf\xe9'", "invoice.toml:1:13: a character that is not UTF-8"),
        ("invoice.toml", &big, "invoice.toml: it is larger than 1 MiB"),
        ("letters/request.nl.txt", b"\xff\xfeS\0", "letters/request.nl.txt: this file is saved as UTF-16"),
        ("letters/request.nl.txt", b"\xe9", "letters/request.nl.txt:1:1: a character that is not UTF-8"),
        ("machines.toml", b" \n", "machines.toml: this file is empty"),
        ("letters/request.nl.txt", b"", "letters/request.nl.txt:1:1: there is no subject"),
        ("Bad Name.toml", b"", "Bad Name.toml: the name of this file"),
    ] {
        let text = faults_with_bytes(file, bytes);
        assert!(text.contains(message), "{message:?} is not in\n{text}");
    }
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing_but_the_digest_of_other_text() {
    let dir = copy();
    let path = dir.path().join("invoice.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
    let letter = dir.path().join("letters/request.nl.txt");
    let text = fs::read_to_string(&letter).unwrap();
    fs::write(&letter, text.replace('\n', "\r\n")).unwrap();
    let rules = load(dir.path()).unwrap();
    assert_eq!(rules.digest, load(&shipped()).unwrap().digest);
}

#[cfg(unix)]
#[test]
fn links_may_not_lead_out_of_the_folder() {
    let dir = copy();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("secret.toml")).unwrap();
    std::os::unix::fs::symlink("/nowhere", dir.path().join("lost.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("letters/endless.txt")).unwrap();
    let text = inspect(dir.path()).1.to_string();
    assert!(text.contains("secret.toml: this link leads out of the folder"), "{text}");
    assert!(text.contains("lost.toml: this link leads nowhere"), "{text}");
    assert!(text.contains("endless.txt: this link leads out of the folder"), "{text}");
    assert!(!text.contains("root:"), "{text}");
}

#[test]
fn a_folder_that_is_not_there_is_said_to_be_so() {
    let faults = load(Path::new("/nowhere/rules")).unwrap_err().to_string();
    assert!(faults.contains("/nowhere/rules: there is no such folder"), "{faults}");
}

#[test]
fn all_faults_of_all_files_come_at_once() {
    let dir = copy();
    fs::write(dir.path().join("invoice.toml"), "x = 1").unwrap();
    fs::write(dir.path().join("letters/reminder.en.txt"), "no subject").unwrap();
    fs::write(dir.path().join("organisation.toml"), "name = 3").unwrap();
    let text = inspect(dir.path()).1.to_string();
    for file in ["invoice.toml:1:1", "letters/reminder.en.txt:1:1", "organisation.toml:1:8"] {
        assert!(text.contains(file), "{file} is not in\n{text}");
    }
}

#[test]
fn a_vocabulary_that_is_missing_is_a_fault() {
    let dir = copy();
    fs::rename(dir.path().join("machines.toml"), dir.path().join("machine.toml")).unwrap();
    let (rules, faults) = inspect(dir.path());
    assert!(rules.is_none());
    let text = faults.to_string();
    assert!(
        text.contains("machines.toml: this file is missing") && text.contains("is machine.toml meant?"),
        "{text}"
    );
}

#[test]
fn the_digest_changes_with_every_file() {
    let dir = copy();
    let before = load(dir.path()).unwrap().digest;
    let path = dir.path().join("letters/request.nl.txt");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "\nTot ziens!\n").unwrap();
    assert_ne!(load(dir.path()).unwrap().digest, before);
}

/// `UPDATE_GOLDEN=1 cargo test --lib rules::` writes the files anew.
#[test]
fn the_schemas_in_the_folder_are_those_of_the_program() {
    let mut stale = Vec::new();
    for name in SCHEMAS {
        let path = shipped().join(format!("schema/{name}.json"));
        let text = serde_json::to_string_pretty(&schema(name).unwrap()).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "not those of the program (see above how to write them anew): {stale:?}");
}

#[test]
fn every_vocabulary_has_a_schema_and_every_key_in_it_a_description() {
    assert!(VOCABULARIES.iter().all(|name| SCHEMAS.contains(name)));
    assert_eq!(schema("colours"), None);
    for name in SCHEMAS {
        undescribed(name, &schema(name).unwrap());
    }
}

fn undescribed(place: &str, schema: &serde_json::Value) {
    if let Some(properties) = schema.get("properties").and_then(|properties| properties.as_object()) {
        for (key, value) in properties {
            let place = format!("{place}.{key}");
            let obvious = ["nl", "en"].contains(&key.as_str());
            assert!(obvious || value.get("description").is_some(), "{place} has no description");
            undescribed(&place, value);
        }
    }
    for (key, value) in schema.get("$defs").and_then(|defs| defs.as_object()).into_iter().flatten() {
        undescribed(&format!("{place}.{key}"), value);
    }
}

#[test]
fn every_rule_file_names_its_schema_for_editors() {
    for entry in fs::read_dir(shipped()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let name = if VOCABULARIES.contains(&stem) { stem } else { "inquiry" };
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with(&format!("#:schema schema/{name}.json\n")), "{}", path.display());
        }
    }
}

/// The blocks of TOML in `rules/README.md`, in order.
fn worked_examples() -> Vec<String> {
    let readme = fs::read_to_string(shipped().join("README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1);
    blocks.filter_map(|block| Some(block.split_once("```")?.0.to_owned())).collect()
}

#[test]
fn the_worked_examples_of_the_readme_work() {
    let examples = worked_examples();
    let [field, inquiry] = examples.as_slice() else { panic!("the README has other examples") };
    let dir = copy();
    fs::write(dir.path().join("privacy.toml"), inquiry).unwrap();
    let invoice = dir.path().join("invoice.toml");
    let text = fs::read_to_string(&invoice).unwrap();
    let text = text.replacen("\"invoice_number\"]", "\"invoice_number\", \"customer_number\"]", 1);
    fs::write(&invoice, text + "\n" + field).unwrap();
    let (rules, faults) = inspect(dir.path());
    let own = |fault: &&super::LocatedFault| fault.file.ends_with("privacy.toml") || fault.file == invoice;
    assert_eq!(
        faults.0.iter().filter(own).map(ToString::to_string).collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    let rules = rules.unwrap_or_else(|| panic!("{faults}"));
    assert_eq!(rules.inquiry("privacy").unwrap().working_days, Some(5));
    assert!(rules.inquiry("invoice").unwrap().mandatory.contains(&"customer_number".to_owned()));
    assert!(rules.fields.get("request_kind").is_some());
}
