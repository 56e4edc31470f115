//! What a server offers, and what its refusal means: try again, or not, and whose fault it is.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::extension::{Extension, ServerInfo};

use crate::mail::{Failure, Sent};

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

/// A limit of mails a minute (Exchange Online: 30) is over after one.
const RATE: Duration = Duration::from_mins(1);
/// A connection too many ends soon.
const CONNECTIONS: Duration = Duration::from_secs(20);
/// A limit of mails a day is lifted within 24 hours, bit by bit.
const LIMIT_OF_A_DAY: Duration = Duration::from_hours(1);
/// How servers say that we are too fast.
const TOO_FAST: [&str; 8] = [
    "rate limit",
    "ratelimit",
    "throttl",
    "too many messages",
    "too many login",
    "sending limit",
    "relay limit",
    "slow down",
];

/// 4xx and 5xx by the code; anything else is a lost connection. `dot`: the mail had left.
pub fn judge(error: &Error, stage: Stage, dot: bool) -> Sent {
    let Some(code) = error.status() else {
        let what = format!("the connection was lost: {}", words(error));
        return if dot { Sent::Uncertain { what } } else { Sent::Deferred { what } };
    };
    let text = words(error);
    let what = format!("{code} {text}");
    if let Some(rest) = rest(&code.to_string(), &text, Some(stage)) {
        return Sent::Throttled { what, rest };
    }
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
        Some((5, 1, detail)) => !matches!(detail, 7 | 8) && stage != Stage::Sender,
        Some((5, 2, _)) => stage != Stage::Sender,
        Some((5, ..)) => false,
        _ => stage == Stage::Recipient && matches!(code, 550 | 551 | 553 | 554 | 556),
    }
}

/// How long a server that refused wants to be left alone, whatever the mail; `None`: the refusal says nothing
/// of the kind. `stage`: where in the transaction it came, if in one.
pub fn rest(code: &str, text: &str, stage: Option<Stage>) -> Option<Duration> {
    let said = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let status = enhanced(text);
    // Google: 550 5.4.5. Exchange Online: 550 5.1.90, 5.7.232, 5.7.233, 554 5.2.0. No refusal of the mail.
    let of_a_day = says(&["daily"]) && says(&["limit", "quota"]) && !says(&["receiv"]);
    let of_the_tenant = says(&["submissionquotaexceeded", "recipient rate limit"]);
    if of_a_day || of_the_tenant || (matches!(status, Some((4 | 5, 4, 5))) && says(&["limit exceeded"])) {
        return Some(LIMIT_OF_A_DAY);
    }
    // Exchange Online: 432 4.3.2, more connections than it allows.
    if code == "432" || (code.starts_with('4') && says(&["concurrent", "too many connections"])) {
        return Some(CONNECTIONS);
    }
    let too_fast = code.starts_with('4') && says(&TOO_FAST);
    match status {
        // RFC 3463: about the recipient, save where Google speaks of its relay.
        Some((4, 1 | 2, _)) => says(&["relay limit"]).then_some(RATE),
        // Greylisting is about one mail, and says so only at its recipient.
        Some((4, 7, _)) if code == "421" || stage != Some(Stage::Recipient) => Some(RATE),
        _ => too_fast.then_some(RATE),
    }
}

/// The same of a reply to the greeting or the login, in a failure that passes.
pub fn not_now(what: String, error: &Error) -> Failure {
    let rest = error.status().and_then(|code| rest(&code.to_string(), &words(error), None));
    Failure { rest, ..Failure::temporary(what) }
}

/// Class, subject and detail of an enhanced status code (RFC 2034) at the front of a reply.
fn enhanced(text: &str) -> Option<(u16, u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.').map(str::parse::<u16>);
    match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
        (Ok(class), Ok(subject), Ok(detail), None) => Some((class, subject, detail)),
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
        Sent::Throttled { what, rest } => Sent::Throttled { what: hide(what), rest },
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
    fn a_provider_that_wants_less_mail_is_told_from_one_that_minds_this_mail() {
        use Stage::{Content, Recipient, Sender};
        let cases = [
            ("432", "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Content, Some(CONNECTIONS)),
            (
                "421",
                "4.3.2 The maximum number of concurrent server connections has exceeded a limit",
                Sender,
                Some(CONNECTIONS),
            ),
            ("421", "4.7.28 our system has detected an unusual rate of mail", Recipient, Some(RATE)),
            ("450", "4.7.1 you are sending too much", Sender, Some(RATE)),
            ("451", "4.7.500 Server busy. Please try again later", Content, Some(RATE)),
            ("454", "4.7.0 Too many login attempts, please try again later", Sender, Some(RATE)),
            ("452", "4.3.1 rate limit exceeded", Recipient, Some(RATE)),
            ("450", "4.2.1 Peak SMTP relay limit exceeded for customer", Recipient, Some(RATE)),
            (
                "550",
                "5.4.5 Daily user sending limit exceeded. For more information",
                Content,
                Some(LIMIT_OF_A_DAY),
            ),
            (
                "550",
                "5.1.90 you've reached your daily limit for message recipients",
                Recipient,
                Some(LIMIT_OF_A_DAY),
            ),
            (
                "554",
                "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
                Content,
                Some(LIMIT_OF_A_DAY),
            ),
            // About this mail or this recipient.
            ("450", "4.7.1 Greylisted, come back later", Recipient, None),
            ("451", "4.7.1 Please try again", Recipient, None),
            (
                "450",
                "4.2.1 The user you are trying to contact is receiving mail too quickly",
                Recipient,
                None,
            ),
            ("452", "4.2.2 mailbox full, quota of the day", Recipient, None),
            ("451", "4.3.0 later", Sender, None),
            ("421", "4.4.2 too long idle", Sender, None),
            ("550", "5.7.1 relaying denied", Recipient, None),
            ("550", "5.2.1 this user has reached its daily limit of received mail", Recipient, None),
            ("554", "spam", Content, None),
        ];
        for (code, text, stage, wanted) in cases {
            assert_eq!(rest(code, text, Some(stage)), wanted, "{code} {text} {stage:?}");
        }
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
