//! No alarm is missed, none rings twice, none outside working hours.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{After, CaseRow, Row};
use crate::folder::Item;
use crate::line::Attempt;
use crate::mails::Truth;
use crate::people::{ANSWERS_AN_ALERT, staff_of};
use crate::world::MAILBOXES;
use crate::year;

/// One at the deadline and five on the working days after it.
const MOST_OVERDUE: usize = 6;
/// New cases of one person in a day that are told one by one.
const MOST_TOLD_A_DAY: usize = 5;

/// Alerts of a kind about a case to one coordinator: Message-ID to the time of writing.
type Rung = BTreeMap<String, DateTime<Utc>>;

pub fn check(after: &After) -> Result<(), String> {
    for case in &after.cases {
        let mailbox = match case.inquiry.as_str() {
            "complaint" => 0,
            "invoice" => 1,
            _ => MAILBOXES.iter().position(|name| **name == case.mailbox).unwrap_or(0),
        };
        for to in staff_of(after.house, mailbox) {
            let bells = Bells { after, case, to };
            bells.check().map_err(|fault| format!("{} to {}: {fault}", case.number, bells.to))?;
        }
    }
    Ok(())
}

struct Bells<'a> {
    after: &'a After<'a>,
    case: &'a CaseRow,
    to: String,
}

impl Bells<'_> {
    fn check(&self) -> Result<(), String> {
        self.told_at_once()?;
        self.told_of_what_went_astray()?;
        let (soon, overdue) = (self.rung("due_soon"), self.rung("overdue"));
        for at in soon.values().chain(overdue.values()) {
            if !year::is_office_hour(*at) {
                return Err(format!("rang outside working hours, {at}"));
            }
        }
        let terms = usize::try_from(self.case.term).unwrap();
        if soon.len() > terms || overdue.len() > terms * MOST_OVERDUE {
            return Err(format!(
                "rang {} times before and {} times after a deadline in {terms} terms",
                soon.len(),
                overdue.len()
            ));
        }
        let days: BTreeSet<NaiveDate> = overdue.values().map(|at| year::day_of(*at)).collect();
        if days.len() < overdue.len() {
            return Err(format!("rang twice on a day: {:?}", overdue.values()));
        }
        match self.opening() {
            Some((item, row)) if terms == 1 => self.first_term(item, row, &soon, &overdue),
            _ => Ok(()),
        }
    }

    fn rung(&self, kind: &str) -> Rung {
        let about = |a: &&Attempt| {
            a.number.as_deref() == Some(&self.case.number)
                && a.alert.as_deref() == Some(kind)
                && a.to == self.to
        };
        let sent = self.after.attempts().filter(about).map(|a| (a.id.clone(), a.written));
        let untried = self.after.untried().filter(|(_, row)| {
            row.number.as_deref() == Some(&self.case.number)
                && row.alert.as_deref() == Some(kind)
                && row.to == self.to
        });
        sent.chain(untried.map(|(id, row)| (id.clone(), row.queued))).collect()
    }

    /// The mail that opened the case, as the world knows it.
    fn opening(&self) -> Option<(&Item, &Row)> {
        self.after.recorded().find(|(_, row)| row.opened && row.number.as_deref() == Some(&self.case.number))
    }

    fn told_at_once(&self) -> Result<(), String> {
        let Some((item, row)) = self.opening() else { return Err("nothing opened it".to_owned()) };
        let (new, review) = (self.rung("new").len(), self.rung("review").len());
        if new > 1 {
            return Err(format!("told of as new {new} times"));
        }
        if row.disposition == "case"
            && self.case.inquiry == "complaint"
            && new == 0
            && !self.is_of_a_flood(item, row)
        {
            return Err("a new complaint, and nobody was told".to_owned());
        }
        if row.disposition == "review" && review == 0 {
            return Err("for a person to look at, and nobody was told".to_owned());
        }
        Ok(())
    }

    /// Who answered an alert instead of the person hears that once on that day, while nobody has answered.
    fn told_of_what_went_astray(&self) -> Result<(), String> {
        let told = self.rung("astray");
        let days: BTreeSet<NaiveDate> = told.values().map(|at| year::day_of(*at)).collect();
        if days.len() < told.len() {
            return Err(format!("heard twice on a day of an answer that went astray: {told:?}"));
        }
        let written = || {
            self.after.recorded().filter_map(|(item, row)| {
                let mail = &self.after.state.mails[item.mail];
                let theirs = mail.truth == Truth::Staff && mail.from == self.to;
                (theirs && row.number.as_deref() == Some(&self.case.number)).then_some((mail, row))
            })
        };
        let known: BTreeSet<NaiveDate> = written().map(|(_, row)| year::day_of(row.decided)).collect();
        if let Some(day) = days.difference(&known).next() {
            return Err(format!("heard on {day} of an answer that went astray, and had written none"));
        }
        let of_case =
            || self.after.recorded().filter(|(_, r)| r.number.as_deref() == Some(&self.case.number));
        if self.is_ordered() || of_case().any(|(_, row)| row.disposition == "staff_reply") {
            return Ok(());
        }
        // A further copy has the reason `duplicate`.
        let untold = written()
            .filter(|(mail, row)| mail.what.contains(ANSWERS_AN_ALERT) && row.reason.is_none())
            .map(|(_, row)| year::day_of(row.decided))
            .find(|day| !days.contains(day));
        match untold {
            Some(day) => Err(format!("answered an alert on {day} and never heard that it went astray")),
            None => Ok(()),
        }
    }

    /// After five cases of one person in a day their coordinators hear once that there are many.
    fn is_of_a_flood(&self, item: &Item, row: &Row) -> bool {
        let from = |item: &Item| &self.after.state.mails[item.mail].from;
        let day = row.decided - TimeDelta::hours(24);
        let same_day = |(other, opened): &(&Item, &Row)| {
            opened.opened
                && from(other) == from(item)
                && opened.decided > day
                && opened.decided <= row.decided
        };
        let numbers: BTreeSet<&String> =
            self.after.recorded().filter(same_day).filter_map(|(_, opened)| opened.number.as_ref()).collect();
        let of_them =
            |number: &Option<String>| number.as_ref().is_some_and(|number| numbers.contains(number));
        let told = self.after.attempts().any(|attempt| {
            attempt.alert.as_deref() == Some("review") && attempt.to == self.to && of_them(&attempt.number)
        }) || self.after.untried().any(|(_, out)| {
            out.alert.as_deref() == Some("review") && out.to == self.to && of_them(&out.number)
        });
        numbers.len() > MOST_TOLD_A_DAY && told
    }

    /// The only promise of this case: counted from the arrival, and rung to the end where no
    /// coordinator did anything.
    fn first_term(&self, item: &Item, row: &Row, soon: &Rung, overdue: &Rung) -> Result<(), String> {
        let due = year::due(item.arrived);
        if self.case.due != Some(due) {
            return Err(format!(
                "due {:?}, but it arrived {} and so is due {due}",
                self.case.due, item.arrived
            ));
        }
        if soon.values().any(|at| *at >= due) || overdue.values().any(|at| *at < due) {
            return Err(format!("rang on the wrong side of {due}: {soon:?} {overdue:?}"));
        }
        if self.is_touched() {
            return Ok(());
        }
        if !self.after.rings_out {
            return Ok(());
        }
        if overdue.len() != MOST_OVERDUE {
            return Err(format!("rang {} times after {due}: {:?}", overdue.len(), overdue.values()));
        }
        if due > self.after.calm && !overdue.values().any(|at| *at == due) {
            return Err(format!("did not ring at {due}: {:?}", overdue.values()));
        }
        let from = year::warned_from(due);
        let could =
            |at: DateTime<Utc>| at >= from && at < due && at > row.decided && year::is_office_hour(at);
        let rang = self.after.state.rings.iter().any(|(house, at)| *house == self.after.house && could(*at));
        if rang && soon.is_empty() {
            return Err(format!("nobody was warned between {from} and {due}"));
        }
        Ok(())
    }

    fn is_ordered(&self) -> bool {
        let state = self.after.state;
        state.touched_numbers.contains(&format!("{} {}", self.after.house, self.case.number))
    }

    /// Somebody of the house may have answered or closed it.
    fn is_touched(&self) -> bool {
        let state = self.after.state;
        let of_case = self.after.recorded().filter(|(_, r)| r.number.as_deref() == Some(&self.case.number));
        let mut mails = of_case.map(|(item, _)| &state.mails[item.mail]);
        self.is_ordered()
            || mails.any(|mail| mail.truth == Truth::Staff || state.touched.contains(&mail.from))
    }
}
