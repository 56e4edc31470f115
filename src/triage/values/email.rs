//! The address at which the writer wants to be reached.
//!
//! What the text states goes before Reply-To, and that before From. Addresses of other people and
//! our own are not the writer's, wherever they stand; nothing is read out of a name.

use std::cmp::Reverse;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::expression::Expression;
use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::reading::View;
use super::super::text::Zone;
use super::context::{line_around, sentence_after, sentence_before, words_before};
use super::name::Case;
use super::phrases::Phrases;

/// Zones whose addresses can be the writer's.
const ZONES: [Zone; 3] = [Zone::Own, Zone::Signature, Zone::OwnEarlier];
/// Addresses of one mail that are looked at.
const MOST_ADDRESSES: usize = 100;

/// Bytes between a wrong address and the right one.
const CORRECTION: usize = 50;
/// Words between an address behind a label and whose it is after all: "(van mijn dochter)".
const REMARK: usize = 2;

const FROM: i32 = 60;
const REPLY_TO: i32 = 65;

/// `[email]` of `rules/fields.toml`: words that tell whose an address is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmailRules {
    /// Words that make an address the writer's: `["mijn mailadres", "mail mij"]`. The nearest before
    /// the address decides between these and `others`.
    pub mine: Vec<String>,
    /// Words that make an address somebody else's: `["haar mailadres", "collega*"]`.
    pub others: Vec<String>,
    /// Words that say that an address is not to be used: `["oude adres"]`.
    pub gone: Vec<String>,
    /// Words that say of another place, not of the address behind them, that it is not to be used:
    /// `["niet naar kantoor"]`.
    pub elsewhere: Vec<String>,
    /// Words behind an address with which another one is spoken of: `["oude adres is", "(niet het"]`.
    pub another: Vec<String>,
    /// Words between a wrong address and the right one: `["moet zijn", "should be"]`.
    pub corrected: Vec<String>,
    /// Words of the address that a person would rather be reached at: `["liever op", "privé"]`.
    pub preferred: Vec<String>,
    /// Words that stand alone on a line before the address to be used from now on: `["nieuw"]`.
    pub renewed: Vec<String>,
    /// Beginnings of addresses behind which there is nobody: `["noreply", "no-reply"]`.
    pub nobody: Vec<String>,
    /// Words that people write for the sign "@": `["at", "apenstaartje"]`.
    pub at: Vec<String>,
    /// Words that people write for a full stop: `["punt", "dot"]`.
    pub dot: Vec<String>,
}

/// [`EmailRules`], ready to use.
#[derive(Debug, Default)]
pub struct EmailWords {
    mine: Phrases,
    others: Phrases,
    gone: Phrases,
    elsewhere: Phrases,
    another: Phrases,
    corrected: Phrases,
    preferred: Phrases,
    renewed: Phrases,
    nobody: Vec<String>,
    address: Option<Expression>,
    spelled: Option<Expression>,
    at: Option<Expression>,
    dot: Option<Expression>,
}

/// A domain ends with letters; labels and dots before it.
const DOMAIN: &str =
    r"[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?(?:\.[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?)*\.[a-z]{2,24}";
const LOCAL: &str = r"[a-z0-9](?:[a-z0-9._%+'&-]*[a-z0-9_+-])?";

impl EmailWords {
    /// Faults are added to `faults`.
    pub fn compile(rules: &EmailRules, faults: &mut Vec<Fault>) -> Self {
        let place = |key: &str| Place::default().key("email").key(key);
        let mut phrases = |list: &[String], key: &str| Phrases::compile(list, &place(key), faults);
        let (mine, others) = (phrases(&rules.mine, "mine"), phrases(&rules.others, "others"));
        let (gone, preferred) = (phrases(&rules.gone, "gone"), phrases(&rules.preferred, "preferred"));
        let elsewhere = phrases(&rules.elsewhere, "elsewhere");
        let another = phrases(&rules.another, "another");
        let renewed = phrases(&rules.renewed, "renewed");
        let corrected = phrases(&rules.corrected, "corrected");
        let words = |list: &[String]| {
            let escaped: Vec<String> = list.iter().map(|word| regex::escape(word)).collect();
            (!escaped.is_empty()).then(|| escaped.join("|"))
        };
        let at = words(&rules.at)
            .map(|at| format!(r"\s*[\[({{<]\s*(?:{at}|@)\s*[\])}}>]\s*|\s+(?:{at})\s+|\s+@\s*|@\s+"));
        let dot = words(&rules.dot)
            .map(|dot| format!(r"\s*[\[({{]\s*(?:{dot}|\.)\s*[\])}}]\s*|\s+(?:{dot})\s+|\."));
        let spelled = at.as_ref().zip(dot.as_ref()).map(|(at, dot)| {
            format!(r"\b[a-z0-9][a-z0-9_+-]*(?:(?:{dot})[a-z0-9_+-]+){{0,3}}(?:{at})[a-z0-9-]+(?:(?:{dot})[a-z0-9-]+){{0,3}}(?:{dot})[a-z]{{2,12}}\b")
        });
        let regex = |text: String| Expression::any_case(text).ok();
        Self {
            mine,
            others,
            gone,
            elsewhere,
            another,
            corrected,
            preferred,
            renewed,
            nobody: rules.nobody.iter().map(|word| word.to_lowercase()).collect(),
            address: regex(format!("{LOCAL}@{DOMAIN}")),
            spelled: spelled.and_then(regex),
            at: at.and_then(regex),
            dot: dot.and_then(regex),
        }
    }

    fn is_nobody(&self, address: &str) -> bool {
        self.nobody.iter().any(|start| address.starts_with(start.as_str()))
    }

    /// "jan at example punt nl" as an address.
    fn unspelled(&self, text: &str) -> Option<String> {
        let at = self.at.as_ref()?.find(text)?;
        let part = |text: &str| self.dot.as_ref().map(|dot| dot.replace_all(text, ".").into_owned());
        Some(format!("{}@{}", part(text.get(..at.start())?)?, part(text.get(at.end()..)?)?).to_lowercase())
    }
}

/// Bytes of a line before an address that may hold nothing but a word for it.
const REMARKED: usize = 40;
/// So many addresses are a list of people.
const A_LIST: usize = 3;
/// From this score on something says whose it is.
const SAID: i32 = 70;

/// Adds a candidate for each address that may be the writer's.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let rules = view.context.rules;
    for field in rules.fields.of_kind(Kind::Email) {
        in_headers(view, &field.id, out);
        in_text(view, &field.id, &Source::Body, &view.message.text, out);
        in_text(view, &field.id, &Source::Subject, &view.message.subject, out);
    }
}

/// Can a customer be behind this address?
fn usable(view: &View, address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    !view.context.surroundings.is_staff(address)
        && !view.context.rules.organisation.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
        && !view.context.rules.fields.email.is_nobody(address)
}

fn in_headers(view: &View, field: &str, out: &mut Vec<Candidate>) {
    let header = |address: &str, score: i32, why: &str| Candidate {
        field: field.to_owned(),
        value: Value::Text(address.to_lowercase()),
        evidence: Evidence { source: Source::Header, span: 0..address.len(), text: address.to_owned() },
        score: if usable(view, address) { score } else { 0 },
        why: why.to_owned(),
    };
    // Several addresses there: whose they are is not said.
    if let [only] = view.message.reply_to.as_slice() {
        out.push(header(&only.address, REPLY_TO, "Reply-To"));
    }
    if let Some(author) = view.message.author() {
        out.push(header(&author.address, FROM, "From"));
    }
}

fn in_text(view: &View, field: &str, source: &Source, text: &str, out: &mut Vec<Candidate>) {
    let words = &view.context.rules.fields.email;
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    if let Some(address) = &words.address {
        found.extend(
            address.find_iter(text).take(MOST_ADDRESSES).map(|m| (m.range(), m.as_str().to_lowercase())),
        );
    }
    if let Some(spelled) = &words.spelled {
        let plain: Vec<Range<usize>> = found.iter().map(|(span, _)| span.clone()).collect();
        let apart = |m: &regex::Match| plain.iter().all(|p| p.end <= m.start() || m.end() <= p.start);
        let spelled = spelled.find_iter(text).take(MOST_ADDRESSES).filter(apart);
        found.extend(spelled.filter_map(|m| Some((m.range(), words.unspelled(m.as_str())?))));
    }
    found.sort_by_key(|(span, _)| span.start);
    let listed = *source == Source::Body && found.len() >= A_LIST;
    let mut floor = 0;
    for (index, (span, address)) in found.iter().enumerate() {
        let ceiling = found.get(index + 1).map_or(text.len(), |(next, _)| next.start.max(span.end));
        let verdict = judge(view, source, text, span, address, floor.min(span.start)..ceiling);
        floor = span.end;
        let Some((score, why)) = verdict else { continue };
        // One of many, of which nothing says that it is the writer's: somebody on a list.
        let own = view.message.from.iter().chain(&view.message.reply_to).any(|from| from.address == *address);
        let score = if listed && !own && score < SAID { score.min(FROM - 10) } else { score };
        out.push(Candidate {
            field: field.to_owned(),
            value: Value::Text(address.clone()),
            evidence: Evidence {
                source: source.clone(),
                span: span.clone(),
                text: text.get(span.clone()).unwrap_or_default().to_owned(),
            },
            score,
            why,
        });
    }
}

/// Score and reason; `None`: no address of anybody.
fn judge(
    view: &View,
    source: &Source,
    text: &str,
    span: &Range<usize>,
    address: &str,
    room: Range<usize>,
) -> Option<(i32, String)> {
    let words = &view.context.rules.fields.email;
    let zone = match source {
        Source::Body => view.sections.zone_at(span.start),
        _ => Zone::Own,
    };
    let label = label(view, source, text, span);
    let plain =
        text.get(span.clone())?.contains('@') && !text.get(span.clone())?.contains(char::is_whitespace);
    let before = text.get(sentence_before(text, span.start, room.start))?;
    let after = words.another.cut_off(text.get(sentence_after(text, span.end, room.end))?);
    let near = text.get(words_before(text, span.start, room.start, 4))?;
    let corrects = |between: Option<&str>| {
        between.is_some_and(|between| between.len() <= CORRECTION && words.corrected.found(between))
    };
    let put_right = room.start > 0 && corrects(text.get(room.start..span.start));
    // Of two that end at the same word ("zij is bereikbaar via", "bereikbaar via") the longer is meant.
    let last = |phrases: &Phrases| phrases.all(before).last().map(|it| (it.end, Reverse(it.start)));
    let mine = if put_right { Some((before.len(), Reverse(0))) } else { last(&words.mine) };
    let joined = text.get(..span.start)?.ends_with([':', '/', '=']) && near.contains("cid:");
    // Words in the place of signs: only where something says that it is an address.
    if !ZONES.contains(&zone) || joined || !plain && label.is_none() && mine.is_none() {
        return None;
    }
    if !usable(view, address) {
        return Some((0, "an address of our own, or of nobody".to_owned()));
    }
    let put_wrong = room.end < text.len() && corrects(text.get(span.end..room.end));
    // "… en niet naar kantoor: jan@post.example"
    let of_it = words.elsewhere.last_end(near).and_then(|end| near.get(end..)).unwrap_or(near);
    if put_wrong || words.gone.found(of_it) && !put_right || words.gone.found(after) {
        return Some((0, "said not to be in use".to_owned()));
    }
    let theirs = last(&words.others);
    if mine.is_none() && label.is_none() && is_of_somebody_named(view, before, address) {
        return Some((0, "somebody else's".to_owned()));
    }
    // Behind a label what is said far behind says nothing of it.
    let said_behind = || match &label {
        Some(_) => words.others.begins_within(after, REMARK),
        None => words.others.found(after),
    };
    if theirs > mine || mine.is_none() && said_behind() {
        return Some((0, "somebody else's".to_owned()));
    }
    let same = view.message.author().is_some_and(|from| from.address == address)
        || view.message.reply_to.iter().any(|reply| reply.address == address);
    let preferred = words.preferred.found(near) || words.preferred.found(after);
    let (base, why) = match (&label, mine, zone) {
        (Some(label), _, _) => (85, format!("label '{label}'")),
        (None, Some(_), _) => (85, "in the writer's own words".to_owned()),
        // "nieuw: jan@post.example", with nobody's name between
        (None, None, _) if words.renewed.is_whole(line_around(text, span, REMARKED).0) => {
            (85, "in the writer's own words".to_owned())
        }
        (None, None, Zone::Signature) => (72, "in the signature".to_owned()),
        (None, None, _) if same => (72, "in the writer's own words".to_owned()),
        (None, None, _) if block(text, span) => (68, "in the writer's own words".to_owned()),
        // In the middle of a story: whose it is, is not said.
        (None, None, _) => (45, "in a sentence that does not say whose".to_owned()),
    };
    let earlier = if zone == Zone::OwnEarlier { 6 } else { 0 };
    Some((base + if preferred { 10 } else { 0 } - earlier, why))
}

/// "Haar leidinggevende is Abe Hofstra (abe@…", "Hamza Bouali toevoegen, h.bouali@…": a whole name that is not
/// the writer's, before a bracket or in the address itself.
fn is_of_somebody_named(view: &View, before: &str, address: &str) -> bool {
    /// Letters of a surname that an address does not have by chance.
    const TELLING: usize = 4;
    let people = &view.context.rules.people;
    let words = people.words(before, 60);
    let bracket = before.trim_end().ends_with('(');
    let local = address.split('@').next().unwrap_or_default();
    let named = |at: usize| {
        let shape = people.shape(&words, at, Case::Prose).filter(|shape| shape.full)?;
        let surname = words.get(shape.to.checked_sub(1)?)?;
        // A first name that is common, or that the address has too.
        let known =
            words.get(at).is_some_and(|word| people.is_given(word) || address.starts_with(&*word.fold));
        let within = surname.fold.len() >= TELLING && local.contains(&*surname.fold);
        (bracket && known && shape.to == words.len() || within).then_some(surname)
    };
    (0..words.len()).filter_map(named).any(|surname| {
        let own = people.is_surname_of(surname, view.message.author());
        // Whoever signs with it is the writer too, whatever From says.
        let signed = view.sections.of(&[Zone::Signature]).any(|section| {
            view.message.text.get(section.span.clone()).is_some_and(|text| text.contains(surname.text))
        });
        !own && !signed
    })
}

/// The label that an address stands behind.
fn label(view: &View, source: &Source, text: &str, span: &Range<usize>) -> Option<String> {
    let fields = &view.context.rules.fields;
    let is_email = |field: &str| fields.get(field).is_some_and(|field| field.kind == Kind::Email);
    let labelled = view
        .labels
        .iter()
        .find(|label| label.source == *source && label.value.contains(&span.start) && is_email(&label.field));
    if let Some(found) = labelled {
        return text.get(found.label.clone()).map(str::to_owned);
    }
    let word = text.get(words_before(text, span.start, 0, 1))?;
    let word = word.trim_end_matches(|c: char| c.is_whitespace() || ".:-(<".contains(c));
    let claims = fields.labels.claims(word)?;
    claims.iter().any(|claim| claim.kind == Kind::Email && !claim.shared).then(|| word.to_owned())
}

/// Does the address stand on a line of its own, or among the parts of an address block?
fn block(text: &str, span: &Range<usize>) -> bool {
    let (before, after) = line_around(text, span, 120);
    let parted = |part: &str, edge: Option<char>| {
        part.trim().is_empty() || edge.is_some_and(|c| "|,;/-–<>(•·".contains(c))
    };
    parted(before, before.trim_end().chars().last())
        && parted(after, after.trim_start().chars().next())
        && before.len() + after.len() < 120
}
