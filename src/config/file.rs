//! `triaged.toml` as it is written. Its keys are promised by the public interface; the comment of
//! each becomes the description in its JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::file_oauth::OAuthFile;
use crate::triage::calendar::Holidays;

/// The configuration of `triaged`. Relative paths count from this file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Folder of rule files.
    #[serde(default = "default_rules")]
    pub rules: String,
    /// The database file; it is made when it is not there.
    #[serde(default = "default_database")]
    pub database: String,
    /// Working days.
    #[serde(default)]
    pub calendar: CalendarFile,
    /// Who is told what, and when.
    #[serde(default)]
    pub alerts: AlertsFile,
    /// The mail server that receives for us.
    #[serde(default)]
    pub receiver: ReceiverFile,
    /// Bounds of what is read.
    #[serde(default)]
    pub limits: LimitsFile,
    /// Where access tokens come from, for logins without a password; one table each.
    #[serde(default)]
    pub oauth: BTreeMap<String, OAuthFile>,
    /// The watched mailboxes.
    #[serde(default)]
    pub mailbox: Vec<MailboxFile>,
    /// The server that sends for us; or else `[outbox]`.
    pub smtp: Option<SmtpFile>,
    /// A folder instead of a server; or else `[smtp]`.
    pub outbox: Option<OutboxFile>,
    /// Another way to the admins, for when mail itself is what broke.
    pub alarm: Option<AlarmFile>,
}

/// `[calendar]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarFile {
    /// The zone in which days are reckoned, such as `Europe/Amsterdam`.
    pub time_zone: String,
    /// `NL`: the days of the Algemene termijnenwet, art. 3; `none`: weekends only.
    #[schemars(with = "HolidayWord")]
    pub holidays: Holidays,
    /// Further days that are no working days, such as `2026-05-15`.
    pub closed: Vec<String>,
    /// Holidays on which the office works after all.
    pub open_days: Vec<String>,
    /// Local time at which a deadline falls, such as `17:00`.
    pub day_ends: String,
}

/// The words of [`Holidays`].
#[derive(JsonSchema)]
#[expect(dead_code, reason = "stands for Holidays in the schema, which has none of its own")]
enum HolidayWord {
    #[serde(rename = "NL")]
    Nl,
    #[serde(rename = "none")]
    None,
}

impl Default for CalendarFile {
    fn default() -> Self {
        Self {
            time_zone: "Europe/Amsterdam".to_owned(),
            holidays: Holidays::Nl,
            closed: Vec::new(),
            open_days: Vec::new(),
            day_ends: "17:00".to_owned(),
        }
    }
}

/// `[alerts]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlertsFile {
    /// Addresses that are told about the program itself: rules, mailboxes, outbox.
    pub admin: Vec<String>,
    /// Deadline alerts go out on working days between these times, such as `08:00-18:00`.
    pub hours: String,
    /// Working days before the deadline at which coordinators are warned; 0: never.
    #[schemars(range(max = 60))]
    pub due_soon: u32,
}

impl Default for AlertsFile {
    fn default() -> Self {
        Self { admin: Vec::new(), hours: "08:00-18:00".to_owned(), due_soon: 1 }
    }
}

/// `[receiver]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReceiverFile {
    /// Names by which our own receiving servers sign `Authentication-Results`; no others are believed.
    pub authserv_ids: Vec<String>,
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsFile {
    /// Of a larger mail only header and text are fetched, such as `10 MiB`.
    pub fetch: String,
}

impl Default for LimitsFile {
    fn default() -> Self {
        Self { fetch: "10 MiB".to_owned() }
    }
}

/// `[[mailbox]]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailboxFile {
    /// A short name, such as `klacht`.
    pub name: String,
    /// Its mail address; answers come from it.
    pub address: String,
    /// What a mail is about here unless its content says otherwise: the name of a rule file without `.toml`.
    pub inquiry: String,
    /// Addresses of the people who answer, and get the alerts.
    #[serde(default)]
    pub coordinators: Vec<String>,
    /// Which mail is handled at the very first start: `new`, `all`, or a day such as `2026-11-01`.
    #[serde(default = "default_start")]
    pub start: String,
    /// On an IMAP server; or else `[mailbox.maildir]`.
    pub imap: Option<ImapFile>,
    /// In a Maildir on this machine; or else `[mailbox.imap]`.
    pub maildir: Option<MaildirFile>,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecurityWord {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after a greeting; no TLS, no connection.
    Starttls,
    /// In the clear: on this machine only.
    None,
}

/// How we log in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthWord {
    /// By a password.
    #[default]
    Password,
    /// By an access token (XOAUTH2, OAUTHBEARER).
    Oauth,
}

/// `[mailbox.imap]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImapFile {
    /// Name of the server.
    pub host: String,
    /// 993 with `tls`, else 143, where none is named.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// `tls`, `starttls`, or `none` (this machine only).
    #[serde(default)]
    pub security: SecurityWord,
    /// Login name; of a shared mailbox its own address.
    pub user: String,
    /// `password` or `oauth`.
    #[serde(default)]
    pub auth: AuthWord,
    /// With `oauth`: the NAME of an `[oauth.NAME]`.
    pub oauth: Option<String>,
    /// File whose first line is the password.
    pub password_file: Option<String>,
    /// Environment variable that holds the password.
    pub password_env: Option<String>,
    /// The watched folder.
    #[serde(default = "default_folder")]
    pub folder: String,
    /// Where the answers of coordinators are found: one of them stops the clock. `auto`: the folder that
    /// the server marks as the one of sent mail.
    pub sent_folder: Option<String>,
    /// Seconds between looks where the server has no IDLE, and at the sent folder.
    #[serde(default = "default_poll")]
    #[schemars(range(min = 1, max = 60))]
    pub poll: u64,
    /// A further root certificate (PEM).
    pub ca_file: Option<String>,
}

/// `[mailbox.maildir]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaildirFile {
    /// The folder that holds `cur`, `new` and `tmp`.
    pub path: String,
    /// A Maildir of sent mail: an answer found there stops the clock.
    pub sent: Option<String>,
}

/// `[smtp]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpFile {
    /// Name of the server.
    pub host: String,
    /// 465 with `tls`, else 587, where none is named.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// `tls`, `starttls`, or `none` (this machine only).
    #[serde(default)]
    pub security: SecurityWord,
    /// Login name; without one there is no login.
    pub user: Option<String>,
    /// `password` or `oauth`.
    #[serde(default)]
    pub auth: AuthWord,
    /// With `oauth`: the NAME of an `[oauth.NAME]`.
    pub oauth: Option<String>,
    /// File whose first line is the password.
    pub password_file: Option<String>,
    /// Environment variable that holds the password.
    pub password_env: Option<String>,
    /// At most so many connections at once.
    #[serde(default = "default_connections")]
    #[schemars(range(min = 1, max = 16))]
    pub connections: usize,
    /// At most so many mails in a minute. Where none is named: 30 at Microsoft 365, elsewhere no limit.
    #[schemars(range(min = 1, max = 10000))]
    pub per_minute: Option<usize>,
    /// A further root certificate (PEM).
    pub ca_file: Option<String>,
}

/// `[alarm]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmFile {
    /// A program and its arguments, run without a shell; it gets the text on its standard input.
    #[serde(default)]
    pub command: Vec<String>,
    /// A server at another provider than that of `[smtp]`.
    pub smtp: Option<SmtpFile>,
    /// The address from which `[alarm.smtp]` sends.
    pub from: Option<String>,
    /// Who is told by `[alarm.smtp]`; without this line the admins.
    #[serde(default)]
    pub to: Vec<String>,
}

/// `[outbox]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboxFile {
    /// Answers are written into this folder as `.eml` files.
    pub directory: String,
}

pub(super) fn default_rules() -> String {
    "rules".to_owned()
}

fn default_database() -> String {
    "triaged.db".to_owned()
}

fn default_start() -> String {
    "new".to_owned()
}

fn default_folder() -> String {
    "INBOX".to_owned()
}

fn default_poll() -> u64 {
    30
}

fn default_connections() -> usize {
    4
}
