//! `triaged explain` as a script and as a person see it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn each_name_has_its_line_in_the_order_given_also_where_nothing_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mail = root.join("tests/stories/complete/complaint.eml");
    let gone = root.join("tests/stories/complete/gone.eml");
    let names = [mail.clone(), gone, root.join("tests"), mail];
    let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
        .args(["explain", "--json", "--mailbox", "klacht", "--config"])
        .arg(root.join("deploy/triaged.toml"))
        .args(&names)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, names.iter().map(|name| name.to_str().unwrap()).collect::<Vec<_>>());
    let dispositions: Vec<&str> = lines.iter().map(|line| line["disposition"].as_str().unwrap()).collect();
    assert_eq!(dispositions, ["case", "review", "review", "case"]);
    assert_eq!((&lines[1]["reason"], &lines[2]["reason"]), (&"unreadable".into(), &"unreadable".into()));
    // That something could not be read is still a failure, said in one line.
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn the_page_says_why_a_field_is_missing_though_something_looks_like_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail.eml");
    let text = "Goedemorgen,\n\nDe holter viel gisteren uit en de assistente was onaardig. Mijn huisarts is te \
                bereiken op 0512-345678.\n\nJan de Boer\n";
    let head = "From: Jan de Boer <jan@example.org>\nTo: klacht@ksyos.nl\nSubject: Klacht\n";
    std::fs::write(&mail, format!("{head}Date: Thu, 26 Nov 2026 10:00:00 +0100\n\n{text}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
        .args(["explain", "--mailbox", "klacht", "--config"])
        .arg(root.join("deploy/triaged.toml"))
        .arg(mail)
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let mut lines = page.lines().skip_while(|line| !line.starts_with("  phone"));
    let (phone, why) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(phone.ends_with("missing"), "{page}");
    assert!(why.contains("not '0512-345678': somebody else's"), "{page}");
}

#[test]
fn of_a_text_that_is_too_long_people_and_scripts_hear_that_it_was_cut_and_the_letter_asks_for_what_is_behind()
{
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let head = "From: Jan de Boer <jan@example.org>\nTo: klacht@ksyos.nl\nSubject: Klacht\n\
                Date: Thu, 26 Nov 2026 10:00:00 +0100\n\nNaam: Jan de Boer\nDatum voorval: 16 november 2026\n\
                Type dienst: holter\n\n";
    let write = |name: &str, lines: usize| {
        let text = format!("{head}{}\nTelefoon: 06-12345678\n", "Zo ging het verder.\n".repeat(lines));
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    write("within.eml", 50_000);
    write("beyond.eml", 60_000);
    let explain = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
            .args(["explain", "--mailbox", "klacht", "--config"])
            .arg(root.join("deploy/triaged.toml"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let lines: Vec<Value> = explain(&["--json", "within.eml", "beyond.eml"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((lines[0].get("cut"), &lines[1]["cut"]), (None, &Value::Bool(true)));
    assert_eq!(lines[0]["fields"]["phone"]["value"], "+31612345678");
    assert!(lines[1]["fields"]["name"]["value"] == "Jan de Boer" && lines[1]["reason"].is_null());
    assert!(lines[1]["missing"].as_array().unwrap().contains(&"phone".into()));
    assert_eq!(lines[1]["reply"]["kind"], "request");
    let asks = |line: &Value| line["reply"]["body"].as_str().unwrap().contains("telefoonnummer:");
    assert_eq!((asks(&lines[0]), asks(&lines[1])), (false, true), "{}", lines[1]["reply"]["body"]);
    assert!(explain(&["beyond.eml"]).contains("the text is longer than is read of one mail"));
    assert!(!explain(&["within.eml"]).contains("is longer than"));
}
