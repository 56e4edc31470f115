//! What a server offers, and what its refusal means: try again, or not, and whose fault it is.

use std::error::Error as _;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::extension::{Extension, ServerInfo};

use crate::mail::Sent;

/// Where in the transaction a refusal came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Sender,
    Recipient,
    Content,
}

/// Most characters of a server's words that are kept.
const WORDS: usize = 300;
/// No word of a language, and hardly a name of a server, is longer; tokens are.
const LONGEST_WORD: usize = 80;

/// 4xx and 5xx by the code; anything else is a lost connection. `dot`: the mail had left.
pub fn judge(error: &Error, stage: Stage, dot: bool) -> Sent {
    let Some(code) = error.status() else {
        let what = format!("the connection was lost: {}", words(error));
        return if dot { Sent::Uncertain { what } } else { Sent::Deferred { what } };
    };
    let text = words(error);
    let what = format!("{code} {text}");
    if error.is_transient() {
        return Sent::Deferred { what };
    }
    let code = code.to_string().parse().unwrap_or(554);
    Sent::Refused { what, recipient: is_about_recipient(code, &text, stage) }
}

/// RFC 3463: x.1 and x.2 are about the address and its mailbox, save for x.1.7 and x.1.8, which
/// are about the sender. Where a server gives no such code, the plain one has to do (RFC 5321 §4.2.3).
fn is_about_recipient(code: u16, text: &str, stage: Stage) -> bool {
    match enhanced(text) {
        Some((1, detail)) => !matches!(detail, 7 | 8) && stage != Stage::Sender,
        Some((2, _)) => stage != Stage::Sender,
        Some((_, _)) => false,
        None => stage == Stage::Recipient && matches!(code, 550 | 551 | 553 | 554 | 556),
    }
}

/// Subject and detail of an enhanced status code of class 5 (RFC 2034) at the front of a reply.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.').map(str::parse::<u16>);
    match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
        (Ok(5), Ok(subject), Ok(detail), None) => Some((subject, detail)),
        _ => None,
    }
}

/// A server's words, bounded, without addresses, and without what may be a token: they may go to a log.
pub fn words(error: &Error) -> String {
    let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let hide = |word| match word {
        _ if str::contains(word, '@') => "<address>",
        _ if word.len() > LONGEST_WORD => "<long>",
        _ => word,
    };
    let hidden: Vec<&str> = said.split_whitespace().map(hide).collect();
    hidden.join(" ").chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

/// Without the words that name the recipient: servers tell of `<address>` and of `user jan` alike.
pub fn nameless(sent: Sent, to: &str) -> Sent {
    /// A shorter one is a part of many words.
    const SHORTEST: usize = 3;
    let local = to.rsplit_once('@').map_or(to, |(local, _)| local).to_lowercase();
    let hide = |what: String| {
        if local.len() < SHORTEST || !what.to_lowercase().contains(&local) {
            return what;
        }
        let of_them = |word: &&str| word.to_lowercase().contains(&local);
        let words = what.split(' ').map(|word| if of_them(&word) { "<address>" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    match sent {
        Sent::Accepted => Sent::Accepted,
        Sent::Deferred { what } => Sent::Deferred { what: hide(what) },
        Sent::NotTried { what } => Sent::NotTried { what: hide(what) },
        Sent::Refused { what, recipient } => Sent::Refused { what: hide(what), recipient },
        Sent::Uncertain { what } => Sent::Uncertain { what: hide(what) },
    }
}

/// What the server said that it can do, as far as it changes anything here.
pub fn offers(info: &ServerInfo) -> Vec<String> {
    let known = [
        Extension::EightBitMime,
        Extension::SmtpUtfEight,
        Extension::Authentication(Mechanism::Plain),
        Extension::Authentication(Mechanism::Login),
    ];
    let offered = known.into_iter().filter(|extension| info.supports_feature(*extension));
    offered.map(|extension| extension.to_string().to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_names_the_recipient_is_quoted_without() {
        let said = |what: &str| Sent::Refused { what: what.to_owned(), recipient: true };
        let told = nameless(said("550 5.1.1 user Jan.deVries unknown"), "jan.devries@example.org");
        assert_eq!(told, said("550 5.1.1 user <address> unknown"));
        assert_eq!(nameless(said("452 full"), "jan.devries@example.org"), said("452 full"));
    }

    #[test]
    fn a_refusal_is_laid_at_the_right_door() {
        use Stage::{Content, Recipient, Sender};
        let cases = [
            (550, "5.1.1 no such user", Recipient, true),
            (550, "5.1.1 no such user", Content, true),
            (552, "5.2.2 mailbox full", Recipient, true),
            (550, "no such user", Recipient, true),
            (553, "mailbox name not allowed", Recipient, true),
            (552, "too much", Recipient, false),
            (550, "5.7.1 relaying denied", Recipient, false),
            (550, "5.1.8 bad sender", Recipient, false),
            (550, "no", Sender, false),
            (554, "5.6.0 content", Content, false),
            (554, "spam", Content, false),
            (530, "authentication required", Recipient, false),
            (555, "parameters", Recipient, false),
        ];
        for (code, text, stage, recipient) in cases {
            assert_eq!(is_about_recipient(code, text, stage), recipient, "{code} {text} {stage:?}");
        }
    }
}
