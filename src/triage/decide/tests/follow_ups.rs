//! Mail that belongs to a case that is there already.

use super::*;
use crate::triage::decide::Disposition;

const STRANGER: &str = "eve@example.net";

#[test]
fn an_answer_to_our_mail_joins_whoever_writes_and_the_person_is_answered() {
    let case = waiting_case();
    let decision = mail(STRANGER, "2@eve").says("phone", "+31612345678").decide(&answers_ours(&case));
    assert_eq!(
        (decision.disposition, decision.number.as_deref()),
        (Disposition::FollowUp, Some(&*case.number))
    );
    assert_eq!(decision.reply.unwrap().to, JAN, "never to a stranger who holds a copy");
    let log = format!("{:?}", decision.effects);
    assert!(log.contains("has not heard of this sender"));
}

#[test]
fn a_stranger_gives_neither_name_nor_address_by_their_header() {
    let mut case = waiting_case();
    case.fields.remove("name");
    case.missing.push("name".to_owned());
    let mut mail = mail(STRANGER, "2@eve");
    mail.reading.fields.insert("name".to_owned(), found("Eve", FoundIn::Header, "From"));
    let after = super::case(&mail.decide(&answers_ours(&case)));
    assert!(after.missing.contains(&"name".to_owned()));
}

#[test]
fn a_stranger_who_types_a_number_or_knows_an_id_gets_a_case_of_their_own() {
    let case = open_case();
    for known in [numbered(&case), answers_theirs(&case)] {
        let decision = mail(STRANGER, "2@eve").says_all().decide(&Known { next_serial: 124, ..known });
        assert_eq!(decision.disposition, Disposition::Case);
        let own = super::case(&decision);
        assert_eq!((own.number.as_str(), own.contact.as_deref()), ("K-2026-000124", Some(STRANGER)));
        for mail in sent(&decision.effects) {
            assert!(!mail.body.contains(&case.number) && !mail.subject.contains(&case.number));
        }
    }
}

#[test]
fn the_person_joins_by_number_and_by_their_own_mail() {
    let mut case = open_case();
    case.fields.get_mut("email").unwrap().value = Value::Text("work@example.net".to_owned());
    for known in [numbered(&case), answers_theirs(&case)] {
        for from in [JAN, "Work@Example.net"] {
            let decision = mail(from, "2@jan").decide(&known);
            assert_eq!(decision.disposition, Disposition::FollowUp, "{from}");
            assert_eq!(decision.reply, None, "an open case waits for a person");
            assert!(waits(&super::case(&decision)));
            assert_eq!(events(&decision.effects), ["joined"]);
        }
    }
}

#[test]
fn what_was_missing_completes_the_case_and_its_promise_stands() {
    let case = waiting_case();
    assert_eq!(case.missing, ["phone", "incident_date"]);
    let second = mail(JAN, "2@jan").says("phone", "+31612345678").says("incident_date", "2026-11-10");
    let decision = second.arrives("2026-11-17T10:00:00+01:00").decide(&answers_ours(&case));
    let after = super::case(&decision);
    assert_eq!((after.state, after.missing.len()), (State::Open, 0));
    assert_eq!((after.due, after.alarm, after.term), (case.due, case.alarm, 1));
    assert_eq!(after.latest, at("2026-11-17T10:00:00+01:00"));
    assert_eq!(reply_kind(&decision), Some("acknowledgement"));
    assert!(events(&decision.effects).contains(&"completed"));
    assert_eq!(decision.due.unwrap().with_timezone(&Utc), case.due.unwrap());
}

#[test]
fn one_more_request_and_then_a_coordinator_is_told_once() {
    let case = waiting_case();
    let decision = mail(JAN, "2@jan").says("phone", "+31612345678").decide(&answers_ours(&case));
    let after = super::case(&decision);
    assert_eq!((after.missing.as_slice(), after.requests), (&["incident_date".to_owned()][..], 2));
    assert_eq!(letters(&decision.effects), [LetterKind::Reminder]);
    assert_eq!(reply_kind(&decision), Some("request"));

    let third = mail(JAN, "3@jan").decide(&answers_ours(&after));
    let last = super::case(&third);
    assert_eq!((third.reply.as_ref(), last.state), (None, State::AwaitingInformation));
    assert!(letters(&third.effects).is_empty());
    assert_eq!(alerts(&third.effects, AlertKind::Review), [CARLA, "karim@ksyos.nl"]);
    let fourth = mail(JAN, "4@jan").decide(&answers_ours(&last));
    let keys = |effects: &[Effect]| sent(effects).iter().map(|mail| mail.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&third.effects), keys(&fourth.effects), "the same key: it goes out once");

    let done = mail(JAN, "5@jan").says("incident_date", "2026-11-10").decide(&answers_ours(&last));
    assert_eq!(letters(&done.effects), [LetterKind::Acknowledgement], "completing it is always heard");
}

#[test]
fn what_was_stated_stands_but_for_contact_data_under_a_label() {
    let mut case = waiting_case();
    case.fields.insert(
        "phone".to_owned(),
        crate::triage::decide::opening::stated_by(found("+31600000000", FoundIn::Body, "x")),
    );
    let mut second = mail(JAN, "2@jan").says("description", "other").says("phone", "+31611111111");
    own_words(&mut second);
    let after = super::case(&second.decide(&answers_ours(&case)));
    assert_eq!(after.fields["description"].value, Value::Text("SECRET".to_owned()));
    assert_eq!(after.fields["phone"].value, Value::Text("+31600000000".to_owned()));

    let labelled = found("+31622222222", FoundIn::Body, "label 'mijn nieuwe nummer'");
    second.reading.fields.insert("phone".to_owned(), labelled);
    let after = super::case(&second.decide(&answers_ours(&case)));
    assert_eq!(after.fields["phone"].value, Value::Text("+31622222222".to_owned()));
}

#[test]
fn a_mail_after_the_answer_opens_the_case_again_with_a_new_term() {
    let mut closed = answered_case();
    closed.close(at("2026-11-18T10:00:00+01:00"));
    for mut case in [answered_case(), closed] {
        case.bell.overdue = 2;
        let mail = mail(JAN, "2@jan").arrives("2026-11-20T10:00:00+01:00");
        let decision = mail.decide(&numbered(&case));
        let after = super::case(&decision);
        assert_eq!((after.state, after.term, after.answered, after.closed), (State::Open, 2, None, None));
        assert_eq!(after.due, Some(at("2026-11-25T17:00:00+01:00")));
        assert_eq!(after.alarm, Some(at("2026-11-24T08:00:00+01:00")));
        assert_eq!((after.bell.overdue, after.received), (0, case.received));
        assert_eq!(letters(&decision.effects), [LetterKind::Acknowledgement]);
        assert!(events(&decision.effects).contains(&"reopened"));
    }
}

#[test]
fn a_case_with_a_person_gets_no_automatic_answers() {
    let mut case = open_case();
    case.review = true;
    case.answer(at("2026-11-17T10:00:00+01:00"));
    let decision = mail(JAN, "2@jan").decide(&answers_ours(&case));
    assert_eq!(decision.reply, None);
    assert!(waits(&super::case(&decision)), "its clock runs again all the same");
}

#[test]
fn the_rate_cap_holds_in_a_case_too() {
    let known = Known { answers_today: 5, ..answers_ours(&waiting_case()) };
    let decision = mail(JAN, "2@jan").decide(&known);
    assert_eq!((decision.reply.as_ref(), super::case(&decision).requests), (None, 1));
    assert_eq!(alerts(&decision.effects, AlertKind::Review).len(), 2);
}

#[test]
fn a_mail_to_look_at_joins_by_our_mail_and_changes_nothing_but_the_clock() {
    let waiting = waiting_case();
    let decision =
        mail(JAN, "2@jan").says("phone", "+31612345678").review("spam").decide(&answers_ours(&waiting));
    assert_eq!(
        (decision.disposition, decision.number.as_deref()),
        (Disposition::Review, Some(&*waiting.number))
    );
    let after = super::case(&decision);
    assert_eq!((after.fields, after.due, after.review), (waiting.fields, waiting.due, false));
    assert_eq!((letters(&decision.effects).len(), decision.reply), (0, None));
    assert_eq!(alerts(&decision.effects, AlertKind::Review).len(), 2);

    let reopened = mail(JAN, "2@jan").review("empty").decide(&answers_ours(&answered_case()));
    assert_eq!(super::case(&reopened).term, 2);
}

#[test]
fn a_forged_sender_does_not_join_by_number() {
    let case = open_case();
    let decision = mail(JAN, "2@jan").review("spam").decide(&Known { next_serial: 124, ..numbered(&case) });
    assert_eq!(super::case(&decision).number, "K-2026-000124");
}

#[test]
fn who_asks_for_a_person_gets_one_instead_of_the_next_question() {
    let case = waiting_case();
    let mut second = mail(JAN, "2@jan");
    second.message.text = "Kan iemand mij gewoon even bellen?".to_owned();
    let span = 0..second.message.text.len();
    second.reading.sections = Sections(vec![Section { zone: Zone::Own, span }]);
    let decision = second.decide(&answers_ours(&case));
    let after = super::case(&decision);
    assert_eq!((decision.reply.as_ref(), after.state), (None, State::AwaitingInformation));
    assert!(letters(&decision.effects).is_empty());
    assert_eq!(alerts(&decision.effects, AlertKind::Review), [CARLA, "karim@ksyos.nl"]);
    assert!(events(&decision.effects).contains(&"wants_a_person"));

    let third = mail(JAN, "3@jan").decide(&answers_ours(&after));
    assert!(sent(&third.effects).is_empty(), "nothing is asked again");
}
