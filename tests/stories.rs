//! End-to-end stories on a private Dovecot and a private SMTP server, driven only through the
//! public face. A story is a folder in `tests/stories` with a `story.txt` and its mails; a new story
//! needs no Rust.
//!
//! | line | what it does |
//! | --- | --- |
//! | `start new` | the daemon starts, with that `start` for every mailbox (`new`, `all` or a date) |
//! | `stop`, `kill`, `restart-imap` | SIGTERM; kill -9; the mail server goes and comes back |
//! | `wrong-password info`, `right-password info` | its password file holds that from now on; a running daemon gets SIGHUP |
//! | `deliver klacht a.eml [days-ago=10]` | a mail arrives; `{{ID person@example.org}}` and `{{SUBJECT person@example.org}}` in it stand for the last letter to that person |
//! | `sent klacht a.eml` | staff sent this mail from the mailbox |
//! | `seen klacht` | a person opens every mail of the inbox |
//! | `run cases close K-2026-000001 --outcome klaar` | a command that must succeed; `{{WORK}}` is a folder of the story's own |
//! | `letter jan@example.org request~[K-` | waits for the next letter to that person: its kind and a part of its subject or text |
//! | `alert noor@example.org review` | waits for the next alert of that kind to that person |
//! | `case K-2026-000001 open missing=phone,name` | waits until the case is so |
//! | `mails follow_up=1 ignore=0` | waits until so many mails have each disposition |
//! | `quiet` | waits until everything is handled and the outbox is empty, and no letter is left untold |

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use support::{Dovecot, Running, SmtpSink, eventually};
use tempfile::TempDir;

/// Nothing in a story takes a tenth of it, unless the machine is busy with something else.
const LIMIT: Duration = Duration::from_mins(1);
const MAILBOXES: [(&str, &str); 3] =
    [("administratie", "invoice"), ("info", "account"), ("klacht", "complaint")];

struct Story {
    name: String,
    folder: PathBuf,
    work: TempDir,
    dovecot: Dovecot,
    sink: SmtpSink,
    daemon: Option<Running>,
    /// Mailboxes whose password file holds a wrong one.
    locked_out: HashSet<String>,
    /// Letters that the story has told of.
    told: HashSet<usize>,
}

#[test]
fn every_story_ends_as_it_is_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let only = std::env::var("STORY").ok();
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("story.txt").is_file());
    folders.retain(|folder| only.as_ref().is_none_or(|only| folder.ends_with(only)));
    folders.sort();
    assert!(!folders.is_empty(), "no story found");
    // A story waits most of its time: four at once keep two cores busy.
    let queue = std::sync::Mutex::new(folders);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(folder) = queue.lock().unwrap().pop() else { break };
                    Story::new(folder).play();
                }
            });
        }
    });
}

impl Story {
    fn new(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let work = tempfile::tempdir().unwrap();
        Self {
            name,
            folder,
            work,
            dovecot: Dovecot::start(),
            sink: SmtpSink::start(),
            daemon: None,
            locked_out: HashSet::new(),
            told: HashSet::new(),
        }
    }

    fn play(mut self) {
        let script = fs::read_to_string(self.folder.join("story.txt")).unwrap();
        for (number, line) in script.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{}/story.txt:{}: {line}", self.name, number + 1);
            let words: Vec<&str> = line.split_whitespace().collect();
            self.obey(&words, &place);
        }
        self.end("-TERM");
    }

    fn obey(&mut self, words: &[&str], place: &str) {
        match words {
            ["start", from] => self.start(from, place),
            ["stop"] => self.end("-TERM"),
            ["kill"] => self.end("-KILL"),
            ["restart-imap"] => self.dovecot.restart(),
            ["deliver", mailbox, file, options @ ..] => self.deliver(mailbox, "INBOX", file, options),
            ["sent", mailbox, file] => self.deliver(mailbox, "Sent", file, &[]),
            ["wrong-password", mailbox] => self.password(mailbox, false),
            ["right-password", mailbox] => self.password(mailbox, true),
            ["seen", mailbox] => {
                let mut person = self.dovecot.person(mailbox);
                person.run("SELECT INBOX");
                person.run("UID STORE 1:* +FLAGS (\\Seen)");
            }
            ["run", arguments @ ..] => {
                let work = self.work.path().display().to_string();
                let arguments: Vec<String> =
                    arguments.iter().map(|word| word.replace("{{WORK}}", &work)).collect();
                self.triaged(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), place);
            }
            ["letter", to, wanted] => self.letter(to, wanted, place),
            ["alert", to, kind] => self.alert(to, kind, place),
            ["case", number, state, rest @ ..] => self.case(number, state, rest, place),
            ["mails", counts @ ..] => self.mails(counts, place),
            ["quiet"] => self.quiet(place),
            _ => panic!("{place}: no such line in a story"),
        }
    }

    fn config(&self) -> PathBuf {
        self.work.path().join("triaged.toml")
    }

    fn start(&mut self, from: &str, place: &str) {
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let mut text = format!(
            "rules = {rules:?}\ndatabase = \"data/triaged.db\"\n[calendar]\ntime_zone = \"Europe/Amsterdam\"\nholidays = \"NL\"\n\
             day_ends = \"17:00\"\nopen_days = {:?}\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\nhours = \"00:00-24:00\"\n\
             due_soon = 1\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n",
            today(),
            self.sink.port
        );
        for (name, inquiry) in MAILBOXES {
            let password = self.password_file(name);
            let _ = write!(
                text,
                "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"{inquiry}\"\n\
                 coordinators = [\"{name}.team@ksyos.nl\"]\nstart = \"{from}\"\n[mailbox.imap]\nhost = \"127.0.0.1\"\n\
                 port = {}\nsecurity = \"none\"\nuser = \"{name}\"\npassword_file = \"{}\"\nfolder = \"INBOX\"\n\
                 sent_folder = \"Sent\"\npoll = 1\n",
                self.dovecot.port,
                password.display()
            );
        }
        fs::write(self.config(), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
        command.args(["run", "--config"]).arg(self.config());
        self.daemon = Some(Running::start(&mut command, &self.work.path().join("log")));
        self.until(place, |story| {
            let status = story.json(&["status", "--json"])?;
            (status["ready"] == Value::Bool(true)).then_some(())
        });
    }

    fn password(&mut self, mailbox: &str, right: bool) {
        if right {
            self.locked_out.remove(mailbox);
        } else {
            self.locked_out.insert(mailbox.to_owned());
        }
        self.password_file(mailbox);
        if let Some(daemon) = &self.daemon {
            Command::new("kill").args(["-HUP", &daemon.0.id().to_string()]).status().unwrap();
        }
    }

    fn password_file(&self, mailbox: &str) -> PathBuf {
        let file = self.dovecot.password_file(mailbox);
        if self.locked_out.contains(mailbox) {
            fs::write(&file, "fout").unwrap();
        }
        file
    }

    /// Ends the daemon; where it was asked nicely it must end well.
    fn end(&mut self, signal: &str) {
        let Some(mut daemon) = self.daemon.take() else { return };
        Command::new("kill").args([signal, &daemon.0.id().to_string()]).status().unwrap();
        let ended = eventually("the daemon ends", LIMIT, || daemon.0.try_wait().unwrap());
        assert!(signal == "-KILL" || ended.success(), "{}: it ended with {ended}\n{}", self.name, self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.work.path().join("log")).unwrap_or_default()
    }

    fn deliver(&mut self, mailbox: &str, folder: &str, file: &str, options: &[&str]) {
        let mut mail = fs::read_to_string(self.folder.join(file)).unwrap();
        while let Some((before, rest)) = mail.clone().split_once("{{") {
            let (what, after) = rest.split_once("}}").unwrap();
            let (key, person) = what.split_once(' ').unwrap();
            let letters = self.sink.mails();
            let letter =
                letters.iter().rev().find(|letter| letter.to == person).expect("a letter to that person");
            let value = if key == "ID" {
                header(&letter.bytes, "Message-ID")
            } else {
                header(&letter.bytes, "Subject")
            };
            mail = format!("{before}{value}{after}");
        }
        let days = options.iter().find_map(|option| option.strip_prefix("days-ago="));
        let date = days.map(|days| {
            let output = Command::new("date")
                .args(["-d", &format!("{days} days ago"), "+%d-%b-%Y %H:%M:%S +0100"])
                .env("LC_ALL", "C")
                .output();
            String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
        });
        self.dovecot.person(mailbox).append(
            folder,
            "",
            date.as_deref(),
            mail.replace('\n', "\r\n").as_bytes(),
        );
    }

    fn letter(&mut self, to: &str, wanted: &str, place: &str) {
        let (kind, part) = wanted.split_once('~').unwrap_or((wanted, ""));
        let found = self.until(place, |story| {
            let letters = story.sink.mails();
            let mut untold = letters.iter().enumerate().filter(|(at, _)| !story.told.contains(at));
            let (at, letter) = untold
                .find(|(_, letter)| letter.to == to && header(&letter.bytes, "X-Triaged-Alert").is_empty())?;
            Some((at, String::from_utf8_lossy(&letter.bytes).into_owned(), letter.from.clone()))
        });
        let (at, text, from) = found;
        self.told.insert(at);
        let readable = readable(&text);
        assert!(readable.contains(part), "{place}: the letter reads\n{readable}");
        assert_eq!(header(text.as_bytes(), "Auto-Submitted"), "auto-replied", "{place}");
        assert!(from.ends_with("@ksyos.nl"), "{place}: sent by {from}");
        let number = header(text.as_bytes(), "X-Triaged-Case");
        let page = self.json(&["cases", "show", &number, "--json"]).unwrap();
        let id = header(text.as_bytes(), "Message-ID");
        let mails = page["mails"].as_array().unwrap();
        let row =
            mails.iter().find(|mail| mail["message_id"].as_str().is_some_and(|known| id.contains(known)));
        let row = row.unwrap_or_else(|| panic!("{place}: the case does not know {id}: {page}"));
        let known = row["kind"].as_str().unwrap_or_default();
        assert!(known == kind || (kind == "request" && known == "reminder"), "{place}: it is a {known}");
    }

    fn alert(&mut self, to: &str, kind: &str, place: &str) {
        let at = self.until(place, |story| {
            let letters = story.sink.mails();
            let mut untold = letters.iter().enumerate().filter(|(at, _)| !story.told.contains(at));
            untold
                .find(|(_, letter)| letter.to == to && header(&letter.bytes, "X-Triaged-Alert") == kind)
                .map(|(at, _)| at)
        });
        self.told.insert(at);
    }

    fn case(&mut self, number: &str, state: &str, rest: &[&str], place: &str) {
        let missing: Option<Vec<&str>> = rest
            .iter()
            .find_map(|word| word.strip_prefix("missing="))
            .map(|list| list.split(',').filter(|field| !field.is_empty()).collect());
        self.until(place, |story| {
            let page = story.json(&["cases", "show", number, "--json"])?;
            let overdue = !rest.contains(&"overdue") || page["overdue"] == Value::Bool(true);
            let fields: Vec<&str> = page["missing"].as_array()?.iter().filter_map(Value::as_str).collect();
            let right = missing.as_ref().is_none_or(|missing| *missing == fields);
            (page["state"] == state && overdue && right).then_some(())
        });
    }

    fn mails(&mut self, counts: &[&str], place: &str) {
        let wanted: BTreeMap<&str, usize> = counts
            .iter()
            .map(|count| count.split_once('=').unwrap())
            .map(|(word, n)| (word, n.parse().unwrap()))
            .collect();
        self.until(place, |story| {
            let list = story.json(&["mail", "list", "--json"])?;
            let list = list.as_array()?;
            let right = |(word, count): (&&str, &usize)| {
                list.iter().filter(|mail| mail["disposition"] == **word).count() == *count
            };
            wanted.iter().all(right).then_some(())
        });
    }

    fn quiet(&mut self, place: &str) {
        self.until(place, |story| {
            let status = story.json(&["status", "--json"])?;
            (status["outbox"]["waiting"] == 0 && status["seen"] == status["accounted"]).then_some(())
        });
        let letters = self.sink.mails();
        let untold: Vec<String> = letters
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.told.contains(at))
            .map(|(_, letter)| {
                format!("to {}: {}", letter.to, readable(&String::from_utf8_lossy(&letter.bytes)))
            })
            .collect();
        assert!(untold.is_empty(), "{place}: the story does not tell of\n{}", untold.join("\n"));
    }

    fn until<T>(&self, place: &str, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let end = std::time::Instant::now() + LIMIT;
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            if std::time::Instant::now() > end {
                let mails = self.json(&["mail", "list", "--json"]).unwrap_or_default();
                let cases = self.json(&["cases", "list", "--json"]).unwrap_or_default();
                let letters: Vec<String> = self
                    .sink
                    .mails()
                    .iter()
                    .map(|letter| format!("{} {}", letter.to, header(&letter.bytes, "Subject")))
                    .collect();
                panic!(
                    "{place}: did not happen\nmails {mails}\ncases {cases}\nletters {letters:#?}\n{}",
                    self.log()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn triaged(&self, arguments: &[&str], place: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .output()
            .unwrap();
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Option<Value> {
        let output = Command::new(env!("CARGO_BIN_EXE_triaged"))
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .output()
            .unwrap();
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        // Before its folder goes.
        drop(self.daemon.take());
    }
}

/// Stories also run on weekends: today is a working day for them.
fn today() -> Vec<String> {
    let output = Command::new("date").arg("+%F").env("TZ", "Europe/Amsterdam").output().unwrap();
    vec![String::from_utf8(output.stdout).unwrap().trim().to_owned()]
}

/// The unfolded value of a header.
fn header(mail: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(mail);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let prefix = format!("{}:", name.to_lowercase());
    head.lines()
        .find(|line| line.to_lowercase().starts_with(&prefix))
        .map(|line| line[prefix.len()..].trim().to_owned())
        .unwrap_or_default()
}

/// Subject and text of a letter, decoded.
fn readable(letter: &str) -> String {
    let message = triaged::mail::parse::parse(letter.as_bytes(), letter.len() as u64);
    format!("{}\n{}", message.subject, message.text)
}
