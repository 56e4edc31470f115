//! `[alarm]`: another way to the admins, for when mail itself is what broke.

use super::build::{Builder, at};
use super::file::ConfigFile;
use super::{SmtpConfig, words};

/// How the admins are told what they could not read by mail.
#[derive(Debug, Clone)]
pub struct AlarmConfig {
    /// A program with its arguments; it is run without a shell.
    pub command: Vec<String>,
    pub relay: Option<Relay>,
}

/// A mail server at another provider.
#[derive(Debug, Clone)]
pub struct Relay {
    pub smtp: SmtpConfig,
    pub from: String,
    pub to: Vec<String>,
}

impl Builder {
    pub(super) fn alarm(&mut self, raw: &ConfigFile, admins: &[String]) -> Option<AlarmConfig> {
        let alarm = raw.alarm.as_ref()?;
        let here = at("alarm");
        if alarm.command.is_empty() && alarm.smtp.is_none() {
            let remedy =
                "add command = [\"logger\", \"-t\", \"triaged\"], or [alarm.smtp] with a server elsewhere";
            self.remarks.fault(&here, "nothing says how the admins are told", remedy);
        }
        if alarm.command.first().is_some_and(|program| program.trim().is_empty()) {
            let remedy = "the first word is the program, such as \"logger\"";
            self.remarks.fault(&here.clone().key("command"), "there is no program", remedy);
        }
        let relay = alarm.smtp.as_ref().and_then(|smtp| {
            let to = self.addresses(&alarm.to, &here.clone().key("to"));
            let to = if alarm.to.is_empty() { admins.to_vec() } else { to };
            if to.is_empty() {
                let remedy = "add to = [\"...\"] here, or admin = [\"...\"] below [alerts]";
                self.remarks.fault(&here, "nobody is told by [alarm.smtp]", remedy);
            }
            if raw.smtp.as_ref().is_some_and(|ours| ours.host == smtp.host) {
                let what = "this is the server of [smtp] as well: when it fails, nobody hears of it";
                self.remarks.warn(
                    &here.clone().key("smtp").key("host"),
                    what,
                    "name a server at another provider",
                );
            }
            let smtp = self.smtp(smtp, &here.clone().key("smtp"));
            let from = alarm.from.as_deref().and_then(words::address);
            if from.is_none() {
                let place = if alarm.from.is_some() { here.clone().key("from") } else { here.clone() };
                let what = "the address from which [alarm.smtp] sends is missing, or is none";
                self.remarks.fault(
                    &place,
                    what,
                    "add from = \"...\", an address that this server may send for",
                );
            }
            Some(Relay { smtp, from: from?, to })
        });
        Some(AlarmConfig { command: alarm.command.clone(), relay })
    }
}
