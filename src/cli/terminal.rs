//! What reaches a terminal: bold where there is one, never a control character out of a mail.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

/// Logs to standard error. `quiet`: faults only. `TRIAGED_LOG` overrules (`debug`, `triaged=trace`);
/// the wire crates stay at a level at which they print neither passwords nor mails.
pub fn start_log(quiet: bool) {
    let wanted =
        std::env::var("TRIAGED_LOG").unwrap_or_else(|_| if quiet { "error" } else { "info" }.to_owned());
    let filter =
        EnvFilter::try_new(format!("{wanted},async_imap=warn,lettre=info,imap_proto=warn,rustls=warn"))
            .unwrap_or_else(|_| EnvFilter::new("info,async_imap=warn,lettre=info"));
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A line that standard error does not take (a full disk, a reader that has gone) is lost. Complaining of it
    // there is a panic, and the end of the daemon.
    let log = log.log_internal_errors(false);
    // Under systemd the journal adds the time itself.
    let started = if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().with_ansi(false).try_init()
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    // Started before (in tests): the first one stays.
    let _ = started;
}

/// The first line that standard output did not take (a full disk): who keeps results must hear of it.
static UNSAID: OnceLock<std::io::Error> = OnceLock::new();

/// A line on standard output. A reader that has gone away (`| head`) is no fault; any other is kept
/// for [`unsaid`].
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Flushed, so that no fault comes to light after the last look at it.
    if let Err(fault) = writeln!(out, "{line}").and_then(|()| out.flush())
        && fault.kind() != ErrorKind::BrokenPipe
    {
        let _ = UNSAID.set(fault); // the first one says enough
    }
}

/// Why standard output lacks something of what was said.
pub fn unsaid() -> Option<&'static std::io::Error> {
    UNSAID.get()
}

/// What clap says instead of a command: help and version are results like any other.
///
/// # Errors
/// Standard output did not take it.
pub fn say_of_arguments(told: &clap::Error) -> std::io::Result<()> {
    match told.print().and_then(|()| std::io::stdout().flush()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(fault),
        _ => Ok(()),
    }
}

/// A line on standard error. Where that takes nothing either, the exit status has to do.
pub fn remark(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A line on standard error that the next one is written over; nothing where nobody looks. An empty
/// one wipes it out.
pub fn progress(line: &str) {
    let mut err = std::io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r{line:60}{}", if line.is_empty() { "\r" } else { "" });
        let _ = err.flush();
    }
}

/// May standard output be decorated?
pub fn decorated() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// How a piece of text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Bold,
    Dim,
    Good,
    Bad,
    Marked,
}

/// Decorates a text where that is possible.
pub fn look(text: &str, look: Look, decorated: bool) -> String {
    if !decorated {
        return text.to_owned();
    }
    let code = match look {
        Look::Bold => "1",
        Look::Dim => "2",
        Look::Good => "32",
        Look::Bad => "31",
        Look::Marked => "30;43",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Anything out of a mail, made fit for a terminal: control and direction characters become blanks.
pub fn clean(text: &str) -> String {
    let unfit = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if unfit(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_out_of_a_mail_can_steer_a_terminal() {
        assert_eq!(clean("a\x1b[31mb\u{202e}c\u{9b}d\u{7}"), "a [31mb c d ");
        assert_eq!(clean("regel\n\tinsprong"), "regel\n\tinsprong");
    }

    #[test]
    fn plain_where_there_is_no_terminal() {
        assert_eq!(look("x", Look::Bold, false), "x");
    }
}
