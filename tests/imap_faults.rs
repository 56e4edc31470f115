//! The IMAP source against servers that fail in every way that a mailbox has been lost by.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail loudly")]

mod support;
#[path = "imap_faults/sweep.rs"]
mod sweep;

use std::time::{Duration, Instant};

use support::ScriptedImap;
use support::scripted::Answer;
use triaged::config::{ImapConfig, Login, Secret, Security, Server};
use triaged::mail::imap::{ImapSource, Limits};
use triaged::mail::{Failure, Source};

const LIMIT: u64 = 10 * 1024 * 1024;
const LISTING: &str = "(UID INTERNALDATE RFC822.SIZE)";
const BODY: &str = "BODY.PEEK[]";

struct Client {
    source: ImapSource,
    _password: tempfile::NamedTempFile,
}

fn client(server: &ScriptedImap) -> Client {
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), "geheim").unwrap();
    let config = ImapConfig {
        server: Server {
            host: "127.0.0.1".to_owned(),
            port: server.port,
            security: Security::None,
            ca_file: None,
        },
        user: "info".to_owned(),
        login: Login::Password(Secret::File(password.path().to_owned())),
        folder: "INBOX".to_owned(),
        sent_folder: None,
        poll: Duration::from_millis(50),
    };
    let short = Duration::from_millis(400);
    let limits = Limits { connect: short, read: short, done: short };
    Client { source: ImapSource::new(config, LIMIT).with_limits(limits), _password: password }
}

/// Three mails with the UIDs 3, 5 and 9.
fn listing() -> Answer {
    let line = |seq: u32, uid: u32| {
        format!("* {seq} FETCH (UID {uid} INTERNALDATE \"01-Nov-2026 10:00:00 +0000\" RFC822.SIZE 14)\r\n")
    };
    Answer::ok(&format!("{}{}{}", line(1, 3), line(2, 5), line(3, 9)))
}

fn body(uid: u32) -> String {
    format!("* 1 FETCH (UID {uid} BODY[] {{14}}\r\nSubject: a\r\n\r\n)\r\n")
}

async fn failure(server: &ScriptedImap) -> Failure {
    let mut client = client(server);
    match client.source.open("INBOX").await {
        Err(failure) => failure,
        Ok(_) => client.source.fetch(0, 10).await.expect_err("this server cannot be fetched from"),
    }
}

#[tokio::test]
async fn no_failure_ever_looks_like_an_empty_mailbox() {
    let cases: [(&str, Answer); 6] = [
        ("UID", Answer::raw("TAG NO [UNAVAILABLE] later\r\n")),
        ("UID", Answer::raw("TAG BAD what\r\n")),
        ("UID", Answer::close("* BYE shutting down\r\n")),
        ("UID", Answer::close("")),
        ("UID", Answer::close("* 1 FETCH (UID 3 BODY")),
        ("UID", Answer::Hang),
    ];
    for (place, answer) in cases {
        let case = format!("{answer:?}");
        let server =
            ScriptedImap::start(move |_, command| command.starts_with(place).then(|| answer.clone()));
        let failure = failure(&server).await;
        assert!(!failure.permanent, "{case}: {failure:?}");
    }
}

#[tokio::test]
async fn a_folder_that_does_not_open_is_no_folder_made_anew() {
    let cases: [(Answer, bool); 6] = [
        (Answer::close(""), false),
        (Answer::close("* 3 EXISTS\r\n"), false),
        (Answer::ok("* 3 EXISTS\r\n"), false),
        (Answer::raw("TAG NO [UNAVAILABLE] later\r\n"), false),
        (Answer::raw("TAG NO [NONEXISTENT] no such folder\r\n"), true),
        (Answer::Hang, false),
    ];
    for (answer, permanent) in cases {
        let case = format!("{answer:?}");
        let server =
            ScriptedImap::start(move |_, command| command.starts_with("EXAMINE").then(|| answer.clone()));
        assert_eq!(failure(&server).await.permanent, permanent, "{case}");
    }
}

#[tokio::test]
async fn refusals_of_the_login_are_told_apart() {
    // Each with a part of what a person reads.
    let cases = [
        ("NO [AUTHENTICATIONFAILED] wrong", true, "the password in"),
        ("NO LOGIN failed.", true, "allow IMAP"),
        (
            "NO [ALERT] Application-specific password required: https://example.org/1",
            true,
            "[ALERT] Application",
        ),
        ("NO [AUTHORIZATIONFAILED] not yours", true, "does not open this mailbox"),
        ("NO [EXPIRED] too old", true, "set a new one"),
        ("NO [PRIVACYREQUIRED] not like this", true, "security = \"tls\""),
        ("NO [CONTACTADMIN] no", true, "ask its administrator"),
        ("NO [UNAVAILABLE] later", false, "is away"),
        ("NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded", false, "end other programs"),
        ("NO [ALERT] Too many simultaneous connections. (Failure)", false, "end other programs"),
        ("NO [LIMIT] too much", false, "too much at once"),
        ("NO [INUSE] moving", false, "holds this mailbox"),
        ("NO [SERVERBUG] oops", false, "fault of the server"),
        ("NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", false, "24 hours"),
        ("BAD User is authenticated but not connected.", false, "licence"),
    ];
    for (answer, permanent, words) in cases {
        let server = ScriptedImap::start(move |_, command| {
            command.starts_with("LOGIN").then(|| Answer::raw(&format!("TAG {answer}\r\n")))
        });
        let failure = failure(&server).await;
        assert_eq!(failure.permanent, permanent, "{answer}: {failure:?}");
        assert!(failure.what.contains(words), "{answer}: {failure:?}");
    }
    for answer in [Answer::Hang, Answer::close("* BYE no\r\n"), Answer::raw("220 smtp\r\n")] {
        let case = format!("{answer:?}");
        let server = ScriptedImap::start(move |_, command| (command == "GREETING").then(|| answer.clone()));
        assert!(!failure(&server).await.permanent, "{case}");
    }
}

#[tokio::test]
async fn an_answer_for_another_mail_is_not_taken_for_this_one() {
    let server = ScriptedImap::start(|_, command| {
        if command.contains(BODY) {
            return Some(Answer::ok(&format!("{}{}{}{}", body(7), body(3), body(5), body(9))));
        }
        command.contains(LISTING).then(listing)
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    let arrivals = client.source.fetch(0, 10).await.unwrap();
    assert_eq!(arrivals.iter().map(|arrival| arrival.uid).collect::<Vec<_>>(), [3, 5, 9]);
}

#[tokio::test]
async fn a_mail_that_is_left_out_though_it_is_there_is_not_passed_over() {
    let server = ScriptedImap::start(|_, command| {
        if command.contains(BODY) {
            return Some(Answer::ok(&format!("{}{}", body(3), body(9))));
        }
        if command == "UID FETCH 5 (UID)" {
            return Some(Answer::ok("* 2 FETCH (UID 5)\r\n"));
        }
        command.contains(LISTING).then(listing)
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    let mut fetched = Vec::new();
    let mut after = 0;
    for _ in 0..40 {
        match client.source.fetch(after, 10).await {
            Ok(arrivals) if arrivals.is_empty() => break,
            Ok(arrivals) => {
                after = arrivals.last().unwrap().uid;
                fetched.extend(arrivals);
            }
            Err(failure) => assert!(!failure.permanent),
        }
    }
    let found: Vec<_> = fetched.iter().map(|arrival| (arrival.uid, arrival.bytes.is_empty())).collect();
    assert_eq!(found, [(3, false), (5, true), (9, false)]);
}

/// What comes of the three mails when the server answers for the second in ways that no parser takes.
async fn poisoned(garbage: &'static str, also: fn(&str) -> bool) -> Vec<(u32, usize)> {
    let server = ScriptedImap::start(move |_, command| {
        let asks = |uid: &str| command.starts_with(&format!("UID FETCH {uid} "));
        if command.contains(LISTING) && !asks("5") {
            return Some(listing());
        }
        if asks("5") || command.starts_with("UID FETCH 3,5,9") {
            return also(command).then(|| Answer::ok(&body(5))).or(Some(Answer::raw(garbage)));
        }
        [3, 9].into_iter().find(|uid| asks(&uid.to_string())).map(|uid| Answer::ok(&body(uid)))
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let arrivals = client.source.fetch(after, 10).await.unwrap();
        let Some(last) = arrivals.last() else { return found };
        after = last.uid;
        found.extend(arrivals.iter().map(|arrival| (arrival.uid, arrival.bytes.len())));
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_does_not_block_those_behind_it() {
    let garbage = [
        "* 2 FETCH (UID 5 BODY[] \u{1}\u{2})))\r\n",
        "* 2 FETCH (UID 5 INTERNALDATE NIL BODY[] {14}\r\nSubject: a\r\n\r\n)\r\n",
        "* 2 FETCH (UID 5 BODY[] {900000000}\r\n",
    ];
    for garbage in garbage {
        assert_eq!(poisoned(garbage, |_| false).await, [(3, 14), (5, 0), (9, 14)], "{garbage}");
    }
}

#[tokio::test]
async fn of_a_mail_that_cannot_be_read_as_a_whole_its_headers_are_kept() {
    let found = poisoned("* 2 FETCH (UID 5 ((\r\n", |command| command.contains("BODY.PEEK[HEADER]")).await;
    assert_eq!(found, [(3, 14), (5, 14), (9, 14)]);
}

#[tokio::test]
async fn a_listing_that_cannot_be_read_is_asked_for_without_its_extras() {
    let server = ScriptedImap::start(|_, command| {
        if command == "UID FETCH 1:* (UID INTERNALDATE RFC822.SIZE)" {
            return Some(Answer::raw("* 1 FETCH (UID 3 INTERNALDATE NIL RFC822.SIZE 14)\r\n"));
        }
        if command == "UID FETCH 1:* (UID)" {
            return Some(Answer::ok("* 1 FETCH (UID 3)\r\n"));
        }
        if command.starts_with("UID FETCH 3 (UID BODY.PEEK[]") {
            return Some(Answer::ok(&body(3)));
        }
        if command.starts_with("UID FETCH 4:*") {
            return Some(Answer::ok("* 1 FETCH (UID 3)\r\n"));
        }
        command.starts_with("UID FETCH 3").then(|| Answer::raw("* 1 FETCH (UID 3 INTERNALDATE NIL)\r\n"))
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    let arrivals = client.source.fetch(0, 10).await.unwrap();
    assert_eq!((arrivals[0].uid, arrivals[0].bytes.len()), (3, 14));
    assert!(client.source.fetch(3, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_gap_of_a_thousand_million_numbers_takes_few_looks() {
    let server = ScriptedImap::start(|_, command| {
        if command.starts_with("EXAMINE") {
            return Some(Answer::ok(
                "* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT 4000000001] ok\r\n",
            ));
        }
        let (_, range) = command.split_once("UID FETCH ")?;
        if range.contains(BODY) {
            return Some(Answer::ok(&body(4_000_000_000)));
        }
        let end = range.split([':', ' ']).nth(1)?;
        let last = end == "*" || end.parse::<u32>().is_ok_and(|end| end >= 4_000_000_000);
        let line =
            "* 1 FETCH (UID 4000000000 INTERNALDATE \"01-Nov-2026 10:00:00 +0000\" RFC822.SIZE 14)\r\n";
        Some(Answer::ok(if last { line } else { "" }))
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    assert_eq!(client.source.fetch(0, 10).await.unwrap()[0].uid, 4_000_000_000);
    assert!(server.commands().len() < 25, "{:?}", server.commands());
}

/// A wait of at most two seconds on an open and empty folder, with this answer to IDLE.
async fn wait(idle: Answer) -> (Result<(), Failure>, Duration) {
    let server = ScriptedImap::start(move |_, command| match command {
        "IDLE" => Some(idle.clone()),
        command if command.contains(LISTING) => Some(Answer::ok("")),
        _ => None,
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    client.source.fetch(9, 10).await.unwrap();
    let start = Instant::now();
    (client.source.wait(Duration::from_secs(2)).await, start.elapsed())
}

#[tokio::test]
async fn a_notice_counts_also_before_the_server_says_that_it_waits() {
    let (waited, time) = wait(Answer::raw("* 4 EXISTS\r\n+ idling\r\n")).await;
    waited.unwrap();
    assert!(time < Duration::from_secs(1), "{time:?}");
}

#[tokio::test]
async fn an_idle_that_fails_is_noticed() {
    let (lost, time) = wait(Answer::close("+ idling\r\n")).await;
    assert!(!lost.unwrap_err().permanent && time < Duration::from_secs(1));
    let (bye, _) = wait(Answer::close("+ idling\r\n* BYE autologout\r\n")).await;
    assert!(bye.unwrap_err().what.contains("autologout"));
}

#[tokio::test]
async fn a_server_that_refuses_idle_is_looked_at_now_and_then() {
    for refusal in ["TAG NO not now\r\n", "TAG BAD\r\n", "TAG OK done already\r\n"] {
        let (waited, time) = wait(Answer::raw(refusal)).await;
        waited.unwrap();
        assert!((Duration::from_millis(50)..Duration::from_secs(1)).contains(&time), "{refusal}: {time:?}");
    }
}

#[tokio::test]
async fn a_half_open_connection_is_noticed_at_the_end_of_a_wait() {
    // It says nothing at all, also not to DONE.
    let (waited, time) = wait(Answer::Hang).await;
    assert!(!waited.unwrap_err().permanent);
    assert!(time < Duration::from_secs(4), "{time:?}");
}

#[tokio::test]
async fn words_without_an_answer_are_silence() {
    let server = ScriptedImap::start(|_, command| {
        command.contains(LISTING).then(|| Answer::raw(&"* OK still here\r\n".repeat(50)))
    });
    let start = Instant::now();
    assert!(failure(&server).await.what.contains("no answer"));
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn nothing_but_reading_commands_is_ever_sent() {
    let server = ScriptedImap::start(|_, command| {
        if command.contains(BODY) {
            return Some(Answer::ok(&format!("{}{}{}", body(3), body(5), body(9))));
        }
        command.contains(LISTING).then(listing)
    });
    let mut client = client(&server);
    client.source.open("INBOX").await.unwrap();
    client.source.fetch(0, 10).await.unwrap();
    let _ = client.source.status("Sent").await;
    client.source.close().await;
    for command in server.commands() {
        let words = ["GREETING", "LOGIN", "CAPABILITY", "EXAMINE", "UID FETCH", "STATUS", "LOGOUT"];
        assert!(words.iter().any(|word| command.starts_with(word)), "{command}");
        assert!(!command.replace("BODY.PEEK[", "").contains("BODY["), "{command}");
    }
}

#[tokio::test]
async fn the_rest_that_a_server_wants_is_known_wherever_it_says_so() {
    let throttled = "BAD Request is throttled. Suggested Backoff Time: 89117 milliseconds";
    for place in ["LOGIN", "EXAMINE", "UID"] {
        let server = ScriptedImap::start(move |_, command| {
            let bye = format!("TAG {throttled}\r\n* BYE Connection closed. 14\r\n");
            command.starts_with(place).then(|| Answer::raw(&bye))
        });
        let failure = failure(&server).await;
        assert_eq!(
            (failure.permanent, failure.rest),
            (false, Some(Duration::from_millis(89_117))),
            "{place}"
        );
        assert!(failure.what.contains("left alone"), "{place}: {failure:?}");
    }
}

#[tokio::test]
async fn a_password_that_the_server_repeats_is_not_quoted() {
    let server = ScriptedImap::start(|_, command| {
        command
            .starts_with("LOGIN")
            .then(|| Answer::raw("TAG NO [ALERT] geheim is not the password of info\r\n"))
    });
    let failure = failure(&server).await;
    assert!(
        failure.what.contains("[ALERT] <secret> is not") && !failure.what.contains("geheim"),
        "{failure:?}"
    );
}
