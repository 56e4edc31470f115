//! `triaged check`: every fault of configuration and rules at once; `--online` also logs in everywhere.

use std::path::Path;

use super::online;
use super::terminal::{Look, decorated, look, remark, say};
use super::{Done, Trouble, block_on, print_json};
use crate::config::Config;
use crate::document::{Faults, LocatedFault, Severity};
use crate::rules::together::{self, Checked};
use crate::triage::ruleset::RuleSet;

/// `send_test`: an address that gets one mail.
pub fn check(file: &Path, online: bool, send_test: Option<&str>, json: bool) -> Done {
    let Checked { config, rules, mut faults } = together::check(file);
    let (valid, nice) = (!faults.fatal(), decorated());
    let (Some(config), Some(rules), true) = (config, rules, valid) else {
        return refuse(&faults, json);
    };
    if !json {
        if !faults.is_empty() {
            remark(&format!("{faults}\n"));
        }
        say(&look(&summary(&config, &rules, &faults), Look::Good, nice));
    }
    let walked = async { Ok(online::walk(&config, json, send_test).await) };
    let unreachable = if online { block_on(walked)? } else { Vec::new() };
    let failed = unreachable.len();
    if json {
        faults.0.extend(unreachable.iter().map(|what| LocatedFault::of_file(file, what, "")));
        print_json(&faults)?;
    }
    if failed == 0 {
        Ok(())
    } else {
        let steps = if failed == 1 { "1 step".to_owned() } else { format!("{failed} steps") };
        Err(Trouble::Failed(format!("{steps} failed: see above what to mend")))
    }
}

fn refuse(faults: &Faults, json: bool) -> Done {
    if json {
        print_json(faults)?;
        return Err(Trouble::Invalid(String::new()));
    }
    let errors = faults.0.iter().filter(|fault| fault.severity == Severity::Error).count();
    let count = if errors == 1 { "1 fault".to_owned() } else { format!("{errors} faults") };
    Err(Trouble::Invalid(format!(
        "{faults}\n\nnot valid: {count}; nothing of it is in force until it is mended"
    )))
}

/// `valid: 3 mailboxes, 3 inquiries, rules 0123456789abcdef; 1 warning`
fn summary(config: &Config, rules: &RuleSet, faults: &Faults) -> String {
    let (mailboxes, inquiries) = (config.mailboxes.len(), rules.inquiries.len());
    let warnings = match faults.0.len() {
        0 => String::new(),
        1 => "; 1 warning".to_owned(),
        more => format!("; {more} warnings"),
    };
    format!("valid: {mailboxes} mailboxes, {inquiries} inquiries, rules {}{warnings}", rules.digest)
}
