//! Looks whether the database can be written: shows it to `status`, and tells the admins when it
//! cannot for a while (full disk, read-only, in use by another program). It mends nothing: every
//! task tries on by itself.

use std::time::Duration;

use tokio::time::Instant;

use super::{Around, siren};
use crate::desk::{Note, Unkept};
use crate::mail::send::AnySender;
use crate::mail::{Sender, Sent};

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// `status` takes three minutes of silence for a fault.
const SIGN_EVERY: Duration = Duration::from_mins(1);

/// A trouble that passes sooner is nobody's business (a backup, for one).
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two tries to tell somebody.
const TRY_EVERY: Duration = Duration::from_mins(1);

/// A time in which nothing can be written.
struct Spell {
    note: Note,
    began: Instant,
    /// When people are told next.
    tell_at: Instant,
    /// Who is still to be told; `None` before anybody was.
    untold: Option<Vec<Unkept>>,
    /// The other way to the admins was taken, or there is none.
    sounded: bool,
}

/// Looks until told to stop.
pub async fn run(mut around: Around) {
    let mut spell: Option<Spell> = None;
    let mut told: Vec<(Unkept, Sent)> = Vec::new();
    let mut signed: Option<Instant> = None;
    while !around.stop.is_asked() {
        around.beats.beat("vitals");
        let before = spell.as_ref().map(|spell| spell.note.clone());
        spell = look(&around, spell);
        let note = spell.as_ref().map(|spell| &spell.note);
        if note != before.as_ref() || signed.is_none_or(|at| at.elapsed() >= SIGN_EVERY) {
            // Where this fails, the silence tells.
            signed = around.desk.sign_of_life(note).is_ok().then(Instant::now);
        }
        match &mut spell {
            Some(spell) if spell.tell_at <= Instant::now() => told.extend(tell(&around, spell).await),
            Some(_) => {}
            None => keep(&around, &mut told).await,
        }
        around.stop.sleep(LOOK_EVERY).await;
    }
}

fn look(around: &Around, spell: Option<Spell>) -> Option<Spell> {
    let Some(what) = around.desk.cannot_write() else {
        if let Some(spell) = spell {
            let seconds = spell.began.elapsed().as_secs();
            tracing::info!(seconds, "the database can be written again");
        }
        return None;
    };
    if let Some(spell) = spell {
        return Some(Spell { note: Note { what, ..spell.note }, ..spell });
    }
    tracing::error!("nothing can be written; mails stay in their mailboxes meanwhile: {what}");
    let began = Instant::now();
    let note = Note { since: around.clock.now(), what };
    Some(Spell { note, began, tell_at: began + PATIENCE, untold: None, sounded: false })
}

/// Tells the admins past the outbox, which cannot be written either. Gives those who were told.
async fn tell(around: &Around, spell: &mut Spell) -> Vec<(Unkept, Sent)> {
    let mut told = Vec::new();
    let mut untold = Vec::new();
    let mut sender = AnySender::from_config(&around.live.get().config.outgoing, &around.tokens);
    for mail in spell.untold.take().unwrap_or_else(|| around.desk.cry(&spell.note)) {
        around.beats.beat("vitals");
        match sender.send(mail.from(), mail.to(), mail.bytes()).await {
            Sent::Deferred { .. } | Sent::Throttled { .. } => untold.push(mail),
            Sent::Refused { what, .. } => tracing::error!("an alert about the database is refused: {what}"),
            end => told.push((mail, end)),
        }
    }
    sender.rest().await;
    if let (false, Some(alarm)) = (spell.sounded, around.live.get().config.alarm.clone()) {
        around.beats.beat("vitals");
        if let Some(mut siren) = around.desk.siren_of(&spell.note) {
            let ran = siren::sound(&alarm, &mut siren, true, &around.tokens).await;
            spell.sounded = ran && siren.mails.is_empty();
        }
    }
    spell.untold = Some(untold);
    spell.tell_at = Instant::now() + TRY_EVERY;
    told
}

/// What went out is kept as soon as it can be.
async fn keep(around: &Around, told: &mut Vec<(Unkept, Sent)>) {
    while let Some((mail, end)) = told.pop() {
        if let Err(error) = around.desk.keep_sent(mail.clone(), end.clone()).await {
            tracing::warn!("cannot note an alert that went out, trying on: {error}");
            told.push((mail, end));
            return;
        }
    }
}
