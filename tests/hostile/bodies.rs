//! What must hold of any bytes at all, one function a layer. The fuzz targets of `tests/fuzz` and the
//! replay of their corpora in `tests/hostile` run the same functions.

#![allow(dead_code, reason = "each fuzz target uses one of them")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use triaged::config::Config;
use triaged::mail::parse::{limits, parse as parse_mail};
use triaged::mail::{compose, html as page};
use triaged::triage::decide::{self, Ancestor, Decision, Effect, Folder, Incoming, Known, Outgoing};
use triaged::triage::fields::{Evidence, Source, Value};
use triaged::triage::letter::LetterKind;
use triaged::triage::message::{Address, Legibility, Message, ReturnPath};
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::{case, screen as sieve, text as zones};

/// The name of a fuzz target, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

pub const ALL: [Target; 6] = [
    ("parse", parse),
    ("html", html),
    ("text", text),
    ("fields", fields),
    ("screen", screen),
    ("mail", mail),
];

const NOW: &str = "2026-11-23T10:00:00Z";

pub fn root() -> PathBuf {
    // The fuzz targets are a package of their own, two folders further down.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    if here.ends_with("tests/fuzz") { here.join("../..") } else { here.to_owned() }
}

static RULES: LazyLock<RuleSet> = LazyLock::new(|| triaged::rules::load(&root().join("rules")).unwrap());
static CONFIG: LazyLock<Config> =
    LazyLock::new(|| triaged::config::load(&root().join("fixtures/demo/triaged.toml")).unwrap());

/// May stand in a text: what a terminal, a log line or a letter cannot be steered by.
fn is_safe(text: &str, also: &[char]) -> bool {
    !text.chars().any(|c| {
        let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        (c.is_control() && !also.contains(&c)) || turns
    })
}

fn is_line(text: &str) -> bool {
    is_safe(text, &[])
}

/// Any bytes become a bounded, clean [`Message`].
pub fn parse(data: &[u8]) {
    whole(&parse_mail(data, data.len() as u64));
}

fn whole(message: &Message) {
    assert!(is_line(&message.subject) && message.subject.chars().count() <= limits::SUBJECT);
    let lists = [&message.from, &message.reply_to, &message.to, &message.cc, &message.bcc];
    for list in lists {
        assert!(list.len() <= limits::ADDRESSES);
        list.iter().chain(&message.sender).for_each(one_address);
    }
    if let ReturnPath::Address(path) = &message.return_path {
        one_address(&Address { name: None, address: path.clone() });
    }
    let ids = message.message_id.iter().chain(&message.in_reply_to).chain(&message.references);
    for id in ids {
        assert!(!id.is_empty() && id.len() <= limits::ID, "{id:?}");
        assert!(is_line(id) && !id.contains([' ', '<', '>']), "{id:?}");
    }
    assert!(message.references.len() <= limits::IDS && message.in_reply_to.len() <= limits::IDS);
    assert!(message.headers.len() <= limits::HEADERS);
    let values: usize = message.headers.iter().map(|(_, value)| value.len()).sum();
    // A byte of a single-byte charset becomes at most three of UTF-8.
    assert!(values <= 3 * limits::HEADER_BYTES + limits::HEADERS, "{values} bytes of header");
    for (name, value) in &message.headers {
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic()) && is_line(value), "{name}: {value:?}");
    }
    assert!(is_safe(&message.text, &['\n', '\t']), "{:?}", message.text);
    assert!(message.text.len() <= limits::TEXT + 8, "{} bytes of text", message.text.len());
    assert!(message.attachments.len() <= limits::ATTACHMENTS);
    for attachment in &message.attachments {
        let name = attachment.name.as_deref().unwrap_or_default();
        assert!(is_line(name) && name.chars().count() <= limits::NAME, "{name:?}");
        assert!(is_line(&attachment.media_type), "{:?}", attachment.media_type);
    }
    assert!(message.attached.len() <= limits::ATTACHED);
    for mail in &message.attached {
        assert!(is_line(&mail.subject) && is_safe(&mail.text, &['\n', '\t']));
        assert!(mail.text.len() <= limits::ATTACHED_TEXT + 8);
        mail.from.iter().for_each(one_address);
    }
    assert_eq!((message.digest.len(), message.content_digest.len()), (64, 64));
}

fn one_address(address: &Address) {
    let Address { name, address } = address;
    assert!(address.contains('@') && address.len() <= limits::ADDRESS + 2, "{address:?}");
    assert!(is_line(address) && !address.contains([' ', ',', ';', '<', '>', '"']), "{address:?}");
    let name = name.as_deref().unwrap_or_default();
    assert!(is_line(name) && name.chars().count() <= limits::NAME, "{name:?}");
}

/// HTML becomes text of at most the limit.
pub fn html(data: &[u8]) {
    const LIMIT: usize = 8_192;
    let text = String::from_utf8_lossy(data);
    let shown = page::lay_out(&text, LIMIT).text;
    assert!(shown.len() <= LIMIT + 8, "{} bytes", shown.len());
    // Layout adds marks of quotes and cells, never more than the source has room for.
    assert!(shown.len() <= 64 * data.len() + 64, "{} bytes out of {}", shown.len(), data.len());
}

/// A message as a person writes one, with this text.
fn plain(data: &[u8]) -> Message {
    let mut bytes = b"From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: vraag\r\n\
        Message-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        .to_vec();
    bytes.extend_from_slice(data);
    parse_mail(&bytes, bytes.len() as u64)
}

/// Sections are slices of the text, in order, none over another.
pub fn text(data: &[u8]) {
    let message = plain(data);
    sections(&message, &zones::split(&message, &RULES.text, &RULES.organisation.domains, &[]));
}

fn sections(message: &Message, sections: &zones::Sections) {
    let mut end = 0;
    for section in &sections.0 {
        assert!(section.span.start >= end && section.span.start <= section.span.end, "{:?}", section.span);
        assert!(message.text.get(section.span.clone()).is_some(), "{:?} is no slice", section.span);
        end = section.span.end;
    }
}

fn context(expecting: &[String]) -> Context<'_> {
    let surroundings = &CONFIG.surroundings;
    Context {
        rules: &RULES,
        surroundings,
        mailbox: surroundings.mailbox("klacht").unwrap(),
        arrived: now().with_timezone(&surroundings.time_zone),
        expecting,
    }
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// What is found stands where the evidence says, and is a right value of its kind.
pub fn fields(data: &[u8]) {
    let message = plain(data);
    evidence(&message, &read(&message, context(&[])));
    // The same as an answer to a request, where bare values count.
    let all: Vec<String> = RULES.fields.list.iter().map(|field| field.id.clone()).collect();
    evidence(&message, &read(&message, context(&all)));
}

fn evidence(message: &Message, reading: &Reading) {
    sections(message, &reading.sections);
    for (field, found) in &reading.fields {
        let Evidence { source, span, text } = &found.evidence;
        let whole = match source {
            Source::Body => Some(message.text.as_str()),
            Source::Subject => Some(message.subject.as_str()),
            Source::AttachmentName(at) => message.attachments[*at].name.as_deref(),
            Source::Attached(at) => message.attached.get(*at).map(|mail| mail.text.as_str()),
            Source::Header => None,
        };
        if let Some(whole) = whole {
            assert_eq!(whole.get(span.clone()), Some(text.as_str()), "the evidence of {field}");
        }
        match &found.value {
            Value::Text(value) => right(field, value),
            Value::List(values) => values.iter().for_each(|value| right(field, value)),
        }
    }
}

/// interface.md: how values are written.
fn right(field: &str, value: &str) {
    assert!(!value.trim().is_empty() && value.chars().count() <= 1_000, "{field}: {value:?}");
    assert!(is_safe(value, &['\n', '\t']), "{field}: {value:?}");
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match field {
        "phone" => {
            let number = value.strip_prefix('+');
            assert!(number.is_some_and(|n| digits(n) && (6..=15).contains(&n.len())), "{value:?}");
        }
        "email" => assert!(value.contains('@') && value == value.to_lowercase(), "{value:?}"),
        "incident_date" => assert!(value.parse::<chrono::NaiveDate>().is_ok(), "{value:?}"),
        "invoice_number" => {
            assert!(!value.contains(char::is_whitespace) && value == value.to_uppercase(), "{value:?}");
        }
        _ => {}
    }
}

/// The verdict on any mail, headers and all: its signs tell nothing of anybody.
pub fn screen(data: &[u8]) {
    let message = parse_mail(data, data.len() as u64);
    let sections = zones::split(&message, &RULES.text, &RULES.organisation.domains, &[]);
    let screening = sieve::screen(&message, &sections, &RULES.machines, &CONFIG.surroundings);
    for sign in &screening.signs {
        assert!(is_line(&sign.seen) && sign.seen.chars().count() <= 200, "{:?}", sign.seen);
        assert!(!sign.reason.is_empty());
    }
    if message.return_path == ReturnPath::Null || message.header("x-triaged-case").is_some() {
        assert!(
            !matches!(screening.verdict, sieve::Verdict::Person),
            "a machine's mail taken for a person's"
        );
    }
}

/// A mail as a whole: taken apart, read, decided, answered. Also as an answer in a case that waits.
pub fn mail(data: &[u8]) {
    let message = parse_mail(data, data.len() as u64);
    whole(&message);
    let reading = read(&message, context(&[]));
    evidence(&message, &reading);
    let first = decided(&message, &reading, &Known { next_serial: 1, ..Known::default() });
    sound(&message, &first);
    let opened = first.effects.iter().find_map(|effect| match effect {
        Effect::Open(case) => Some((**case).clone()),
        _ => None,
    });
    if let Some(case) = opened {
        let ancestors = vec![Ancestor { case: case.clone(), ours: true, alert: true }];
        let known = Known { ancestors, numbered: vec![case], next_serial: 2, ..Known::default() };
        sound(&message, &decided(&message, &reading, &known));
    }
    let worn = Known { answers_today: 5, cases_today: 50, next_serial: 3, ..Known::default() };
    let tired = decided(&message, &reading, &worn);
    assert!(tired.reply.is_none(), "a sixth answer in a day");
    assert!(case::numbers_in(&message.text).len() <= 10);
}

fn decided(message: &Message, reading: &Reading, known: &Known) -> Decision {
    let incoming = Incoming {
        message,
        reading,
        context: context(&[]),
        calendar: &CONFIG.calendar,
        folder: Folder::Inbox,
        now: now(),
        poisonous: false,
        accepted: false,
    };
    decide::on_mail(&incoming, known)
}

/// Whatever came in, what goes out is one mail to one address, and says nothing that came in.
fn sound(message: &Message, decision: &Decision) {
    let mut answers = 0;
    for effect in &decision.effects {
        match effect {
            Effect::Send(outgoing) => {
                if !matches!(outgoing.kind, LetterKind::Alert(_)) {
                    answers += 1;
                    assert_ne!(message.return_path, ReturnPath::Null, "an answer to nobody");
                    assert!(!CONFIG.surroundings.is_staff(&outgoing.to), "an answer to ourselves");
                }
                composed(outgoing);
            }
            Effect::Event { text, what, .. } => assert!(is_line(text) && is_line(what), "{text:?}"),
            _ => {}
        }
    }
    assert!(answers <= 1, "{answers} answers");
    assert_eq!(decision.reply.is_some(), answers == 1);
    if message.legibility == Legibility::Broken {
        assert_eq!(answers, 0, "an answer to what nobody can read");
    }
}

/// RFC 5322 §2.1.1, §2.2 and the promises of a mail that goes out.
fn composed(outgoing: &Outgoing) {
    const HEADERS: [&str; 15] = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Triaged-Case",
        "X-Triaged-Alert",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Precedence",
    ];
    assert!(is_line(&outgoing.subject) && is_safe(&outgoing.body, &['\n', '\t']), "{:?}", outgoing.subject);
    let id = compose::message_id(outgoing, "0123456789abcdef");
    // An address that cannot be written to is told to a coordinator.
    let Ok(bytes) = compose::compose(outgoing, "Ksyos", &id, now()) else { return };
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..at]).unwrap().replace("\r\n ", " ");
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 999), "a line too long");
    let mut seen: Vec<&str> = Vec::new();
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}"));
        assert!(HEADERS.contains(&name), "a header that nobody wants: {line:?}");
        assert!(!seen.contains(&name), "twice: {line:?}");
        // RFC 6532 §3.2: an address beyond ASCII stands as it is; the server must know SMTPUTF8.
        let foreign = name == "To" && !outgoing.to.is_ascii();
        assert!(value.is_ascii() || foreign, "{line:?}");
        assert!(!value.contains(['\r', '\n', '\0', '\u{1b}']), "{line:?}");
        seen.push(name);
    }
    assert!(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"].iter().all(|n| seen.contains(n))
    );
}
