//! Mail of machines: on record, never answered.

use super::*;
use crate::triage::decide::Disposition;
use crate::triage::message::DeliveryStatus;

fn bounce(action: Option<&str>) -> Mail {
    let mut mail = mail("mailer-daemon@example.org", "dsn@mx").machine("bounce");
    mail.message.delivery = Some(DeliveryStatus {
        action: action.map(str::to_owned),
        original_message_id: Some("ours@ksyos.nl".to_owned()),
        ..DeliveryStatus::default()
    });
    mail
}

#[test]
fn a_machine_gets_no_answer_and_no_case() {
    for reason in ["auto_reply", "bulk", "calendar", "receipt", "report", "spam", "made_up_by_a_rule"] {
        let decision = mail("bot@example.org", "1@bot").says_all().machine(reason).decide(&nothing());
        assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Ignore, Some(reason)));
        assert!(decision.effects.is_empty() && decision.reply.is_none() && decision.fields.is_empty());
    }
}

#[test]
fn an_out_of_office_in_answer_to_ours_shows_with_the_case_and_changes_nothing() {
    let case = answered_case();
    let decision = mail(JAN, "2@jan").machine("auto_reply").decide(&answers_ours(&case));
    assert_eq!(decision.number.as_deref(), Some(case.number.as_str()));
    assert_eq!(decision.disposition, Disposition::Ignore);
    assert!(decision.effects.is_empty());
}

#[test]
fn a_bounce_of_ours_is_marked_and_told_to_the_coordinators() {
    let case = open_case();
    for action in [Some("failed"), None] {
        let decision = bounce(action).decide(&answers_ours(&case));
        assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Ignore, Some("bounce")));
        assert_eq!(decision.number.as_deref(), Some(case.number.as_str()));
        let marked = Effect::Bounced { message_id: "ours@ksyos.nl".to_owned() };
        assert!(decision.effects.contains(&marked));
        assert_eq!(alerts(&decision.effects, AlertKind::Bounce), [CARLA, "karim@ksyos.nl"]);
        assert_eq!(events(&decision.effects), ["bounced"]);
        assert!(case_in(&decision.effects).is_none(), "the clock goes on");
    }
}

#[test]
fn a_delay_is_no_bounce_yet() {
    let decision = bounce(Some("delayed")).decide(&answers_ours(&open_case()));
    assert!(decision.effects.is_empty() && decision.number.is_some());
}

#[test]
fn a_bounced_alert_raises_no_alert() {
    let known = Known { bounced_alert: true, ..answers_ours(&open_case()) };
    let decision = bounce(Some("failed")).decide(&known);
    assert!(sent(&decision.effects).is_empty());
    assert!(matches!(decision.effects.first(), Some(Effect::Bounced { .. })));
}

#[test]
fn a_bounce_of_a_coordinators_answer_is_told_too() {
    let decision = bounce(Some("failed")).decide(&answers_theirs(&answered_case()));
    assert_eq!(alerts(&decision.effects, AlertKind::Bounce).len(), 2);
    assert!(!decision.effects.iter().any(|effect| matches!(effect, Effect::Bounced { .. })));
}

#[test]
fn made_up_reports_cannot_flood_the_coordinators() {
    let keys = |id: &str| {
        let mut report = bounce(Some("failed"));
        report.message.delivery.as_mut().unwrap().original_message_id = Some(id.to_owned());
        let decision = report.decide(&answers_theirs(&open_case()));
        sent(&decision.effects).iter().map(|mail| mail.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(keys("made@up"), keys("made@up.again"));
}

#[test]
fn a_bounce_of_something_unknown_is_ignored() {
    assert!(bounce(Some("failed")).decide(&nothing()).effects.is_empty());
}
