//! Looks after access tokens: renews each before it ends, shows `status` how it stands, and tells the
//! admins when one cannot be had or when the secret behind it ends soon. How a token is had is not
//! known here.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::Around;
use crate::desk::Trouble;
use crate::mail::oauth::{Standing, Wanted, secret_near_its_end};

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a person has to mend is told when it is no slip that is being mended this moment.
const MOMENT: Duration = Duration::from_secs(30);

/// What may pass by itself is told after as long as a mailbox that cannot be read.
const TOO_LONG: Duration = Duration::from_mins(15);

/// What was noted and told about a token.
#[derive(Debug, Default)]
struct Seen {
    noted: Option<Standing>,
    failing: Option<Instant>,
    told: bool,
    /// The trouble of an earlier run is over, too.
    mended: bool,
}

/// What is known, for as long as the daemon runs.
#[derive(Debug, Default)]
struct Known {
    tokens: HashMap<Wanted, Seen>,
    /// Whether the admins were told that this secret ends soon.
    secrets: BTreeMap<String, bool>,
}

/// Looks until told to stop.
pub async fn run(mut around: Around) {
    let mut known = Known::default();
    while !around.stop.is_asked() {
        around.beats.beat("tokens");
        let config = std::sync::Arc::clone(&around.live.get().config);
        let wanted = Wanted::of(&config);
        for (one, _) in known.tokens.extract_if(|one, _| !wanted.contains(one)) {
            // Nobody needs it any longer, so nobody needs to mend it.
            let _ = around.desk.mended(Trouble::Token(trouble_of(&one))).await;
        }
        for one in wanted {
            around.beats.beat("tokens");
            let mut stop = around.stop.clone();
            tokio::select! {
                () = stop.asked() => return,
                // What comes of it is read from its standing.
                _ = around.tokens.access(&one) => {}
            }
            let seen = known.tokens.entry(one.clone()).or_default();
            look(&around, &one, seen).await;
        }
        let today = config.calendar.here(around.clock.now()).date_naive();
        for oauth in &config.oauths {
            let near = secret_near_its_end(oauth, today);
            secret(&around, &oauth.name, near, &mut known.secrets).await;
        }
        around.stop.sleep(LOOK_EVERY).await;
    }
}

/// Notes how it stands and tells people what they have to know.
async fn look(around: &Around, one: &Wanted, seen: &mut Seen) {
    let standing = around.tokens.standing(one);
    let name = &one.oauth.name;
    if seen.noted.as_ref() != Some(&standing) {
        let user = one.subject.as_deref().unwrap_or_default();
        let error = standing.failure.as_ref().map(|failure| failure.what.clone());
        match around.desk.token_stands(name, user, standing.valid_until, error).await {
            Ok(()) => seen.noted = Some(standing.clone()),
            Err(error) => tracing::warn!("cannot note how it stands with a token: {error}"),
        }
    }
    let Some(failure) = standing.failure else {
        seen.failing = None;
        if seen.told || !seen.mended {
            let mended = around.desk.mended(Trouble::Token(trouble_of(one))).await.is_ok();
            (seen.told, seen.mended) = (seen.told && !mended, mended);
        }
        return;
    };
    let lasts = seen.failing.get_or_insert_with(Instant::now).elapsed();
    if !seen.told && lasts >= if failure.permanent { MOMENT } else { TOO_LONG } {
        match around.desk.trouble(Trouble::Token(trouble_of(one)), &failure.what).await {
            Ok(_) => {
                seen.told = true;
                around.outbox.notify_one();
            }
            Err(error) => tracing::warn!("cannot tell the admins about a token, trying on: {error}"),
        }
    }
}

/// Each token has troubles of its own.
fn trouble_of(one: &Wanted) -> String {
    match &one.subject {
        Some(user) => format!("{}.{user}", one.oauth.name),
        None => one.oauth.name.clone(),
    }
}

/// `near`: what is to be told about a secret that ends soon.
async fn secret(around: &Around, name: &str, near: Option<String>, known: &mut BTreeMap<String, bool>) {
    if known.get(name) == Some(&near.is_some()) {
        return;
    }
    let trouble = Trouble::Secret(name.to_owned());
    let noted = match &near {
        Some(text) => {
            tracing::warn!("{text}");
            around.desk.trouble(trouble, text).await.map(|_| ())
        }
        None => around.desk.mended(trouble).await,
    };
    match noted {
        Ok(()) => {
            known.insert(name.to_owned(), near.is_some());
            around.outbox.notify_one();
        }
        Err(error) => tracing::warn!("cannot tell the admins about a secret, trying on: {error}"),
    }
}
