//! Quoted and forwarded mails: gives each line the zone of the person who wrote it.
//!
//! Each depth of `>` has a writer; a header block or an attribution names the next one. What
//! stands unmarked between quoted lines is the writer's own answer.

use super::author::Authors;
use super::lines::Line;
use super::{TextMarks, Zone};

/// Lines that an attribution may be wrapped over.
const WRAPPED: usize = 4;
/// Lines that a header block may have.
const BLOCK: usize = 16;

/// What a line of a header block states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    Author,
    Sent,
    Date,
    Recipient,
    Subject,
}

/// The zone of every line as far as quotes decide it: own words, signature and small print are all
/// [`Zone::Own`] here.
pub fn zones(lines: &[Line], marks: &TextMarks, authors: &Authors, forwarded: bool) -> Vec<Zone> {
    let mut walk = Walk {
        lines,
        marks,
        authors,
        forwarded,
        zones: vec![Zone::Own; lines.len()],
        levels: vec![Zone::Own],
        next: Vec::new(),
        own_seen: false,
        named: false,
    };
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at = if line.is_blank() { walk.blank(at) } else { walk.line(at) };
    }
    // Quote marks all through and nothing that says whose words they are: an indented letter.
    if !walk.own_seen && !walk.named && !authors.answers_ours() {
        walk.zones.fill(Zone::Own);
    }
    walk.zones
}

struct Walk<'a> {
    lines: &'a [Line<'a>],
    marks: &'a TextMarks,
    authors: &'a Authors,
    /// The subject says that the mail is passed on.
    forwarded: bool,
    zones: Vec<Zone>,
    /// The zone of each depth that is open.
    levels: Vec<Zone>,
    /// The zone of depth `n + 1` that the last attribution at depth `n` announced.
    next: Vec<Option<Zone>>,
    /// The writer has said something already.
    own_seen: bool,
    /// Something named the writer of a quote.
    named: bool,
}

/// A header block: where it ends and who wrote what follows.
struct Block {
    end: usize,
    zone: Zone,
}

impl Walk<'_> {
    fn blank(&mut self, at: usize) -> usize {
        let zone = at.checked_sub(1).and_then(|before| self.zones.get(before)).copied();
        self.set(at, zone.unwrap_or(Zone::Own));
        at + 1
    }

    /// Settles the line at `at`, and those that belong with it; where to go on.
    fn line(&mut self, at: usize) -> usize {
        let Some(line) = self.lines.get(at) else { return at + 1 };
        let depth = line.depth;
        self.enter(depth);
        if self.marks.is_separator(line.body) {
            return self.separator(at, depth);
        }
        if let Some(block) = self.block(at, false) {
            return self.open(at, depth, &block);
        }
        if let Some(end) = self.attribution(at, depth) {
            return end;
        }
        let zone = self.levels.get(depth).copied().unwrap_or(Zone::QuotedOther);
        self.own_seen |= zone == Zone::Own;
        self.set(at, zone);
        at + 1
    }

    /// Opens and closes levels so that `depth` is the deepest.
    fn enter(&mut self, depth: usize) {
        self.levels.truncate(depth + 1);
        self.next.truncate(depth + 1);
        while self.levels.len() <= depth {
            let above = self.levels.len() - 1;
            let announced = self.next.get(above).copied().flatten();
            let around = self.levels.get(above).copied().unwrap_or(Zone::QuotedOther);
            self.levels.push(announced.unwrap_or_else(|| self.authors.unknown(above + 1, around)));
        }
    }

    /// `-----Oorspronkelijk bericht-----`: a header block follows, or a quote, or bare text.
    fn separator(&mut self, at: usize, depth: usize) -> usize {
        self.named = true;
        self.set(at, Zone::QuotedOther);
        let Some(next) = self.next_shown(at + 1) else { return at + 1 };
        for blank in at + 1..next {
            self.set(blank, Zone::QuotedOther);
        }
        let deeper = self.lines.get(next).is_some_and(|line| line.depth > depth);
        if deeper {
            return next;
        }
        if let Some(block) = self.block(next, true) {
            return self.open(next, depth, &block);
        }
        self.put_level(depth, Zone::QuotedOther);
        next
    }

    /// From a header block on, this depth is the words of the one whom it names.
    fn open(&mut self, at: usize, depth: usize, block: &Block) -> usize {
        self.named = true;
        for line in at..block.end {
            // Its subject counts as written by them; dates and names of a block are nobody's words.
            let stated = self.lines.get(line).and_then(|line| self.marks.stated(line.body));
            let zone = if stated.is_some_and(|(kind, _)| kind == Stated::Subject) {
                block.zone
            } else {
                Zone::QuotedOther
            };
            self.set(line, zone);
        }
        self.put_level(depth, block.zone);
        // Some programs quote what they pass on as well.
        if self.is_deeper(block.end, depth) {
            self.announce(depth, block.zone);
        }
        block.end
    }

    /// Is the next line that shows anything quoted once more?
    fn is_deeper(&self, from: usize, depth: usize) -> bool {
        let next = self.next_shown(from).and_then(|next| self.lines.get(next));
        next.is_some_and(|line| line.depth > depth)
    }

    /// Says whose words the next depth is.
    fn announce(&mut self, depth: usize, zone: Zone) {
        while self.next.len() <= depth {
            self.next.push(None);
        }
        if let Some(next) = self.next.get_mut(depth) {
            *next = Some(zone);
        }
    }

    /// A block of `From:`, `Sent:`, `To:`, `Subject:` in any order. `announced` by a separator it may be shorter.
    fn block(&self, at: usize, announced: bool) -> Option<Block> {
        let first = self.lines.get(at)?;
        self.marks.stated(first.body)?;
        let mut found: Vec<Stated> = Vec::new();
        let (mut author, mut end, mut loose) = ("", at, 0);
        for (index, line) in self.lines.iter().enumerate().skip(at).take(BLOCK) {
            if line.is_blank() || line.depth != first.depth || loose > 2 {
                break;
            }
            match self.marks.stated(line.body) {
                Some((kind, value)) => {
                    if kind == Stated::Author && !found.contains(&kind) {
                        author = value;
                    }
                    found.push(kind);
                    (end, loose) = (index + 1, 0);
                }
                // The rest of a long list of recipients.
                None => loose += 1,
            }
        }
        let has = |kind: Stated| found.contains(&kind);
        let dated = has(Stated::Sent) || has(Stated::Date);
        let addressed = has(Stated::Recipient) || has(Stated::Subject);
        // `Van: … Datum: … Betreft: …` is how a letter begins too.
        let sure = announced || has(Stated::Sent) || author.contains('@') || self.forwarded || self.own_seen;
        // Programs of phones leave out the day; inside of a quote nobody begins a letter like that.
        let undated = first.depth > 0 && has(Stated::Recipient) && has(Stated::Subject);
        let whole = has(Stated::Author)
            && (dated && addressed && sure || announced && (dated || addressed) || undated);
        whole.then(|| Block { end, zone: self.authors.zone(author) })
    }

    /// `Op … schreef …:`, on one line or wrapped over several. Where to go on when there is one.
    fn attribution(&mut self, at: usize, depth: usize) -> Option<usize> {
        let (end, text) = self.attribution_text(at, depth)?;
        let deeper = self.is_deeper(end, depth);
        // Without quote marks behind it only an address tells it from "on 3 May your nurse wrote:"; or that a
        // quote begins with it.
        let before = at.checked_sub(1).and_then(|before| self.lines.get(before));
        let begins = depth > 0 && before.is_none_or(|before| before.depth < depth);
        if !deeper && !begins && !text.contains('@') {
            return None;
        }
        self.named = true;
        let zone = self.authors.zone(&text);
        for line in at..end {
            self.set(line, Zone::QuotedOther);
        }
        if deeper {
            self.announce(depth, zone);
        } else if self.next_shown(end).is_some() {
            self.put_level(depth, zone);
        }
        Some(end)
    }

    fn attribution_text(&self, at: usize, depth: usize) -> Option<(usize, String)> {
        /// No attribution is longer.
        const LONGEST: usize = 400;
        let first = self.lines.get(at)?;
        if !self.marks.may_begin_attribution(first.body) {
            return None;
        }
        let mut text = String::new();
        for (index, line) in self.lines.iter().enumerate().skip(at).take(WRAPPED) {
            if line.is_blank() || line.depth != depth || text.len() + line.body.len() > LONGEST {
                return None;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line.body);
            if line.body.ends_with(':') && self.marks.is_attribution(&text) {
                return Some((index + 1, text));
            }
        }
        None
    }

    fn next_shown(&self, from: usize) -> Option<usize> {
        (from..self.lines.len()).find(|at| self.lines.get(*at).is_some_and(|line| !line.is_blank()))
    }

    fn set(&mut self, at: usize, zone: Zone) {
        if let Some(place) = self.zones.get_mut(at) {
            *place = zone;
        }
    }

    fn put_level(&mut self, depth: usize, zone: Zone) {
        if let Some(level) = self.levels.get_mut(depth) {
            *level = zone;
        }
    }
}
