//! What a supervisor must hear of: `triaged status --healthy`.

use chrono::{DateTime, TimeDelta, Utc};

use super::status::TokenLine;
use crate::store::view::Status;

/// A daemon looks at each mailbox every half minute and notes it, also while it takes in a backlog.
const LAST_LOOK: TimeDelta = TimeDelta::minutes(5);
/// What waits for so long is not on its way. The admins are mailed about it then, too.
const WAITING: TimeDelta = TimeDelta::minutes(15);

/// What is amiss, one sentence each without a full stop; empty: all is well.
pub fn amiss(runs: bool, status: &Status, tokens: &[TokenLine], now: DateTime<Utc>) -> Vec<String> {
    if !runs {
        return vec!["no daemon runs: nobody reads the mailboxes".to_owned()];
    }
    let mut amiss = Vec::new();
    if !status.ready {
        amiss.push("the daemon has not reached all mailboxes yet".to_owned());
    }
    for mailbox in &status.mailboxes {
        let name = &mailbox.name;
        match (&mailbox.error, mailbox.last_check) {
            (Some(error), _) => amiss.push(format!("mailbox {name}: {error}")),
            // Before the daemon is ready that says enough.
            (None, _) if !status.ready => {}
            (None, None) => amiss.push(format!("mailbox {name} has not been looked at yet")),
            (None, Some(at)) if now.signed_duration_since(at) > LAST_LOOK => {
                let minutes = LAST_LOOK.num_minutes();
                amiss.push(format!("mailbox {name} has not been looked at for {minutes} minutes"));
            }
            (None, Some(_)) => {}
        }
    }
    if status.outbox.oldest.is_some_and(|at| now.signed_duration_since(at) > WAITING) {
        let waiting = status.outbox.waiting;
        amiss.push(format!(
            "{waiting} mails wait to be sent, the oldest for more than {} minutes",
            WAITING.num_minutes()
        ));
    }
    let failing = tokens.iter().filter_map(|token| Some((&token.name, token.error.as_ref()?)));
    amiss.extend(failing.map(|(name, error)| format!("token {name}: {error}")));
    if status.rules.error.is_some() {
        amiss.push("an edit of the rules was refused and is not in force".to_owned());
    }
    amiss
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Amsterdam;

    use super::*;
    use crate::store::view::{MailboxLine, OutboxLine, RulesLine};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_425_000, 0).unwrap()
    }

    fn well() -> Status {
        let mailbox = MailboxLine {
            name: "klacht".to_owned(),
            state: "ok",
            last_check: Some((now() - TimeDelta::seconds(30)).with_timezone(&Amsterdam)),
            position: None,
            seen: 3,
            error: None,
        };
        Status {
            ready: true,
            mailboxes: vec![mailbox],
            outbox: OutboxLine { waiting: 0, uncertain: 1, failed: 1, oldest: None },
            rules: RulesLine { digest: None, loaded: None, error: None },
            seen: 3,
            accounted: 3,
        }
    }

    #[test]
    fn what_is_amiss_is_told_and_what_is_over_is_not() {
        assert_eq!(amiss(true, &well(), &[], now()), [""; 0]);
        let told = |change: fn(&mut Status)| {
            let mut status = well();
            change(&mut status);
            amiss(true, &status, &[], now()).join("; ")
        };
        let ago = |minutes| (now() - TimeDelta::minutes(minutes)).with_timezone(&Amsterdam);
        assert!(told(|status| status.ready = false).contains("not reached"));
        assert!(
            told(|status| status.mailboxes[0].error = Some("login failed".to_owned()))
                .contains("klacht: login")
        );
        let mut silent = well();
        silent.mailboxes[0].last_check = Some(ago(6));
        assert!(amiss(true, &silent, &[], now()).concat().contains("looked at for 5 minutes"));
        assert!(
            told(|status| status.mailboxes[0].last_check = None)
                .contains("klacht has not been looked at yet")
        );
        assert!(told(|status| status.rules.error = Some("x".to_owned())).contains("an edit of the rules"));
        for (minutes, waits) in [(14, false), (16, true)] {
            let mut status = well();
            (status.outbox.waiting, status.outbox.oldest) = (2, Some(ago(minutes)));
            assert_eq!(amiss(true, &status, &[], now()).concat().contains("2 mails wait"), waits);
        }
        assert!(amiss(false, &well(), &[], now()).concat().contains("no daemon runs"));
    }
}
