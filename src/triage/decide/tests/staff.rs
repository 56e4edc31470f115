//! Mail of our own people.

use super::*;
use crate::triage::decide::Disposition;

const TUESDAY: &str = "2026-11-17T10:00:00+01:00";

/// Carla's mail to Jan on Tuesday.
fn answer() -> Mail {
    mail(CARLA, "1@carla").to(&[JAN]).arrives(TUESDAY)
}

fn assert_stopped(decision: &Decision) {
    assert_eq!(decision.disposition, Disposition::StaffReply);
    let case = case(decision);
    assert_eq!((case.state, case.answered, case.alarm), (State::Answered, Some(at(TUESDAY)), None));
    assert!(sent(&decision.effects).is_empty() && decision.reply.is_none());
    assert_eq!(events(&decision.effects), ["answered"]);
    assert_eq!(decision.number.as_deref(), Some(case.number.as_str()));
}

#[test]
fn an_answer_in_the_sent_folder_stops_the_clock() {
    let case = open_case();
    let from_mailbox =
        Mail { message: Message { from: vec![address(KLACHT)], ..answer().message }, ..answer() };
    for mail in [answer().in_sent(), from_mailbox.machine("own_mail").sign("own_mail").in_sent()] {
        for known in [answers_theirs(&case), answers_ours(&case), numbered(&case), of_recipients(&[&case]), {
            let same = of_recipients(&[&case, &case]);
            assert_eq!(same.of_recipients.len(), 2);
            same
        }] {
            assert_stopped(&mail.decide(&known));
        }
    }
}

#[test]
fn an_answer_to_a_waiting_case_stops_its_clock_as_well() {
    assert_stopped(&answer().in_sent().decide(&answers_theirs(&waiting_case())));
}

#[test]
fn the_person_may_stand_in_cc_or_bcc() {
    for field in 0..2 {
        let mut mail = answer().to(&["partner@example.net"]).in_sent();
        let list = if field == 0 { &mut mail.message.cc } else { &mut mail.message.bcc };
        list.push(address(JAN));
        assert_stopped(&mail.decide(&answers_theirs(&open_case())));
    }
}

#[test]
fn a_forward_to_a_colleague_or_a_third_party_does_not_stop_the_clock() {
    let case = open_case();
    for to in ["ines@ksyos.nl", "doctor@example.net", "info@ksyos.nl"] {
        let mail = answer().to(&[to]).in_sent();
        for known in [answers_theirs(&case), numbered(&case), of_recipients(&[&case])] {
            let decision = mail.decide(&known);
            assert_eq!(decision.disposition, Disposition::Ignore, "{to}");
            assert_eq!(decision.reason.as_deref(), Some("own_mail"));
            assert!(decision.effects.is_empty());
            let names_it = known.of_recipients.is_empty();
            assert_eq!(decision.number.as_deref(), names_it.then_some(&*case.number), "kept with its case");
        }
    }
}

/// What the doctor answers whom a colleague asked about the case; a mail of ours may stand in the thread.
fn consulted(case: &Case, ours: bool) -> Known {
    let ancestors = vec![Ancestor { case: case.clone(), ours, alert: false }];
    Known { ancestors, parent: Parent::Consulting, ..nothing() }
}

const DOCTOR: &str = "doctor@example.net";

#[test]
fn who_was_consulted_gets_no_letter_and_is_told_to_the_coordinators() {
    for case in [open_case(), waiting_case(), answered_case()] {
        for ours in [false, true] {
            let decision = mail(DOCTOR, "2@doctor").says_all().decide(&consulted(&case, ours));
            assert_eq!(
                (decision.disposition, decision.reason.as_deref()),
                (Disposition::Review, Some("consulted"))
            );
            assert_eq!(decision.number.as_deref(), Some(&*case.number));
            assert!(letters(&decision.effects).is_empty());
            assert_eq!(alerts(&decision.effects, AlertKind::Review), [CARLA, "karim@ksyos.nl"]);
            let after = super::case(&decision);
            assert_eq!(
                (&after.fields, &after.missing),
                (&case.fields, &case.missing),
                "what the person said"
            );
            assert!(waits(&after) && !after.is_of(DOCTOR), "thanking the doctor stops no clock");
        }
    }
}

#[test]
fn the_person_who_answers_a_mail_about_the_case_to_somebody_else_is_still_the_person() {
    let decision = mail(JAN, "2@jan").decide(&consulted(&open_case(), false));
    assert_eq!((decision.disposition, decision.reason), (Disposition::FollowUp, None));
}

#[test]
fn who_has_a_mail_of_ours_only_somewhere_in_the_thread_is_not_taken_for_the_person() {
    let known = Known { parent: Parent::Other, ..answers_ours(&waiting_case()) };
    let mut mail = mail(DOCTOR, "2@doctor").says("phone", "+31201234567");
    own_words(&mut mail);
    let after = case(&mail.decide(&known));
    assert!(after.fields.contains_key("phone") && !after.is_of(DOCTOR));
}

#[test]
fn our_own_automatic_mail_in_the_sent_folder_never_stops_the_clock() {
    let known = answers_theirs(&open_case());
    let ours = Known { sent_by_us: true, ..known.clone() };
    assert!(answer().in_sent().decide(&ours).effects.is_empty());
    for mail in [
        answer().header("auto-submitted", "auto-replied; owner=x"),
        answer().header("x-triaged-case", "K-2026-000123"),
        answer().sign("auto_reply"),
        answer().machine("auto_reply").sign("auto_reply"),
    ] {
        let decision = mail.in_sent().decide(&known);
        assert_eq!((decision.disposition, decision.effects.len()), (Disposition::Ignore, 0));
    }
    assert_stopped(&answer().header("auto-submitted", "No (a person)").in_sent().decide(&known));
}

#[test]
fn two_waiting_cases_of_one_person_are_not_guessed_between() {
    let first = open_case();
    let second = Case { number: "K-2026-000124".to_owned(), ..open_case() };
    let decision = answer().in_sent().decide(&of_recipients(&[&first, &second]));
    assert_eq!(decision.disposition, Disposition::Ignore);
    let one_left = of_recipients(&[&answered_case(), &second]);
    assert_eq!(answer().in_sent().decide(&one_left).number.as_deref(), Some("K-2026-000124"));
}

#[test]
fn a_mail_older_than_the_case_is_no_answer_to_it() {
    let old = answer().arrives("2026-11-13T10:00:00+01:00").in_sent();
    assert_eq!(old.decide(&of_recipients(&[&open_case()])).disposition, Disposition::Ignore);
}

#[test]
fn a_coordinators_answer_seen_in_the_inbox_stops_the_clock() {
    let case = open_case();
    let mail = answer().to(&[JAN, KLACHT]);
    assert_stopped(&mail.decide(&answers_theirs(&case)));
    assert_stopped(&mail.decide(&of_recipients(&[&case])));
    let mut own = mail.machine("own_mail").sign("own_mail");
    own.message.from = vec![address(KLACHT)];
    assert_stopped(&own.decide(&answers_theirs(&case)));
    let quoting = own.review("own_mail");
    assert_stopped(&quoting.decide(&answers_theirs(&case)));
}

#[test]
fn a_forged_coordinator_stops_no_clock() {
    let mail = answer().to(&[JAN, KLACHT]).review("spam");
    let mut own = answer().to(&[JAN, KLACHT]).machine("own_mail").sign("own_mail").sign("spam");
    own.message.from = vec![address(KLACHT)];
    assert_eq!(own.decide(&numbered(&open_case())).disposition, Disposition::Ignore);
    let decision = mail.decide(&numbered(&open_case()));
    assert_eq!(decision.disposition, Disposition::Review);
    assert!(letters(&decision.effects).is_empty());
    assert!(waits(&case(&decision)));
}

#[test]
fn a_coordinators_out_of_office_is_a_machines() {
    let mail = answer().to(&[JAN, KLACHT]).machine("auto_reply").sign("auto_reply");
    let decision = mail.decide(&answers_theirs(&open_case()));
    assert_eq!((decision.disposition, decision.effects.len()), (Disposition::Ignore, 0));
}

#[test]
fn other_mail_of_a_coordinator_is_a_case_to_look_at() {
    let decision = answer().to(&[KLACHT]).decide(&nothing());
    assert_eq!(decision.disposition, Disposition::Review);
    let case = case(&decision);
    assert!(case.due.is_some() && case.contact.is_none() && case.senders.is_empty());
    assert_eq!(decision.reason.as_deref(), Some("own_mail"));
    assert!(sent(&decision.effects).first().unwrap().body.contains("een collega"));
    assert!(letters(&decision.effects).is_empty());
}

#[test]
fn a_coordinators_answer_to_an_alert_is_noted_and_the_clock_goes_on() {
    let case = open_case();
    let decision = answer().to(&[KLACHT]).decide(&answers_ours(&case));
    assert_eq!(
        (decision.disposition, decision.number.as_deref()),
        (Disposition::FollowUp, Some(&*case.number))
    );
    assert!(case_in(&decision.effects).is_none() && sent(&decision.effects).is_empty());
}

/// Carla's answer to an alert about the case.
fn answers_alert(case: &Case) -> Known {
    let ancestors = vec![Ancestor { case: case.clone(), ours: true, alert: true }];
    Known { ancestors, parent: Parent::Ours, ..nothing() }
}

/// What Carla sends to the mailbox alone.
fn to_us() -> Mail {
    answer().to(&[KLACHT])
}

#[test]
fn who_answers_an_alert_instead_of_the_person_is_told_so() {
    for case in [open_case(), waiting_case()] {
        for known in [answers_alert(&case), numbered(&case)] {
            for mail in [to_us(), to_us().review("empty"), to_us().review("unreadable")] {
                if mail.reading.screening.verdict != Verdict::Person && known.ancestors.is_empty() {
                    continue;
                }
                let decision = mail.decide(&known);
                assert_eq!((decision.disposition, &decision.reason), (Disposition::FollowUp, &None));
                assert_eq!(decision.number.as_deref(), Some(&*case.number));
                assert!(case_in(&decision.effects).is_none() && letters(&decision.effects).is_empty());
                let [hint] = sent(&decision.effects)[..] else { panic!("{:?}", decision.effects) };
                assert_eq!((hint.kind, &*hint.to), (LetterKind::Alert(AlertKind::Astray), CARLA));
                assert_eq!(hint.in_reply_to.as_deref(), Some("1@carla"));
                assert!(hint.subject.contains(&format!("[{}]", case.number)));
                for said in ["niet gekregen", "nog open", JAN, "triaged cases answer K-2026-000123"] {
                    assert!(hint.body.contains(said), "{said} in {}", hint.body);
                }
            }
        }
    }
}

#[test]
fn a_coordinator_is_told_once_a_day_for_each_case_that_an_answer_went_astray() {
    let (case, keys) = (open_case(), |mail: Mail, case: &Case| {
        let effects = mail.decide(&answers_alert(case)).effects;
        sent(&effects).first().map(|hint| hint.key.clone()).unwrap()
    });
    let first = keys(to_us(), &case);
    let another = Mail { message: mail(CARLA, "2@carla").to(&[KLACHT]).message, ..to_us() };
    assert_eq!(keys(another, &case), first, "another mail on the same day");
    assert_ne!(keys(to_us(), &Case { number: "K-2026-000124".to_owned(), ..case.clone() }), first);
    let karim = Mail { message: mail("karim@ksyos.nl", "1@karim").to(&[KLACHT]).message, ..to_us() };
    assert_ne!(keys(karim, &case), first);
    let mut tomorrow = to_us();
    tomorrow.now += chrono::TimeDelta::days(1);
    assert_ne!(keys(tomorrow, &case), first);
}

#[test]
fn nobody_else_and_no_machine_is_told_that_an_answer_went_astray() {
    let case = open_case();
    let told = |mail: Mail, known: &Known| !alerts(&mail.decide(known).effects, AlertKind::Astray).is_empty();
    let from = |address_: &str| {
        let mut mail = to_us();
        mail.message.from = vec![address(address_)];
        mail
    };
    let mut silent = vec![
        (to_us().machine("auto_reply").sign("auto_reply"), "out of office"),
        (to_us().header("auto-submitted", "auto-replied"), "marked automatic"),
        (to_us().header("x-triaged-case", &case.number), "of another triaged"),
        (to_us().review("spam").sign("spam"), "may be forged"),
        (from("beheer@ksyos.nl"), "an admin"),
        (from(KLACHT), "our own address"),
        (from(JAN), "the person"),
        (from("eve@example.net"), "a stranger"),
        (answer().to(&[JAN, KLACHT]), "the person has it"),
        (answer().to(&["karim@ksyos.nl", KLACHT]), "to a colleague, with a copy to us"),
        (answer().to(&[DOCTOR, KLACHT]), "to a doctor, with a copy to us"),
        (to_us().in_sent(), "found in Sent"),
    ];
    let mut copy = to_us();
    copy.message.cc.push(address(JAN));
    silent.push((copy, "the person has a copy"));
    for (mail, why) in silent {
        for known in [answers_alert(&case), numbered(&case)] {
            assert!(!told(mail.clone(), &known), "{why}");
        }
    }
    assert!(!told(to_us(), &answers_alert(&answered_case())), "somebody has answered");
    assert!(!told(to_us(), &answers_ours(&case)), "a letter, no alert");
    assert!(!told(to_us(), &Known { sent_by_us: true, ..answers_alert(&case) }), "our own");
    let mut forward = to_us();
    forward.reading.sections = Sections(vec![Section { zone: Zone::QuotedOther, span: 0..10 }]);
    assert_eq!(forward.decide(&numbered(&case)).disposition, Disposition::Review, "passed on, to look at");
    assert!(told(to_us(), &answers_alert(&case)));
}

#[test]
fn our_own_address_without_anything_passed_on_is_own_mail() {
    let mut mail = answer().to(&[KLACHT]);
    mail.message.from = vec![address("info@ksyos.nl")];
    let decision = mail.decide(&nothing());
    assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Ignore, Some("own_mail")));
    mail.reading.sections = Sections(vec![Section { zone: Zone::QuotedOther, span: 0..10 }]);
    assert_eq!(mail.decide(&nothing()).disposition, Disposition::Review);
}

#[test]
fn a_further_answer_changes_nothing() {
    let case = answered_case();
    let decision = answer().arrives("2026-11-18T10:00:00+01:00").in_sent().decide(&answers_theirs(&case));
    assert_eq!(decision.disposition, Disposition::StaffReply);
    assert!(case_in(&decision.effects).is_none());
    assert_eq!(events(&decision.effects), ["wrote"]);
}

#[test]
fn an_answer_that_crossed_a_later_mail_does_not_answer_that() {
    let first = open_case();
    let later = mail(JAN, "2@jan").arrives("2026-11-17T10:05:00+01:00").decide(&numbered(&first));
    let decision = answer().in_sent().decide(&answers_theirs(&case(&later)));
    let case = case(&decision);
    assert_eq!((case.state, case.term), (State::Open, 2));
    assert_eq!(case.due, Some(at("2026-11-20T17:00:00+01:00")), "three days from the later mail");
    assert_eq!(events(&decision.effects), ["answered", "reopened"]);
}
