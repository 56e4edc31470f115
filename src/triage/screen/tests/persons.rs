//! Letters of people that look like a machine's.

use super::*;

#[test]
fn a_person_who_asks_about_their_holiday_is_answered() {
    let text = "Beste mensen,\n\nIk ben van 3 tot 10 juni op vakantie. Kunt u mijn account eerder openen?\n\nJan de Vries";
    assert_eq!(look(&mail(&[], text)), Verdict::Person);
    let away = "Ik ben tot 10 juni op vakantie.\nJan";
    assert_eq!(look(&mail(&[], away)), review("auto_reply"));
}

#[test]
fn a_request_under_a_subject_like_a_machines_is_a_persons() {
    for (subject, text) in [
        (
            "Afwezig van 20 juli tot 7 augustus",
            "Beste administratie,\n\nIk ben afwezig van 20 juli tot 7 augustus en lees dan geen mail. Kunt u mij vandaag nog laten weten of factuur KS-2026-005130 voor het ECG in termijnen betaald mag worden?\n\nJan de Vries",
        ),
        (
            "Out of office setting",
            "Hello,\n\nWhere can I switch on an out of office message in my account?\n\nJan de Vries",
        ),
        (
            "Gelezen: uw brief van 2 maart",
            "Geachte heer, mevrouw,\n\nIk heb uw brief gelezen. Mijn klacht is dat ik twee uur heb moeten wachten.\n\nJan de Vries",
        ),
        (
            "Onbestelbaar: uw factuur per post",
            "Goedendag,\n\nDe factuur kwam als onbestelbaar bij mijn buren. Wilt u de factuur per mail opnieuw sturen?\n\nJan de Vries",
        ),
    ] {
        let message = Message { subject: subject.into(), ..mail(&[], text) };
        assert_eq!(look(&message), Verdict::Person, "{subject}");
        let marked = Message { return_path: ReturnPath::Null, ..message };
        assert_ne!(look(&marked), Verdict::Person, "{subject}");
    }
    for (subject, text) in [
        (
            "Afwezig tot 7 augustus",
            "Beste,\n\nIk ben afwezig tot 7 augustus. Heeft u een dringende vraag? Bel dan 020-1234567. Kunt u niet wachten? Mail mijn collega.\n\nJan de Vries",
        ),
        (
            "Out of office until Monday",
            "Hello,\n\nI am out of office until Monday. Is it urgent? Please call my colleague.\n\nJan de Vries",
        ),
    ] {
        let message = Message { subject: subject.into(), ..mail(&[], text) };
        assert_ne!(look(&message), Verdict::Person, "{subject}");
    }
}

#[test]
fn a_mail_that_a_rule_forwarded_as_a_quote_is_not_thrown_away() {
    let text = "Van: Elvira Kroesen <elvira@kroesen.example>\n\nBeste mensen, ik kan niet meer inloggen op mijn account. Wie kan mij helpen?\n";
    let marks =
        [("auto-submitted", "auto-generated"), ("x-ms-exchange-inbox-rules-loop", "piet@example.org")];
    let message = Message { subject: "FW: inloggen".into(), ..mail(&marks, text) };
    let all = Sections(vec![Section { zone: Zone::QuotedOther, span: 0..text.len() }]);
    assert_eq!(screen(&message, &all, &MACHINES, &surroundings()).verdict, review("auto_reply"));
}

#[test]
fn a_letter_sent_through_a_firms_mail_program_is_looked_at() {
    let unsubscribe = [("list-unsubscribe", "<https://crm.example/u/7>")];
    let mut message =
        mail(&unsubscribe, "Goedemiddag,\n\nOnder welk kenmerk is mijn betaling geboekt?\n\nJan de Vries");
    assert_eq!(look(&message), ignored("bulk"), "it answers nobody");
    message.subject = "Re: Aanmaning".into();
    assert_eq!(look(&message), review("bulk"));
    message.text = "Deze week in het nieuws:\nTien tips voor uw praktijk.\nAfmelden".into();
    assert_eq!(look(&message), ignored("bulk"), "no letter");
    let list = mail(&[("list-unsubscribe", "<https://x.example>"), ("list-id", "<x.example>")], LETTER);
    assert_eq!(look(&list), ignored("bulk"));
}

#[test]
fn that_one_may_not_be_answered_is_no_second_sign_of_a_machine() {
    let mut notice = mail(
        &[],
        "Er staat een vraag voor u klaar.\nOp dit bericht kunt u niet antwoorden.\nhttps://x.example/1",
    );
    notice.from = vec![mailbox("no-reply@portaal.example")];
    assert_eq!(look(&notice), review("no_reply_sender"));
    notice.headers = vec![("auto-submitted".into(), "auto-generated".into())];
    assert_eq!(look(&notice), ignored("auto_reply"));
    let person = mail(
        &[],
        "Good morning,\n\nCould you merge my accounts? Please do not reply to this address, it is my employer's.\n\nJan de Vries",
    );
    assert_eq!(look(&person), Verdict::Person);
}

#[test]
fn a_word_of_spam_within_another_word_is_none() {
    for words in [
        "Ik wacht op de specialist.",
        "The specialist has not called me.",
        "Museo is mijn naam, een aanbod was er niet.",
    ] {
        assert_eq!(look(&mail(&[], words)), Verdict::Person, "{words}");
    }
}
