//! The page that `triaged explain` shows a person: what became of the mail, its own text with each
//! value marked in place, what lost and why, the machine signs, the reckoning, the letter.

use std::fmt::Write;
use std::path::Path;

use super::explain::Explained;
use super::terminal::{Look, clean, decorated, look};
use crate::config::Config;
use crate::triage::calendar::in_words;
use crate::triage::decide::Disposition;
use crate::triage::fields::{Candidate, Found, Source, Value};
use crate::triage::reading::Language;
use crate::triage::ruleset::RuleSet;
use crate::triage::text::Zone;

/// Lines of a mail's text that are shown; the rest is counted.
const MOST_LINES: usize = 200;

/// Composes the page.
pub fn page(path: &Path, explained: &Explained, config: &Config, rules: &RuleSet) -> String {
    let mut page = Page { out: String::new(), nice: decorated() };
    page.verdict(path, explained);
    page.signs(explained);
    if explained.decision.disposition == Disposition::Case {
        page.inquiry(explained);
        page.fields(explained);
        page.text(explained);
    }
    page.deadline(explained, config, rules);
    page.letter(explained);
    page.out
}

struct Page {
    out: String,
    nice: bool,
}

impl Page {
    /// Writing to a string cannot fail.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn heading(&mut self, text: &str) {
        let text = look(text, Look::Bold, self.nice);
        let _ = write!(self.out, "\n{text}\n");
    }

    fn verdict(&mut self, path: &Path, explained: &Explained) {
        let decision = &explained.decision;
        let what = match decision.disposition {
            Disposition::Case if decision.missing.is_empty() => {
                "a case, complete: the person gets an acknowledgement"
            }
            Disposition::Case => "a case: the person is asked for what is missing",
            Disposition::FollowUp => "joins a case",
            Disposition::StaffReply => "a coordinator's answer: the clock stops",
            Disposition::Ignore => "a machine's mail: recorded, not answered",
            Disposition::Review => "a case that a coordinator must look at; no automatic answer",
        };
        let reason = decision.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let title = look(&clean(&path.display().to_string()), Look::Bold, self.nice);
        self.line(&format!("{title}: {what}{reason}"));
        let notes: Vec<String> = decision.notes.clone();
        for note in notes {
            self.line(&format!("  {}", clean(&note)));
        }
    }

    fn signs(&mut self, explained: &Explained) {
        self.heading("Machine signs");
        if explained.reading.screening.signs.is_empty() {
            self.line("  none");
        }
        for sign in &explained.reading.screening.signs {
            self.line(&format!("  {:16} {}", sign.reason, clean(&sign.seen)));
        }
    }

    fn inquiry(&mut self, explained: &Explained) {
        let choice = &explained.reading.inquiry;
        self.heading("What it is about");
        self.line(&format!("  {}, because of {}", choice.id, clean(&choice.why)));
        let scores: Vec<String> = choice.scores.iter().map(|(id, score)| format!("{id} {score}")).collect();
        if !scores.is_empty() {
            self.line(&look(&format!("  scores: {}", scores.join(", ")), Look::Dim, self.nice));
        }
        self.line(&format!(
            "  answered in {}",
            if explained.reading.language == Language::Nl { "Dutch" } else { "English" }
        ));
    }

    fn fields(&mut self, explained: &Explained) {
        self.heading("What it states");
        for (id, found) in &explained.decision.fields {
            let value = look(&shorten(&shown(&found.value), 100), Look::Good, self.nice);
            self.line(&format!("  {id:18} {value}"));
            self.line(&look(
                &format!("  {:18} from the {}: {}", "", place(found), clean(&found.why)),
                Look::Dim,
                self.nice,
            ));
            self.lost(&found.others);
        }
        for missing in &explained.decision.missing {
            self.line(&format!("  {missing:18} {}", look("missing", Look::Bad, self.nice)));
            self.lost(explained.reading.doubted.get(missing).map(Vec::as_slice).unwrap_or_default());
        }
    }

    /// What was not taken, and why.
    fn lost(&mut self, candidates: &[Candidate]) {
        for lost in candidates.iter().take(3) {
            let text = shorten(&clean(&lost.evidence.text).replace('\n', " "), 60);
            let line = format!("  {:18} not '{text}': {} (score {})", "", clean(&lost.why), lost.score);
            self.line(&look(&line, Look::Dim, self.nice));
        }
    }

    /// The text with every winner marked where it stands; words that do not count are dim.
    fn text(&mut self, explained: &Explained) {
        self.heading("The mail's own text");
        let text = &explained.message.text;
        let mut marks: Vec<(std::ops::Range<usize>, &str)> = explained
            .decision
            .fields
            .iter()
            .filter(|(id, found)| found.evidence.source == Source::Body && id.as_str() != "description")
            .map(|(id, found)| (found.evidence.span.clone(), id.as_str()))
            .collect();
        marks.sort_by_key(|(span, _)| span.start);
        let mut offset = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if number == MOST_LINES {
                let rest = text.lines().count() - MOST_LINES;
                self.line(&format!("  … {rest} more lines"));
                break;
            }
            let counts = matches!(
                explained.reading.sections.zone_at(offset),
                Zone::Own | Zone::Signature | Zone::OwnEarlier
            );
            let shown = self.marked_line(line, offset, &marks, counts);
            self.line(&format!("  {shown}"));
            offset += line.len();
        }
    }

    fn marked_line(
        &self,
        line: &str,
        offset: usize,
        marks: &[(std::ops::Range<usize>, &str)],
        counts: bool,
    ) -> String {
        let plain = |text: &str| {
            let text = clean(text.trim_end_matches('\n'));
            if counts { text } else { look(&text, Look::Dim, self.nice) }
        };
        let mut out = String::from(if counts { "" } else { "· " });
        let mut at = 0;
        for (span, id) in marks {
            let start = span.start.saturating_sub(offset);
            let end = span.end.saturating_sub(offset).min(line.len());
            if span.start < offset || start >= line.len() || start < at {
                continue;
            }
            if let (Some(before), Some(value)) = (line.get(at..start), line.get(start..end)) {
                out.push_str(&plain(before));
                let value = clean(value.trim_end_matches('\n'));
                let shown = if self.nice { look(&value, Look::Marked, true) } else { format!("[{value}]") };
                let _ = write!(out, "{shown}{}", look(&format!("={id}"), Look::Dim, self.nice));
                at = end;
            }
        }
        out.push_str(&plain(line.get(at..).unwrap_or_default()));
        out
    }

    fn deadline(&mut self, explained: &Explained, config: &Config, rules: &RuleSet) {
        let term = explained
            .decision
            .inquiry
            .as_deref()
            .and_then(|id| rules.inquiry(id))
            .and_then(|i| i.working_days);
        let (Some(due), Some(term)) = (explained.decision.due, term) else { return };
        self.heading("Deadline");
        let reckoning = config.calendar.deadline(explained.arrived, term);
        self.line(&format!(
            "  {} at {}: {term} working days after {}",
            in_words(due.date_naive(), Language::En),
            due.format("%H:%M"),
            in_words(reckoning.arrives.date_naive(), Language::En),
        ));
        for skipped in &reckoning.skipped {
            let line = format!("  not counted: {} ({})", in_words(skipped.date, Language::En), skipped.why);
            self.line(&look(&line, Look::Dim, self.nice));
        }
    }

    fn letter(&mut self, explained: &Explained) {
        match &explained.decision.reply {
            None => {
                self.heading("No letter goes out");
            }
            Some(reply) => {
                self.heading("The letter that would go out");
                self.line(&format!("  To: {}", clean(&reply.to)));
                self.line(&format!("  Subject: {}", clean(&reply.subject)));
                self.line("");
                for line in reply.body.lines() {
                    self.line(&format!("  {}", clean(line)));
                }
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => clean(text).replace('\n', " "),
        Value::List(list) => clean(&list.join(" · ")),
    }
}

fn place(found: &Found) -> String {
    match &found.evidence.source {
        Source::Header => "From or Reply-To header".to_owned(),
        Source::AttachmentName(_) => "name of an attachment".to_owned(),
        Source::Attached(_) => "attached mail".to_owned(),
        Source::Body | Source::Subject => format!("{:?}", found.from).to_lowercase(),
    }
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most).collect();
    format!("{start}…")
}
