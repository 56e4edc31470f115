//! A machine's mail? Says so with the sign that showed it.
//!
//! Follows RFC 3834, 3464, 8098, 5230 §4.6, 2919 and practice; the signs that are words or header
//! values stand in `rules/machines.toml`. Never answers in doubt, never ignores in doubt: what is
//! between is for a person to look at. Knows no cases and no coordinators: `decide` does.

mod body;
mod results;
mod rules;
mod structure;

use serde::Serialize;

pub use self::results::{Author, author};
pub use self::rules::{Action, MachineRules, Machines, SignRules};
use super::message::{Legibility, Message, ReturnPath};
use super::surroundings::Surroundings;
use super::text::{Sections, Zone};

/// What the screen says of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// A person wrote it and may be answered.
    Person,
    /// A machine's: recorded, not answered.
    Machine { reason: String },
    /// A person must look; no automatic answer.
    Review { reason: String },
}

/// One sign that was looked for and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// What it says of the mail: `auto_reply`, `bounce`, …
    pub reason: String,
    /// What was seen, without personal data: `Auto-Submitted: auto-replied`.
    pub seen: String,
}

/// The verdict and what led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Screening {
    #[serde(flatten)]
    pub verdict: Verdict,
    pub signs: Vec<Sign>,
}

/// How much a sign proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    /// By itself that the mail is a machine's.
    Proof,
    /// As much, unless the mail plainly is a person's that a rule passed on.
    Weak,
    /// A way to unsubscribe: as much as a proof, but for a letter that answers one.
    Unsubscribe,
    /// A null return path: never to be answered (RFC 3834 §2), and hardly ever a person's.
    Null,
    /// Something only together with another.
    Hint,
    /// As a hint, but out of the subject alone: people write such a line over a request too.
    Subject,
    /// As a hint, but out of the text alone: people write such words too.
    Words,
    /// That a person must look.
    Look,
    /// That a person's words lie elsewhere, behind this notice.
    Notice,
}

/// A sign and its force.
#[derive(Debug)]
struct Evidence {
    sign: Sign,
    force: Force,
}

impl Evidence {
    fn new(reason: &str, force: Force, seen: String) -> Self {
        Self { sign: Sign { reason: reason.to_owned(), seen }, force }
    }

    fn is_hint(&self) -> bool {
        matches!(self.force, Force::Hint | Force::Subject | Force::Words)
    }
}

/// Looks for every sign.
#[must_use]
pub fn screen(
    message: &Message,
    sections: &Sections,
    machines: &Machines,
    surroundings: &Surroundings,
) -> Screening {
    let mut found = Vec::new();
    structure::find(message, surroundings, &mut found);
    let written = words_of(message, sections, &[Zone::Own, Zone::Signature, Zone::Boilerplate]);
    // "Wij zijn gesloten van 12 tot 16 oktober" under a letter's name tells of the sender's office.
    let said = words_of(message, sections, &[Zone::Own, Zone::Boilerplate]);
    let own = sections.of(&[Zone::Own]).filter_map(|section| message.text.get(section.span.clone()));
    let letter = own.flat_map(str::split_whitespace).take(LETTER).count() == LETTER;
    machines.find(message, if letter { &said } else { &written }, &mut found);
    if let Some(seen) = structure::own_mail(message, surroundings) {
        found.push(Evidence::new("own_mail", Force::Proof, seen.into()));
    }
    if results::dmarc_failed(message, surroundings) {
        found.push(Evidence::new("spam", Force::Look, "Authentication-Results: dmarc=fail".into()));
    }
    for (reason, seen) in out_of_reach(message, sections, machines) {
        found.push(Evidence::new(reason, Force::Look, seen.into()));
    }
    let mail = Mail { message, sections, machines, surroundings, written: &written };
    let verdict = mail.verdict(&found);
    Screening { verdict, signs: found.into_iter().map(|evidence| evidence.sign).collect() }
}

/// Nobody to answer, or nothing that can be read.
fn out_of_reach(
    message: &Message,
    sections: &Sections,
    machines: &Machines,
) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    match message.legibility {
        Legibility::Broken => found.push(("unreadable", "no mail, or broken MIME")),
        Legibility::Encrypted => found.push(("unreadable", "encrypted")),
        Legibility::AttachmentOnly => found.push(("unreadable", "only an attachment")),
        Legibility::Empty => found.push(("empty", "no text")),
        Legibility::Readable => {}
    }
    match message.author() {
        None => found.push(("unreadable", "From: missing or no address")),
        // Such an address cannot be answered from outside.
        Some(author) if !author.domain().contains(['.', '[']) => {
            found.push(("unreadable", "From: no domain"));
        }
        Some(author) if machines.is_form_mailer(&author.address) => {}
        Some(author) if machines.is_no_reply(&author.address) => {
            found.push(("no_reply_sender", "From: a no-reply address"));
        }
        Some(_) => {}
    }
    if message.headers_named("from").count() > 1 {
        found.push(("unreadable", "From: more than one"));
    }
    if let [only] = message.reply_to.as_slice()
        && machines.is_no_reply(&only.address)
    {
        found.push(("no_reply_sender", "Reply-To: a no-reply address"));
    }
    let said = words_of(message, sections, &[Zone::Own, Zone::Signature, Zone::OwnEarlier]);
    if message.legibility == Legibility::Readable && said.trim().is_empty() && message.attached.is_empty() {
        // A scan beside nothing but a phone's tag line.
        let shown = message.attachments.iter().any(|part| !part.inline);
        found.push(if shown {
            ("unreadable", "only an attachment")
        } else {
            ("empty", "no words of the writer")
        });
    }
    found
}

/// Words of the writer that make a letter: what an automatic reply says stands among them, not below.
const LETTER: usize = 30;

/// The text of these zones, a line end between sections.
fn words_of(message: &Message, sections: &Sections, zones: &[Zone]) -> String {
    let parts: Vec<&str> =
        sections.of(zones).filter_map(|section| message.text.get(section.span.clone())).collect();
    parts.join("\n")
}

/// A mail with what a verdict asks of it.
struct Mail<'a> {
    message: &'a Message,
    sections: &'a Sections,
    machines: &'a Machines,
    surroundings: &'a Surroundings,
    written: &'a str,
}

impl Mail<'_> {
    /// The first that applies, in this order.
    fn verdict(&self, found: &[Evidence]) -> Verdict {
        let proved =
            |reason: &str| found.iter().any(|one| one.sign.reason == reason && one.force == Force::Proof);
        for reason in ["bounce", "receipt", "report", "calendar"] {
            if proved(reason) {
                return machine(reason);
            }
        }
        if proved("own_mail") {
            return if self.is_passed_on_by_us() { review("own_mail") } else { machine("own_mail") };
        }
        // A portal's notice hides a person's message, however automatic it is itself.
        if let Some(notice) = found.iter().find(|one| one.force == Force::Notice) {
            return review(&notice.sign.reason);
        }
        if proved("spam") {
            return machine("spam");
        }
        if let Some(verdict) = self.automatic(found) {
            return verdict;
        }
        let look =
            |reason: &str| found.iter().any(|one| one.sign.reason == reason && one.force == Force::Look);
        for reason in ["unreadable", "spam", "no_reply_sender"] {
            if look(reason) {
                return review(reason);
            }
        }
        if let Some(sign) = found.iter().find(|one| one.force == Force::Look && one.sign.reason != "empty") {
            return review(&sign.sign.reason);
        }
        let of = |force: Force| found.iter().find(move |one| one.force == force);
        let hint = of(Force::Hint)
            .or_else(|| of(Force::Subject).filter(|_| !self.is_a_request()))
            .or_else(|| of(Force::Words).filter(|_| !self.is_a_letter() && !self.is_a_request()));
        if let Some(hint) = hint {
            return review(&hint.sign.reason);
        }
        if look("empty") { review("empty") } else { Verdict::Person }
    }

    /// Automatic replies, bulk, and reasons of the rules' own.
    fn automatic(&self, found: &[Evidence]) -> Option<Verdict> {
        let of = |force: Force| found.iter().filter(move |one| one.force == force);
        if let Some(proof) = best(of(Force::Proof)) {
            return Some(machine(proof));
        }
        if of(Force::Unsubscribe).next().is_some() {
            let persons = self.message.is_reply() && (self.is_a_letter() || self.is_a_request());
            return Some(if persons { review("bulk") } else { machine("bulk") });
        }
        // That one may not be answered says no more than the address does.
        let hints = found.iter().filter(|one| one.is_hint() && one.sign.reason != "no_reply_sender").count();
        let weak = of(Force::Weak).count();
        let null = of(Force::Null).count();
        let no_reply = found.iter().any(|one| one.sign.reason == "no_reply_sender");
        let program = self.message.author().is_some_and(|author| self.machines.is_machine(&author.address));
        let marks = weak + null + usize::from(no_reply) + usize::from(program);
        // Hints alone never throw away what may be a person's letter.
        let letter = || self.is_a_letter() || self.is_a_request();
        if hints > 0 && hints + marks >= 2 && (marks > 0 || !letter()) {
            return best(found.iter().filter(|one| one.is_hint())).map(machine);
        }
        // Programs that answer have an address; a form of a web site may have none.
        if weak == 0 && (null == 0 || self.message.author().is_none()) {
            return None;
        }
        // RFC 3834 says never to answer these; whether a person wrote it decides who looks at it.
        let persons = !no_reply && !program && self.is_plainly_a_persons();
        Some(if persons { review("auto_reply") } else { machine("auto_reply") })
    }

    /// Written by a person and marked as a machine's by a rule that passed it on.
    fn is_plainly_a_persons(&self) -> bool {
        let message = self.message;
        let marked = self.machines.forward_headers.iter().any(|name| message.header(name).is_some());
        let by_us = matches!(&message.return_path, ReturnPath::Address(path) if self.machines.is_forwarder(path))
            || message.sender.iter().any(|sender| self.machines.is_forwarder(&sender.address));
        let elsewhere = !message.to.is_empty()
            && !message.to.iter().chain(&message.cc).any(|to| self.surroundings.is_own(&to.address));
        let words = self.written.split_whitespace().count();
        let speaks = words >= 6 && self.machines.has_first_person(self.written);
        if marked && words < 6 {
            // A rule that forwards quotes the whole mail and says nothing itself.
            let quoted = words_of(message, self.sections, &[Zone::QuotedOther, Zone::OwnEarlier]);
            return quoted.split_whitespace().count() >= 6 && self.machines.has_first_person(&quoted);
        }
        if marked || by_us || elsewhere {
            return speaks || words >= 6 && self.greets();
        }
        // No rule in sight: only a letter from head to foot, and none that answers a mail of ours.
        speaks && self.greets() && self.is_signed() && !self.answers_ours()
    }

    /// A question in a person's own words: "I am on holiday from Monday, can you call before?"
    fn is_a_letter(&self) -> bool {
        let asks = words_of(self.message, self.sections, &[Zone::Own]).contains('?');
        asks && self.machines.has_first_person(self.written)
            && (self.greets() || self.is_signed())
            && !self.answers_ours()
    }

    /// Asks us something, or complains, from greeting to name, whatever its subject looks like.
    fn is_a_request(&self) -> bool {
        let own = words_of(self.message, self.sections, &[Zone::Own]);
        self.machines.requests(&own) && (self.greets() || self.is_signed()) && !self.answers_ours()
    }

    /// One of the first lines greets.
    fn greets(&self) -> bool {
        let shown = self.written.lines().filter(|line| !line.trim().is_empty());
        shown.take(3).any(|line| self.machines.is_greeting(line))
    }

    /// The sender's name stands below the text.
    fn is_signed(&self) -> bool {
        let Some(name) = self.message.author().and_then(|author| author.name.as_deref()) else {
            return false;
        };
        let signature = words_of(self.message, self.sections, &[Zone::Signature]).to_lowercase();
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .any(|word| signature.contains(&word.to_lowercase()))
    }

    fn answers_ours(&self) -> bool {
        self.message.ancestors().iter().any(|id| {
            id.rsplit_once('@').is_some_and(|(_, host)| {
                self.surroundings.mailboxes.iter().any(|mailbox| {
                    mailbox.address.rsplit_once('@').is_some_and(|(_, own)| host.eq_ignore_ascii_case(own))
                })
            })
        })
    }

    /// A colleague who sends a customer's mail from one of our mailboxes to another.
    fn is_passed_on_by_us(&self) -> bool {
        let message = self.message;
        let automatic =
            message.header("auto-submitted").is_some() || message.header("x-triaged-case").is_some();
        let among_us = message.to.iter().all(|to| self.surroundings.is_own(&to.address));
        let quoted = words_of(message, self.sections, &[Zone::QuotedOther]);
        let holds_a_mail = quoted.contains('@') || !message.attached.is_empty();
        !automatic && among_us && holds_a_mail
    }
}

/// The most telling reason where several apply.
fn best<'a>(found: impl Iterator<Item = &'a Evidence>) -> Option<&'a str> {
    const ORDER: [&str; 6] = ["bounce", "receipt", "report", "calendar", "auto_reply", "bulk"];
    let rank = |reason: &str| ORDER.iter().position(|known| *known == reason).unwrap_or(ORDER.len());
    found.map(|one| one.sign.reason.as_str()).min_by_key(|reason| rank(reason))
}

fn machine(reason: &str) -> Verdict {
    Verdict::Machine { reason: reason.to_owned() }
}

fn review(reason: &str) -> Verdict {
    Verdict::Review { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
