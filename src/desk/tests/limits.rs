//! Each limit on one mail as people notice it: just within, it is understood as any other; just beyond,
//! it is still a mail of a person that somebody hears of, and never one less.
//! (`mail/parse/tests/bounds.rs` has the same limits as they look in a parsed mail.)

use std::time::Duration;

use super::super::read::LARGEST;
use super::{INCOMPLETE, Office, mail};
use crate::mail::parse::limits;
use crate::triage::decide::Disposition;

/// What somebody would notice of a mail.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    disposition: Disposition,
    reason: Option<String>,
    /// Fields that were found.
    found: Vec<String>,
    /// Jan gets a letter.
    answered: bool,
    /// The coordinators hear of it: `new` or `review`.
    told: Vec<String>,
    /// A clock runs.
    due: bool,
}

async fn seen(mail: &str) -> Seen {
    let office = Office::new();
    office.receive("klacht", 1, mail).await;
    let (mails, cases, sent) = (office.mails(), office.cases(), office.outgoing().await);
    assert_eq!((mails.len(), cases.len()), (1, 1), "one mail, one case: {mails:?}");
    let told = sent.iter().filter(|(_, to)| to.starts_with("coordinator")).map(|(kind, _)| kind.clone());
    Seen {
        disposition: mails[0].disposition,
        reason: mails[0].reason.clone(),
        found: cases[0].fields.keys().cloned().collect(),
        answered: sent.iter().any(|(_, to)| to == "jan@example.org"),
        told: told.collect(),
        due: cases[0].due.is_some(),
    }
}

/// As an everyday mail with the same words is seen.
async fn usual() -> Seen {
    let seen = seen(&mail("a", "", INCOMPLETE)).await;
    assert!(seen.answered && seen.due && seen.disposition == Disposition::Case, "{seen:?}");
    assert!(seen.found.iter().any(|field| field == "phone"), "{seen:?}");
    seen
}

/// A person has to look at it, knows why, and a clock runs; nobody is written to.
fn is_for_a_person(seen: &Seen, reason: &str) {
    assert_eq!((seen.disposition, seen.reason.as_deref()), (Disposition::Review, Some(reason)), "{seen:?}");
    assert!(seen.due && !seen.answered && seen.told == ["review"], "{seen:?}");
}

/// In a multipart, behind or within something else.
fn parted(before: &str) -> String {
    let part = format!("{before}--b\nContent-Type: text/plain; charset=utf-8\n\n{INCOMPLETE}\n--b--\n");
    mail("a", "", "").replace(
        "Content-Type: text/plain; charset=utf-8\n\n",
        &format!("Content-Type: multipart/mixed; boundary=b\n\n{part}"),
    )
}

#[tokio::test]
async fn the_size_of_a_mail() {
    let of = |size: usize| {
        let file = "--b\nContent-Type: application/pdf; name=\"scan.pdf\"\n\nFILE\n";
        let whole = parted(file);
        let missing = size - whole.replace('\n', "\r\n").len() + "FILE".len();
        whole.replace("FILE", &"x".repeat(missing))
    };
    let within = of(LARGEST);
    assert_eq!(within.replace('\n', "\r\n").len(), LARGEST);
    assert_eq!(seen(&within).await, usual().await);
    is_for_a_person(&seen(&of(LARGEST + 1)).await, "unreadable");
}

#[tokio::test]
async fn the_number_of_parts() {
    // The multipart itself is one, the text the last.
    let of = |parts: usize| parted(&"--b\n\n\n".repeat(parts - 2));
    assert_eq!(seen(&of(limits::PARTS)).await, usual().await);
    is_for_a_person(&seen(&of(limits::PARTS + 1)).await, "empty");
}

#[tokio::test]
async fn how_deep_parts_are_nested() {
    let of = |depth: usize| {
        let mut head = String::new();
        for level in 0..depth {
            use std::fmt::Write;
            let _ = write!(head, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        let text = format!("{head}Content-Type: text/plain; charset=utf-8\n\n{INCOMPLETE}\n");
        let plain = mail("a", "", INCOMPLETE);
        let (head, _) = plain.split_once("Content-Type").unwrap();
        format!("{head}{text}")
    };
    assert_eq!(seen(&of(limits::DEPTH)).await, usual().await);
    is_for_a_person(&seen(&of(limits::DEPTH + 1)).await, "empty");
}

#[tokio::test]
async fn how_deep_mails_are_attached_to_mails() {
    let of = |depth: usize| {
        let inner = "--b\nContent-Type: message/rfc822\n\n".to_owned()
            + &"Subject: Fwd\nContent-Type: message/rfc822\n\n".repeat(depth - 1)
            + "Subject: binnenin\n\nHallo\n--b--\n";
        parted("").replace("--b--\n", &inner)
    };
    // The words of the person stand beside them: those count, however deep the rest is.
    assert_eq!(seen(&of(limits::ATTACHED_DEPTH)).await, usual().await);
    assert_eq!(seen(&of(limits::ATTACHED_DEPTH + 1)).await, usual().await);
}

/// The service is told in one place alone, and the mail is a person's all the same where nobody looks there.
async fn told_only_there(within: &str, beyond: &str) {
    let without = |mail: &str| mail.replace("Type dienst: holter\n", "");
    let usual = seen(&without(&mail("a", "", INCOMPLETE))).await;
    let service = |seen: &Seen| seen.found.iter().any(|field| field == "service_type");
    assert!(!service(&usual), "{usual:?}");
    let (within, beyond) = (seen(&without(within)).await, seen(&without(beyond)).await);
    assert!(service(&within) && within.answered && within.due, "{within:?}");
    assert_eq!(beyond, usual);
}

/// A mail of the same person within a mail.
fn forwarded(text: &str) -> String {
    format!("--b\nContent-Type: message/rfc822\n\nFrom: jan@example.org\nSubject: eerder\n\n{text}\n")
}

#[tokio::test]
async fn the_number_of_attached_mails() {
    let of = |mails: usize| {
        let last = forwarded("Het gaat om de holter.");
        parted("").replace("--b--\n", &(forwarded("Hallo").repeat(mails - 1) + &last + "--b--\n"))
    };
    told_only_there(&of(limits::ATTACHED), &of(limits::ATTACHED + 1)).await;
}

#[tokio::test]
async fn the_text_of_an_attached_mail() {
    let last = "Het gaat om de holter.";
    let of = |length: usize| {
        let filler = "Zo ging het verder, dag na dag.\n";
        let text = filler.repeat((length - last.len() - 2) / filler.len());
        let rest = "a".repeat(length - text.len() - last.len() - 2);
        parted("").replace("--b--\n", &(forwarded(&format!("{text}{rest}\n\n{last}")) + "--b--\n"))
    };
    told_only_there(&of(limits::ATTACHED_TEXT - 1), &of(limits::ATTACHED_TEXT + last.len())).await;
}

#[tokio::test]
async fn the_number_of_attachments() {
    let file = |name: &str| format!("--b\nContent-Type: application/pdf; name=\"{name}.pdf\"\n\nx\n");
    let of = |files: usize| {
        parted("").replace("--b--\n", &(file("scan").repeat(files - 1) + &file("uitslag holter") + "--b--\n"))
    };
    told_only_there(&of(limits::ATTACHMENTS), &of(limits::ATTACHMENTS + 1)).await;
}

#[tokio::test]
async fn the_bytes_of_all_headers_together_and_their_number() {
    let usual = usual().await;
    // The mail's own headers come behind these.
    let before = |bytes: usize| {
        let full = format!("X-F: {}\n", "a".repeat(limits::HEADER_VALUE - 1));
        let mut headers = String::new();
        let mut count = 0;
        while bytes - count > limits::HEADER_VALUE {
            headers.push_str(&full);
            count += limits::HEADER_VALUE;
        }
        headers + &format!("X-F: {}\n", "a".repeat(bytes - count - 1)) + &mail("a", "", INCOMPLETE)
    };
    let own = 1_000;
    assert_eq!(seen(&before(limits::HEADER_BYTES - own)).await, usual);
    is_for_a_person(&seen(&before(limits::HEADER_BYTES)).await, "unreadable");

    let before = |count: usize| "X-F: a\n".repeat(count) + &mail("a", "", INCOMPLETE);
    assert_eq!(seen(&before(limits::HEADERS - 6)).await, usual);
    is_for_a_person(&seen(&before(limits::HEADERS)).await, "unreadable");
}

#[tokio::test]
async fn the_length_of_a_line() {
    // RFC 5322 §2.1.1 allows 998 characters; what people's programs send has been far longer.
    let usual = usual().await;
    for length in [998, 999, 500_000] {
        let long = format!("{INCOMPLETE}\n\n{}\n", "Zo ging het verder. ".repeat(length / 20));
        let seen = seen(&mail("a", "", &long)).await;
        assert_eq!((seen.disposition, seen.answered, seen.due), (usual.disposition, true, true), "{length}");
        assert!(["email", "name", "phone"].iter().all(|field| seen.found.contains(&(*field).to_owned())));
    }
    // A header is cut; the rest of the mail counts.
    for length in [limits::HEADER_VALUE - 1, limits::HEADER_VALUE + 1] {
        assert_eq!(seen(&mail("a", &format!("X-F: {}\n", "a".repeat(length)), INCOMPLETE)).await, usual);
    }
}

#[tokio::test]
async fn the_length_of_the_text() {
    let of = |length: usize| {
        let filler = "Zo ging het verder, dag na dag, en dat was niet goed.\n";
        let last = "Telefoon: 06-12345678\n";
        let rest = INCOMPLETE.replace(last, "");
        let mut text = rest.clone() + &filler.repeat((length - rest.len() - last.len()) / filler.len());
        text += &"a".repeat(length - text.len() - last.len() - 2);
        mail("a", "", &format!("{text}\n\n{last}"))
    };
    let phone = |seen: &Seen| seen.found.iter().any(|field| field == "phone");
    let says_so = async |mail: &str| {
        let office = Office::new();
        office.receive("klacht", 1, mail).await;
        let case = office.case(&office.cases()[0].number);
        (
            case.events.iter().any(|event| event.what == "cut"),
            case.mails[0].notes.contains("longer than is read"),
        )
    };
    assert_eq!(says_so(&of(limits::TEXT - 1)).await, (false, false));
    assert_eq!(says_so(&of(limits::TEXT + 64)).await, (true, true));
    let within = seen(&of(limits::TEXT - 1)).await;
    assert!(phone(&within) && within.answered && within.due, "{within:?}");
    // What stands behind the bound is not read, so it is asked for: the case and its clock are there.
    let beyond = seen(&of(limits::TEXT + 64)).await;
    assert!(!phone(&beyond) && beyond.answered && beyond.due && !beyond.told.is_empty(), "{beyond:?}");
}

#[tokio::test]
async fn the_time_that_it_takes() {
    // Long enough that whoever looks at the clock comes in time.
    let long = mail("a", "", &(INCOMPLETE.to_owned() + &"Op 3 mei belde ik dr. Bos.\n".repeat(30_000)));
    let office = Office::new();
    office.desk().0.hands.set_patience(Duration::from_mins(10));
    office.receive("klacht", 1, &long).await;
    assert_eq!((office.mails()[0].disposition, office.mails()[0].reason.clone()), (Disposition::Case, None));
    let office = Office::new();
    office.desk().0.hands.set_patience(Duration::from_millis(10));
    office.receive("klacht", 1, &long).await;
    office.desk().0.hands.set_patience(Duration::from_mins(10));
    let reason = office.mails()[0].reason.clone();
    assert_eq!((office.mails()[0].disposition, reason.as_deref()), (Disposition::Review, Some("unreadable")));
    assert!(office.cases()[0].due.is_some(), "its clock runs");
    let sent = office.outgoing().await;
    assert!(sent.iter().all(|(kind, to)| kind == "review" && to.starts_with("coordinator")), "{sent:?}");
    // As many as there are cores, while the first is still at it.
    for uid in 2..6 {
        office.receive("klacht", uid, &mail(&format!("b{uid}"), "", INCOMPLETE)).await;
    }
    let later = office.mails().iter().filter(|mail| mail.reason.is_none()).count();
    assert_eq!(later, 4, "{:?}", office.mails());
}

#[tokio::test]
async fn the_length_of_an_address() {
    let from = |length: usize| {
        // RFC 5321 §4.5.3.1.1, RFC 1035 §2.3.4: a local part has at most 64, a label 63.
        let (local, label) = ("j".repeat(50), "a".repeat(60));
        let last = "o".repeat(length - local.len() - 3 * label.len() - "@...org".len() - 1);
        let address = format!("{local}@{label}.{label}.{label}.{last}.org");
        assert_eq!(address.len(), length);
        (mail("a", "", INCOMPLETE).replace("jan@example.org", &address), address)
    };
    let office = Office::new();
    let (text, address) = from(limits::ADDRESS);
    office.receive("klacht", 1, &text).await;
    assert!(office.outgoing().await.iter().any(|(_, to)| *to == address), "answered");
    let office = Office::new();
    office.receive("klacht", 1, &from(limits::ADDRESS + 1).0).await;
    let sent = office.outgoing().await;
    assert!(sent.iter().all(|(_, to)| to.ends_with("@ksyos.example")) && !sent.is_empty(), "{sent:?}");
    assert!(office.cases()[0].due.is_some(), "its clock runs all the same");
}
