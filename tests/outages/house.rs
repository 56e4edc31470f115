//! One daemon in a folder of its own, with mailboxes at any servers and a sink as the way out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Running, SmtpSink, eventually};

pub const LIMIT: Duration = Duration::from_mins(2);

/// A mailbox at a server.
pub struct Place {
    pub name: &'static str,
    pub user: &'static str,
    pub folder: &'static str,
    pub sent: &'static str,
    pub port: u16,
    /// With the root certificate of the server; in the clear without.
    pub ca: Option<PathBuf>,
    pub password_file: PathBuf,
}

fn mailbox(name: &str) -> String {
    format!(
        "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"account\"\n\
         coordinators = [\"team@ksyos.nl\"]\nstart = \"all\"\n"
    )
}

pub struct House {
    dir: tempfile::TempDir,
    pub sink: SmtpSink,
    daemon: Option<Running>,
}

impl House {
    /// Lays the folder out and starts the daemon.
    pub fn start(places: &[Place], sink: SmtpSink) -> Self {
        let mut mailboxes = String::new();
        for place in places {
            let security = match &place.ca {
                Some(ca) => format!("security = \"tls\"\nca_file = \"{}\"", ca.display()),
                None => "security = \"none\"".to_owned(),
            };
            let _ = write!(
                mailboxes,
                "{}[mailbox.imap]\nhost = \"localhost\"\nport = {}\n{security}\nuser = \"{}\"\n\
                 password_file = \"{}\"\nfolder = \"{}\"\nsent_folder = \"{}\"\npoll = 1\n",
                mailbox(place.name),
                place.port,
                place.user,
                place.password_file.display(),
                place.folder,
                place.sent,
            );
        }
        Self::lay_out(&mailboxes, sink, None)
    }

    /// With a Maildir for its only mailbox, and with this password for the way out.
    pub fn at_home(sink: SmtpSink, password: Option<&str>) -> Self {
        Self::lay_out(&format!("{}[mailbox.maildir]\npath = \"mail\"\n", mailbox("info")), sink, password)
    }

    fn lay_out(mailboxes: &str, sink: SmtpSink, password: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["new", "cur", "tmp"] {
            fs::create_dir_all(dir.path().join("mail").join(folder)).unwrap();
        }
        let login = password.map_or("", |password| {
            fs::write(dir.path().join("smtp-password"), password).unwrap();
            "user = \"triage\"\npassword_file = \"smtp-password\"\n"
        });
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let config = format!(
            "rules = {rules:?}\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[smtp]\nhost = \"127.0.0.1\"\n\
             port = {}\nsecurity = \"none\"\n{login}{mailboxes}",
            sink.port
        );
        fs::write(dir.path().join("triaged.toml"), config).unwrap();
        let mut house = Self { dir, sink, daemon: None };
        house.restart();
        house
    }

    /// Puts a mail into the Maildir.
    pub fn deliver(&self, name: &str, mail: &str) {
        let folder = self.path().join("mail");
        fs::write(folder.join("tmp").join(name), mail).unwrap();
        fs::rename(folder.join("tmp").join(name), folder.join("new").join(name)).unwrap();
    }

    pub fn daemon_id(&self) -> u32 {
        self.daemon.as_ref().unwrap().0.id()
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// SIGKILL where it runs, and a new start.
    pub fn restart(&mut self) {
        self.stop();
        self.daemon = Some(Running::start(&mut self.triaged(&["run"]), &self.path().join("log")));
    }

    fn stop(&mut self) {
        drop(self.daemon.take());
    }

    fn triaged(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
        command.args(arguments).current_dir(self.path()).env_remove("TRIAGED_CONFIG");
        command
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.triaged(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// Waits until `status` shows it.
    pub fn until(&self, what: &str, found: impl Fn(&Value) -> bool) -> Value {
        let mut status = Value::Null;
        let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually(what, LIMIT, || {
                status = self.json(&["status", "--json"]);
                found(&status).then_some(()).or_else(|| {
                    std::thread::sleep(Duration::from_millis(100));
                    None
                })
            });
        }));
        assert!(seen.is_ok(), "{what}: {status:#}\n{}", self.log());
        status
    }

    /// Waits until so many mails are in, accounted for, and all that is to go out is gone.
    pub fn until_in(&self, mails: usize) {
        self.until("every mail is in and every answer gone", |status| {
            status["seen"] == mails && status["accounted"] == mails && status["outbox"]["waiting"] == 0
        });
    }

    /// Each of these mails was taken in exactly once as this, and no other.
    pub fn has_exactly(&self, wanted: &[(&str, &str)]) {
        let mut found = BTreeMap::new();
        for row in self.json(&["mail", "list", "--json"]).as_array().unwrap() {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            *found.entry((text("message_id"), text("disposition"))).or_insert(0) += 1;
        }
        let owned = |(id, disposition): &(&str, &str)| (((*id).to_owned(), (*disposition).to_owned()), 1);
        assert_eq!(found, wanted.iter().map(owned).collect());
    }

    /// The letters that reached an address.
    pub fn letters(&self, to: &str) -> Vec<String> {
        let mails = self.sink.mails().into_iter().filter(|mail| mail.to == to);
        mails.map(|mail| String::from_utf8_lossy(&mail.bytes).into_owned()).collect()
    }

    /// The case of a person.
    pub fn case(&self, contact: &str) -> Value {
        let cases = self.json(&["cases", "list", "--json"]);
        let of_them: Vec<&Value> =
            cases.as_array().unwrap().iter().filter(|case| case["contact"] == contact).collect();
        assert_eq!(of_them.len(), 1, "cases of {contact}: {cases:#}");
        of_them[0].clone()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What `status` says is wrong with a mailbox.
pub fn error<'a>(status: &'a Value, name: &str) -> Option<&'a str> {
    let mailboxes = status["mailboxes"].as_array()?;
    mailboxes.iter().find(|mailbox| mailbox["name"] == name)?["error"].as_str()
}

/// A question of one person; its Message-ID is their address.
pub fn mail(person: &str) -> String {
    format!(
        "Return-Path: <{person}@example.org>\r\nFrom: Persoon {person} <{person}@example.org>\r\n\
         Subject: vraag\r\nMessage-ID: <{person}@example.org>\r\n\r\n\
         Goedendag,\r\n\r\nIk heb een vraag over mijn holteronderzoek: waarom duurt het zo lang?\r\n"
    )
}
