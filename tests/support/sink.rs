//! An SMTP server that takes mail and keeps it, or does as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use super::Certificates;

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: String,
    /// Without the dots that SMTP adds.
    pub bytes: Vec<u8>,
    pub at: Instant,
    /// Counts the connections from 0.
    pub connection: usize,
    /// The whole MAIL command.
    pub mail: String,
    /// It came over TLS.
    pub private: bool,
    /// The user who had logged in.
    pub user: Option<String>,
}

/// What the server does instead of the usual.
#[derive(Debug, Clone)]
pub enum Act {
    /// Gives this reply; only a 2xx goes on.
    Say(String),
    /// Closes the connection without a word.
    Drop,
    /// Says nothing, for ever.
    Hang,
}

/// Where it may act otherwise: `CONNECT`, the first word of a command, or `DOT` after the mail.
/// Gets the connection's number, that word and the whole line.
pub type Script = dyn Fn(usize, &str, &str) -> Option<Act> + Send + Sync;

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<Taken>>,
    more: Condvar,
}

/// How to be private, and who may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privacy {
    #[default]
    None,
    StartTls,
    Tls,
}

/// Takes mail until the test ends.
#[derive(Clone)]
pub struct SmtpSink {
    pub port: u16,
    kept: Arc<Kept>,
    tls: Tls,
    one_by_one: Arc<AtomicBool>,
}

/// What it shows of itself; another may come in its place.
type Tls = Arc<Mutex<Option<Arc<rustls::ServerConfig>>>>;

impl std::fmt::Debug for SmtpSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSink").field("port", &self.port).finish_non_exhaustive()
    }
}

struct Behaviour {
    script: Box<Script>,
    privacy: Privacy,
    tls: Tls,
    one_by_one: Arc<AtomicBool>,
    /// Base64 of SASL PLAIN, and the user's name.
    login: Option<(String, String)>,
}

impl SmtpSink {
    /// Takes everything.
    pub fn start() -> Self {
        Self::scripted(|_, _, _| None)
    }

    pub fn scripted(script: impl Fn(usize, &str, &str) -> Option<Act> + Send + Sync + 'static) -> Self {
        Self::run(Behaviour {
            script: Box::new(script),
            privacy: Privacy::None,
            tls: Tls::default(),
            one_by_one: Arc::default(),
            login: None,
        })
    }

    /// With TLS, and with a login where `plain` is the base64 of SASL PLAIN for `user`.
    pub fn private(certificates: &Certificates, privacy: Privacy, login: Option<(&str, &str)>) -> Self {
        Self::run(Behaviour {
            script: Box::new(|_, _, _| None),
            privacy,
            tls: Arc::new(Mutex::new(Some(certificates.server_config()))),
            one_by_one: Arc::default(),
            login: login.map(|(user, plain)| (plain.to_owned(), user.to_owned())),
        })
    }

    fn run(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tls, one_by_one) = (Arc::clone(&behaviour.tls), Arc::clone(&behaviour.one_by_one));
        let sink = Self { port, kept: Arc::default(), tls, one_by_one };
        let (kept, behaviour) = (Arc::clone(&sink.kept), Arc::new(behaviour));
        thread::spawn(move || {
            for (number, tcp) in listener.incoming().flatten().enumerate() {
                let (kept, behaviour) = (Arc::clone(&kept), Arc::clone(&behaviour));
                // A client that goes away in the middle is what these tests are about.
                thread::spawn(move || {
                    let _ = greet(tcp, number, &behaviour, &kept);
                });
            }
        });
        sink
    }

    /// From the next connection on it shows this certificate.
    pub fn renew(&self, certificates: &Certificates) {
        *self.tls.lock().unwrap() = Some(certificates.server_config());
    }

    /// From the next connection on it offers no PIPELINING (RFC 2920).
    #[must_use]
    pub fn one_by_one(self) -> Self {
        self.one_by_one.store(true, Ordering::Release);
        self
    }

    /// Everything that was taken so far.
    pub fn mails(&self) -> Vec<Taken> {
        self.kept.mails.lock().unwrap().clone()
    }

    /// Waits until so many mails were taken.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Taken> {
        let mails = self.kept.mails.lock().unwrap();
        let (mails, late) =
            self.kept.more.wait_timeout_while(mails, limit, |mails| mails.len() < count).unwrap();
        assert!(!late.timed_out(), "{} of {count} mails within {limit:?}", mails.len());
        mails.clone()
    }
}

pub(super) trait Both: Read + Write {}
impl<T: Read + Write> Both for T {}

struct Session<'a> {
    stream: BufReader<Box<dyn Both>>,
    number: usize,
    behaviour: &'a Behaviour,
    kept: &'a Kept,
    private: bool,
    user: Option<String>,
    mail: String,
    to: String,
}

fn tls(tcp: TcpStream, behaviour: &Behaviour) -> Box<dyn Both> {
    let config = Arc::clone(behaviour.tls.lock().unwrap().as_ref().unwrap());
    Box::new(StreamOwned::new(ServerConnection::new(config).unwrap(), tcp))
}

fn greet(tcp: TcpStream, number: usize, behaviour: &Behaviour, kept: &Kept) -> std::io::Result<()> {
    let _ = tcp.set_nodelay(true);
    let raw = tcp.try_clone()?;
    let private = behaviour.privacy == Privacy::Tls;
    let stream: Box<dyn Both> = if private { tls(tcp, behaviour) } else { Box::new(tcp) };
    let mut session = Session {
        stream: BufReader::new(stream),
        number,
        behaviour,
        kept,
        private,
        user: None,
        mail: String::new(),
        to: String::new(),
    };
    if !session.act("CONNECT", "", "220 sink ready")? {
        return Ok(());
    }
    while session.command(&raw)? {}
    Ok(())
}

/// What stands between the angle brackets of a MAIL or RCPT command.
fn path(line: &str) -> String {
    line.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned()
}

impl Session<'_> {
    fn say(&mut self, reply: &str) -> std::io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{reply}\r\n").as_bytes())?;
        stream.flush()
    }

    /// Replies as usual or as the script wants it. True: go on with the usual.
    fn act(&mut self, word: &str, line: &str, usual: &str) -> std::io::Result<bool> {
        match (self.behaviour.script)(self.number, word, line) {
            None => self.say(usual).map(|()| usual.starts_with(['2', '3'])),
            Some(Act::Say(reply)) => self.say(&reply).map(|()| reply.starts_with(['2', '3'])),
            Some(Act::Drop) => Err(std::io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Hang) => {
                thread::sleep(Duration::from_mins(10));
                Err(std::io::ErrorKind::TimedOut.into())
            }
        }
    }

    /// False: the session is over.
    fn command(&mut self, raw: &TcpStream) -> std::io::Result<bool> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let line = line.trim_end().to_owned();
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => {
                let mut offers = "250-sink\r\n250-8BITMIME\r\n".to_owned();
                if !self.behaviour.one_by_one.load(Ordering::Acquire) {
                    offers.push_str("250-PIPELINING\r\n");
                }
                if self.behaviour.privacy == Privacy::StartTls && !self.private {
                    offers.push_str("250-STARTTLS\r\n");
                } else if self.behaviour.login.is_some() {
                    offers.push_str("250-AUTH PLAIN LOGIN\r\n");
                }
                self.act("EHLO", &line, &format!("{offers}250 SIZE 50000000"))?;
            }
            "STARTTLS" => {
                if self.act("STARTTLS", &line, "220 go")? && self.behaviour.tls.lock().unwrap().is_some() {
                    self.stream = BufReader::new(tls(raw.try_clone()?, self.behaviour));
                    self.private = true;
                }
            }
            "AUTH" => {
                let (plain, user) = self.behaviour.login.clone().unwrap_or_default();
                if line.split(' ').nth(2) == Some(plain.as_str()) {
                    self.user = Some(user);
                    self.act("AUTH", &line, "235 welcome")?;
                } else {
                    self.act("AUTH", &line, "535 5.7.8 wrong")?;
                }
            }
            "MAIL" => {
                self.to.clear();
                if self.act("MAIL", &line, "250 ok")? {
                    self.mail.clone_from(&line);
                }
            }
            "RCPT" => {
                if self.act("RCPT", &line, "250 ok")? {
                    self.to = path(&line);
                }
            }
            "DATA" => {
                let usual = if self.to.is_empty() { "554 5.5.1 no valid recipients" } else { "354 go" };
                if self.act("DATA", &line, usual)? {
                    self.content()?;
                }
            }
            "QUIT" => {
                self.act("QUIT", &line, "221 bye")?;
                return Ok(false);
            }
            _ => {
                self.act(&word, &line, "250 ok")?;
            }
        }
        Ok(true)
    }

    fn content(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let taken = Taken {
            from: path(&self.mail),
            to: self.to.clone(),
            bytes,
            at: Instant::now(),
            connection: self.number,
            mail: self.mail.clone(),
            private: self.private,
            user: self.user.clone(),
        };
        // Kept before it is said, so that whoever hears the reply finds the mail.
        let before = match (self.behaviour.script)(self.number, "DOT", "") {
            None => true,
            Some(Act::Say(reply)) => reply.starts_with('2'),
            Some(Act::Drop | Act::Hang) => false,
        };
        if before {
            self.kept.mails.lock().unwrap().push(taken);
            self.kept.more.notify_all();
        }
        self.act("DOT", "", "250 taken").map(|_| ())
    }
}
