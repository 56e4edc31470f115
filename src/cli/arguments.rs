//! The command line, as `--help` teaches it.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::triage::case::State;
use crate::triage::decide::Disposition;

/// Watches the mailboxes that an organisation has always had, understands each mail, checks what it
/// must state, opens or joins a case, answers at once, and keeps watch over the promise of a
/// person's reaction.
#[derive(Debug, Parser)]
#[command(
    name = "triaged",
    version,
    propagate_version = true,
    after_help = "Start here:\n  triaged demo                        see the whole thing on this machine, no accounts needed\n  triaged check                       are configuration and rules valid?\n  triaged explain --mailbox klacht mail.eml   what would happen to this mail, and why\n  triaged run                         the daemon\n\nExit status: 0 done; 1 it failed; 2 wrong usage, or configuration or rules not valid."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// Which configuration.
#[derive(Debug, Clone, Args)]
pub struct ConfigFile {
    /// Configuration file [default: triaged.toml in the working directory]
    #[arg(long, env = "TRIAGED_CONFIG", value_name = "FILE", hide_env_values = true)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon: watch the mailboxes, answer, ring alarms (SIGTERM ends it, SIGHUP reloads)
    Run {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Show the whole thing on this machine: three mailboxes, real mails, a clock that jumps ahead
    Demo {
        /// Where to lay it out; must not exist yet [default: `demo`, or `demo-2` and so on]
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Are configuration and rules valid? Says every fault with its place and what to write instead
    Check {
        #[command(flatten)]
        config: ConfigFile,
        /// Also walk to every server, one line a step, and log in everywhere; sends nothing
        #[arg(long)]
        online: bool,
        /// With --online: also send one test mail to this address
        #[arg(long, value_name = "ADDRESS", requires = "online")]
        send_test: Option<String>,
        /// For editors and scripts
        #[arg(long)]
        json: bool,
    },
    /// What would happen to these mails, and why; nothing is kept or sent
    Explain {
        #[command(flatten)]
        config: ConfigFile,
        /// Name of the mailbox that they arrived in
        #[arg(long, value_name = "NAME")]
        mailbox: Option<String>,
        /// One JSON object a line, one line a mail
        #[arg(long)]
        json: bool,
        /// Instead of mails: what decided this case, as it was recorded
        #[arg(long, value_name = "NUMBER", conflicts_with_all = ["mails", "mailbox"])]
        case: Option<String>,
        /// Mail files (.eml)
        #[arg(value_name = "MAIL", required_unless_present = "case")]
        mails: Vec<PathBuf>,
    },
    /// Look at letters before they go out
    Letter {
        #[command(subcommand)]
        command: LetterCommand,
    },
    /// Try and describe rule files
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// When is a mail that arrives at TIME due? Shows the reckoning, day by day
    Due {
        /// Time of arrival (RFC 3339), such as 2026-12-23T10:00:00+01:00
        time: String,
        #[command(flatten)]
        config: ConfigFile,
        /// Id of an inquiry: its own term counts [default: the first mailbox's inquiry]
        #[arg(long, value_name = "ID")]
        inquiry: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Look at cases, and say what people did about them
    Cases {
        #[command(subcommand)]
        command: CasesCommand,
    },
    /// Every mail that came in and what became of it
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// A verified copy of the database, also while the daemon runs
    #[command(
        after_help = "The file must not exist yet. Verified, and there whole or not at all.\nThe way back: `triaged restore`."
    )]
    Backup {
        #[command(flatten)]
        config: ConfigFile,
        /// Where to write it
        file: PathBuf,
    },
    /// Put a backup in the place of the database, with the daemon stopped
    #[command(
        after_help = "The database that was there is kept beside it. Mails that came in since the backup was made are\ntaken in again at the next start, for a coordinator to look at: whether they were answered cannot be known."
    )]
    Restore {
        #[command(flatten)]
        config: ConfigFile,
        /// A file that `triaged backup` wrote
        file: PathBuf,
    },
    /// Sign in once for a mailbox whose token a person has to allow
    #[command(
        after_help = "Says where to go and what to type, and waits. The refresh token is kept beside the database\n(triaged.db.tokens), readable by its owner alone. Needs grant = \"refresh_token\"."
    )]
    Login {
        /// Name of the mailbox, or of an [oauth.NAME]
        #[arg(value_name = "MAILBOX")]
        name: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Mailboxes, backlog, outbox, last errors
    Status {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        json: bool,
        /// End with 1, and say why, where no daemon runs, a mailbox or a token fails, a mailbox was not
        /// looked at for 5 minutes, mail waits for more than 15, or an edit of the rules was refused: for supervisors
        #[arg(long)]
        healthy: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// The rules against example mails: NAME.eml with NAME.json that says what it must lead to
    Test {
        #[command(flatten)]
        config: ConfigFile,
        /// Folder of examples [default: `examples` in the rules folder, else `fixtures/mails` beside it]
        #[arg(value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Write what the rules make of an example mail beside it, as NAME.json, for you to read over
    Accept {
        #[command(flatten)]
        config: ConfigFile,
        /// Name of the mailbox that they arrived in
        #[arg(long, value_name = "NAME")]
        mailbox: Option<String>,
        /// Write an expectation anew that is there already
        #[arg(long)]
        again: bool,
        /// Mail files (.eml)
        #[arg(value_name = "FILE", required = true)]
        mails: Vec<PathBuf>,
    },
    /// Which decisions other rules would change, and how; nothing is kept or sent
    Diff {
        #[command(flatten)]
        config: ConfigFile,
        /// Folder of the other rules
        #[arg(long, value_name = "FOLDER")]
        with: PathBuf,
        /// The mails of the last so many days, read again from the mailboxes [default: 7]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        since: Option<u32>,
        /// The mails of a folder of .eml files, a Maildir or an mbox, instead of the mailboxes'
        #[arg(long, value_name = "PATH", conflicts_with = "since")]
        mails: Option<PathBuf>,
        /// Only this mailbox; for `--mails`: where they arrived
        #[arg(long, value_name = "NAME")]
        mailbox: Option<String>,
        /// One JSON object a line, one line a mail that comes out differently
        #[arg(long)]
        json: bool,
    },
    /// The JSON Schema of a rule file, for editors
    Schema {
        /// `inquiry`, or a vocabulary such as `services`, `machines`, `people`
        #[arg(default_value = "inquiry")]
        kind: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum LetterCommand {
    /// Exactly what would go out; nothing is sent
    Preview {
        #[command(flatten)]
        config: ConfigFile,
        /// Id of the inquiry, such as `complaint`
        #[arg(long, value_name = "ID")]
        inquiry: String,
        /// `acknowledgement`, `request`, `reminder`, or an alert such as `alert-overdue`
        #[arg(long, value_name = "KIND", default_value = "acknowledgement")]
        kind: String,
        /// `nl` or `en`
        #[arg(long, value_name = "LANGUAGE", default_value = "nl")]
        language: String,
        /// The case that this mail would open, instead of an imaginary one
        #[arg(long, value_name = "FILE")]
        mail: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum CasesCommand {
    /// List cases, newest first
    List {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        json: bool,
        /// Only cases in this state
        #[arg(long, value_name = "STATE", value_parser = one_of(&State::ALL))]
        state: Option<State>,
        /// Only this kind of inquiry, by the name of its rule file
        #[arg(long, value_name = "ID")]
        inquiry: Option<String>,
        /// Only those past their deadline without a person's answer
        #[arg(long)]
        overdue: bool,
    },
    /// One case with its mails and everything that happened
    Show {
        number: String,
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        json: bool,
    },
    /// A coordinator has answered the person: the clock stops
    Answer {
        number: String,
        #[command(flatten)]
        config: ConfigFile,
        /// Who answered [default: the name of the user]
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// The case is finished
    Close {
        number: String,
        #[command(flatten)]
        config: ConfigFile,
        /// How it ended
        #[arg(long, value_name = "TEXT")]
        outcome: String,
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Put an answered or closed case back to open
    Reopen {
        number: String,
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Write a note into the log of a case
    Note {
        number: String,
        text: String,
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Every mail that came in and what became of it: none vanishes
    List {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        json: bool,
        /// Only mails of which this became
        #[arg(long, value_name = "D", value_parser = one_of(&Disposition::ALL))]
        disposition: Option<Disposition>,
        /// Only what arrived at or after this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// Overrule: treat an ignored mail as a person's
    Accept {
        /// The id that `mail list` shows
        id: i64,
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
}

impl Command {
    /// Is it a short command for a person, whose terminal only faults should reach?
    pub fn logs_for_people(&self) -> bool {
        !matches!(self, Self::Run { .. })
    }
}

/// One of these words of the public face. A slip is refused with the word that was likely meant.
fn one_of<T>(all: &[T]) -> impl TypedValueParser<Value = T> + use<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    let words = all.iter().filter_map(|value| super::cases::word_of(value).ok());
    PossibleValuesParser::new(words)
        .try_map(|word| serde_json::from_value::<T>(serde_json::Value::String(word)))
}
