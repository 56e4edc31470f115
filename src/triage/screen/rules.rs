//! `rules/machines.toml`: the signs that are words, header values and addresses.

use schemars::JsonSchema;
use serde::Deserialize;

use super::body::Bodies;
use super::{Evidence, Force};
use crate::triage::expression::{Expression, Expressions, check, lean, lean_for_long};
use crate::triage::fault::{Fault, Place};
use crate::triage::message::Message;

/// What machines' mail looks like. Patterns are regular expressions; capital and small letters are
/// the same.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MachineRules {
    /// Addresses of form mailers: the Reply-To of their mail is the person who filled in the form.
    pub form_mailers: Vec<String>,
    /// Patterns of addresses whose rules pass on people's mail: marks of a machine on it mean nothing.
    pub forwarders: Vec<String>,
    /// Patterns of the part before the @ of senders whose mail nobody reads.
    pub no_reply: Vec<String>,
    /// Patterns of the part before the @ of senders that are programs.
    pub machine_senders: Vec<String>,
    /// Headers that a forwarding rule leaves on a mail that a person wrote.
    pub forward_headers: Vec<String>,
    /// Words by which a person speaks of themselves.
    pub first_person: Vec<String>,
    /// Words with which a letter begins.
    pub greetings: Vec<String>,
    /// Patterns of a sentence that only a person writes to us: a request, a complaint. A blank
    /// matches any white space.
    pub requests: Vec<String>,
    /// Patterns of a sentence that asks for a person instead of a program. Said in answer to a
    /// question for what is missing, the case goes to a coordinator and nothing is asked again.
    pub wants_a_person: Vec<String>,
    /// The signs, in any order.
    pub sign: Vec<SignRules>,
}

/// One sign. All that is given must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignRules {
    /// What the mail is then: one of `auto_reply`, `bounce`, `bulk`, `calendar`, `receipt`, `report`,
    /// `spam`, `unreadable`, or a word of your own in small letters.
    pub reason: String,
    /// `ignore`: a machine's. `review`: a person must look.
    pub action: Action,
    /// `false`: counts only together with another sign; alone a person must look.
    pub certain: Option<bool>,
    /// Name of a header that must be there.
    pub header: Option<String>,
    /// Pattern that the value of `header` must contain.
    pub value: Option<String>,
    /// Pattern of the subject.
    pub subject: Option<String>,
    /// Pattern of the sender's address.
    pub from: Option<String>,
    /// Pattern of the text that is not quoted; a blank matches any white space.
    pub body: Option<String>,
    /// Pattern of the name or media type of an attachment.
    pub attachment: Option<String>,
}

/// What a sign leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Recorded, not answered.
    #[default]
    Ignore,
    /// A case for a person to look at.
    Review,
}

/// [`MachineRules`], ready to use.
#[derive(Debug, Default)]
pub struct Machines {
    form_mailers: Vec<String>,
    forwarders: Expressions,
    no_reply: Expressions,
    machine_senders: Expressions,
    pub(super) forward_headers: Vec<String>,
    first_person: Option<Expression>,
    greetings: Option<Expression>,
    requests: Expressions,
    wants_a_person: Expressions,
    bodies: Bodies,
    signs: Vec<Sign>,
}

#[derive(Debug)]
struct Sign {
    reason: String,
    action: Action,
    certain: bool,
    header: Option<(String, Option<Expression>)>,
    subject: Option<Expression>,
    from: Option<Expression>,
    attachment: Option<Expression>,
    /// Index in `bodies`.
    body: Option<usize>,
}

/// Bytes of text that body patterns look at: a machine says what it is at once.
const LOOK: usize = 16 * 1024;

impl Machines {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(rules: &MachineRules) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut bodies: Vec<String> = Vec::new();
        let signs = rules
            .sign
            .iter()
            .enumerate()
            .map(|(index, sign)| {
                compile_sign(sign, &Place::default().key("sign").index(index), &mut bodies, &mut faults)
            })
            .collect();
        let machines = Self {
            form_mailers: rules.form_mailers.iter().map(|address| address.to_lowercase()).collect(),
            forwarders: set(&rules.forwarders, "forwarders", &mut faults),
            no_reply: set(&rules.no_reply, "no_reply", &mut faults),
            machine_senders: set(&rules.machine_senders, "machine_senders", &mut faults),
            forward_headers: rules.forward_headers.iter().map(|name| name.to_lowercase()).collect(),
            first_person: words(&rules.first_person, ""),
            greetings: words(&rules.greetings, r"^\W{0,3}"),
            requests: sentences(&rules.requests, "requests", &mut faults),
            wants_a_person: sentences(&rules.wants_a_person, "wants_a_person", &mut faults),
            bodies: Bodies::compile(&bodies).unwrap_or_else(|what| {
                faults.push(fault(Place::default().key("sign"), what));
                Bodies::default()
            }),
            signs,
        };
        if faults.is_empty() { Ok(machines) } else { Err(faults) }
    }

    /// Is `address` a form mailer that the rules trust: its Reply-To is the person?
    #[must_use]
    pub fn is_form_mailer(&self, address: &str) -> bool {
        self.form_mailers.iter().any(|known| known == address)
    }

    /// An address that nobody reads.
    pub(super) fn is_no_reply(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(local, _)| self.no_reply.is_match(local))
    }

    /// The address of a program.
    pub(super) fn is_machine(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(local, _)| self.machine_senders.is_match(local))
    }

    pub(super) fn is_forwarder(&self, address: &str) -> bool {
        self.forwarders.is_match(address)
    }

    pub(super) fn has_first_person(&self, text: &str) -> bool {
        self.first_person.as_ref().is_some_and(|words| words.is_match(start(text)))
    }

    pub(super) fn is_greeting(&self, line: &str) -> bool {
        self.greetings.as_ref().is_some_and(|words| words.is_match(line))
    }

    pub(super) fn requests(&self, text: &str) -> bool {
        self.requests.is_match(start(text))
    }

    /// Asks for a person, or to be called, instead of a program's next question.
    #[must_use]
    pub fn wants_a_person(&self, text: &str) -> bool {
        self.wants_a_person.is_match(start(text))
    }

    /// Every sign of the rules that the mail shows. `written` is its text without quotes.
    pub(super) fn find(&self, message: &Message, written: &str, found: &mut Vec<Evidence>) {
        let bodies = self.bodies.matches(start(written));
        let from = message.author().map_or("", |author| author.address.as_str());
        for sign in &self.signs {
            let body = sign.body.is_none_or(|index| bodies.get(index).is_some_and(|found| *found));
            let holds =
                body && sign.header.as_ref().is_none_or(|(name, value)| {
                    message
                        .headers_named(name)
                        .any(|text| value.as_ref().is_none_or(|value| value.is_match(text)))
                }) && sign.subject.as_ref().is_none_or(|pattern| pattern.is_match(&message.subject))
                    && sign.from.as_ref().is_none_or(|pattern| pattern.is_match(from))
                    && sign.attachment.as_ref().is_none_or(|pattern| {
                        message.attachments.iter().any(|attachment| {
                            pattern.is_match(&attachment.media_type)
                                || attachment.name.as_deref().is_some_and(|name| pattern.is_match(name))
                        })
                    });
            if holds {
                let force = match (sign.action, sign.certain) {
                    (Action::Review, _) if sign.reason == "unreadable" => Force::Notice,
                    (Action::Review, _) => Force::Look,
                    (Action::Ignore, true) => Force::Proof,
                    (Action::Ignore, false) if sign.is_words_only() => Force::Words,
                    (Action::Ignore, false) if sign.is_subject_only() => Force::Subject,
                    (Action::Ignore, false) => Force::Hint,
                };
                found.push(Evidence::new(&sign.reason, force, sign.seen()));
            }
        }
    }
}

impl Sign {
    fn is_words_only(&self) -> bool {
        self.header.is_none() && self.subject.is_none() && self.from.is_none() && self.attachment.is_none()
    }

    fn is_subject_only(&self) -> bool {
        self.header.is_none() && self.body.is_none() && self.from.is_none() && self.attachment.is_none()
    }

    /// Without the values: they may name people.
    fn seen(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some((name, _)) = &self.header {
            parts.push(format!("header {name}"));
        }
        let given = [
            (self.subject.is_some(), "subject"),
            (self.from.is_some(), "sender"),
            (self.body.is_some(), "text"),
            (self.attachment.is_some(), "attachment"),
        ];
        parts.extend(
            given.iter().filter(|(is, _)| *is).map(|(_, what)| format!("{what} like {}", self.reason)),
        );
        parts.join(", ")
    }
}

fn compile_sign(rules: &SignRules, place: &Place, bodies: &mut Vec<String>, faults: &mut Vec<Fault>) -> Sign {
    let mut pattern = |key: &str, source: &Option<String>| -> Option<Expression> {
        let source = source.as_ref()?;
        Expression::any_case(lean(source))
            .map_err(|what| faults.push(fault(place.clone().key(key), what)))
            .ok()
    };
    let value = pattern("value", &rules.value);
    let subject = pattern("subject", &rules.subject);
    let from = pattern("from", &rules.from);
    let attachment = pattern("attachment", &rules.attachment);
    let body = rules.body.as_ref().and_then(|source| {
        let loose = source.replace(' ', r"\s+");
        match check(&loose) {
            Ok(()) => {
                bodies.push(loose);
                Some(bodies.len() - 1)
            }
            Err(what) => {
                faults.push(fault(place.clone().key("body"), what));
                None
            }
        }
    });
    let header = rules.header.as_ref().map(|name| (name.to_lowercase(), value));
    check_sign(rules, place, faults);
    Sign {
        reason: rules.reason.clone(),
        action: rules.action,
        certain: rules.certain.unwrap_or(true),
        header,
        subject,
        from,
        attachment,
        body,
    }
}

fn check_sign(rules: &SignRules, place: &Place, faults: &mut Vec<Fault>) {
    let named = !rules.reason.is_empty() && rules.reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !named {
        let what = format!("'{}' is no reason", rules.reason);
        faults.push(Fault::new(place.clone().key("reason"), what, "write small letters, such as auto_reply"));
    }
    if rules.value.is_some() && rules.header.is_none() {
        faults.push(Fault::new(place.clone().key("value"), "a value of no header", "name the `header`"));
    }
    let given = [&rules.header, &rules.subject, &rules.from, &rules.body, &rules.attachment];
    if given.iter().all(|given| given.is_none()) {
        faults.push(Fault::new(
            place.clone(),
            "a sign without a condition is on every mail",
            "add `header` or `subject`",
        ));
    }
}

fn set(list: &[String], key: &str, faults: &mut Vec<Fault>) -> Expressions {
    let mut whole = Vec::new();
    for (index, pattern) in list.iter().enumerate() {
        match check(pattern) {
            Ok(()) => whole.push(format!("^(?:{pattern})$")),
            Err(what) => faults.push(fault(Place::default().key(key).index(index), what)),
        }
    }
    build(whole.iter().map(|pattern| lean(pattern)), key, faults)
}

/// A blank of a pattern is any white space: sentences are wrapped anywhere.
fn sentences(list: &[String], key: &str, faults: &mut Vec<Fault>) -> Expressions {
    let mut patterns = Vec::new();
    for (index, pattern) in list.iter().enumerate() {
        let loose = pattern.replace(' ', r"\s+");
        match check(&loose) {
            Ok(()) => patterns.push(format!(r"\b(?:{loose})")),
            Err(what) => faults.push(fault(Place::default().key(key).index(index), what)),
        }
    }
    build(patterns.iter().map(|pattern| lean_for_long(pattern)), key, faults)
}

fn build(patterns: impl Iterator<Item = String>, key: &str, faults: &mut Vec<Fault>) -> Expressions {
    Expressions::any_case(patterns).unwrap_or_else(|what| {
        faults.push(fault(Place::default().key(key), what));
        Expressions::default()
    })
}

fn fault(place: Place, what: String) -> Fault {
    Fault::new(place, what, "write a regular expression; put \\ before . ( ) [ ] ? * + to mean them")
}

fn words(list: &[String], before: &str) -> Option<Expression> {
    let list: Vec<String> =
        list.iter().filter(|word| !word.is_empty()).map(|word| regex::escape(word)).collect();
    if list.is_empty() {
        return None;
    }
    Expression::any_case(lean(&format!(r"{before}\b(?:{})(?:\W|$)", list.join("|")))).ok()
}

/// The first bytes, on a character boundary.
fn start(text: &str) -> &str {
    let end = text.floor_char_boundary(LOOK);
    text.get(..end).unwrap_or_default()
}
