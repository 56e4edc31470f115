//! `triaged check --online`: every step to every server, one line each, with the time it took and,
//! where it fails, what to do. Sends nothing, unless a test mail is asked for.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::terminal::{Look, clean, decorated, look, say};
use crate::clock::Clock;
use crate::config::{Config, ImapConfig, Login, MailboxPlace, Outgoing, Security, Server, SmtpConfig};
use crate::mail::imap::ImapSource;
use crate::mail::oauth::{Tokens, Wanted};
use crate::mail::send::AnySender;
use crate::mail::{Failure, Reached, Sender, Sent, Source, compose, tls};
use crate::triage::decide;
use crate::triage::letter::LetterKind;

/// What else a server says that it can do changes nothing here.
const IMAP_EXTENSIONS: [&str; 8] =
    ["IDLE", "UIDPLUS", "CONDSTORE", "STATUS=SIZE", "LITERAL+", "SASL-IR", "SPECIAL-USE", "QUOTA"];
const SMTP_EXTENSIONS: [&str; 6] =
    ["8BITMIME", "SMTPUTF8", "AUTH PLAIN", "AUTH LOGIN", "AUTH XOAUTH2", "AUTH OAUTHBEARER"];

/// No step of a connection takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mailbox this full, in hundredths, soon takes no mail.
const NEARLY_FULL: u64 = 90;

/// The steps to one mailbox or server.
struct Walk<'a> {
    name: &'a str,
    quiet: bool,
    failed: Vec<String>,
}

/// Walks to everything that the configuration names; returns what failed.
pub async fn walk(config: &Config, quiet: bool, send_test: Option<&str>) -> Vec<String> {
    let tokens = Tokens::default();
    let mut failed = Vec::new();
    for mailbox in &config.mailboxes {
        let mut walk = Walk { name: &mailbox.name, quiet, failed: Vec::new() };
        match &mailbox.place {
            MailboxPlace::Imap(imap) => {
                let _ = walk.imap(imap, config.fetch_limit, &tokens).await;
            }
            MailboxPlace::Maildir { path, .. } => {
                let there = path.join("new").is_dir();
                let gone = || {
                    Failure::permanent(format!("{} is no Maildir: it has no folder `new`", path.display()))
                };
                walk.step("Maildir", async {
                    if there { Ok(path.display().to_string()) } else { Err(gone()) }
                })
                .await;
            }
        }
        failed.append(&mut walk.failed);
    }
    let mut walk = Walk { name: "outgoing", quiet, failed: Vec::new() };
    let ready = walk.outgoing(&config.outgoing, &tokens).await;
    if let (Some(()), Some(to)) = (ready, send_test) {
        walk.step("test mail", test_mail(config, to, &tokens)).await;
    }
    failed.append(&mut walk.failed);
    if let Some(relay) = config.alarm.as_ref().and_then(|alarm| alarm.relay.as_ref()) {
        let mut walk = Walk { name: "alarm", quiet, failed: Vec::new() };
        let _ = walk.smtp(&relay.smtp, &tokens).await;
        failed.append(&mut walk.failed);
    }
    failed
}

impl Walk<'_> {
    /// One step and its line; `None` where it failed, so that what needs it is not tried.
    async fn step(&mut self, what: &str, work: impl Future<Output = Result<String, Failure>>) -> Option<()> {
        let (began, nice) = (Instant::now(), decorated());
        let (sign, text, ok) = match work.await {
            Ok(text) => (look("ok  ", Look::Good, nice), text, Some(())),
            Err(failure) => (look("FAIL", Look::Bad, nice), failure.what, None),
        };
        let text = clean(&text);
        if !self.quiet {
            let took = began.elapsed().as_millis();
            say(&format!("{sign} {:14} {what:10} {took:5} ms  {text}", self.name));
        }
        if ok.is_none() {
            self.failed.push(format!("{}: {what}: {text}", self.name));
        }
        ok
    }

    /// What is no fault yet: a line that fails nothing.
    fn warn(&self, what: &str, text: &str) {
        if !self.quiet {
            let sign = look("warn", Look::Marked, decorated());
            say(&format!("{sign} {:14} {what:10} {:5}     {}", self.name, "", clean(text)));
        }
    }

    /// Where the server's certificate ends soon.
    fn ends(&self, host: &str, ends: Option<DateTime<Utc>>) {
        let Some(ends) = ends else { return };
        let days = (ends - Clock::system().now()).num_days();
        let at = ends.format("%Y-%m-%d %H:%M UTC");
        self.warn(
            "certificate",
            &format!("that of {host} ends on {at}, in {days} days: make sure that it is renewed by then"),
        );
    }

    async fn imap(&mut self, imap: &ImapConfig, fetch_limit: u64, tokens: &Tokens) -> Option<()> {
        self.server(&imap.server).await?;
        self.token(Some((&imap.user, &imap.login)), tokens).await?;
        let mut source = ImapSource::new(imap.clone(), fetch_limit).with_tokens(tokens);
        let mut ends = None;
        self.step("login", async {
            let reached = source.reached().await?;
            ends = reached.ends.filter(|_| imap.server.security == Security::StartTls);
            Ok(format!(
                "{} logged in, {}",
                imap.user,
                reached_words(&imap.server, &reached, &IMAP_EXTENSIONS)
            ))
        })
        .await?;
        self.ends(&imap.server.host, ends);
        self.step("folder", async {
            let state = source.open(&imap.folder).await?;
            Ok(format!("{} (next UID {})", imap.folder, state.next_uid))
        })
        .await?;
        self.step("sent", async {
            match source.sent().await? {
                Some(sent) => {
                    source.status(&sent).await.map(|_| format!("answers of coordinators are seen in {sent}"))
                }
                None => Ok("not watched: answers are only seen when copied to the mailbox".to_owned()),
            }
        })
        .await;
        self.step("IDLE", async {
            let waits = "new mail is noticed at once";
            let polls = format!("the server has none: it is asked every {} s", imap.poll.as_secs());
            source.idles().await.map(|idles| if idles { waits.to_owned() } else { polls })
        })
        .await;
        self.step("quota", async {
            let Some(quota) = source.quota(&imap.folder).await? else {
                return Ok("the server tells of no limit".to_owned());
            };
            let percent = quota.used.saturating_mul(100) / quota.limit;
            let words = format!("{percent} % of {} MiB in use", quota.limit / 1024);
            if percent < NEARLY_FULL {
                return Ok(words);
            }
            Err(Failure::permanent(format!(
                "{words}: a full mailbox takes no mail; make room, or raise the limit"
            )))
        })
        .await;
        source.close().await;
        Some(())
    }

    async fn outgoing(&mut self, outgoing: &Outgoing, tokens: &Tokens) -> Option<()> {
        match outgoing {
            Outgoing::Smtp(smtp) => self.smtp(smtp, tokens).await,
            Outgoing::Directory(path) => {
                self.step("folder", async {
                    AnySender::from_config(outgoing, tokens).check().await?;
                    Ok(format!("replies are written to {}", path.display()))
                })
                .await
            }
        }
    }

    async fn smtp(&mut self, smtp: &SmtpConfig, tokens: &Tokens) -> Option<()> {
        self.server(&smtp.server).await?;
        let login = smtp.login.as_ref().map(|(user, login)| (user, login));
        self.token(login, tokens).await?;
        let mut ends = None;
        self.step("EHLO, AUTH", async {
            let reached = AnySender::from_config(&Outgoing::Smtp(smtp.clone()), tokens).check().await?;
            let soon = reached.as_ref().and_then(|reached| reached.ends);
            ends = soon.filter(|_| smtp.server.security == Security::StartTls);
            let who = login.map_or("no login".to_owned(), |(user, _)| format!("{user} logged in"));
            let words = reached.map(|reached| reached_words(&smtp.server, &reached, &SMTP_EXTENSIONS));
            Ok(format!("{who}, {}", words.unwrap_or_default()))
        })
        .await?;
        self.ends(&smtp.server.host, ends);
        Some(())
    }

    /// The name, and what can be seen of the server without a login.
    async fn server(&mut self, server: &Server) -> Option<()> {
        let Server { host, port, security, .. } = server;
        self.step("DNS", async {
            let unknown = |why: String| {
                Failure::temporary(format!(
                    "the name {host} cannot be resolved ({why}): correct `host`, or the network"
                ))
            };
            let found = timeout(PATIENCE, lookup_host((host.as_str(), *port))).await;
            let found = found.map_err(|_| unknown("no answer".to_owned()))?;
            let addresses = found.map_err(|error| unknown(error.to_string()))?;
            let mut words: Vec<String> = addresses.map(|address| address.ip().to_string()).collect();
            words.dedup();
            Ok(format!("{host} is {}", words.join(", ")))
        })
        .await?;
        let what = if *security == Security::Tls { "TLS" } else { "connection" };
        let mut ends = None;
        self.step(what, async {
            let tcp = tls::connect(server, PATIENCE).await?;
            if *security != Security::Tls {
                let later =
                    if *security == Security::StartTls { "TLS comes with STARTTLS" } else { "in the clear" };
                return Ok(format!("{host}:{port} answers, {later}"));
            }
            let wire = tls::secure(tcp, server, PATIENCE).await?;
            ends = wire.ends();
            Ok(format!("{host}:{port}, {}", wire.privacy()))
        })
        .await?;
        self.ends(host, ends);
        Some(())
    }

    async fn token(&mut self, login: Option<(&String, &Login)>, tokens: &Tokens) -> Option<()> {
        let Some((user, Login::OAuth(oauth))) = login else { return Some(()) };
        self.step("token", async {
            let wanted = Wanted::new(oauth, user);
            tokens.access(&wanted).await?;
            let until = tokens.standing(&wanted).valid_until;
            Ok(until.map_or("valid".to_owned(), |until| {
                format!("valid until {}", until.format("%Y-%m-%d %H:%M UTC"))
            }))
        })
        .await
    }
}

/// `TLS 1.3, AES_256_GCM_SHA384, can IDLE UIDPLUS`
fn reached_words(server: &Server, reached: &Reached, known: &[&str]) -> String {
    let how = if server.security == Security::StartTls { " by STARTTLS" } else { "" };
    let offered = |name: &&&str| reached.capabilities.iter().any(|can| can == *name);
    let can: Vec<&str> = known.iter().filter(offered).copied().collect();
    let can = if can.is_empty() { "nothing beyond the basics".to_owned() } else { can.join(" ") };
    format!("{}{how}, can {can}", reached.privacy)
}

/// Sends one mail that asks for nothing, from the first mailbox.
async fn test_mail(config: &Config, to: &str, tokens: &Tokens) -> Result<String, Failure> {
    let Some(mailbox) = config.mailboxes.first() else {
        return Err(Failure::permanent("there is no mailbox to send from"));
    };
    let outgoing = decide::Outgoing {
        key: String::new(),
        kind: LetterKind::Acknowledgement,
        mailbox: mailbox.name.clone(),
        from: mailbox.address.clone(),
        to: to.to_owned(),
        subject: "triaged: test mail".to_owned(),
        body: "`triaged check --online --send-test` sent this mail. Nothing needs to be done.".to_owned(),
        in_reply_to: None,
        references: Vec::new(),
        case: None,
    };
    let now: DateTime<Utc> = Clock::system().now();
    let id = compose::message_id(&outgoing, &now.timestamp_millis().to_string());
    let bytes = compose::compose(&outgoing, "", &id, now).map_err(|error| {
        Failure::permanent(format!("{to} is no address that mail can be sent to: {error}"))
    })?;
    let mut sender = AnySender::from_config(&config.outgoing, tokens);
    let sent = sender.send(&outgoing.from, to, &bytes).await;
    sender.rest().await;
    match sent {
        Sent::Accepted => Ok(format!("the server took it, from {}", outgoing.from)),
        Sent::Deferred { what }
        | Sent::Throttled { what, .. }
        | Sent::NotTried { what }
        | Sent::Uncertain { what } => Err(Failure::temporary(what)),
        Sent::Refused { what, .. } => Err(Failure::permanent(what)),
    }
}
