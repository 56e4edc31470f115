//! `triaged explain --json` as a script sees it.

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
