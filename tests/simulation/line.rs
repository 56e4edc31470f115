//! The way out: a server that accepts, puts off, refuses, hangs, and loses the line after the final
//! dot; and what it truly received.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use triaged::mail::{Sender, Sent};

use super::rounds::pause;
use super::world::World;

/// What became of an attempt at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The mail is there, whatever the program heard of it.
    Delivered,
    Refused,
    PutOff,
    /// The line was lost after the final dot and the mail with it.
    Lost,
}

/// One attempt to send, as the far end saw it.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub house: usize,
    pub to: String,
    /// Message-ID of the mail.
    pub id: String,
    pub in_reply_to: Option<String>,
    pub number: Option<String>,
    /// Of an alert: which.
    pub alert: Option<String>,
    /// When it was written, by its Date.
    pub written: DateTime<Utc>,
    pub fate: Fate,
    pub bytes: Vec<u8>,
}

impl Attempt {
    pub fn is_answer(&self) -> bool {
        self.alert.is_none()
    }
}

fn header(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let value = head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
    Some(value.trim().trim_matches(['<', '>']).to_owned())
}

#[derive(Debug)]
pub struct FakeSender {
    pub world: Arc<World>,
    pub house: usize,
}

/// What the server does with a mail.
#[derive(Debug, Clone, Copy)]
enum Way {
    Accept,
    Defer,
    Refuse { recipient: bool },
    Hang,
    LoseAfterDot { there: bool },
}

impl FakeSender {
    fn way(&self, to: &str) -> Way {
        let mut state = self.world.lock();
        if state.dead.contains(to) {
            return Way::Refuse { recipient: true };
        }
        let weather = state.weather.clone();
        if weather.server_away || state.chance.permille(weather.defers) {
            return Way::Defer;
        }
        if state.chance.permille(weather.loses_line) {
            return Way::LoseAfterDot { there: state.chance.permille(500) };
        }
        if state.chance.permille(weather.hangs) {
            return Way::Hang;
        }
        if state.chance.permille(weather.refuses) {
            return Way::Refuse { recipient: state.chance.permille(700) };
        }
        Way::Accept
    }

    fn note(&self, to: &str, bytes: &[u8], fate: Fate) {
        let text = String::from_utf8_lossy(bytes);
        let written = header(&text, "Date").and_then(|date| DateTime::parse_from_rfc2822(&date).ok());
        let mut state = self.world.lock();
        let attempt = Attempt {
            house: self.house,
            to: to.to_owned(),
            id: header(&text, "Message-ID").unwrap_or_default(),
            in_reply_to: header(&text, "In-Reply-To"),
            number: header(&text, "X-Triaged-Case"),
            alert: header(&text, "X-Triaged-Alert"),
            written: written.map(|date| date.to_utc()).unwrap_or_default(),
            fate,
            bytes: bytes.to_vec(),
        };
        let kind = attempt.alert.clone().map_or("answer".to_owned(), |alert| format!("alert {alert}"));
        let number = attempt.number.clone().unwrap_or_default();
        state.tell(&format!("{}: {kind} {number} to {to}: {fate:?}", house_name(self.house)));
        state.attempts.push(attempt);
        if fate == Fate::Delivered {
            super::people::react(&mut state);
        }
    }
}

pub fn house_name(house: usize) -> &'static str {
    ["A", "B"][house]
}

impl Sender for FakeSender {
    async fn send(&mut self, _from: &str, to: &str, bytes: &[u8]) -> Sent {
        pause().await;
        let away = || "the server is away".to_owned();
        match self.way(to) {
            Way::Accept => {
                self.note(to, bytes, Fate::Delivered);
                // Between the 250 and our commit.
                pause().await;
                Sent::Accepted
            }
            Way::Defer => {
                self.note(to, bytes, Fate::PutOff);
                Sent::Deferred { what: away() }
            }
            Way::Refuse { recipient } => {
                self.note(to, bytes, Fate::Refused);
                pause().await;
                Sent::Refused { what: "550 no".to_owned(), recipient }
            }
            Way::Hang => {
                pause().await;
                let clock = self.world.lock().clock.clone();
                clock.jump(clock.now() + TimeDelta::seconds(240));
                self.note(to, bytes, Fate::PutOff);
                Sent::Deferred { what: away() }
            }
            Way::LoseAfterDot { there } => {
                self.note(to, bytes, if there { Fate::Delivered } else { Fate::Lost });
                pause().await;
                Sent::Uncertain { what: "the connection was lost".to_owned() }
            }
        }
    }

    async fn rest(&mut self) {}
}

impl Attempt {
    /// For a fault.
    pub fn what(&self) -> String {
        let number = self.number.as_deref().unwrap_or("no case");
        format!("{} about {number} to {}", self.alert.as_deref().unwrap_or("an answer"), self.to)
    }
}
