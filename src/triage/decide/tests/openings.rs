//! A mail that opens a case, and what its sender is told.

use super::*;
use crate::triage::decide::Disposition;
use crate::triage::message::ReturnPath;

#[test]
fn a_complete_mail_opens_a_case_and_is_acknowledged_to_its_sender() {
    let decision = mail(JAN, "first@jan").says_all().decide(&nothing());
    let case = case(&decision);
    assert_eq!(decision.disposition, Disposition::Case);
    assert_eq!((case.number.as_str(), case.state), ("K-2026-000123", State::Open));
    assert_eq!(decision.number.as_deref(), Some("K-2026-000123"));
    assert_eq!(case.due, Some(at("2026-11-19T17:00:00+01:00")));
    assert_eq!(decision.due.unwrap().to_rfc3339(), "2026-11-19T17:00:00+01:00");
    assert_eq!(case.alarm, Some(at("2026-11-18T08:00:00+01:00")));
    assert_eq!((case.contact.as_deref(), case.senders.as_slice()), (Some(JAN), &[JAN.to_owned()][..]));
    assert!(
        matches!(decision.effects.first(), Some(Effect::Open(_))),
        "what refers to a case comes after it"
    );
    assert_eq!(reply_kind(&decision), Some("acknowledgement"));

    let letter = sent(&decision.effects).into_iter().find(|mail| mail.to == JAN).unwrap();
    assert_eq!((letter.from.as_str(), letter.mailbox.as_str()), (KLACHT, "klacht"));
    assert_eq!(letter.in_reply_to.as_deref(), Some("first@jan"));
    assert_eq!(letter.references, ["first@jan"]);
    assert!(letter.subject.contains("[K-2026-000123]"), "{}", letter.subject);
    assert_eq!(letter.case.as_deref(), Some("K-2026-000123"));
}

#[test]
fn an_incomplete_mail_is_asked_for_what_is_missing_and_its_clock_runs() {
    let decision = mail(JAN, "first@jan").says("name", "Jan").says("email", JAN).decide(&nothing());
    let case = case(&decision);
    assert_eq!(decision.missing, ["phone", "incident_date", "description"], "in the order of the rule file");
    assert_eq!((case.state, case.requests), (State::AwaitingInformation, 1));
    assert_eq!(letters(&decision.effects), [LetterKind::Request]);
    assert_eq!(reply_kind(&decision), Some("request"));
    assert!(case.due.is_some() && case.alarm.is_some());
}

#[test]
fn only_fields_of_the_inquiry_are_noted() {
    let decision = mail(JAN, "1@jan").says_all().says("service_type", "ecg").decide(&nothing());
    assert!(decision.fields.contains_key("service_type"), "optional");
    assert!(!decision.fields.contains_key("invoice_number"));
    assert!(!case(&decision).fields.contains_key("invoice_number"));
}

#[test]
fn coordinators_hear_of_a_new_complaint_wherever_it_arrived() {
    let decision = mail(JAN, "1@jan").says_all().inquiry("complaint", "info").decide(&nothing());
    assert_eq!(alerts(&decision.effects, AlertKind::New), [CARLA, "karim@ksyos.nl"]);
    let mails = sent(&decision.effects);
    let alert = mails.iter().find(|mail| mail.to == CARLA).unwrap();
    assert_eq!(alert.from, KLACHT, "an alert comes from the mailbox of the inquiry");
    assert_eq!(alert.key, "K-2026-000123.1.new.carla@ksyos.nl");
    assert!(alert.subject.contains("[K-2026-000123]"));
    let letter = mails.iter().find(|mail| mail.to == JAN).unwrap();
    assert_eq!(letter.from, "info@ksyos.nl", "an answer from where the mail arrived");
    let keys: std::collections::BTreeSet<&str> = mails.iter().map(|mail| mail.key.as_str()).collect();
    assert_eq!(keys.len(), mails.len());
}

#[test]
fn an_inquiry_may_have_no_term_and_no_alert() {
    let decision = mail(JAN, "1@jan").says_all().inquiry("invoice", "administratie").decide(&nothing());
    let case = case(&decision);
    assert_eq!((case.number.as_str(), case.due, case.alarm), ("F-2026-000123", None, None));
    assert_eq!(sent(&decision.effects).len(), 1);
}

#[test]
fn nothing_that_a_mail_said_goes_out_or_into_the_log() {
    let decision = mail(JAN, "1@jan").says_all().decide(&nothing());
    for mail in sent(&decision.effects) {
        assert!(!mail.body.contains("VALUE-OF") && !mail.subject.contains("VALUE-OF"));
    }
    let log = decision.effects.iter().filter(|effect| matches!(effect, Effect::Event { .. }));
    assert!(!format!("{:?}", log.collect::<Vec<_>>()).contains("VALUE-OF"));
}

#[test]
fn the_year_of_a_number_is_that_of_local_arrival() {
    let decision = mail(JAN, "1@jan").says_all().arrives("2026-12-31T23:30:00Z").decide(&nothing());
    assert_eq!(case(&decision).number, "K-2027-000123");
}

#[test]
fn reply_to_counts_on_the_domain_of_from_only() {
    for (reply_to, expected) in [
        (vec!["j.jansen@example.org"], "j.jansen@example.org"),
        (vec!["jan@elsewhere.example"], JAN),
        (vec!["a@example.org", "b@example.org"], JAN),
        (vec![], JAN),
    ] {
        let mut mail = mail(JAN, "1@jan").says_all();
        mail.message.reply_to = reply_to.into_iter().map(address).collect();
        let decision = mail.decide(&nothing());
        assert_eq!(decision.reply.as_ref().unwrap().to, expected);
        assert_eq!(case(&decision).contact.as_deref(), Some(expected));
        assert!(decision.notes.iter().any(|note| note.contains("the answer goes to")));
    }
}

#[test]
fn an_address_in_the_text_is_noted_but_never_answered() {
    let decision = mail(JAN, "1@jan").says_all().says("email", "victim@example.net").decide(&nothing());
    assert_eq!(decision.reply.unwrap().to, JAN);
}

#[test]
fn where_nobody_may_be_answered_a_person_is_told_to_look() {
    let mut null = mail(JAN, "1@jan").says_all();
    null.message.return_path = ReturnPath::Null;
    let mut to_staff = mail("jan@ksyos.nl", "2@jan").says_all();
    to_staff.message.reply_to = vec![address(CARLA)];
    let mut from_nobody = mail(JAN, "3@jan").says_all();
    from_nobody.message.from.clear();
    for mail in [null, to_staff, from_nobody] {
        let decision = mail.decide(&nothing());
        assert_eq!(decision.disposition, Disposition::Review);
        assert_eq!(decision.reply, None);
        assert!(letters(&decision.effects).is_empty());
        assert_eq!(alerts(&decision.effects, AlertKind::Review).len(), 2);
        assert!(case(&decision).due.is_some());
    }
}

#[test]
fn what_a_person_must_look_at_is_a_case_with_a_clock_and_no_answer() {
    let decision = mail(JAN, "1@jan").says_all().review("empty").decide(&nothing());
    let case = case(&decision);
    assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Review, Some("empty")));
    assert!(decision.fields.is_empty() && decision.missing.is_empty() && decision.inquiry.is_none());
    assert!(decision.due.is_some() && case.alarm.is_some());
    assert_eq!((case.state, case.review, case.missing.len()), (State::Open, true, 0));
    assert_eq!(alerts(&decision.effects, AlertKind::Review), [CARLA, "karim@ksyos.nl"]);
    assert_eq!(sent(&decision.effects).len(), 2, "nobody else is written to");
}

#[test]
fn a_mail_that_killed_the_program_is_for_a_person() {
    let mut poison = mail(JAN, "1@jan").machine("bulk");
    poison.poisonous = true;
    let decision = poison.decide(&nothing());
    assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Review, Some("unreadable")));
    assert!(case(&decision).due.is_some() && letters(&decision.effects).is_empty());
}

#[test]
fn an_admin_may_overrule_the_screen() {
    let mut mail = mail(JAN, "1@jan").says_all().machine("bulk");
    mail.accepted = true;
    let decision = mail.decide(&nothing());
    assert_eq!(decision.disposition, Disposition::Case);
    assert_eq!(letters(&decision.effects), [LetterKind::Acknowledgement]);
}

#[test]
fn the_sixth_answer_of_a_day_is_not_sent_but_the_case_goes_on() {
    let fifth = Known { answers_today: 4, ..nothing() };
    assert_eq!(letters(&mail(JAN, "5@jan").decide(&fifth).effects).len(), 1);

    let sixth = Known { answers_today: 5, ..nothing() };
    let decision = mail(JAN, "6@jan").inquiry("account", "info").decide(&sixth);
    assert_eq!((decision.disposition, &decision.reply), (Disposition::Case, &None));
    let case = case(&decision);
    assert!(case.due.is_some() && case.requests == 0);
    assert_eq!(alerts(&decision.effects, AlertKind::Review), ["ines@ksyos.nl"]);

    let seventh = mail(JAN, "7@jan").inquiry("account", "info").decide(&sixth);
    let key = |decision: &Decision| sent(&decision.effects).first().unwrap().key.clone();
    assert_eq!(key(&decision), key(&seventh), "told once a day, however many follow");
}

#[test]
fn a_flood_of_mail_is_no_flood_of_alerts() {
    let flood = Known { cases_today: 20, answers_today: 5, ..nothing() };
    let mut next = Known { next_serial: 124, ..flood.clone() };
    let keys = |decision: &Decision| -> Vec<String> {
        sent(&decision.effects).iter().map(|mail| mail.key.clone()).collect()
    };
    let first = mail(JAN, "20@jan").decide(&flood);
    assert_eq!(keys(&first), keys(&mail(JAN, "21@jan").decide(&next)));
    next.answers_today = 0;
    let review = mail(JAN, "22@jan").review("empty").decide(&next);
    assert!(keys(&review).iter().all(|key| keys(&first).contains(key)));
    assert!(matches!(review.effects.first(), Some(Effect::Open(_))), "still a case");
}

#[test]
fn letters_say_the_day_in_words_and_alerts_say_why() {
    let decision = mail(JAN, "1@jan").says_all().decide(&nothing());
    let body = decision.reply.unwrap().body;
    assert!(body.contains("donderdag 19 november 2026"), "{body}");

    let mut english = mail(JAN, "2@jan").says_all();
    english.reading.language = Language::En;
    assert!(english.decide(&nothing()).reply.unwrap().body.contains("Thursday 19 November 2026"));

    for reason in ["empty", "unreadable", "spam", "no_reply_sender"] {
        let decision = mail(JAN, "3@jan").review(reason).decide(&nothing());
        let mails = sent(&decision.effects);
        let body = &mails.first().unwrap().body;
        assert!(body.contains("donderdag 19 november 2026 om 17.00 uur"), "{body}");
        assert!(!body.contains(reason), "words for people, not our own: {body}");
    }
}

#[test]
fn no_letter_promises_a_day_that_is_past() {
    let late = Mail { now: at("2026-11-24T10:00:00+01:00"), ..mail(JAN, "1@jan").says_all() };
    let decision = late.decide(&nothing());
    let body = decision.reply.unwrap().body;
    assert!(!body.contains("19 november") && body.contains("zo snel mogelijk"), "{body}");
    assert_eq!(decision.due.unwrap(), at("2026-11-19T17:00:00+01:00"), "the promise stands");
    // A case that was not answered in time is completed after its deadline.
    let second = mail(JAN, "2@jan").says("phone", "+31612345678").says("incident_date", "2026-11-10");
    for mail in [second.clone(), mail(JAN, "3@jan")] {
        let body = mail
            .arrives("2026-11-20T10:00:00+01:00")
            .decide(&answers_ours(&waiting_case()))
            .reply
            .unwrap()
            .body;
        assert!(!body.contains("19 november") && body.contains("zo snel mogelijk"), "{body}");
    }
}

#[test]
fn the_twenty_first_case_of_a_day_gathers_all_that_comes_after() {
    let flood = Known { cases_today: 20, answers_today: 5, ..nothing() };
    let first = mail(JAN, "21@jan").decide(&flood);
    assert_eq!((first.disposition, first.reason.as_deref()), (Disposition::Review, Some("many_cases")));
    let gathering = case(&first);
    assert!(gathering.review && gathering.due.is_some());
    let known = Known { gathering: Some(gathering.clone()), next_serial: 124, ..flood };
    let next = mail(JAN, "22@jan").decide(&known);
    assert_eq!(next.number.as_ref(), Some(&gathering.number));
    assert!(sent(&next.effects).is_empty() && next.reply.is_none());
    let accepted = Mail { accepted: true, ..mail(JAN, "23@jan") };
    assert_eq!(accepted.decide(&known).disposition, Disposition::Case, "an admin said that it is a person's");
}
