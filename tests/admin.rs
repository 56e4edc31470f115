//! What admins do to a running program, with files alone: a new inquiry type, other rules tried on
//! old mail, an example kept, a save that is wrong and one that mends it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use serde_json::Value;
use support::Running;
use support::program::{copy, mail, root, rules_alerts, run, said, save, small, triaged, until};

/// The second block of TOML in the guide is a whole new inquiry.
fn example_of_the_guide() -> String {
    let guide = fs::read_to_string(root().join("rules/README.md")).unwrap();
    guide.split("```toml\n").nth(2).and_then(|block| block.split("```").next()).unwrap().to_owned()
}

#[test]
fn a_new_kind_of_inquiry_needs_files_only() {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("rules"), &dir.path().join("rules"));
    fs::write(dir.path().join("rules/privacy.toml"), example_of_the_guide()).unwrap();
    let config = fs::read_to_string(root().join("fixtures/demo/triaged.toml")).unwrap();
    let mailbox = "\n[[mailbox]]\nname = \"privacy\"\naddress = \"privacy@ksyos.nl\"\ninquiry = \"privacy\"\n\
                   coordinators = [\"fg@ksyos.nl\"]\n[mailbox.maildir]\npath = \"mail/privacy\"\n";
    fs::write(dir.path().join("triaged.toml"), config + mailbox).unwrap();
    let complete = "Naam: Jan de Boer\nTelefoon: 06-12345678\nGeboortedatum: 3 mei 1961\nSoort verzoek: inzage\n\
                    Welke gegevens: de foto's van het slaaponderzoek\nClientcode: cl 123456, ik bedoel CL-123456\n\
                    Telefoon gemachtigde: 06-87654321\nKopie naar: dochter@example.net\n\nGroet,\nJan de Boer";
    let complete = complete.replace("cl 123456, ik bedoel ", "");
    fs::write(dir.path().join("a.eml"), mail("Verzoek", &complete)).unwrap();
    let bare = "Goedendag,\n\nGraag doe ik een inzageverzoek. Gisteren belde ik daar al over.\n\nGroet,\nJan de Boer";
    fs::write(dir.path().join("b.eml"), mail("Vraag", bare)).unwrap();

    let explain = |mailbox: &str, file: &str| -> Value {
        serde_json::from_str(&said(dir.path(), &["explain", "--json", "--mailbox", mailbox, file])).unwrap()
    };
    let line = explain("privacy", "a.eml");
    for (field, value) in [
        ("name", "Jan de Boer"),
        ("email", "jan.deboer@example.org"),
        ("phone", "+31612345678"),
        ("birth_date", "1961-05-03"),
        ("request_kind", "see"),
        ("which_data", "de foto's van het slaaponderzoek"),
        ("client_code", "CL-123456"),
        ("proxy_phone", "+31687654321"),
        ("copy_to", "dochter@example.net"),
    ] {
        assert_eq!(line["fields"][field]["value"], value, "{field} of {line}");
    }
    assert_eq!((&line["inquiry"], &line["missing"]), (&"privacy".into(), &Value::Array(Vec::new())));
    assert_eq!(line["reply"]["kind"], "acknowledgement");

    // In another mailbox the words alone lead to it; what is not said is asked for, in its own words.
    let line = explain("info", "b.eml");
    assert_eq!(line["inquiry"], "privacy");
    assert_eq!(line["missing"], serde_json::json!(["request_kind", "birth_date", "which_data"]));
    let body = line["reply"]["body"].as_str().unwrap();
    assert!(body.contains("uw geboortedatum: zo weten wij om wie het gaat"), "{body}");
    assert!(line["reply"]["subject"].as_str().unwrap().starts_with("[P-"), "{line}");
}

#[test]
fn a_result_that_could_not_be_written_is_no_success() {
    let dir = small();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in
        [&["due", "2026-12-23T10:00:00+01:00", "--json"][..], &["--help"], &["help", "cases"], &["--version"]]
    {
        let command = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
            command.current_dir(dir.path()).args(arguments);
            command
        };
        let output = command().stdout(full()).output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {line}");
        assert!(
            line.starts_with("triaged: cannot write the result: ") && line.lines().count() == 1,
            "{line}"
        );
        // Nor is it a panic where nothing can be said of it.
        let status = command().stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}");

        // Who reads no further (`| head`) has what he wants.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = command().stdout(writer).output().unwrap();
        assert_eq!((gone.status.code(), gone.stderr), (Some(0), Vec::new()), "{arguments:?}");
    }
    // A wrong call stays one.
    for arguments in [&["nonsense"][..], &[], &["due"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
        assert_eq!(command.args(arguments).stderr(full()).status().unwrap().code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn other_rules_are_tried_on_old_mail_and_leave_it_as_it_is() {
    let dir = small();
    let text = "Een klacht.\n\nNaam: Jan de Boer\nDienst: ecg\nDatum: 20-11-2026";
    let first = mail("een", text);
    let second = mail("twee", "Mijn hartfilmpje.\n\nNaam: Jan de Boer");
    fs::write(dir.path().join("mail/new/1795425000.1.host"), &first).unwrap();
    fs::write(dir.path().join("mail/new/1795425001.2.host"), &second).unwrap();
    fs::write(dir.path().join("old.mbox"), format!("From a Mon\n{first}\nFrom b Mon\n{second}\n")).unwrap();
    copy(&dir.path().join("rules"), &dir.path().join("new"));
    let complaint = dir.path().join("new/complaint.toml");
    let changed = fs::read_to_string(&complaint).unwrap().replace("\"incident_date\", ", "");
    fs::write(&complaint, changed).unwrap();
    let services = dir.path().join("new/services.toml");
    let changed = fs::read_to_string(&services).unwrap().replace(", \"hartfilmpje*\"", "");
    fs::write(&services, changed).unwrap();

    for from in ["mail", "old.mbox"] {
        let lines = said(dir.path(), &["rules", "diff", "--with", "new", "--mails", from, "--json"]);
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        let differences = lines[1]["differences"].as_array().unwrap();
        let of = |what: &str| {
            differences.iter().find(|change| change["what"] == what).cloned().unwrap_or_default()
        };
        assert_eq!(
            (&of("service_type")["before"], &of("service_type")["after"]),
            (&"ecg".into(), &"-".into())
        );
        assert_eq!(of("missing")["after"], "service_type");
    }
    let told = said(dir.path(), &["rules", "diff", "--with", "new", "--since", "3650"]);
    assert!(told.contains("2 mails by rules") && told.contains("2 come out differently"), "{told}");
    let same = said(dir.path(), &["rules", "diff", "--with", "rules", "--mails", "mail"]);
    assert!(same.contains(": 0 come out differently"), "{same}");

    assert_eq!(fs::read_dir(dir.path().join("mail/new")).unwrap().count(), 2);
    assert!(!dir.path().join("triaged.db").exists() && !dir.path().join("outbox").exists());
}

#[test]
fn faulty_new_rules_are_told_like_any() {
    let dir = small();
    copy(&dir.path().join("rules"), &dir.path().join("new"));
    fs::write(dir.path().join("new/complaint.toml"), "x = 1").unwrap();
    let output = triaged(dir.path(), &["rules", "diff", "--with", "new", "--mails", "mail"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("new/complaint.toml:1:1: unknown key `x`"));
}

#[test]
fn a_mail_becomes_an_example_that_is_held() {
    let dir = small();
    let examples = dir.path().join("rules/examples");
    fs::create_dir(&examples).unwrap();
    fs::write(examples.join("hart.eml"), mail("Klacht", "Mijn hartfilmpje.\n\nNaam: Jan de Boer")).unwrap();
    let accept = ["rules", "accept", "--mailbox", "klacht", "rules/examples/hart.eml"];
    let told = said(dir.path(), &accept);
    assert!(told.contains("service_type") && !told.contains("put the mail"), "{told}");
    // A mail elsewhere is held by nothing, and that is said.
    fs::write(dir.path().join("elsewhere.eml"), mail("Klacht", "Mijn hartfilmpje.")).unwrap();
    let told = said(dir.path(), &["rules", "accept", "--mailbox", "klacht", "elsewhere.eml"]);
    assert!(told.contains("put the mail and its .json there"), "{told}");
    assert_eq!(triaged(dir.path(), &accept).status.code(), Some(1), "what was reviewed is not overwritten");
    said(dir.path(), &["rules", "test"]);

    let services = dir.path().join("rules/services.toml");
    let text = fs::read_to_string(&services).unwrap().replace("\"holter*\"", "\"holter*\", \"hartfilm\"");
    fs::write(
        &services,
        text.replace("\"hartfilmpje*\"", "\"hartfoto\"").replace("\"hartfilm\"", "\"hartfilmpje\""),
    )
    .unwrap();
    let output = triaged(dir.path(), &["rules", "test"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    for part in ["expected ecg", "got      holter", "because  named as 'hartfilmpje'", "1 mails:"] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn a_letter_is_seen_before_it_goes_out() {
    let dir = small();
    let preview = |more: &[&str]| {
        let arguments =
            ["letter", "preview", "--inquiry", "complaint", "--kind", "request", "--language", "nl"];
        said(dir.path(), &[&arguments, more].concat())
    };
    let letter = preview(&[]);
    assert!(letter.contains("To: jan@example.org\nSubject: [K-"), "{letter}");
    assert!(letter.contains("de dienst: bijvoorbeeld een ECG"), "{letter}");
    fs::write(dir.path().join("a.eml"), mail("Klacht", "Mijn ecg.\n\nNaam: Jan de Boer")).unwrap();
    let letter = preview(&["--mail", "a.eml"]);
    assert!(letter.contains("To: jan.deboer@example.org"), "{letter}");
    assert!(
        letter.contains("de datum: wanneer het gebeurde") && !letter.contains("bijvoorbeeld een ECG"),
        "{letter}"
    );
}

fn tell_the_admin_of_the_edit_alone(alerts: &[String]) {
    for alert in alerts {
        assert!(alert.contains("To: beheer@ksyos.nl") && alert.contains("rules/complaint.toml:"), "{alert}");
        assert!(!alert.contains("account.toml.txt"), "no fault of this edit: {alert}");
    }
}

#[test]
fn a_save_counts_at_once_and_a_wrong_one_harms_nothing() {
    let dir = small();
    let dir = dir.path();
    let rules = dir.join("rules/complaint.toml");
    let good = fs::read_to_string(&rules).unwrap();
    // Odd, and so before and after any edit.
    fs::write(dir.join("rules/account.toml.txt"), "").unwrap();
    let daemon = run(dir);
    let first = until(dir, "ready", |status| status["ready"] == true)["rules"]["digest"].clone();
    fs::write(dir.join("mail/new/1795425000.1.host"), mail("een", "Een klacht.\n\nNaam: Jan de Boer"))
        .unwrap();
    until(dir, "the first case", |status| status["accounted"] == 1);

    save(&rules, &good.replace("working_days = 3", "working_days = 0"));
    let status = until(dir, "the fault", |status| status["rules"]["error"].is_string());
    assert_eq!(status["rules"]["digest"], first, "the old rules stay in force");
    let check = triaged(dir, &["check"]);
    let check = String::from_utf8(check.stderr).unwrap();
    let told = status["rules"]["error"].as_str().unwrap();
    let fault = told.lines().next().unwrap();
    assert!(fault.contains("complaint.toml:2:16: a term of 0 days is over before it begins"), "{told}");
    assert_eq!(check.split("\n\nnot valid").next(), Some(told), "the words of check");

    // Another mistake on the way to mending it is told too; the first one made again is not.
    for (right, wrong, place) in [
        ("case_prefix", "case_prefiks", "complaint.toml:1:1"),
        ("working_days = 3", "working_days = 0", "complaint.toml:2:16"),
    ] {
        save(&rules, &good.replace(right, wrong));
        until(dir, "the other fault", |status| {
            status["rules"]["error"].as_str().is_some_and(|e| e.contains(place))
        });
    }
    assert!(check.contains("account.toml.txt"), "{check}");
    tell_the_admin_of_the_edit_alone(&rules_alerts(dir, 2));

    save(&rules, &good.replace("working_days = 3", "working_days = 4"));
    let status = until(dir, "the new rules", |status| status["rules"]["digest"] != first);
    assert!(status["rules"]["error"].is_null(), "{status}");
    let second = status["rules"]["digest"].clone();
    let shown = said(dir, &["status"]);
    let line = format!("rules: {}, in force for ", second.as_str().unwrap());
    assert!(shown.contains(&line) && shown.contains(" seconds (since "), "digest and age: {shown}");
    fs::write(dir.join("mail/new/1795425001.2.host"), mail("twee", "Een klacht.\n\nNaam: Jan de Boer"))
        .unwrap();
    until(dir, "the second case", |status| status["accounted"] == 2);
    for (number, digest) in [("1", first), ("2", second)] {
        let cases: Value = serde_json::from_str(&said(dir, &["cases", "list", "--json"])).unwrap();
        let case =
            cases.as_array().unwrap().iter().find(|case| case["number"].as_str().unwrap().ends_with(number));
        let case = case.unwrap()["number"].as_str().unwrap();
        let explained: Value =
            serde_json::from_str(&said(dir, &["explain", "--case", case, "--json"])).unwrap();
        assert_eq!(explained["mails"][0]["rules"], digest, "each mail keeps the rules that decided it");
        assert_eq!(explained["evidence"]["name"]["why"], "label 'Naam'");
        assert!(said(dir, &["explain", "--case", case]).contains(digest.as_str().unwrap()));
    }

    // A further mailbox counts when it is asked for.
    let config = dir.join("triaged.toml");
    let text = fs::read_to_string(&config).unwrap();
    copy(&dir.join("mail"), &dir.join("info"));
    let info = "[[mailbox]]\nname = \"info\"\naddress = \"info@ksyos.nl\"\ninquiry = \"complaint\"\n[mailbox.maildir]\npath = \"info\"\n";
    fs::write(&config, text.replace("[outbox]", &format!("{info}\n[outbox]"))).unwrap();
    let hangup = Command::new("kill").args(["-HUP", &daemon.0.id().to_string()]).status().unwrap();
    assert!(hangup.success());
    until(dir, "the new mailbox", |status| status["mailboxes"][1]["state"] == "ok");
}

#[test]
fn a_slip_in_a_filter_is_no_empty_list() {
    let dir = small();
    let daemon = run(dir.path());
    until(dir.path(), "ready", |status| status["ready"] == true);
    drop(daemon);
    for (arguments, told) in [
        (["cases", "list", "--inquiry", "complain"], "there is no inquiry 'complain'; known: "),
        (["cases", "list", "--state", "anwered"], "a similar value exists: 'answered'"),
        (["mail", "list", "--disposition", "ignored"], "a similar value exists: 'ignore'"),
    ] {
        let output = triaged(dir.path(), &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()), "{error}");
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(said(dir.path(), &["cases", "list", "--inquiry", "complaint"]).trim(), "0 cases");
}

#[test]
fn a_crash_leaves_none_of_its_memory_behind() {
    let dir = small();
    let mut command = Command::new("sh");
    // As on a machine that keeps the memory of each program that dies.
    command.args(["-c", "ulimit -c unlimited; exec \"$0\" run", env!("CARGO_BIN_EXE_triaged")]);
    command.current_dir(dir.path()).env_remove("TRIAGED_CONFIG");
    let mut daemon = Running::start(&mut command, &dir.path().join("log"));
    until(dir.path(), "ready", |status| status["ready"] == true);
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.0.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().nth(4), Some("0"), "{limit}");
    assert!(Command::new("kill").args(["-ABRT", &daemon.0.id().to_string()]).status().unwrap().success());
    let status = daemon.0.wait().unwrap();
    assert!(status.signal().is_some() && !status.core_dumped(), "{status}");
}

#[test]
fn a_monitor_hears_of_what_is_amiss_by_the_exit_status() {
    let dir = small();
    let healthy = || triaged(dir.path(), &["status", "--healthy"]);
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let daemon = run(dir.path());
    until(dir.path(), "ready", |status| status["ready"] == true && status["mailboxes"][0]["state"] == "ok");
    let output = healthy();
    assert_eq!((output.status.code(), told(&output).as_str()), (Some(0), ""));
    let rules = dir.path().join("rules/complaint.toml");
    let good = fs::read_to_string(&rules).unwrap();
    save(&rules, &good.replace("working_days = 3", "working_days = 0"));
    until(dir.path(), "the fault", |status| status["rules"]["error"].is_string());
    let output = healthy();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("an edit of the rules was refused"), "{}", told(&output));
    assert_eq!(triaged(dir.path(), &["status"]).status.code(), Some(0), "only where it is asked for");
    save(&rules, &good);
    until(dir.path(), "the good rules", |status| status["rules"]["error"].is_null());
    drop(daemon);
    let output = healthy();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("no daemon runs"), "{}", told(&output));
}
