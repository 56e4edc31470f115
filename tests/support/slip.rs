//! An IMAP server of one mailbox that does everything right, save for one slip at one moment.
//!
//! In its inbox is one mail from the start; another comes with the first IDLE. In Sent is one mail.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::sink::Both;

/// What it does once instead of the right answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    No,
    Bad,
    /// Says good-bye and closes the connection.
    Bye,
    /// Closes it in the middle of the answer.
    Half,
    /// Closes it without a word.
    Gone,
    /// A line that is no IMAP, and then the right answer.
    Malformed,
    /// Announces a literal of 400 MB and sends it.
    Literal,
    /// 600 MB without the end of a line.
    Endless,
    /// The right answer, a byte every 200 ms at first.
    Slow,
}

/// Bytes of a slow answer that each take their time; in all it stays under ten seconds.
const SLOW: usize = 45;

/// The mails of both folders, and when the server is to slip.
pub struct Mailbox {
    pub inbox: [String; 2],
    pub sent: String,
    pub slip: Option<(&'static str, Slip)>,
    /// For STARTTLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// As INTERNALDATE of every mail.
    pub date: String,
}

struct State {
    mailbox: Mailbox,
    slipped: bool,
    /// The second mail is there.
    second: bool,
    sessions: usize,
}

/// Runs until the test ends.
pub struct SlippingImap {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl SlippingImap {
    pub fn start(mailbox: Mailbox) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { mailbox, slipped: false, second: false, sessions: 0 }));
        let server = Self { port, state: Arc::clone(&state) };
        thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                // A client that goes away in the middle is what these tests are about.
                thread::spawn(move || drop(Session::serve(&tcp, &state)));
            }
        });
        server
    }

    /// The moment came, and the server slipped.
    pub fn slipped(&self) -> bool {
        self.state.lock().unwrap().slipped
    }

    /// Connections so far.
    pub fn sessions(&self) -> usize {
        self.state.lock().unwrap().sessions
    }
}

struct Session<'a> {
    wire: BufReader<Box<dyn Both>>,
    state: &'a Mutex<State>,
    folder: String,
    idle: String,
}

impl Session<'_> {
    fn serve(tcp: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        tcp.set_write_timeout(Some(Duration::from_secs(30)))?;
        state.lock().unwrap().sessions += 1;
        let wire: BufReader<Box<dyn Both>> = BufReader::new(Box::new(tcp.try_clone()?));
        let mut session = Session { wire, state, folder: String::new(), idle: String::new() };
        session.answer("GREETING", "*", b"* OK ready\r\n")?;
        loop {
            let mut line = String::new();
            if session.wire.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let (tag, command) = line.split_once(' ').unwrap_or(("", line));
            session.command(tcp, tag, command)?;
        }
    }

    fn command(&mut self, tcp: &TcpStream, tag: &str, command: &str) -> io::Result<()> {
        let word = command.split(' ').next().unwrap_or_default();
        if word == "EXAMINE" {
            command.trim_start_matches("EXAMINE ").trim_matches('"').clone_into(&mut self.folder);
        }
        let folder = self.folder.clone();
        let (tag, moment) = match word {
            "DONE" => (self.idle.clone(), "DONE".to_owned()),
            "EXAMINE" => (tag.to_owned(), command.replace('"', "")),
            "UID" if command.contains("BODY.PEEK") => (tag.to_owned(), format!("mails of {folder}")),
            "UID" => (tag.to_owned(), format!("list of {folder}")),
            word => (tag.to_owned(), word.to_owned()),
        };
        let mut right = self.right(word, command);
        match word {
            "AUTHENTICATE" => right = b"+ \r\n".to_vec(),
            "IDLE" => self.idle.clone_from(&tag),
            _ => right.extend_from_slice(format!("{tag} OK done\r\n").as_bytes()),
        }
        if !self.answer(&moment, &tag, &right)? {
            return Ok(());
        }
        match word {
            "AUTHENTICATE" => {
                self.wire.read_line(&mut String::new())?;
                self.say(format!("{tag} OK done\r\n").as_bytes())?;
            }
            "STARTTLS" => {
                let config = self.state.lock().unwrap().mailbox.tls.clone().unwrap();
                let tls = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp.try_clone()?);
                self.wire = BufReader::new(Box::new(tls));
            }
            _ => {}
        }
        Ok(())
    }

    /// The untagged part of the right answer.
    fn right(&self, word: &str, command: &str) -> Vec<u8> {
        let mut state = self.state.lock().unwrap();
        let inbox = usize::from(state.second) + 1;
        let text = match word {
            "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE\r\n".to_owned(),
            "LIST" => "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Sent\r\n".to_owned(),
            "STATUS" => "* STATUS Sent (UIDVALIDITY 7 UIDNEXT 2)\r\n".to_owned(),
            "EXAMINE" => {
                let (count, validity) = if self.folder == "INBOX" { (inbox, 5) } else { (1, 7) };
                format!(
                    "* {count} EXISTS\r\n* OK [UIDVALIDITY {validity}] ok\r\n* OK [UIDNEXT {}] ok\r\n",
                    count + 1
                )
            }
            "IDLE" if state.second => "+ idling\r\n".to_owned(),
            "IDLE" => {
                state.second = true;
                "+ idling\r\n* 2 EXISTS\r\n".to_owned()
            }
            "UID" => {
                let mails: Vec<&String> = match self.folder.as_str() {
                    "INBOX" => state.mailbox.inbox.iter().take(inbox).collect(),
                    _ => vec![&state.mailbox.sent],
                };
                fetched(command, &mails, &state.mailbox.date)
            }
            _ => String::new(),
        };
        text.into_bytes()
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.get_mut().write_all(bytes)?;
        self.wire.get_mut().flush()
    }

    /// The right answer, or the slip. False: the command failed.
    fn answer(&mut self, moment: &str, tag: &str, right: &[u8]) -> io::Result<bool> {
        let mut state = self.state.lock().unwrap();
        let slip = state.mailbox.slip.filter(|(at, _)| !state.slipped && *at == moment);
        state.slipped |= slip.is_some();
        drop(state);
        let closed = || Err(io::ErrorKind::ConnectionAborted.into());
        match slip.map(|(_, slip)| slip) {
            None => self.say(right).map(|()| true),
            Some(Slip::No) => self.say(format!("{tag} NO not now\r\n").as_bytes()).map(|()| false),
            Some(Slip::Bad) => self.say(format!("{tag} BAD what\r\n").as_bytes()).map(|()| false),
            Some(Slip::Bye) => self.say(b"* BYE shutting down\r\n").and_then(|()| closed()),
            Some(Slip::Half) => self.say(&right[..right.len() / 2]).and_then(|()| closed()),
            Some(Slip::Gone) => closed(),
            Some(Slip::Malformed) => {
                self.say(b"* 1 FETCH (UID 1 BODY[] \x01\x02)))\r\n")?;
                self.say(right).map(|()| true)
            }
            Some(Slip::Literal) => {
                self.say(b"* 1 FETCH (UID 1 BODY[] {400000000}\r\n")?;
                self.flood(400).and_then(|()| closed())
            }
            Some(Slip::Endless) => self.say(b"* OK ").and_then(|()| self.flood(600)).and_then(|()| closed()),
            Some(Slip::Slow) => {
                let (slow, rest) = right.split_at(right.len().min(SLOW));
                for byte in slow {
                    self.say(&[*byte])?;
                    thread::sleep(Duration::from_millis(200));
                }
                self.say(rest).map(|()| true)
            }
        }
    }

    fn flood(&mut self, megabytes: usize) -> io::Result<()> {
        let some = vec![b'a'; 1_000_000];
        (0..megabytes).try_for_each(|_| self.say(&some))
    }
}

/// What FETCH answers, of mails whose UIDs count from 1.
fn fetched(command: &str, mails: &[&String], date: &str) -> String {
    let (set, items) = command.trim_start_matches("UID FETCH ").split_once(' ').unwrap();
    let mut text = String::new();
    for uid in (1..=mails.len()).filter(|uid| holds(set, *uid, mails.len())) {
        let mail = mails[uid - 1];
        let mut parts = vec![format!("UID {uid}")];
        if items.contains("INTERNALDATE") {
            parts.push(format!("INTERNALDATE \"{date}\""));
        }
        if items.contains("RFC822.SIZE") {
            parts.push(format!("RFC822.SIZE {}", mail.len()));
        }
        if let Some((_, section)) = items.split_once("BODY.PEEK[") {
            let header = section.starts_with("HEADER]");
            let whole = if header { &mail[..mail.find("\r\n\r\n").unwrap() + 4] } else { mail.as_str() };
            let from = section.split_once('<').and_then(|(_, rest)| rest.split('.').next()?.parse().ok());
            let piece = from.map_or(whole, |from: usize| whole.get(from..).unwrap_or_default());
            let name = if header { "HEADER" } else { "" };
            let at = from.map(|from| format!("<{from}>")).unwrap_or_default();
            parts.push(format!("BODY[{name}]{at} {{{}}}\r\n{piece}", piece.len()));
        }
        let _ = write!(text, "* {uid} FETCH ({})\r\n", parts.join(" "));
    }
    text
}

/// Whether a sequence set holds it; `*` is the last of all, also where that is below the other end.
fn holds(set: &str, uid: usize, last: usize) -> bool {
    let number = |text: &str| if text == "*" { last } else { text.parse().unwrap() };
    set.split(',').any(|run| {
        let (one, other) = run.split_once(':').unwrap_or((run, run));
        let (one, other) = (number(one), number(other));
        (one.min(other)..=one.max(other)).contains(&uid)
    })
}
