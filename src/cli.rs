//! Arguments, commands, and what people see on a terminal. Results go to standard output, logs and
//! faults to standard error. It decides nothing about mail.

mod arguments;
mod backup;
mod cases;
mod check;
mod demo;
mod due;
mod explain;
mod health;
mod letter;
mod login;
mod marked;
mod online;
mod recorded;
mod rules;
mod run;
mod status;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::triage::inquiry::Inquiry;
use crate::triage::ruleset::RuleSet;
use arguments::{Arguments, Command, ConfigFile};

/// Why a command did not do what was asked.
#[derive(Debug)]
enum Trouble {
    /// Exit status 1: one line that says what and what to do.
    Failed(String),
    /// Exit status 2: configuration or rules are not valid, or the call is wrong.
    Invalid(String),
}

impl Trouble {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

type Done = Result<(), Trouble>;

/// The program. Exit status 0: done; 1: it failed; 2: wrong usage, or configuration or rules not valid.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return end(instead_of_a_command(&told)),
    };
    keep_memory_private();
    terminal::start_log(arguments.command.logs_for_people());
    // A panic's own text can quote a mail: the place is all that may be logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault of the program");
    }));
    let done = dispatch(arguments.command, &Clock::system()).and_then(|()| match terminal::unsaid() {
        None => Ok(()),
        Some(fault) => Err(unwritten(fault)),
    });
    end(done)
}

/// Help, version, or what is wrong with the call.
fn instead_of_a_command(told: &clap::Error) -> Done {
    let said = terminal::say_of_arguments(told);
    if told.use_stderr() {
        // It has been said.
        return Err(Trouble::Invalid(String::new()));
    }
    said.map_err(|fault| unwritten(&fault))
}

fn unwritten(fault: &std::io::Error) -> Trouble {
    Trouble::Failed(format!(
        "cannot write the result: {fault}; make room or name another file, then ask again"
    ))
}

fn end(done: Done) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Failed(what)) => {
            terminal::remark(&format!("triaged: {what}"));
            ExitCode::from(1)
        }
        Err(Trouble::Invalid(what)) => {
            if !what.is_empty() {
                terminal::remark(&what);
            }
            ExitCode::from(2)
        }
    }
}

/// Memory holds passwords and what people wrote: the system writes none of it to a file when the program
/// dies, and shows it to no other program of the same user. Where it refuses, the program works all the same.
fn keep_memory_private() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // A system may hand such a file to a program of its own, which no limit holds back.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn dispatch(command: Command, clock: &Clock) -> Done {
    match command {
        Command::Run { config } => run::run(&config.path(), clock),
        Command::Demo { dir } => demo::demo(dir),
        Command::Check { config, online, send_test, json } => {
            check::check(&config.path(), online, send_test.as_deref(), json)
        }
        Command::Explain { config, json, case: Some(number), .. } => {
            recorded::explain_case(&config.path(), &number, json, clock)
        }
        Command::Explain { config, mailbox, json, mails, case: None } => {
            explain::explain(&config.path(), mailbox.as_deref(), json, &mails, clock)
        }
        Command::Letter { command } => letter::letter(command, clock),
        Command::Rules { command } => rules::rules(command, clock),
        Command::Due { time, config, inquiry, json } => {
            due::due(&time, &config.path(), inquiry.as_deref(), json)
        }
        Command::Cases { command } => cases::cases(command, clock),
        Command::Mail { command } => cases::mail(command, clock),
        Command::Backup { config, file } => backup::write(&config.path(), &file, clock),
        Command::Restore { config, file } => backup::restore(&config.path(), &file, clock),
        Command::Login { name, config } => login::login(&config.path(), &name, clock),
        Command::Status { config, json, healthy } => status::status(&config.path(), json, healthy, clock),
    }
}

impl ConfigFile {
    /// `--config`, else the environment's `TRIAGED_CONFIG`, else `triaged.toml`.
    fn path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| PathBuf::from("triaged.toml"))
    }
}

/// Configuration and rules that fit together.
fn load(file: &std::path::Path) -> Result<(Config, RuleSet), Trouble> {
    crate::rules::together::load(file).map_err(invalid)
}

/// The same for the daemon and for orders beside it: a faulty rule file does not stop them.
fn load_or_last_good(file: &std::path::Path) -> Result<crate::rules::together::Loaded, Trouble> {
    crate::rules::together::load_or_last_good(file).map_err(invalid)
}

/// The inquiry of that name; the message lists those that there are.
fn inquiry_named<'a>(rules: &'a RuleSet, id: &str) -> Result<&'a Inquiry, Trouble> {
    rules.inquiry(id).ok_or_else(|| {
        let known: Vec<&str> = rules.inquiries.iter().map(|inquiry| inquiry.id.as_str()).collect();
        Trouble::Invalid(format!("triaged: there is no inquiry '{id}'; known: {}", known.join(", ")))
    })
}

/// The configuration alone, for commands that only look: they must also answer while a rule file
/// is faulty, and at once.
fn configuration(file: &std::path::Path) -> Result<Config, Trouble> {
    config::load(file).map_err(invalid)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn invalid(faults: crate::document::Faults) -> Trouble {
    Trouble::Invalid(faults.to_string())
}

/// A runtime for a command that talks to the desk or to servers.
fn block_on<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failed(format!("cannot start: {error}")))?;
    runtime.block_on(work)
}

/// One line of JSON on standard output.
fn print_json(value: &impl serde::Serialize) -> Done {
    let text = serde_json::to_string(value).map_err(Trouble::failed)?;
    terminal::say(&text);
    Ok(())
}
