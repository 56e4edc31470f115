//! One mail that comes in twice.

use super::*;
use crate::triage::decide::{Disposition, Earlier};

fn earlier(disposition: Disposition, reason: Option<&str>, number: Option<&str>) -> Known {
    Known {
        earlier: Some(Earlier {
            disposition,
            reason: reason.map(str::to_owned),
            number: number.map(str::to_owned),
        }),
        ..nothing()
    }
}

#[test]
fn a_mail_to_two_watched_addresses_is_one_case_and_one_answer() {
    for first in [Disposition::Case, Disposition::Review, Disposition::FollowUp] {
        let decision = mail(JAN, "1@jan").says_all().decide(&earlier(first, None, Some("K-2026-000007")));
        assert_eq!(decision.disposition, Disposition::FollowUp);
        assert_eq!(decision.reason.as_deref(), Some("duplicate"));
        assert_eq!(decision.number.as_deref(), Some("K-2026-000007"));
        assert_eq!(events(&decision.effects), ["duplicate"]);
        assert_eq!((decision.effects.len(), decision.reply), (1, None));
    }
}

#[test]
fn a_copy_of_a_machines_mail_is_ignored_for_the_same_reason() {
    let known = earlier(Disposition::Ignore, Some("bulk"), None);
    let decision = mail(JAN, "1@jan").says_all().decide(&known);
    assert_eq!((decision.disposition, decision.reason.as_deref()), (Disposition::Ignore, Some("bulk")));
    assert!(decision.effects.is_empty());
}

#[test]
fn what_the_sent_folder_showed_does_not_silence_the_inbox() {
    let mut forward = mail("info@ksyos.nl", "1@info");
    forward.reading.sections = Sections(vec![Section { zone: Zone::QuotedOther, span: 0..10 }]);
    let decision = forward.decide(&earlier(Disposition::Ignore, Some("own_mail"), None));
    assert_eq!(decision.disposition, Disposition::Review);
}

#[test]
fn what_the_inbox_showed_does_not_hide_an_answer_in_the_sent_folder() {
    let case = open_case();
    let answer = mail(CARLA, "1@carla").to(&[JAN]).arrives("2026-11-17T10:00:00+01:00").in_sent();
    let ignored = earlier(Disposition::Ignore, Some("spam"), None);
    let known = Known { earlier: ignored.earlier, ..answers_theirs(&case) };
    assert_eq!(answer.decide(&known).disposition, Disposition::StaffReply);
    let twice = earlier(Disposition::StaffReply, None, Some(&case.number));
    let decision = answer.decide(&Known { earlier: twice.earlier, ..answers_theirs(&case) });
    assert_eq!(decision.disposition, Disposition::StaffReply);
    assert!(case_in(&decision.effects).is_none(), "the clock was stopped by the first copy");
}

#[test]
fn an_admin_may_overrule_an_earlier_copy_that_was_ignored() {
    let mut mail = mail(JAN, "1@jan").says_all().machine("bulk");
    mail.accepted = true;
    let known = earlier(Disposition::Ignore, Some("bulk"), None);
    assert_eq!(mail.decide(&known).disposition, Disposition::Case);
}
