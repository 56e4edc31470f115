//! Secrets are read when they are needed; one that cannot be read now is worth a word.

use std::path::Path;

use super::{ClientProof, Config, Faults, Grant, Login, MailboxPlace, Outgoing, Secret, SmtpConfig};
use crate::document::{Document, Map};
use crate::triage::fault::{Fault, Place};

/// A warning for each password, secret and key that cannot be read now.
pub(super) fn check(config: &Config, document: &Document, map: &Map, faults: &mut Faults) {
    let mut found = Vec::new();
    for (i, mailbox) in config.mailboxes.iter().enumerate() {
        if let MailboxPlace::Imap(imap) = &mailbox.place {
            let here = Place::default().key("mailbox").index(i).key("imap");
            found.extend(login(&imap.login, &here));
        }
    }
    if let Outgoing::Smtp(SmtpConfig { login: Some((_, by)), .. }) = &config.outgoing {
        found.extend(login(by, &Place::default().key("smtp")));
    }
    let relay = config.alarm.as_ref().and_then(|alarm| alarm.relay.as_ref());
    if let Some((_, by)) = relay.and_then(|relay| relay.smtp.login.as_ref()) {
        found.extend(login(by, &Place::default().key("alarm").key("smtp")));
    }
    for oauth in &config.oauths {
        let here = Place::default().key("oauth").key(&oauth.name);
        match &oauth.grant {
            Grant::ClientCredentials(client) => found.extend(proof(client, &here)),
            Grant::RefreshToken { client, store, .. } => {
                found.extend(proof(client, &here));
                if std::fs::metadata(store).is_err() {
                    let remedy = format!("run `triaged login {}`", oauth.name);
                    found.push(Fault::new(here, "nobody has signed in for this yet", remedy));
                }
            }
            Grant::ServiceAccount { key_file } => {
                found.extend(file(key_file, here.key("service_account_file")));
            }
        }
    }
    for fault in found {
        faults.push(document.locate(map, &fault).warning());
    }
}

fn login(login: &Login, here: &Place) -> Option<Fault> {
    match login {
        Login::Password(secret) => unreadable(secret, here, ["password_file", "password_env"]),
        Login::OAuth(_) => None,
    }
}

fn proof(proof: &ClientProof, here: &Place) -> Vec<Fault> {
    match proof {
        ClientProof::None => Vec::new(),
        ClientProof::Secret(secret) => {
            unreadable(secret, here, ["secret_file", "secret_env"]).into_iter().collect()
        }
        ClientProof::Key { key_file, certificate_file } => {
            let key = file(key_file, here.clone().key("key_file"));
            let certificate =
                certificate_file.as_ref().and_then(|path| file(path, here.clone().key("certificate_file")));
            key.into_iter().chain(certificate).collect()
        }
    }
}

fn unreadable(secret: &Secret, here: &Place, [in_file, in_variable]: [&str; 2]) -> Option<Fault> {
    match secret {
        Secret::File(path) => file(path, here.clone().key(in_file)),
        Secret::Env(name) if std::env::var_os(name).is_some() => None,
        Secret::Env(_) => {
            let place = here.clone().key(in_variable);
            Some(Fault::new(place, "this variable is not set now", "the daemon reads it at each login"))
        }
    }
}

fn file(path: &Path, place: Place) -> Option<Fault> {
    let error = std::fs::File::open(path).err()?;
    let what = format!("this file cannot be read now: {error}");
    Some(Fault::new(place, what, "the daemon reads it at each login"))
}
