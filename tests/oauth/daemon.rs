//! The program itself: a person signs in, the daemon goes on from there, and people are told in time.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::dovecot::{Dovecot, Options};
use crate::support::program::{Running, copy, root, sent, triaged, until};
use crate::support::token_server::CANARY;
use crate::support::{TokenServer, eventually};
use crate::wires::post_office;

const LIMIT: Duration = Duration::from_mins(1);

/// The small valid set with the mailbox `klacht` at the Dovecot, by token.
fn laid_out(server: &TokenServer, dovecot: &Dovecot, oauth: &str, out: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("tests/faults/base"), dir.path());
    copy(&root().join("rules/letters"), &dir.path().join("rules/letters"));
    let mut config = format!(
        "[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[oauth.ms]\nprovider = \"custom\"\nclient_id = \"app\"\n\
         token_endpoint = \"{}\"\n{oauth}\n",
        server.url("/token")
    );
    let _ = write!(
        config,
        "[[mailbox]]\nname = \"klacht\"\naddress = \"klacht@ksyos.nl\"\ninquiry = \"complaint\"\n\
         coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nuser = \"klacht\"\nauth = \"oauth\"\noauth = \"ms\"\nsent_folder = \"Sent\"\n{out}\n",
        dovecot.port
    );
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    dir
}

fn by_person(server: &TokenServer) -> String {
    format!("grant = \"refresh_token\"\ndevice_endpoint = \"{}\"", server.url("/device"))
}

/// The daemon, with a log that holds everything that it ever says.
fn run(dir: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG").env("TRIAGED_LOG", "trace");
    Running::start(&mut command, &dir.join("log"))
}

fn login(dir: &Path, name: &str) -> String {
    let output = triaged(dir, &["login", name]);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// Nothing that a person may see holds a secret or a token.
fn nothing_leaked(dir: &Path, told: &[&str]) {
    for text in told {
        assert!(!text.contains(CANARY), "{text}");
    }
    for name in ["log", "triaged.db", "triaged.db-wal", "triaged.db.lock"] {
        let bytes = fs::read(dir.join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().find(|line| line.contains(CANARY)).unwrap_or_default();
        assert!(line.is_empty(), "{name}: {}", line.chars().take(300).collect::<String>());
    }
}

fn token(status: &Value) -> &Value {
    &status["tokens"][0]
}

#[test]
fn a_person_signs_in_and_mail_comes_and_goes_by_token() {
    let server = TokenServer::start();
    server.state().polls = ["authorization_pending", "authorization_pending"].into();
    let dovecot = Dovecot::start_with(Options { tokens: Some(server.port), ..Options::default() });
    let sink = post_office(&server, "XOAUTH2");
    let out = format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nuser = \"klacht\"\nauth = \"oauth\"\noauth = \"ms\"",
        sink.port
    );
    let dir = laid_out(&server, &dovecot, &by_person(&server), &out);
    let before = triaged(dir.path(), &["check"]);
    assert!(String::from_utf8_lossy(&before.stderr).contains("triaged login ms"), "{before:?}");

    let told = login(dir.path(), "klacht");
    for part in ["https://microsoft.com/devicelogin", "WDJB-MJHT", "klacht", "Signed in"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let kept = dir.path().join("triaged.db.tokens/ms");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o600, 0o700));

    let _daemon = run(dir.path());
    until(dir.path(), "ready", |status| status["ready"] == true && status["mailboxes"][0]["state"] == "ok");
    let mail = "From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: klacht\r\n\
                Message-ID: <1@example.org>\r\n\r\nIk heb een klacht.\r\n\r\nNaam: Jan de Boer\r\n";
    dovecot.append("klacht", "INBOX", mail.as_bytes());
    let answers = sink.wait_for(1, LIMIT);
    assert!(answers.iter().any(|answer| answer.to == "jan@example.org"), "{answers:?}");
    let status = until(dir.path(), "a token", |status| token(status)["state"] == "ok");
    assert!(token(&status)["valid_until"].is_string() && token(&status)["error"].is_null(), "{status}");
    let online = triaged(dir.path(), &["check", "--online"]);
    let online = String::from_utf8_lossy(&[online.stdout, online.stderr].concat()).into_owned();
    assert_eq!(online.matches("logged in").count(), 2, "{online}");
    nothing_leaked(dir.path(), &[&told, &status.to_string(), &online]);
}

#[test]
fn a_withdrawn_sign_in_is_told_by_status_and_by_mail_and_mended_by_another() {
    let server = TokenServer::start();
    // Renewed every few seconds.
    server.state().expires_in = 4;
    let dovecot = Dovecot::start_with(Options { tokens: Some(server.port), ..Options::default() });
    let dir = laid_out(&server, &dovecot, &by_person(&server), "[outbox]\ndirectory = \"outbox\"");
    login(dir.path(), "ms");
    let _daemon = run(dir.path());
    until(dir.path(), "a token", |status| token(status)["state"] == "ok");

    server.state().refresh = None;
    let status = until(dir.path(), "the error", |status| token(status)["state"] == "error");
    let error = token(&status)["error"].as_str().unwrap();
    assert!(error.contains("triaged login ms") && error.contains("invalid_grant"), "{error}");
    let alert = eventually("an alert", LIMIT, || sent(dir.path(), "X-Triaged-Alert: token").pop());
    assert!(alert.contains("To: beheer@ksyos.nl"), "{alert}");

    login(dir.path(), "ms");
    let status = until(dir.path(), "mended", |status| token(status)["state"] == "ok");
    assert!(token(&status)["error"].is_null());
    assert_eq!(sent(dir.path(), "X-Triaged-Alert: token").len(), 1, "once");
    nothing_leaked(dir.path(), &[&alert, error]);
}

#[test]
fn a_secret_that_ends_soon_is_told_ahead_once_and_by_the_reload_that_brings_another_no_more() {
    let server = TokenServer::start();
    let dovecot = Dovecot::start_with(Options { tokens: Some(server.port), ..Options::default() });
    let in_days = |days: i64| {
        let day = triaged::clock::Clock::system().now() + chrono::TimeDelta::days(days);
        day.format("%Y-%m-%d").to_string()
    };
    let oauth = format!(
        "grant = \"client_credentials\"\nsecret_file = \"secret\"\nsecret_expires = \"{}\"",
        in_days(10)
    );
    let dir = laid_out(&server, &dovecot, &oauth, "[outbox]\ndirectory = \"outbox\"");
    fs::write(dir.path().join("secret"), format!("geheim-{CANARY}")).unwrap();
    let daemon = run(dir.path());
    let alert = eventually("an alert", LIMIT, || sent(dir.path(), "X-Triaged-Alert: token").pop());
    assert!(alert.contains("To: beheer@ksyos.nl"), "{alert}");
    let status = until(dir.path(), "a token", |status| token(status)["state"] == "ok");
    assert_eq!(token(&status)["secret_expires"], in_days(10));
    assert!(token(&status)["warning"].as_str().unwrap().contains("make a new client secret"), "{status}");
    let shown = triaged(dir.path(), &["status"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("ends on"), "{shown:?}");

    let file = dir.path().join("triaged.toml");
    let text = fs::read_to_string(&file).unwrap().replace(&in_days(10), &in_days(400));
    fs::write(&file, text).unwrap();
    let hangup = Command::new("kill").args(["-HUP", &daemon.0.id().to_string()]).status().unwrap();
    assert!(hangup.success());
    eventually("mended", LIMIT, || {
        let text = fs::read_to_string(dir.path().join("log")).unwrap_or_default();
        (text.matches("these rules are in force").count() > 1).then_some(())
    });
    let status = until(dir.path(), "a new date", |status| token(status)["warning"].is_null());
    assert_eq!(token(&status)["secret_expires"], in_days(400));
    assert_eq!(sent(dir.path(), "X-Triaged-Alert: token").len(), 1, "once");
    nothing_leaked(dir.path(), &[&alert, &status.to_string()]);
}

#[test]
fn rules_diff_asks_for_one_token_for_all_mailboxes() {
    let server = TokenServer::start();
    let dovecot = Dovecot::start_with(Options { tokens: Some(server.port), ..Options::default() });
    let another = format!(
        "[[mailbox]]\nname = \"info\"\naddress = \"info@ksyos.nl\"\ninquiry = \"complaint\"\n\
         coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nuser = \"klacht\"\nauth = \"oauth\"\noauth = \"ms\"\nfolder = \"Sent\"\n\
         [outbox]\ndirectory = \"outbox\"",
        dovecot.port
    );
    let oauth = "grant = \"client_credentials\"\nsecret_file = \"secret\"";
    let dir = laid_out(&server, &dovecot, oauth, &another);
    fs::write(dir.path().join("secret"), format!("geheim-{CANARY}")).unwrap();
    let mail = "From: jan@example.org\r\nSubject: klacht\r\n\r\nIk heb een klacht.\r\n";
    for folder in ["INBOX", "Sent"] {
        dovecot.append("klacht", folder, mail.as_bytes());
    }
    let told = triaged(dir.path(), &["rules", "diff", "--with", "rules", "--since", "30"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("2 mails by rules"), "{told:?}");
    assert_eq!(server.state().asked.iter().filter(|(page, _)| page == "/token").count(), 1);
}

/// What stands behind `key` in the question of a page.
fn of_page(page: &str, key: &str) -> String {
    let value = page.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{key}=")));
    value.unwrap_or_else(|| panic!("no {key} in {page}")).replace("%3A", ":").replace("%2F", "/")
}

/// As a browser asks, and what it is told.
fn browse(address: &str) -> String {
    let (host, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    let mut tcp = TcpStream::connect(host).unwrap();
    write!(tcp, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut told = String::new();
    tcp.read_to_string(&mut told).unwrap();
    told
}

#[test]
fn a_person_signs_in_by_a_browser_and_nobody_else_does() {
    let server = TokenServer::start();
    let dovecot = Dovecot::start_with(Options { tokens: Some(server.port), ..Options::default() });
    let oauth = "grant = \"refresh_token\"\nauthorization_endpoint = \"https://accounts.example/auth\"\n\
                 secret_file = \"secret\"";
    let dir = laid_out(&server, &dovecot, oauth, "[outbox]\ndirectory = \"outbox\"");
    fs::write(dir.path().join("secret"), format!("geheim-{CANARY}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.args(["login", "klacht"]).current_dir(dir.path()).env_remove("TRIAGED_CONFIG");
    let mut login = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(login.stdout.take().unwrap()).lines().map(Result::unwrap);
    let page = lines.find(|line| line.trim().starts_with("https://accounts.example/auth?")).unwrap();
    let (home, state) = (of_page(&page, "redirect_uri"), of_page(&page, "state"));
    assert!(home.starts_with("http://127.0.0.1:"), "{page}");
    assert!(browse(&format!("{home}favicon.ico")).starts_with("HTTP/1.1 404"));
    assert!(browse(&format!("{home}?code=stolen&state=guessed")).starts_with("HTTP/1.1 404"));
    let code = format!("code-{CANARY}");
    server.state().code = Some((code.clone(), of_page(&page, "code_challenge")));
    assert!(browse(&format!("{home}?code={code}&state={state}")).contains("Signed in"));
    let rest: Vec<String> = lines.collect();
    assert!(login.wait().unwrap().success(), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("Signed in")), "{rest:?}");
    let kept = fs::read_to_string(dir.path().join("triaged.db.tokens/ms")).unwrap();
    assert!(kept.starts_with("refresh-"));
    let online = triaged(dir.path(), &["check", "--online"]);
    assert!(online.status.success(), "{online:?}");
}
