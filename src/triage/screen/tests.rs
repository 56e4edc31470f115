//! Machines and people, told apart.

mod persons;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::triage::message::{Address, Attachment};
use crate::triage::surroundings::Mailbox;
use crate::triage::text::Section;

static MACHINES: LazyLock<Machines> = LazyLock::new(|| {
    let rules: MachineRules =
        toml::from_str(include_str!("../../../rules/machines.toml")).expect("rules/machines.toml");
    Machines::compile(&rules).unwrap_or_else(|faults| panic!("{faults:?}"))
});

fn surroundings() -> Surroundings {
    let mailbox = |name: &str| Mailbox {
        name: name.into(),
        address: format!("{name}@ksyos.nl"),
        coordinators: vec!["coordinator@ksyos.nl".into()],
        ..Mailbox::default()
    };
    Surroundings {
        mailboxes: vec![mailbox("info"), mailbox("klacht")],
        admins: Vec::new(),
        authserv_ids: vec!["mx1.ksyos.nl".into()],
        time_zone: chrono_tz::Europe::Amsterdam,
    }
}

fn mailbox(address: &str) -> Address {
    Address { name: Some("Jan de Vries".into()), address: address.into() }
}

/// A person's mail with further headers.
fn mail(headers: &[(&str, &str)], text: &str) -> Message {
    let mut message = Message {
        from: vec![mailbox("jan@example.org")],
        to: vec![mailbox("info@ksyos.nl")],
        subject: "Vraag".into(),
        text: text.into(),
        media_type: "text/plain".into(),
        ..Message::default()
    };
    message.headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    message
}

const LETTER: &str =
    "Beste mensen,\n\nIk heb een vraag over mijn account voor de holter.\n\nGroet,\nJan de Vries";

/// The writer's words all through, but for the last line, which is the signature.
fn look(message: &Message) -> Verdict {
    let cut = message.text.rfind('\n').map_or(message.text.len(), |at| at + 1);
    let own = Section { zone: Zone::Own, span: 0..cut };
    let signature = Section { zone: Zone::Signature, span: cut..message.text.len() };
    screen(message, &Sections(vec![own, signature]), &MACHINES, &surroundings()).verdict
}

fn ignored(reason: &str) -> Verdict {
    machine(reason)
}

#[test]
fn a_person_is_a_person() {
    assert_eq!(look(&mail(&[], LETTER)), Verdict::Person);
    for (name, value) in [
        ("auto-submitted", "no"),
        ("auto-submitted", "No (really)"),
        ("precedence", "normal"),
        ("x-auto-response-suppress", "DR, OOF, AutoReply"),
        ("disposition-notification-to", "jan@example.org"),
        ("x-mailer", "PHPMailer 6.8"),
        ("list-id", "<info.ksyos.nl>"),
        ("authentication-results", "mx1.ksyos.nl; dmarc=pass"),
        ("authentication-results", "mx.other.example; dmarc=fail"),
    ] {
        assert_eq!(look(&mail(&[(name, value)], LETTER)), Verdict::Person, "{name}: {value}");
    }
}

#[test]
fn subjects_that_only_resemble_an_automatic_reply_are_a_persons() {
    for subject in [
        "Automatische incasso klopt niet",
        "Re: Automatisch antwoord: factuur",
        "RE: Out of Office: vraag",
        "Automatiseringsvraag",
    ] {
        let message = Message { subject: subject.into(), ..mail(&[], LETTER) };
        assert_eq!(look(&message), Verdict::Person, "{subject}");
    }
}

#[test]
fn automatic_replies_are_ignored() {
    for (name, value) in [
        ("auto-submitted", "auto-replied (vacation)"),
        ("auto-submitted", "Auto-Replied; owner-email=x"),
        ("x-autoreply", "yes"),
        ("x-autorespond", ""),
        ("x-apple-action", "VACATION"),
        ("precedence", "auto_reply"),
        ("auto-submitted", "(a comment) auto-replied"),
    ] {
        assert_eq!(look(&mail(&[(name, value)], LETTER)), ignored("auto_reply"), "{name}: {value}");
    }
    for subject in [
        "Automatisch antwoord: vraag",
        "Automatic reply: x",
        "Out of Office: x",
        "Auto: x",
        "Afwezig: x",
        "Abwesenheitsnotiz: x",
    ] {
        let message = Message { subject: subject.into(), ..mail(&[], LETTER) };
        assert_eq!(look(&message), ignored("auto_reply"), "{subject}");
    }
}

#[test]
fn a_vacation_reply_marked_as_bulk_is_an_automatic_reply() {
    let message = mail(&[("precedence", "bulk"), ("auto-submitted", "auto-replied")], LETTER);
    assert_eq!(look(&message), ignored("auto_reply"));
}

#[test]
fn lists_are_bulk() {
    assert_eq!(look(&mail(&[("precedence", "List")], LETTER)), ignored("bulk"));
    assert_eq!(look(&mail(&[("list-unsubscribe", "<https://x>")], LETTER)), ignored("bulk"));
}

#[test]
fn reports_are_known_by_their_parts() {
    for (part, reason) in [
        ("message/delivery-status", "bounce"),
        ("message/disposition-notification", "receipt"),
        ("message/feedback-report", "report"),
        ("application/tlsrpt+gzip", "report"),
    ] {
        let mut message = mail(&[("auto-submitted", "auto-replied")], LETTER);
        message.attachments.push(Attachment { media_type: part.into(), ..Attachment::default() });
        assert_eq!(look(&message), ignored(reason), "{part}");
    }
    let mut message = mail(&[], LETTER);
    message.attachments.push(Attachment {
        name: Some("google.com!ksyos.nl!1778371200!1778457600.xml.gz".into()),
        media_type: "application/gzip".into(),
        ..Attachment::default()
    });
    assert_eq!(look(&message), ignored("report"));
}

#[test]
fn an_invitation_is_a_calendars_and_a_file_beside_text_is_a_persons() {
    let part = |inline| Attachment { media_type: "text/calendar".into(), inline, ..Attachment::default() };
    let mut message = mail(&[], LETTER);
    message.attachments.push(part(true));
    assert_eq!(look(&message), ignored("calendar"));
    message.attachments = vec![part(false)];
    assert_eq!(look(&message), Verdict::Person);
}

#[test]
fn a_null_return_path_is_never_answered() {
    let message = Message { return_path: ReturnPath::Null, ..mail(&[], LETTER) };
    assert_ne!(look(&message), Verdict::Person);
    // A form of a web site that gives no address: a person must hear of it.
    let form =
        Message { from: Vec::new(), return_path: ReturnPath::Null, ..mail(&[], "Naam: Jan\nVraag: hoe?") };
    assert_eq!(look(&form), review("unreadable"));
    let away = "Ik ben afwezig tot maandag. Na mijn terugkomst lees ik uw mail.\nJan";
    let message = Message { return_path: ReturnPath::Null, ..mail(&[], away) };
    assert_eq!(look(&message), ignored("auto_reply"));
}

#[test]
fn a_persons_mail_that_a_rule_passed_on_is_for_a_person() {
    let marks =
        [("auto-submitted", "auto-generated"), ("x-ms-exchange-inbox-rules-loop", "piet@example.org")];
    assert_eq!(look(&mail(&marks, LETTER)), review("auto_reply"));
    let away = Message { subject: "Automatisch antwoord: vraag".into(), ..mail(&marks, LETTER) };
    assert_eq!(look(&away), ignored("auto_reply"));
}

#[test]
fn our_own_mail_comes_home_unanswered() {
    let own = Message { from: vec![mailbox("info@ksyos.nl")], ..mail(&[], LETTER) };
    assert_eq!(look(&own), ignored("own_mail"));
    assert_eq!(look(&mail(&[("x-loop", "KLACHT@ksyos.nl")], LETTER)), ignored("own_mail"));
    let sent_on = Message { message_id: Some("ack.1@ksyos.nl".into()), ..mail(&[], LETTER) };
    assert_eq!(look(&sent_on), ignored("own_mail"));
    let colleague = Message { from: vec![mailbox("piet@ksyos.nl")], ..sent_on };
    assert_eq!(look(&colleague), Verdict::Person);
    assert_eq!(
        look(&Message { from: vec![mailbox("coordinator@ksyos.nl")], ..mail(&[], LETTER) }),
        Verdict::Person
    );
}

#[test]
fn a_no_reply_sender_is_looked_at_unless_it_is_bulk() {
    for address in [
        "noreply@x.example",
        "no-reply@x.example",
        "DoNotReply@x.example",
        "klant-noreply@x.example",
        "niet-beantwoorden@x.example",
    ] {
        let from = vec![mailbox(&address.to_lowercase())];
        assert_eq!(
            look(&Message { from: from.clone(), ..mail(&[], LETTER) }),
            review("no_reply_sender"),
            "{address}"
        );
        assert_eq!(look(&Message { from, ..mail(&[("list-unsubscribe", "x")], LETTER) }), ignored("bulk"));
    }
    assert_eq!(
        look(&Message { from: vec![mailbox("reply@x.example")], ..mail(&[], LETTER) }),
        Verdict::Person
    );
}

#[test]
fn what_cannot_be_read_or_answered_is_looked_at() {
    assert_eq!(look(&Message { from: Vec::new(), ..mail(&[], LETTER) }), review("unreadable"));
    assert_eq!(
        look(&Message { from: vec![mailbox("jan@localhost")], ..mail(&[], LETTER) }),
        review("unreadable")
    );
    assert_eq!(look(&Message { legibility: Legibility::Encrypted, ..mail(&[], "") }), review("unreadable"));
    assert_eq!(look(&Message { legibility: Legibility::Empty, ..mail(&[], "") }), review("empty"));
    let tag = mail(&[], "Verstuurd vanaf mijn iPhone");
    let sections = Sections(vec![Section { zone: Zone::Boilerplate, span: 0..tag.text.len() }]);
    assert_eq!(screen(&tag, &sections, &MACHINES, &surroundings()).verdict, review("empty"));
}

#[test]
fn a_portals_notice_is_looked_at_however_automatic_it_is() {
    let text = "Jan de Vries heeft u via Zivver een beveiligd bericht gestuurd.\nKlik op de link om het bericht te lezen: https://x.example";
    let message = Message {
        from: vec![mailbox("noreply@zivver.com")],
        ..mail(&[("auto-submitted", "auto-generated")], text)
    };
    assert_eq!(look(&message), review("unreadable"));
    let complaint = "Beste,\n\nU heeft een beveiligd bericht gestuurd, maar ik kan het niet openen.\n\nJan";
    assert_eq!(look(&mail(&[], complaint)), Verdict::Person);
}

#[test]
fn spam_is_ignored_by_a_filters_verdict_and_looked_at_by_its_words() {
    assert_eq!(look(&mail(&[("x-spam-flag", "YES")], LETTER)), ignored("spam"));
    assert_eq!(look(&mail(&[("x-spam-flag", "NO")], LETTER)), Verdict::Person);
    let advance =
        "I am Barrister Daniel. My late client left US$18.5M without next of kin. This is risk free.\nD";
    assert_eq!(look(&mail(&[], advance)), review("spam"));
    for phishing in [
        "Geachte gebruiker,\n\nUw postvak heeft 98% van zijn opslag bereikt. Klik hier om uw wachtwoord te bevestigen. \
         Doet u dit niet binnen 24 uur, dan wordt uw account gewist.",
        "Dear user, your mailbox info@ksyos.nl will be suspended today. Click below to verify your password.",
        "Uw e-mailaccount is verlopen. Log in via deze link om het te activeren en uw wachtwoord te behouden.",
    ] {
        assert_eq!(look(&mail(&[], phishing)), review("spam"), "{phishing}");
    }
    for account in [
        "Hallo, uw e-mail zei dat de link verlopen was. Als ik klik om mijn wachtwoord te bevestigen gebeurt niets.\n\nJan",
        "Hi, your email says the code expired. I click confirm and the password page stays white.\n\nJan",
        "Hallo, mijn mailbox was vol, dus ik heb de link voor mijn wachtwoord niet gekregen. Kan het opnieuw?\n\nJan",
    ] {
        assert_eq!(look(&mail(&[], account)), Verdict::Person, "{account}");
    }
    assert_eq!(
        look(&mail(
            &[("authentication-results", "mx1.ksyos.nl; spf=fail; dmarc=fail (p=reject; x) header.from=y")],
            LETTER
        )),
        review("spam")
    );
}

#[test]
fn only_the_topmost_trusted_result_counts() {
    let message = mail(
        &[
            ("authentication-results", "mx1.ksyos.nl; dmarc=pass"),
            ("authentication-results", "mx1.ksyos.nl; dmarc=fail"),
        ],
        LETTER,
    );
    assert_eq!(look(&message), Verdict::Person);
}

#[test]
fn signs_name_no_person() {
    let message = mail(&[("auto-submitted", "jan@example.org"), ("x-autoreply", "jan@example.org")], LETTER);
    let screening = screen(&message, &Sections::default(), &MACHINES, &surroundings());
    assert!(screening.signs.len() >= 2);
    assert!(screening.signs.iter().all(|sign| !sign.seen.contains('@')));
}

#[test]
fn every_fault_of_the_signs_is_told() {
    let rules: MachineRules = toml::from_str("[[sign]]\nreason = \"Bulk!\"\nheader = \"x\"\n[[sign]]\nreason = \"bulk\"\nsubject = \"(\"\n[[sign]]\nreason = \"bulk\"").expect("toml");
    let faults = Machines::compile(&rules).expect_err("faults");
    let places: Vec<String> = faults.iter().map(|fault| fault.place.to_string()).collect();
    assert_eq!(places, ["sign[0].reason", "sign[1].subject", "sign[2]"]);
}

proptest! {
    #[test]
    fn any_message_is_screened(subject in ".{0,40}", text in "(?s).{0,200}", name in "[a-z-]{1,15}", value in ".{0,40}", from in "\\PC{0,10}") {
        let mut message = mail(&[(&name, &value), ("auto-submitted", &value), ("authentication-results", &value)], &text);
        message.subject = subject;
        message.from = vec![mailbox(&from)];
        let all = Sections(vec![Section { zone: Zone::Own, span: 0..text.len() }]);
        let _ = screen(&message, &all, &MACHINES, &surroundings());
    }
}

#[test]
fn who_asks_for_a_person_is_understood() {
    for text in [
        "Kan iemand mij bellen?",
        "Kan er alstublieft iemand van u mij even bellen?",
        "Bel me gewoon even.",
        "Bel mij maar op 0612345678, dat praat makkelijker.",
        "Kunt u mij terugbellen?",
        "Kunnen jullie mij niet gewoon even bellen?",
        "Ik wil een medewerker spreken.",
        "Ik wil gewoon met een mens praten.",
        "Ik zou graag met iemand van u spreken.",
        "Ik wil liever gebeld worden.",
        "Ik word graag gebeld.",
        "Graag telefonisch contact.",
        "Laat een medewerker mij bellen.",
        "Ik wil niet met een computer praten.",
        "Niet nog zo'n automatische mail alstublieft.",
        "Mag ik een collega aan de lijn? Kan een medewerker mij helpen?",
        "Please let a person call me.",
        "Can someone please\ncall me?",
        "Could somebody phone me about this?",
        "I want to speak to a human being.",
        "I would like to talk to someone.",
        "I'd rather speak to a real person.",
        "Please call me.",
        "Can you just call me back?",
        "Not another automated reply!",
    ] {
        assert!(MACHINES.wants_a_person(text), "{text}");
    }
    for text in [
        "Mijn nummer is 0612345678.",
        "Op 3 maart belde ik en niemand nam op.",
        "De medewerker hing op toen ik vroeg om te worden geholpen.",
        "Iemand van u belde mij op 3 maart.",
        "U kunt mij bereiken op 0612345678.",
        "De datum is 12 maart, de assistente heette Petra.",
        "Bellen hoeft niet, mail is prima.",
        "Your colleague called me on 3 March.",
        "The person who called me was rude.",
        "Nobody called me back.",
        "I called you yesterday; my number is 0612345678.",
        "Ik heb met een medewerker gesproken.",
        "I spoke with an employee about the computer.",
    ] {
        assert!(!MACHINES.wants_a_person(text), "{text}");
    }
}
