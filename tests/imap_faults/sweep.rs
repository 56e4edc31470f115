//! The daemon over mailboxes whose servers each slip once, in every way at every moment of a session:
//! one mailbox for each, all in one daemon, and one whose server never slips.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::slip::{Mailbox, Slip, SlippingImap};
use crate::support::{Certificates, Running};

/// Every command that the daemon sends from its greeting to the end of a wait.
const MOMENTS: [&str; 15] = [
    "GREETING",
    "STARTTLS",
    "LOGIN",
    "AUTHENTICATE",
    "CAPABILITY",
    "LIST",
    "EXAMINE INBOX",
    "STATUS",
    "list of INBOX",
    "mails of INBOX",
    "IDLE",
    "DONE",
    "EXAMINE Sent",
    "list of Sent",
    "mails of Sent",
];

const SLIPS: [Slip; 9] = [
    Slip::No,
    Slip::Bad,
    Slip::Bye,
    Slip::Half,
    Slip::Gone,
    Slip::Malformed,
    Slip::Literal,
    Slip::Endless,
    Slip::Slow,
];

const LIMIT: Duration = Duration::from_mins(3);

/// What the daemon may hold at its worst. Each of 30 servers floods it with 400 MB or more; unmeasured
/// one of them alone takes more than this.
const MEMORY: u64 = 256 * 1024 * 1024;

struct Case {
    name: String,
    slip: Option<(&'static str, Slip)>,
    server: SlippingImap,
}

fn mail(id: &str, subject: &str) -> String {
    format!(
        "Return-Path: <{id}@example.org>\r\nFrom: Persoon {id} <{id}@example.org>\r\n\
         Subject: {subject}\r\nMessage-ID: <{id}@example.org>\r\n\r\n\
         Goedendag,\r\n\r\nIk heb een vraag over mijn holteronderzoek: waarom duurt het zo lang?\r\n"
    )
}

/// In the inbox two people, in Sent an answer to the first.
fn case(number: usize, slip: Option<(&'static str, Slip)>, certificates: &Certificates) -> Case {
    let name = format!("box{number}");
    let answer = format!(
        "From: {name}@ksyos.nl\r\nTo: {name}.a@example.org\r\nSubject: Re: vraag\r\n\
         Message-ID: <{name}.s@ksyos.nl>\r\nIn-Reply-To: <{name}.a@example.org>\r\n\r\nDat zoek ik uit.\r\n"
    );
    let date = triaged::clock::Clock::system().now().format("%d-%b-%Y %H:%M:%S +0000").to_string();
    let tls = slip.is_some_and(|(moment, _)| moment == "STARTTLS").then(|| certificates.server_config());
    let inbox = [mail(&format!("{name}.a"), "vraag"), mail(&format!("{name}.b"), "nog een vraag")];
    let server = SlippingImap::start(Mailbox { inbox, sent: answer, slip, tls, date });
    Case { name, slip, server }
}

fn cases(certificates: &Certificates) -> Vec<Case> {
    let slips = MOMENTS.iter().flat_map(|moment| SLIPS.map(|slip| Some((*moment, slip))));
    std::iter::once(None)
        .chain(slips)
        .enumerate()
        .map(|(number, slip)| case(number, slip, certificates))
        .collect()
}

fn lay_out(dir: &Path, cases: &[Case], certificates: &Certificates) {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let mut config = format!(
        "rules = {rules:?}\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[outbox]\ndirectory = \"outbox\"\n"
    );
    fs::write(dir.join("password"), "geheim").unwrap();
    // LOGIN cannot carry it.
    fs::write(dir.join("foreign"), "gehéim").unwrap();
    for Case { name, slip, server } in cases {
        let moment = slip.map(|(moment, _)| moment);
        let security = if moment == Some("STARTTLS") { "starttls" } else { "none" };
        let password = if moment == Some("AUTHENTICATE") { "foreign" } else { "password" };
        let _ = write!(
            config,
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"account\"\n\
             coordinators = [\"team@ksyos.nl\"]\nstart = \"all\"\n[mailbox.imap]\nhost = \"localhost\"\n\
             port = {}\nsecurity = \"{security}\"\nca_file = \"{}\"\nuser = \"{name}\"\n\
             password_file = \"{password}\"\nsent_folder = \"auto\"\npoll = 1\n",
            server.port,
            certificates.ca().display(),
        );
    }
    fs::write(dir.join("triaged.toml"), config).unwrap();
}

struct Daemon(Running);

impl Daemon {
    fn start(dir: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
        command.args(["run"]).current_dir(dir).env_remove("TRIAGED_CONFIG");
        Self(Running::start(&mut command, &dir.join("log")))
    }

    /// Resident memory at its highest, in bytes.
    fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

fn json(dir: &Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    let output = command.args(arguments).current_dir(dir).env_remove("TRIAGED_CONFIG").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Everything is in, and no mailbox is in trouble any more.
fn settled(status: &Value, mails: usize) -> bool {
    let well = |mailboxes: &Vec<Value>| mailboxes.iter().all(|mailbox| mailbox["error"].is_null());
    status["seen"] == mails
        && status["accounted"] == mails
        && status["ready"] == true
        && status["outbox"]["waiting"] == 0
        && status["mailboxes"].as_array().is_some_and(well)
}

#[test]
fn a_server_that_slips_once_at_any_moment_costs_no_mail_and_nobody_elses() {
    let certificates = Certificates::new();
    let cases = cases(&certificates);
    let dir = tempfile::tempdir().unwrap();
    lay_out(dir.path(), &cases, &certificates);
    let daemon = Daemon::start(dir.path());
    let begun = Instant::now();
    loop {
        let status = json(dir.path(), &["status", "--json"]);
        if settled(&status, 3 * cases.len())
            && cases.iter().all(|case| case.server.slipped() || case.slip.is_none())
        {
            break;
        }
        if begun.elapsed() > LIMIT {
            let open: Vec<_> =
                cases.iter().filter(|case| !case.server.slipped()).map(|case| case.slip).collect();
            panic!("not settled; the moment never came for {open:?}:\n{status:#}");
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let peak = daemon.peak();
    eprintln!("{} mailboxes in {:?}, {} MiB at most", cases.len(), begun.elapsed(), peak >> 20);
    assert!(peak < MEMORY, "{} MiB", peak >> 20);
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(!log.contains("a fault of the program"), "a panic:\n{log}");
    assert_eq!(cases[0].server.sessions(), 1, "a server that does all right is not left");
    taken_in_once(dir.path(), &cases);
}

/// Both people's mails and the answer, each once, and each person has one letter.
fn taken_in_once(dir: &Path, cases: &[Case]) {
    let mut mails: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in json(dir, &["mail", "list", "--json"]).as_array().unwrap() {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let told = format!("{} {} {}", text("folder"), text("message_id"), text("disposition"));
        mails.entry(text("mailbox")).or_default().push(told);
    }
    let letters: Vec<String> = fs::read_dir(dir.join("outbox"))
        .unwrap()
        .filter_map(|file| fs::read_to_string(file.unwrap().path()).ok())
        .filter(|text| !text.contains("X-Triaged-Alert:"))
        .collect();
    let answered = json(dir, &["cases", "list", "--state", "answered", "--json"]);
    for Case { name, slip, .. } in cases {
        let mut found = mails.remove(name).unwrap_or_default();
        found.sort();
        let wanted = [
            format!("INBOX {name}.a@example.org case"),
            format!("INBOX {name}.b@example.org case"),
            format!("Sent {name}.s@ksyos.nl staff_reply"),
        ];
        assert_eq!(found, wanted, "{slip:?}");
        for person in ["a", "b"] {
            let to = format!("To: {name}.{person}@example.org");
            let count = letters.iter().filter(|text| text.lines().any(|line| line.contains(&to))).count();
            assert_eq!(count, 1, "{slip:?}: letters to {to}");
        }
        let contact = format!("{name}.a@example.org");
        let stopped = answered.as_array().unwrap().iter().filter(|case| case["contact"] == contact.as_str());
        assert_eq!(stopped.count(), 1, "{slip:?}: the answer stops the clock");
    }
}
