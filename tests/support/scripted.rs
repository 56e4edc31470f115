//! An IMAP server that follows a script: for what no real server does when it is asked to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does after a command.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These lines (each gets CRLF), then `TAG OK`.
    Ok(Vec<u8>),
    /// These bytes and nothing else; `TAG` in it stands for the tag.
    Raw(Vec<u8>),
    /// These bytes, then the connection is closed.
    Close(Vec<u8>),
    /// Nothing, for ever.
    Hang,
}

impl Answer {
    pub fn ok(lines: &str) -> Self {
        Self::Ok(lines.as_bytes().to_vec())
    }

    pub fn raw(text: &str) -> Self {
        Self::Raw(text.as_bytes().to_vec())
    }

    pub fn close(text: &str) -> Self {
        Self::Close(text.as_bytes().to_vec())
    }
}

/// Decides on the answer to a command (without its tag); the number counts the connections from 0.
pub type Script = dyn Fn(usize, &str) -> Answer + Send + Sync;

/// Answers by its script until the test ends.
#[derive(Debug, Clone)]
pub struct ScriptedImap {
    pub port: u16,
    commands: Arc<Mutex<Vec<String>>>,
}

impl ScriptedImap {
    /// CAPABILITY, LOGIN, EXAMINE and LOGOUT are answered well where the script says `None`.
    pub fn start(script: impl Fn(usize, &str) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), commands: Arc::default() };
        let (commands, script) = (Arc::clone(&server.commands), Arc::new(script));
        thread::spawn(move || {
            for (number, tcp) in listener.incoming().flatten().enumerate() {
                let (commands, script) = (Arc::clone(&commands), Arc::clone(&script));
                thread::spawn(move || {
                    let answer = |command: &str| {
                        commands.lock().unwrap().push(command.to_owned());
                        script(number, command).unwrap_or_else(|| usual(command))
                    };
                    // A client that goes away in the middle is what these tests are about.
                    let _ = serve(tcp, answer);
                });
            }
        });
        server
    }

    /// All commands so far, without tags.
    pub fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }
}

fn usual(command: &str) -> Answer {
    match command.split(' ').next().unwrap_or_default() {
        "GREETING" => Answer::raw("* OK ready\r\n"),
        "CAPABILITY" => Answer::ok("* CAPABILITY IMAP4rev1 IDLE\r\n"),
        "EXAMINE" => Answer::ok("* 3 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT 10] ok\r\n"),
        "LOGIN" | "LOGOUT" | "DONE" => Answer::ok(""),
        _ => Answer::raw("TAG BAD not in the script\r\n"),
    }
}

fn serve(tcp: TcpStream, answer: impl Fn(&str) -> Answer) -> std::io::Result<()> {
    let mut tcp = BufReader::new(tcp);
    let mut idle = String::new();
    let mut next = ("GREETING".to_owned(), String::new());
    loop {
        let (command, tag) = &next;
        let bytes = match answer(command) {
            Answer::Ok(mut lines) => {
                let tag = if command == "DONE" { &idle } else { tag };
                lines.extend_from_slice(format!("{tag} OK done\r\n").as_bytes());
                lines
            }
            Answer::Raw(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text.replace("TAG", tag).into_bytes(),
                Err(bytes) => bytes.into_bytes(),
            },
            Answer::Close(bytes) => return tcp.get_mut().write_all(&bytes),
            Answer::Hang => {
                thread::sleep(Duration::from_mins(10));
                return Ok(());
            }
        };
        tcp.get_mut().write_all(&bytes)?;
        let mut line = String::new();
        if tcp.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        next = match line.split_once(' ') {
            Some((tag, command)) => (command.to_owned(), tag.to_owned()),
            None => (line.to_owned(), String::new()),
        };
        if next.0 == "IDLE" {
            idle.clone_from(&next.1);
        }
    }
}
