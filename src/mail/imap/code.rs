//! What a server means by a refusal: does it pass, and what can a person do? By response codes
//! (RFC 5530 §3), and by the words of large providers that send none.

use std::time::Duration;

use crate::mail::Failure;

/// A server may ask for so much rest; what asks for more is tried sooner than it likes.
const MOST_REST: Duration = Duration::from_hours(1);
/// Exchange Online asks for about five minutes where it says a number.
const THROTTLED: Duration = Duration::from_mins(5);
/// Google lifts its limits of a day after some hours; nobody learns sooner by asking more often.
const LIMIT_OF_A_DAY: Duration = Duration::from_mins(10);

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// It passes by itself.
    pub passes: bool,
    /// What it is, and what to do.
    pub words: &'static str,
    /// Nothing is to be tried for so long.
    pub rest: Option<Duration>,
}

/// Words of providers, in capitals, before any code: they say more.
const PHRASES: [(&str, &str, Option<Duration>); 8] = [
    (
        "REQUEST IS THROTTLED",
        "the provider finds that too much was asked of it; it is left alone for as long as it wants",
        Some(THROTTLED),
    ),
    (
        "BANDWIDTH LIMIT",
        "the provider's limit of a day is used up; it ends within 24 hours: end other programs that read this mailbox",
        Some(LIMIT_OF_A_DAY),
    ),
    ("TOO MANY SIMULTANEOUS CONNECTIONS", CONNECTIONS, None),
    ("MAXIMUM NUMBER OF CONNECTIONS", CONNECTIONS, None),
    (
        "AUTHENTICATED BUT NOT CONNECTED",
        "the login counts, but the mailbox behind it is not there; it is tried on: where it stays, make sure that \
         `user` is the address of this mailbox, that it has a licence or is a shared one, and that IMAP is allowed for it",
        None,
    ),
    ("SERVER UNAVAILABLE", AWAY, None),
    ("TEMPORARILY UNAVAILABLE", AWAY, None),
    ("TEMPORARY AUTHENTICATION FAILURE", AWAY, None),
];

const CONNECTIONS: &str = "too many connections to this mailbox at once; it is tried on: end other programs that read it, \
                           or raise the server's limit";
const AWAY: &str = "a part of the server is away; it is tried on";

/// Response codes, whether they pass, and what to say of each.
const CODES: [(&str, bool, &str); 11] = [
    ("UNAVAILABLE", true, AWAY),
    ("INUSE", true, "something else holds this mailbox now, such as a move of it; it is tried on"),
    ("SERVERBUG", true, "a fault of the server; it is tried on: where it stays, tell its administrator"),
    (
        "LIMIT",
        true,
        "too much at once for this account; it is tried on: end other programs that read this mailbox",
    ),
    (
        "OVERQUOTA",
        true,
        "the account has used up what it is allowed; it is tried on: make room in the mailbox, unless it is a limit of a day",
    ),
    ("AUTHENTICATIONFAILED", false, "correct `user` or the password"),
    (
        "AUTHORIZATIONFAILED",
        false,
        "the login counts, but it does not open this mailbox: give it the right to, or correct `user`",
    ),
    (
        "EXPIRED",
        false,
        "the password has ended: set a new one at the provider and put it where `password_file` or `password_env` says",
    ),
    (
        "PRIVACYREQUIRED",
        false,
        "the server wants the connection private first: set `security = \"tls\"` or \"starttls\"",
    ),
    ("CONTACTADMIN", false, "the server wants you to ask its administrator"),
    ("NOPERM", false, "this user may not do that: give it the right to see and read the folder"),
];

/// What a server means that refuses with these words; `None`: it does not say.
pub fn meant(said: &str) -> Option<Meaning> {
    let said = said.to_ascii_uppercase();
    if let Some((_, words, rest)) = PHRASES.iter().find(|(phrase, ..)| said.contains(phrase)) {
        let rest = rest.map(|usual| advised(&said).unwrap_or(usual));
        return Some(Meaning { passes: true, words, rest });
    }
    let has = |code: &str| said.contains(&format!("[{code}]"));
    let (_, passes, words) = CODES.iter().find(|(code, ..)| has(code))?;
    Some(Meaning { passes: *passes, words, rest: None })
}

/// `Suggested Backoff Time: 299910 milliseconds`
fn advised(said: &str) -> Option<Duration> {
    let (_, behind) = said.split_once("BACKOFF TIME:")?;
    let number: String = behind.trim_start().chars().take_while(char::is_ascii_digit).collect();
    // A number beyond all bounds asks for more than is given, too.
    let wanted = number.parse().map_or(MOST_REST, Duration::from_millis);
    (!number.is_empty()).then(|| wanted.min(MOST_REST))
}

/// A refusal as a failure. `what` says who refused what, and in which words.
pub fn refusal(what: String, said: &str) -> Failure {
    match meant(said) {
        None => Failure::temporary(what),
        Some(Meaning { passes, words, rest }) => {
            let what = format!("{what}: {words}");
            if passes { Failure { rest, ..Failure::temporary(what) } } else { Failure::permanent(what) }
        }
    }
}

/// What a server said at the login, out of async-imap's `code: Some(Alert), info: Some("...")`. `hide`
/// takes out what must not be repeated, before anything is cut off.
pub fn at_login(error: &str, hide: impl Fn(&str) -> String) -> String {
    let quoted = error.split_once("info: Some(\"").map_or("", |(_, behind)| behind);
    let mut text = String::new();
    let mut characters = quoted.strip_suffix("\")").unwrap_or(quoted).chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    if text.is_empty() {
        return "without a reason".to_owned();
    }
    let text: String = hide(&text).chars().take(200).collect();
    // RFC 3501 §7.1: a person has to see what comes with ALERT.
    let alert = if error.starts_with("code: Some(Alert)") { "[ALERT] " } else { "" };
    format!("{alert}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_a_person_must_mend() {
        let passing = [
            "[UNAVAILABLE] Temporary authentication failure.",
            "[UNAVAILABLE] Maximum number of connections from user+IP exceeded",
            "[LIMIT] slow down",
            "[INUSE] locked",
            "[SERVERBUG] oops",
            "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
            "[overquota] full",
            "[Alert] Too many simultaneous connections. (Failure)",
            "Request is throttled. Suggested Backoff Time: 299910 milliseconds",
            "User is authenticated but not connected.",
            "Server Unavailable. 15",
        ];
        let lasting = [
            "[AUTHENTICATIONFAILED] wrong",
            "[AUTHORIZATIONFAILED] not yours",
            "[EXPIRED] old",
            "[PRIVACYREQUIRED] in the clear",
            "[CONTACTADMIN] ask",
            "[NOPERM] no",
        ];
        for said in passing {
            assert!(meant(said).is_some_and(|meaning| meaning.passes), "{said}");
        }
        for said in lasting {
            assert!(meant(said).is_some_and(|meaning| !meaning.passes), "{said}");
        }
        for (code, ..) in CODES {
            let others = CODES.iter().filter(|(other, ..)| *other != code);
            let words = meant(&format!("[{code}]")).unwrap().words;
            assert_eq!(
                others.filter(|(_, _, other)| *other == words).count(),
                0,
                "{code} has words of its own"
            );
        }
        assert_eq!(meant("LOGIN failed."), None);
    }

    #[test]
    fn the_rest_that_a_server_advises_is_kept_within_bounds() {
        let rest = |number: &str| {
            meant(&format!("Request is throttled. Suggested Backoff Time: {number} milliseconds"))
                .unwrap()
                .rest
        };
        assert_eq!(rest("299910"), Some(Duration::from_millis(299_910)));
        assert_eq!(rest("99999999999"), Some(MOST_REST));
        assert_eq!(rest("99999999999999999999999999"), Some(MOST_REST));
        assert_eq!(rest("soon, in"), Some(THROTTLED));
        assert_eq!(meant("[LIMIT]").unwrap().rest, None);
    }

    #[test]
    fn what_was_said_at_the_login_is_readable() {
        let said = |error: &str| at_login(error, |said| said.replace(r#"a"b\c"#, "<secret>"));
        assert_eq!(said(r#"code: Some(Alert), info: Some("Use \"x\"")"#), "[ALERT] Use \"x\"");
        assert_eq!(said(r#"code: None, info: Some("[EXPIRED] old")"#), "[EXPIRED] old");
        assert_eq!(said(r#"code: None, info: Some("not a\"b\\c")"#), "not <secret>");
        assert_eq!(said("code: None, info: None"), "without a reason");
    }
}
