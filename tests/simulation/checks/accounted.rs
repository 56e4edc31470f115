//! Every mail is accounted for exactly once, and no position runs ahead of what is stored.

use super::{After, rows};
use crate::folder::folder_of;
use crate::mails::Truth;
use crate::play::Play;
use crate::world::{MAILBOXES, folder_name};

/// What lies at or below the position of a folder is recorded; at any moment.
pub fn positions(play: &Play, house: usize) -> Result<(), String> {
    let look = play.houses[house].look();
    let rows = rows(&look, house);
    let state = play.world.lock();
    let mut statement = look.prepare("SELECT mailbox, folder, validity, uid FROM positions").unwrap();
    let positions = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, u32>(2)?, row.get::<_, u32>(3)?))
    });
    for (mailbox, folder, validity, uid) in positions.unwrap().map(Result::unwrap) {
        let mailbox = MAILBOXES.iter().position(|name| **name == mailbox).unwrap();
        let place = folder_of(house, mailbox, &folder);
        for (of, item) in &state.folders[&place].places {
            let passed = *of == validity && item.uid <= uid && !item.old;
            if passed && !rows.contains_key(&(place, validity, item.uid)) {
                let mail = &state.mails[item.mail].what;
                let name = folder_name(place);
                return Err(format!("{name} is read up to {validity}/{uid}, but {mail} is not recorded"));
            }
        }
    }
    Ok(())
}

pub fn check(after: &After) -> Result<(), String> {
    each_place_once(after)?;
    no_silence_about_a_person(after)?;
    one_case_for_a_mail(after)
}

fn each_place_once(after: &After) -> Result<(), String> {
    for (place, folder) in after.folders() {
        let name = folder_name(*place);
        for item in &folder.copies {
            let found = after.rows.get(&(*place, folder.validity, item.uid));
            let what = &after.state.mails[item.mail].what;
            match found {
                None if !item.old => return Err(format!("{name}: {what} is not accounted for")),
                Some(_) if item.old => return Err(format!("{name}: {what} was there before the start")),
                Some(row) if row.disposition.is_empty() => {
                    return Err(format!("{name}: {what} has no disposition"));
                }
                _ => {}
            }
        }
        for (_, validity, uid) in after.rows.keys().filter(|(at, ..)| at == place) {
            if !folder.places.iter().any(|(of, item)| of == validity && item.uid == *uid && !item.old) {
                return Err(format!("{name}: {validity}/{uid} is recorded, but no such mail ever came"));
            }
        }
    }
    Ok(())
}

/// Where a person may have written, there is a case.
fn no_silence_about_a_person(after: &After) -> Result<(), String> {
    for (item, row) in after.recorded() {
        let mail = &after.state.mails[item.mail];
        if !matches!(mail.truth, Truth::Opening | Truth::FollowUp | Truth::Look) {
            continue;
        }
        let has_case =
            row.number.as_ref().is_some_and(|number| after.cases.iter().any(|c| c.number == *number));
        if !has_case || row.disposition == "ignore" {
            return Err(format!("{} was written by a person and has no case: {row:?}", mail.what));
        }
    }
    Ok(())
}

/// However often a mail comes, it opens one case.
fn one_case_for_a_mail(after: &After) -> Result<(), String> {
    for (number, mail) in after.state.mails.iter().enumerate() {
        let recorded: Vec<_> = after.recorded().filter(|(item, _)| item.mail == number).collect();
        let opened = recorded.iter().filter(|(_, row)| row.opened).count();
        let begins = matches!(mail.truth, Truth::Opening | Truth::Look) && !recorded.is_empty();
        if opened > 1 || (begins && opened == 0) {
            return Err(format!("{} opened {opened} cases: {recorded:?}", mail.what));
        }
        if mail.truth == Truth::Machine && opened > 0 && !may_be_unreadable(after, number) {
            return Err(format!("{} opened a case", mail.what));
        }
    }
    Ok(())
}

/// It may have been in hand at two crashes, after which nobody takes it apart any more.
pub fn may_be_unreadable(after: &After, mail: usize) -> bool {
    let set_aside =
        after.recorded().any(|(item, row)| item.mail == mail && row.reason.as_deref() == Some("unreadable"));
    let held = after.folders().filter(|(_, folder)| folder.places.iter().any(|(_, item)| item.mail == mail));
    set_aside && held.map(|(_, folder)| folder.crashes).sum::<u32>() >= 2
}
