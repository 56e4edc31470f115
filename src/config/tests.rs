//! Configurations as admins write and spoil them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{
    ClientProof, Config, Faults, Grant, Login, MailboxPlace, Outgoing, Secret, Security, SignIn, Start,
    inspect, load,
};

/// As the public interface shows it.
const EXAMPLE: &str = r#"
rules    = "rules"                  # folder of rule files
database = "triaged.db"

[calendar]
time_zone = "Europe/Amsterdam"
holidays  = "NL"
closed    = ["2026-05-15"]
open_days = []
day_ends  = "17:00"

[alerts]
admin    = ["beheer@ksyos.nl"]
hours    = "08:00-18:00"
due_soon = 1

[receiver]
authserv_ids = ["mx1.ksyos.nl"]

[limits]
fetch = "10 MiB"

[[mailbox]]
name         = "klacht"
address      = "Klacht@Ksyos.nl"
inquiry      = "complaint"
coordinators = ["klachtencoordinator@ksyos.nl"]
start        = "2026-11-01"
[mailbox.imap]
host = "imap.example.nl"
port = 993
security = "tls"
user = "klacht@ksyos.nl"
password_file = "klacht.password"
folder = "INBOX"
sent_folder = "Sent"
ca_file = "ca.pem"
poll = 30

[[mailbox]]
name         = "info"
address      = "info@ksyos.nl"
inquiry      = "account"
coordinators = ["info.team@ksyos.nl"]
[mailbox.maildir]
path = "/var/mail/info"

[smtp]
host = "smtp.example.nl"
port = 465
security = "tls"
user = "triage@ksyos.nl"
password_env = "SMTP_PASSWORD"
ca_file = "ca.pem"
connections = 4
"#;

fn read(text: &str) -> (PathBuf, Result<Config, Faults>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("triaged.toml");
    fs::write(&file, text).unwrap();
    (dir.path().to_path_buf(), load(&file))
}

#[test]
fn the_example_of_the_interface_is_a_configuration_without_its_password_files() {
    let (folder, config) = read(EXAMPLE);
    let config = config.unwrap();
    assert_eq!(config.rules, folder.join("rules"));
    assert_eq!(config.fetch_limit, 10 * 1024 * 1024);
    let [klacht, info] = config.mailboxes.as_slice() else { panic!() };
    assert_eq!(klacht.address, "klacht@ksyos.nl");
    assert_eq!(klacht.start, Start::Since(chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()));
    let MailboxPlace::Imap(imap) = &klacht.place else { panic!() };
    assert_eq!(imap.login, Login::Password(Secret::File(folder.join("klacht.password"))));
    assert_eq!(imap.server.security, Security::Tls);
    assert_eq!(imap.poll, Duration::from_secs(30));
    assert_eq!(info.start, Start::New);
    assert!(matches!(&info.place, MailboxPlace::Maildir { path, sent: None } if path.is_absolute()));
    let Outgoing::Smtp(smtp) = &config.outgoing else { panic!() };
    assert_eq!(
        smtp.login,
        Some(("triage@ksyos.nl".into(), Login::Password(Secret::Env("SMTP_PASSWORD".into()))))
    );
}

/// A mistake (the text that is replaced and what stands there instead), and what must be said.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "time_zone = \"Europe/Amsterdam\"",
        "time_zone = \"Europe/Amsterdm\"",
        &["6:13: no time zone", "Europe/Amsterdam"],
    ),
    ("\"2026-05-15\"", "\"2026-02-30\"", &["8:14: there is no such day"]),
    ("\"17:00\"", "\"17.00\"", &["10:13: this is no time of day"]),
    ("\"08:00-18:00\"", "\"18:00-08:00\"", &["14:12: these are no hours"]),
    ("due_soon = 1", "due_soon = -1", &["15:12: -1 is too small"]),
    ("due_soon = 1", "due_son = 1", &["15:1: unknown key `due_son`", "did you mean `due_soon`?"]),
    ("holidays  = \"NL\"", "holidays  = \"DE\"", &["7:13: \"DE\" is none of the words", "\"NL\", \"none\""]),
    ("\"10 MiB\"", "\"10 parsec\"", &["21:9: this is no size"]),
    ("\"10 MiB\"", "\"10000 MiB\"", &["21:9: this is out of bounds"]),
    ("name         = \"info\"", "name         = \"klacht\"", &["41:16: mailbox 1 has this name too"]),
    ("\"info@ksyos.nl\"", "\"klacht@KSYOS.nl\"", &["42:16: mailbox 1 has this address too"]),
    ("\"info@ksyos.nl\"", "\"info at ksyos.nl\"", &["42:16: this is no mail address"]),
    ("security = \"tls\"\nuser = \"k", "security = \"none\"\nuser = \"k", &["32:12: in the clear"]),
    ("password_file = \"klacht.password\"", "", &["29:10: nothing says where the password is"]),
    ("password_file = \"k", "password_env = 'A'\npassword_file = \"k", &["the password is told twice"]),
    (
        "password_file = \"klacht.password\"",
        "password = \"geheim\"",
        &["unknown key `password`", "password_file"],
    ),
    ("[mailbox.maildir]\npath = \"/var/mail/info\"", "", &["41:16: nothing says where this mailbox is"]),
    (
        "[mailbox.maildir]",
        "[mailbox.imap]\nhost='a'\nuser='b'\npassword_env='c'\n[mailbox.maildir]",
        &["both on a server"],
    ),
    ("[smtp]", "[outbox]\ndirectory = 'out'\n[smtp]", &["by a server or into a folder"]),
    ("port = 465", "port = \"465\"", &["50:8: this must be a whole number, not a text", "without quotes"]),
    ("port = 465", "port = 0", &["50:8: 0 is too small"]),
    ("port = 465", "port = 70000", &["50:8: 70000 is too large"]),
    ("poll = 30", "poll = 3000", &["3000 is too large", "60 or less"]),
    ("start        = \"2026-11-01\"", "start        = \"yesterday\"", &["28:16: this says not which mail"]),
    ("inquiry      = \"account\"", "", &["`inquiry` is missing here", "add `inquiry = \"...\"`"]),
    (
        "host = \"smtp.example.nl\"",
        "host = \"smtps://smtp.example.nl\"",
        &["49:8: this is no name of a server"],
    ),
    (
        "admin    = [\"beheer@ksyos.nl\"]",
        "admin    = \"beheer@ksyos.nl\"",
        &["13:12: this must be a list, not a text"],
    ),
    ("database = \"triaged.db\"", "database = triaged.db", &["3:12: ", "between quotes"]),
    ("[alerts]", "[alerts", &["12:8: "]),
];

#[test]
fn each_mistake_is_told_with_its_place_and_its_remedy() {
    for (good, bad, messages) in MISTAKES {
        assert!(EXAMPLE.contains(good), "{good}");
        let (_, config) = read(&EXAMPLE.replacen(good, bad, 1));
        let text = config.expect_err(bad).to_string();
        for message in *messages {
            assert!(text.contains(message), "{message:?} is not in\n{text}");
        }
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = EXAMPLE
        .replace("\"17:00\"", "\"25:00\"")
        .replace("hours    =", "ours    =")
        .replace("\"info@ksyos.nl\"", "\"info\"")
        .replace("fetch = \"10 MiB\"", "fetch = \"much\"");
    let (_, config) = read(&text);
    assert_eq!(config.unwrap_err().0.len(), 4);
}

#[test]
fn what_is_odd_is_a_warning_and_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("triaged.toml");
    let text =
        EXAMPLE.replace("admin    = [\"beheer@ksyos.nl\"]", "").replace("[\"info.team@ksyos.nl\"]", "[]");
    fs::write(&file, text).unwrap();
    let (config, warnings) = inspect(&file);
    assert!(config.is_some());
    let text = warnings.to_string();
    for message in [
        "warning: nobody is told when",
        "warning: nobody is told about",
        "cannot be read now",
        "is not set now",
    ] {
        assert!(text.contains(message), "{message} is not in\n{text}");
    }
}

const BY_TOKEN: &str = r#"
[alerts]
admin = ["beheer@ksyos.nl"]
[oauth.ms]
provider = "microsoft"
tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
client_id = "11111111-1111-1111-1111-111111111111"
grant = "client_credentials"
secret_file = "ms.secret"
secret_expires = "2027-05-15"
[oauth.person]
provider = "microsoft"
tenant = "ksyos.nl"
client_id = "11111111-1111-1111-1111-111111111111"
grant = "refresh_token"
[[mailbox]]
name = "klacht"
address = "klacht@ksyos.nl"
inquiry = "complaint"
coordinators = ["noor@ksyos.nl"]
[mailbox.imap]
host = "outlook.office365.com"
user = "klacht@ksyos.nl"
auth = "oauth"
oauth = "ms"
sent_folder = "Sent Items"
[smtp]
host = "smtp.office365.com"
security = "starttls"
user = "triage@ksyos.nl"
auth = "oauth"
oauth = "person"
"#;

#[test]
fn what_a_provider_is_known_for_need_not_be_written() {
    let (folder, config) = read(BY_TOKEN);
    let config = config.unwrap();
    let [ms, person] = config.oauths.as_slice() else { panic!() };
    let tenant = "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    assert_eq!(ms.token_endpoint.url(), format!("{tenant}/oauth2/v2.0/token"));
    assert_eq!(ms.scopes, ["https://outlook.office365.com/.default"]);
    let secret = Secret::File(folder.join("ms.secret"));
    assert_eq!(ms.grant, Grant::ClientCredentials(ClientProof::Secret(secret)));
    let Grant::RefreshToken { client: ClientProof::None, sign_in: SignIn::Device(device), store } =
        &person.grant
    else {
        panic!("{person:?}")
    };
    assert_eq!(device.url(), "https://login.microsoftonline.com/ksyos.nl/oauth2/v2.0/devicecode");
    assert_eq!(*store, folder.join("triaged.db.tokens/person"));
    let MailboxPlace::Imap(imap) = &config.mailboxes[0].place else { panic!() };
    assert_eq!(imap.login, Login::OAuth(Arc::clone(ms)));
    let Outgoing::Smtp(smtp) = &config.outgoing else { panic!() };
    assert_eq!(smtp.login, Some(("triage@ksyos.nl".into(), Login::OAuth(Arc::clone(person)))));
}

#[test]
fn a_file_that_is_not_there_is_one_clear_line() {
    let faults = load(std::path::Path::new("/nowhere/triaged.toml")).unwrap_err();
    assert_eq!(faults.headline(), "/nowhere/triaged.toml: there is no such file");
}

#[test]
fn an_empty_file_says_what_must_be_in_it() {
    let (_, config) = read("");
    let text = config.unwrap_err().to_string();
    assert!(
        text.contains("no mailbox is watched") && text.contains("nothing says how mail goes out"),
        "{text}"
    );
}

#[test]
fn the_configuration_that_is_deployed_has_no_faults_and_fits_the_rules() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = load(&root.join("deploy/triaged.toml")).unwrap_or_else(|faults| panic!("{faults}"));
    let names: Vec<&str> = config.mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect();
    assert_eq!(names, ["administratie", "info", "klacht"]);
    let rules = crate::rules::load(&config.rules).unwrap_or_else(|faults| panic!("{faults}"));
    super::check_against(&config, &rules).unwrap_or_else(|faults| panic!("{faults}"));
}

#[test]
fn an_unknown_inquiry_is_told_with_the_nearest_rule_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = crate::rules::load(&root.join("rules")).unwrap_or_else(|faults| panic!("{faults}"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("triaged.toml");
    fs::write(&file, EXAMPLE.replace("\"complaint\"", "\"complaints\"")).unwrap();
    let faults = super::check_against(&load(&file).unwrap(), &rules).unwrap_err().to_string();
    assert!(faults.contains("triaged.toml:26:16: no rule file is named complaints.toml"), "{faults}");
    assert!(faults.contains("did you mean \"complaint\"?"), "{faults}");
}
