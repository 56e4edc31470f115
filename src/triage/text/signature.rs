//! Within the writer's own words: where the signature begins, and what is small print.

use std::ops::Range;

use super::author::Authors;
use super::lines::Line;
use super::{TextMarks, Zone};

/// Lines of a signature that no closing announces.
const UNANNOUNCED: usize = 12;

/// Marks signature and small print in `lines[run]`, which are the writer's own. Adds to `cuts` the
/// offsets at which a signature begins within a line.
pub fn mark(
    lines: &[Line],
    run: Range<usize>,
    marks: &TextMarks,
    authors: &Authors,
    rows: &[usize],
    zones: &mut [Zone],
    cuts: &mut Vec<usize>,
) {
    let (Some(lines), Some(zones)) = (lines.get(run.clone()), zones.get_mut(run)) else { return };
    small_print(lines, marks, zones);
    if !announced(lines, marks, authors, zones, cuts) {
        unannounced(lines, marks, authors, rows, zones);
    }
    after_signature(lines, marks, zones);
}

/// Digits of a phone number that can be called from elsewhere.
const SHORTEST_PHONE: usize = 9;

/// Tag lines, banners, placeholders and legal paragraphs.
fn small_print(lines: &[Line], marks: &TextMarks, zones: &mut [Zone]) {
    let mut inside = false;
    let mut before_blank = true;
    for (line, zone) in lines.iter().zip(zones.iter_mut()) {
        if line.is_blank() {
            before_blank = true;
        } else {
            if before_blank || !inside {
                inside = marks.begins_small_print(line.body);
            }
            before_blank = false;
        }
        if inside {
            *zone = Zone::Boilerplate;
        } else if marks.is_tag_line(line.body) {
            // "Verstuurd vanaf mijn telefoon. Tel: 06…": that much of it the writer set up.
            let phone = line.body.bytes().filter(u8::is_ascii_digit).count() >= SHORTEST_PHONE;
            *zone = if phone { Zone::Signature } else { Zone::Boilerplate };
        }
    }
}

/// A closing or `-- `: what follows is the signature, until a postscript. Was there one?
fn announced(
    lines: &[Line],
    marks: &TextMarks,
    authors: &Authors,
    zones: &mut [Zone],
    cuts: &mut Vec<usize>,
) -> bool {
    let (mut inside, mut found, mut kept) = (false, false, false);
    for (at, line) in lines.iter().enumerate() {
        let Some(zone) = zones.get(at).copied() else { break };
        if zone != Zone::Own || line.is_blank() && !inside {
            continue;
        }
        // RFC 3676 §4.3
        if matches!(line.body, "--" | "—" | "---") {
            (inside, found, kept) = (true, true, true);
            set(zones, at, Zone::Signature);
            continue;
        }
        let new_paragraph = at.checked_sub(1).and_then(|before| lines.get(before)).is_none_or(Line::is_blank);
        if inside && (marks.is_postscript(line.body) || new_paragraph && !kept && is_prose(line.body, marks))
        {
            inside = false;
        }
        if let Some(rest) = closing(lines, at, marks, authors) {
            (inside, found) = (true, true);
            if !rest.is_empty() {
                // The name ends where the line does.
                cuts.push(line.body_at + line.body.len() - rest.len());
            }
            continue;
        }
        if inside {
            set(zones, at, Zone::Signature);
        }
    }
    found
}

/// The line at `at` closes the letter: what of it is the name.
fn closing<'a>(lines: &[Line<'a>], at: usize, marks: &TextMarks, authors: &Authors) -> Option<&'a str> {
    let line = lines.get(at)?;
    let next = || lines.iter().skip(at + 1).find(|line| !line.is_blank());
    if let Some(rest) = marks.closing(line.body) {
        return Some(rest);
    }
    if marks.is_thanks(line.body) {
        let signed = next().is_none_or(|next| is_name(next.body, marks, authors, 1));
        return signed.then_some("");
    }
    // "… dat hoor ik graag. Groetjes Sanne" as the last line but for a few short ones.
    let shown = lines.iter().skip(at + 1).filter(|line| !line.is_blank()).take(6).count();
    (shown < 6).then(|| marks.closing_at_end(line.body)).flatten()
}

/// A whole sentence rather than a line of an address.
fn is_prose(body: &str, marks: &TextMarks) -> bool {
    let words = body.split_whitespace().count();
    words >= 9 && !marks.is_contact(body) && !body.contains('|')
}

/// No closing: a name near the end, and nothing but short lines behind it.
fn unannounced(lines: &[Line], marks: &TextMarks, authors: &Authors, rows: &[usize], zones: &mut [Zone]) {
    let mut begin = None;
    let own = (0..lines.len()).rev().filter(|at| {
        zones.get(*at) == Some(&Zone::Own) && lines.get(*at).is_some_and(|line| !line.is_blank())
    });
    for at in own.take(UNANNOUNCED) {
        let Some(line) = lines.get(at) else { break };
        // "Type dienstverlening" above its answer: what stands before it is no signature either.
        let row = rows.partition_point(|row| *row < line.span.start);
        if rows.get(row).is_some_and(|row| line.span.contains(row)) {
            break;
        }
        let named = is_name(line.body, marks, authors, 2);
        if !named && !is_short(line.body, marks) {
            break;
        }
        let before = at.checked_sub(1).and_then(|before| lines.get(before));
        let opens =
            before.is_none_or(|line| line.is_blank() || line.body.ends_with(['.', '?', '!', ')', ',']));
        if named && opens {
            begin = Some(at);
        }
    }
    let Some(begin) = begin else { return };
    // A mail of nothing but a name and a number is its own text.
    let has_words =
        lines.iter().zip(zones.iter()).take(begin).any(|(line, zone)| !line.is_blank() && *zone == Zone::Own);
    if has_words {
        for zone in zones.iter_mut().skip(begin).filter(|zone| **zone == Zone::Own) {
            *zone = Zone::Signature;
        }
    }
}

/// A line such as signatures have.
fn is_short(body: &str, marks: &TextMarks) -> bool {
    if body.len() > 120 || body.ends_with('?') {
        return false;
    }
    marks.is_contact(body)
        || body.len() <= 60
            && body.split_whitespace().count() <= 8
            && !body.ends_with(['.', '!', ',', ':'])
            && !body.contains(": ")
}

/// The line is, or begins with, a person's name of at least `least` words; fewer will do where the
/// sender is called so.
fn is_name(body: &str, marks: &TextMarks, authors: &Authors, least: usize) -> bool {
    // "GRAAG CREDITEREN." is a sentence, whatever its capitals.
    if body.len() > 100 || least > 1 && body.ends_with(['.', '!', ':']) {
        return false;
    }
    let head = body.split([',', '|', '/', '(', '–', '\t']).next().unwrap_or_default();
    let head = head.split(" - ").next().unwrap_or_default().trim_matches(['.', '*', '_', ' ', '-', '~']);
    let tokens: Vec<&str> = head.split_whitespace().collect();
    if tokens.is_empty()
        || tokens.len() > 6
        || head.len() > 50
        || head.contains(|c: char| c.is_ascii_digit() || ":@;?!\"".contains(c))
    {
        return false;
    }
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    if tokens.iter().any(|word| authors.has_name(word.trim_matches('.')))
        && (tokens.len() == 1 || tokens.iter().any(|word| capital(word)))
    {
        return tokens.iter().all(|word| capital(word) || marks.is_particle(word) || authors.has_name(word));
    }
    let solid = tokens.iter().filter(|word| capital(word) && !marks.is_title(word)).count();
    solid >= least
        && tokens.first().is_some_and(|word| !marks.is_title(word))
        && tokens.iter().all(|word| capital(word) || marks.is_particle(word))
}

/// Legal paragraphs that do not begin like one but stand behind a signature.
fn after_signature(lines: &[Line], marks: &TextMarks, zones: &mut [Zone]) {
    let mut at = 0;
    let mut seen = false;
    while at < lines.len() {
        let end = (at..lines.len()).find(|i| lines.get(*i).is_none_or(Line::is_blank)).unwrap_or(lines.len());
        if end == at {
            at += 1;
            continue;
        }
        if seen {
            let legal = |i: &usize| lines.get(*i).map_or(0, |line| marks.small_print_words(line.body));
            if (at..end).map(|i| legal(&i)).sum::<usize>() >= 2 {
                let first = (at..end).find(|i| legal(i) > 0).unwrap_or(at);
                for i in small_print_start(lines, at, first, marks)..end {
                    set(zones, i, Zone::Boilerplate);
                }
            }
        }
        seen |= (at..end).any(|i| matches!(zones.get(i), Some(Zone::Signature | Zone::Boilerplate)));
        at = end;
    }
}

/// The line at which the small print begins whose first telling word is on line `first`: that of its
/// sentence, not the address block that it is glued to.
fn small_print_start(lines: &[Line], paragraph: usize, first: usize, marks: &TextMarks) -> usize {
    let wrapped = |line: &Line| {
        line.body.chars().count() > 55
            && !line.body.ends_with(['.', '!', ':'])
            && !marks.is_contact(line.body)
    };
    let mut start = first;
    while start > paragraph && start.checked_sub(1).and_then(|i| lines.get(i)).is_some_and(wrapped) {
        start -= 1;
    }
    start
}

fn set(zones: &mut [Zone], at: usize, zone: Zone) {
    if let Some(place) = zones.get_mut(at) {
        *place = zone;
    }
}
