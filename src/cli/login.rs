//! `triaged login`: a person signs in once, in a browser; the daemon goes on from there.

use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;

use super::terminal::{clean, say};
use super::{Done, Trouble, block_on, configuration};
use crate::clock::Clock;
use crate::config::{Config, Grant, Login, MailboxPlace, OAuth, Outgoing, SignIn};
use crate::mail::Failure;
use crate::mail::oauth::{Tokens, Wanted, browser, device};

pub fn login(file: &Path, name: &str, clock: &Clock) -> Done {
    let config = configuration(file)?;
    let oauth = find(&config, name)?;
    let Grant::RefreshToken { sign_in, .. } = &oauth.grant else {
        return Err(Trouble::Failed(format!(
            "[oauth.{}] needs no sign-in, since its grant is not \"refresh_token\"; `triaged check --online` tries it",
            oauth.name
        )));
    };
    let wanted = Wanted::new(&oauth, "");
    let users = users(&config, &oauth);
    block_on(async {
        match sign_in {
            SignIn::Device(_) => by_code(&wanted, &users, config.calendar.time_zone, clock).await,
            SignIn::Browser(_) => by_browser(&wanted, &users, clock).await,
        }
        .map_err(failed)?;
        // Proves that the daemon can go on from here.
        Tokens::new(clock.clone()).access(&wanted).await.map_err(failed)?;
        say(&format!(
            "Signed in. [oauth.{}] has its token; a daemon that runs finds it by itself within minutes.",
            oauth.name
        ));
        Ok(())
    })
}

fn failed(failure: Failure) -> Trouble {
    Trouble::Failed(failure.what)
}

async fn by_code(wanted: &Wanted, users: &str, zone: Tz, clock: &Clock) -> Result<(), Failure> {
    let invitation = device::begin(wanted, clock).await?;
    say(&format!("Open {} in a browser, on any machine,", clean(&invitation.page)));
    say(&format!("type the code  {}", clean(&invitation.code)));
    if let Some(whole) = &invitation.whole {
        say(&format!("(or open {})", clean(whole)));
    }
    say(&format!("and sign in as the account that may use {users}."));
    let ends = invitation.ends.with_timezone(&zone);
    say(&format!("The code counts until {}. Waiting ...", ends.format("%H:%M")));
    device::finish(wanted, &invitation, clock).await
}

async fn by_browser(wanted: &Wanted, users: &str, clock: &Clock) -> Result<(), Failure> {
    let invitation = browser::begin(wanted).await?;
    let port = invitation.port;
    say("Open this page in a browser on this machine:");
    say(&format!("  {}", clean(&invitation.page)));
    say(&format!("and sign in as {users}."));
    say("The browser is on another machine? Give it a way back to this one first, from over there:");
    say(&format!("  ssh -L {port}:127.0.0.1:{port} THIS-MACHINE"));
    say("Waiting ...");
    browser::finish(wanted, &invitation, clock).await
}

/// The `[oauth.NAME]` of this name, or that of the mailbox of this name.
fn find(config: &Config, name: &str) -> Result<Arc<OAuth>, Trouble> {
    if let Some(oauth) = config.oauths.iter().find(|oauth| oauth.name == name) {
        return Ok(Arc::clone(oauth));
    }
    match config.mailboxes.iter().find(|mailbox| mailbox.name == name).map(|mailbox| &mailbox.place) {
        Some(MailboxPlace::Imap(imap)) => match &imap.login {
            Login::OAuth(oauth) => Ok(Arc::clone(oauth)),
            Login::Password(_) => Err(Trouble::Failed(format!(
                "the mailbox {name} logs in by password: write auth = \"oauth\" and oauth = \"NAME\" in its [mailbox.imap]"
            ))),
        },
        Some(MailboxPlace::Maildir { .. }) => Err(Trouble::Failed(format!(
            "the mailbox {name} is a folder of this machine: nobody logs in there"
        ))),
        None => {
            let mailboxes = config.mailboxes.iter().map(|mailbox| mailbox.name.as_str());
            let oauths = config.oauths.iter().map(|oauth| oauth.name.as_str());
            let names: Vec<&str> = oauths.chain(mailboxes).collect();
            Err(Trouble::Failed(format!(
                "there is no mailbox and no [oauth.NAME] called {name}; there are {}",
                names.join(", ")
            )))
        }
    }
}

/// Whose mailboxes the token is for.
fn users(config: &Config, oauth: &Arc<OAuth>) -> String {
    let mut users: Vec<&str> = Vec::new();
    let mut add = |user, login: &Login| {
        if matches!(login, Login::OAuth(other) if other == oauth) && !users.contains(&user) {
            users.push(user);
        }
    };
    for mailbox in &config.mailboxes {
        if let MailboxPlace::Imap(imap) = &mailbox.place {
            add(imap.user.as_str(), &imap.login);
        }
    }
    if let Outgoing::Smtp(smtp) = &config.outgoing
        && let Some((user, login)) = &smtp.login
    {
        add(user.as_str(), login);
    }
    if users.is_empty() { format!("what [oauth.{}] is for", oauth.name) } else { users.join(", ") }
}
