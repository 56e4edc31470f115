//! What must hold whatever comes in (design, invariants 6, 7, 8, 11).

use proptest::prelude::*;

use super::*;
use crate::triage::decide::{Disposition, Earlier};
use crate::triage::message::{DeliveryStatus, ReturnPath};

fn some_address() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(
        0.9,
        prop::sample::select(vec![JAN, "eve@example.net", CARLA, KLACHT, "info@ksyos.nl", "beheer@ksyos.nl"]),
    )
}

fn some_verdict() -> impl Strategy<Value = Verdict> {
    let reasons = ["auto_reply", "bounce", "own_mail", "spam", "empty", "no_reply_sender"];
    prop_oneof![
        3 => Just(Verdict::Person),
        1 => prop::sample::select(reasons.to_vec()).prop_map(|r| Verdict::Machine { reason: r.to_owned() }),
        1 => prop::sample::select(reasons.to_vec()).prop_map(|r| Verdict::Review { reason: r.to_owned() }),
    ]
}

prop_compose! {
    fn some_mail()(
        from in some_address(),
        reply_to in some_address(),
        to in some_address(),
        verdict in some_verdict(),
        null in prop::bool::weighted(0.1),
        complete in any::<bool>(),
        sent in prop::bool::weighted(0.2),
        (poisonous, accepted, delivery) in (
            prop::bool::weighted(0.05), prop::bool::weighted(0.1), prop::bool::weighted(0.2)
        ),
        late in 0_i64..20 * 24 * 60,
        mailbox in prop::sample::select(vec!["klacht", "info", "administratie"]),
    ) -> Mail {
        let mut mail = mail(JAN, "any@mail").verdict(verdict).inquiry("complaint", mailbox);
        if complete {
            mail = mail.says_all();
        }
        mail.message.from = from.map(address).into_iter().collect();
        mail.message.reply_to = reply_to.map(address).into_iter().collect();
        mail.message.to.extend(to.map(address));
        if null {
            mail.message.return_path = ReturnPath::Null;
        }
        if delivery {
            mail.message.delivery = Some(DeliveryStatus {
                original_message_id: Some("ours@ksyos.nl".to_owned()),
                ..DeliveryStatus::default()
            });
        }
        mail.folder = if sent { Folder::Sent } else { Folder::Inbox };
        (mail.poisonous, mail.accepted) = (poisonous, accepted);
        mail.now = mail.arrived + chrono::TimeDelta::minutes(late);
        mail
    }
}

fn some_known() -> impl Strategy<Value = Known> {
    let cases = prop::sample::select(vec![open_case(), waiting_case(), answered_case(), {
        let mut exhausted = waiting_case();
        exhausted.requests = 2;
        exhausted
    }]);
    let lists = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (cases, lists, prop::option::weighted(0.1, any::<bool>()), 0_u32..8, 0_u32..30, any::<bool>()).prop_map(
        |(case, (ancestor, ours, number, recipient), earlier, answers, opened, alert)| Known {
            in_a_gap: false,
            earlier: earlier.map(|with_case| Earlier {
                disposition: if with_case { Disposition::Case } else { Disposition::Ignore },
                reason: None,
                number: with_case.then(|| case.number.clone()),
            }),
            ancestors: if ancestor {
                vec![Ancestor { case: case.clone(), ours, alert: ours && alert }]
            } else {
                Vec::new()
            },
            parent: match (ancestor, ours, number) {
                (true, true, _) => Parent::Ours,
                (true, false, true) => Parent::Consulting,
                _ => Parent::Other,
            },
            numbered: if number { vec![case.clone()] } else { Vec::new() },
            of_recipients: if recipient { vec![case] } else { Vec::new() },
            sent_by_us: false,
            bounced_alert: alert,
            answers_today: answers,
            cases_today: opened,
            gathering: None,
            next_serial: 999,
        },
    )
}

fn is_staff(address: &str) -> bool {
    surroundings().is_staff(address)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_answer_goes_to_one_person_and_never_to_a_machine(mail in some_mail(), known in some_known()) {
        let decision = mail.decide(&known);
        let letters: Vec<_> = sent(&decision.effects)
            .into_iter()
            .filter(|mail| !matches!(mail.kind, LetterKind::Alert(_)))
            .collect();
        prop_assert!(letters.len() <= 1);
        prop_assert_eq!(letters.first().map(|letter| &letter.to), decision.reply.as_ref().map(|reply| &reply.to));
        let Some(letter) = letters.first() else { return Ok(()) };
        prop_assert!(!is_staff(&letter.to));
        prop_assert!(mail.accepted || mail.reading.screening.verdict == Verdict::Person);
        prop_assert!(matches!(decision.disposition, Disposition::Case | Disposition::FollowUp));
        prop_assert!(mail.message.return_path != ReturnPath::Null && known.answers_today < 5);
        prop_assert!(!mail.poisonous && mail.folder == Folder::Inbox && known.earlier.is_none() || mail.accepted);
    }

    #[test]
    fn alerts_go_to_coordinators_and_each_mail_has_a_key_of_its_own(mail in some_mail(), known in some_known()) {
        let decision = mail.decide(&known);
        let mails = sent(&decision.effects);
        for mail in &mails {
            prop_assert!(!matches!(mail.kind, LetterKind::Alert(_)) || is_staff(&mail.to));
            let mark = format!("[{}]", mail.case.as_ref().unwrap());
            prop_assert!(mail.subject.contains(&mark));
            prop_assert!(!mail.body.contains("VALUE-OF") && !mail.subject.contains("VALUE-OF"));
        }
        let keys: std::collections::BTreeSet<&str> = mails.iter().map(|mail| mail.key.as_str()).collect();
        prop_assert_eq!(keys.len(), mails.len());
    }

    #[test]
    fn where_a_person_may_have_written_a_clock_runs(mail in some_mail(), known in some_known()) {
        let decision = mail.decide(&known);
        let case = case_in(&decision.effects);
        match decision.disposition {
            Disposition::Case | Disposition::Review => {
                let case = case.unwrap();
                prop_assert!(waits(&case) && case.due.is_some() && case.alarm.is_some());
                prop_assert_eq!(decision.number.as_ref(), Some(&case.number));
            }
            Disposition::Ignore => {
                prop_assert!(case.is_none() && decision.reason.is_some() || known.earlier.is_some());
            }
            Disposition::FollowUp => prop_assert!(case.is_none_or(|case| waits(&case) && case.alarm.is_some())),
            Disposition::StaffReply => prop_assert!(known.earlier.is_none() || mail.folder == Folder::Sent),
        }
    }

    #[test]
    fn a_case_stands_before_what_is_said_of_it(mail in some_mail(), known in some_known()) {
        let decision = mail.decide(&known);
        let place = decision.effects.iter().position(|e| matches!(e, Effect::Open(_) | Effect::Update(_)));
        prop_assert!(place.is_none_or(|place| place == 0));
        let cases = decision.effects.iter().filter(|e| matches!(e, Effect::Open(_) | Effect::Update(_)));
        prop_assert!(cases.count() <= 1);
    }

    #[test]
    fn a_bell_rings_on_and_ends(mail in some_mail(), known in some_known()) {
        let (surroundings, calendar) = (surroundings(), calendar());
        let Some(mut case) = case_in(&mail.decide(&known).effects) else { return Ok(()) };
        let mut rung = 0;
        while let Some(alarm) = case.alarm {
            let effects = crate::triage::decide::on_alarm(&case, &around(&surroundings, &calendar, &alarm.to_rfc3339()));
            case = case_in(&effects).unwrap();
            prop_assert!(case.alarm.is_none_or(|next| next > alarm));
            rung += 1;
            prop_assert!(rung <= 8);
        }
    }
}
