//! Where mailboxes are and how mail goes out: servers, passwords, folders.

use std::time::Duration;

use super::build::{Builder, at};
use super::file::{AuthWord, ConfigFile, ImapFile, MailboxFile, SecurityWord, SmtpFile};
use super::oauth::{AuthKeys, Login};
use super::words;
use super::{ImapConfig, MailboxPlace, Outgoing, Secret, Security, SentFolder, Server, SmtpConfig};
use crate::triage::fault::Place;

struct Password<'a> {
    file: Option<&'a String>,
    variable: Option<&'a String>,
}

impl Password<'_> {
    fn is_given(&self) -> bool {
        self.file.is_some() || self.variable.is_some()
    }
}

impl Builder {
    pub(super) fn place(&mut self, mailbox: &MailboxFile, here: &Place) -> Option<MailboxPlace> {
        match (&mailbox.imap, &mailbox.maildir) {
            (Some(imap), None) => Some(MailboxPlace::Imap(self.imap(imap, &here.clone().key("imap")))),
            (None, Some(maildir)) => Some(MailboxPlace::Maildir {
                path: self.path(&maildir.path, &here.clone().key("maildir").key("path")),
                sent: maildir.sent.as_ref().map(|sent| self.folder.join(sent)),
            }),
            (Some(_), Some(_)) => {
                let what = "this mailbox is both on a server and in a Maildir";
                self.remarks.fault(
                    &here.clone().key("maildir"),
                    what,
                    "keep one of [mailbox.imap] and [mailbox.maildir]",
                );
                None
            }
            (None, None) => {
                let remedy = "add [mailbox.imap] or [mailbox.maildir] below it";
                self.remarks.fault(&here.clone().key("name"), "nothing says where this mailbox is", remedy);
                None
            }
        }
    }

    fn imap(&mut self, raw: &ImapFile, here: &Place) -> ImapConfig {
        let password = Password { file: raw.password_file.as_ref(), variable: raw.password_env.as_ref() };
        let keys = AuthKeys { auth: raw.auth, oauth: raw.oauth.as_ref(), has_password: password.is_given() };
        let login = self.login(&password, &keys, here);
        if raw.sent_folder.is_none() {
            let what =
                "without a sent folder a coordinator's answer is only seen when it is copied to the mailbox";
            self.remarks.warn(here, what, "add sent_folder = \"Sent\"");
        } else if raw.sent_folder.as_ref() == Some(&raw.folder) {
            self.remarks.fault(
                &here.clone().key("sent_folder"),
                "this is the watched folder itself",
                "such as \"Sent\"",
            );
        }
        if raw.folder.starts_with("[Gmail]/") || raw.folder.starts_with("[Google Mail]/") {
            let what = "such a folder of Gmail also shows mail that was sent, and drafts";
            self.remarks.warn(&here.clone().key("folder"), what, "watch \"INBOX\"");
        }
        self.not_empty(&raw.user, &here.clone().key("user"));
        self.not_empty(&raw.folder, &here.clone().key("folder"));
        let standard = if raw.security == SecurityWord::Tls { 993 } else { 143 };
        ImapConfig {
            server: self.server(
                &raw.host,
                raw.port.unwrap_or(standard),
                raw.security,
                raw.ca_file.as_ref(),
                here,
            ),
            user: raw.user.clone(),
            login,
            folder: raw.folder.clone(),
            sent_folder: raw.sent_folder.as_deref().map(|folder| match folder {
                "auto" => SentFolder::Auto,
                name => SentFolder::Named(name.to_owned()),
            }),
            poll: Duration::from_secs(raw.poll),
        }
    }

    fn server(
        &mut self,
        host: &str,
        port: u16,
        security: SecurityWord,
        ca_file: Option<&String>,
        here: &Place,
    ) -> Server {
        self.not_empty(host, &here.clone().key("host"));
        if host.contains(['/', ':', ' ', '@']) && !words::is_loopback(host) {
            let remedy = "the bare name, such as \"imap.example.nl\"; the port has a key of its own";
            self.remarks.fault(&here.clone().key("host"), "this is no name of a server", remedy);
        }
        if security == SecurityWord::None && !words::is_loopback(host) {
            let what = "in the clear, passwords and mail could be read on the way";
            self.remarks.fault(
                &here.clone().key("security"),
                what,
                "write \"tls\" or \"starttls\"; \"none\" is for this machine only",
            );
        }
        Server {
            host: host.to_owned(),
            port,
            security: match security {
                SecurityWord::Tls => Security::Tls,
                SecurityWord::Starttls => Security::StartTls,
                SecurityWord::None => Security::None,
            },
            ca_file: ca_file.map(|file| self.folder.join(file)),
        }
    }

    fn login(&mut self, password: &Password, keys: &AuthKeys, here: &Place) -> Login {
        match self.token_source(keys, here) {
            Some(oauth) => Login::OAuth(oauth),
            // Without a source that is a fault already.
            None if keys.auth == AuthWord::Oauth => Login::Password(Secret::Env(String::new())),
            None => Login::Password(self.secret(password, here)),
        }
    }

    fn secret(&mut self, password: &Password, here: &Place) -> Secret {
        match (password.file, password.variable) {
            (Some(file), None) => {
                self.not_empty(file, &here.clone().key("password_file"));
                Secret::File(self.folder.join(file))
            }
            (None, Some(variable)) => {
                self.not_empty(variable, &here.clone().key("password_env"));
                Secret::Env(variable.clone())
            }
            (Some(_), Some(_)) => {
                self.remarks.fault(
                    &here.clone().key("password_env"),
                    "the password is told twice",
                    "keep one of password_file and password_env",
                );
                Secret::Env(String::new())
            }
            (None, None) => {
                let remedy = "add password_file = \"...\" or password_env = \"...\"; the password itself never stands here";
                self.remarks.fault(here, "nothing says where the password is", remedy);
                Secret::Env(String::new())
            }
        }
    }

    pub(super) fn outgoing(&mut self, raw: &ConfigFile) -> Option<Outgoing> {
        match (&raw.smtp, &raw.outbox) {
            (Some(smtp), None) => Some(Outgoing::Smtp(self.smtp(smtp, &at("smtp")))),
            (None, Some(outbox)) => {
                Some(Outgoing::Directory(self.path(&outbox.directory, &at("outbox").key("directory"))))
            }
            (Some(_), Some(_)) => {
                let what = "mail goes out by a server or into a folder, not both";
                self.remarks.fault(&at("outbox"), what, "keep one of [smtp] and [outbox]");
                None
            }
            (None, None) => {
                self.remarks.fault(
                    &Place::default(),
                    "nothing says how mail goes out",
                    "add [smtp], or [outbox] for a folder",
                );
                None
            }
        }
    }

    pub(super) fn smtp(&mut self, raw: &SmtpFile, here: &Place) -> SmtpConfig {
        let password = Password { file: raw.password_file.as_ref(), variable: raw.password_env.as_ref() };
        let keys = AuthKeys { auth: raw.auth, oauth: raw.oauth.as_ref(), has_password: password.is_given() };
        let login = match &raw.user {
            Some(user) => {
                self.not_empty(user, &here.clone().key("user"));
                Some((user.clone(), self.login(&password, &keys, here)))
            }
            None => None,
        };
        if login.is_none() && raw.auth == AuthWord::Oauth {
            let what = "a login by OAuth says whose mailbox it is for";
            self.remarks.fault(here, what, "add user = \"...\"");
        }
        if login.is_none() && password.is_given() {
            self.remarks.warn(here, "there is a password but no user: it is not used", "add user = \"...\"");
        }
        let standard = if raw.security == SecurityWord::Tls { 465 } else { 587 };
        let port = raw.port.unwrap_or(standard);
        let server = self.server(&raw.host, port, raw.security, raw.ca_file.as_ref(), here);
        let per_minute = raw.per_minute.or_else(|| limit_of_the_provider(&server.host));
        SmtpConfig { server, login, connections: raw.connections, per_minute }
    }
}

/// Microsoft 365 takes 30 mails a minute from a mailbox (Exchange Online limits, "Message rate limit").
fn limit_of_the_provider(host: &str) -> Option<usize> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    [".office365.com", ".outlook.com"].iter().any(|end| host.ends_with(end)).then_some(30)
}
