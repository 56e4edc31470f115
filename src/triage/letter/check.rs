//! Would each letter come out, whatever the case? Each is rendered in every state that a case can
//! be in, so that a typing error shows when the file is saved, not when somebody waits for an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::super::reading::Language;
use super::{Facts, LetterFault, LetterKind, Letters, Missing, layout, template_fault};

/// Kinds without which a person would get no answer, each needed in both languages.
const NEEDED: [LetterKind; 3] = [LetterKind::Acknowledgement, LetterKind::Request, LetterKind::Reminder];

/// `KIND[.INQUIRY].LANGUAGE`
struct Name<'a> {
    kind: LetterKind,
    inquiry: Option<&'a str>,
    language: &'a str,
}

pub(super) fn check(
    letters: &Letters,
    sources: &BTreeMap<String, String>,
    inquiries: &[&str],
) -> Vec<LetterFault> {
    let mut faults = Vec::new();
    let mut lost: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, source) in sources {
        match parse_name(name, inquiries) {
            Ok(parsed) => check_letter(letters, name, source, parsed.kind, &mut faults),
            Err(NameFault::Inquiry(inquiry)) => lost.entry(inquiry).or_default().push(name),
            Err(NameFault::Other(fault)) => faults.push(*fault),
        }
    }
    faults.extend(lost.iter().filter_map(|(inquiry, names)| of_no_inquiry(inquiry, names, inquiries)));
    check_languages(sources, inquiries, &mut faults);
    faults
}

enum NameFault<'a> {
    /// There is no such inquiry.
    Inquiry(&'a str),
    Other(Box<LetterFault>),
}

/// One fault for all letters of an inquiry that is gone; where there is none at all, that is said
/// of the folder.
fn of_no_inquiry(inquiry: &str, names: &[&str], inquiries: &[&str]) -> Option<LetterFault> {
    let (first, rest) = names.split_first().filter(|_| !inquiries.is_empty())?;
    let what = match rest.len() {
        0 => format!("there is no inquiry `{inquiry}`"),
        more => format!("there is no inquiry `{inquiry}`; {more} more of its letters stand here"),
    };
    let remedy = format!(
        "the inquiries are {}; if {inquiry}.toml is gone, move its letters away",
        inquiries.join(", ")
    );
    Some(of_file(first, what, remedy))
}

fn parse_name<'a>(name: &'a str, inquiries: &[&str]) -> Result<Name<'a>, NameFault<'a>> {
    let wrong = |what: String, remedy: String| NameFault::Other(Box::new(of_file(name, what, remedy)));
    let parts: Vec<&str> = name.split('.').collect();
    let (kind, inquiry, language) = match *parts.as_slice() {
        [kind, language] => (kind, None, language),
        [kind, inquiry, language] => (kind, Some(inquiry), language),
        _ => {
            let remedy =
                "name it KIND.LANGUAGE.txt or KIND.INQUIRY.LANGUAGE.txt, such as request.complaint.nl.txt";
            return Err(wrong("this is no name of a letter".to_owned(), remedy.to_owned()));
        }
    };
    let kinds = LetterKind::ALL.map(LetterKind::name).join(", ");
    let kind = LetterKind::from_name(kind).ok_or_else(|| {
        wrong(format!("there is no letter of the kind `{kind}`"), format!("the kinds are {kinds}"))
    })?;
    if let Some(inquiry) = inquiry.filter(|inquiry| !inquiries.contains(inquiry)) {
        return Err(NameFault::Inquiry(inquiry));
    }
    if !["nl", "en"].contains(&language) {
        let what = format!("`{language}` is no language of letters");
        return Err(wrong(what, "the name ends with .nl.txt or .en.txt".to_owned()));
    }
    Ok(Name { kind, inquiry, language })
}

fn of_file(name: &str, what: String, remedy: String) -> LetterFault {
    LetterFault { name: name.to_owned(), span: None, what, remedy, odd: false }
}

fn check_letter(
    letters: &Letters,
    name: &str,
    source: &str,
    kind: LetterKind,
    faults: &mut Vec<LetterFault>,
) {
    let Ok(parts) = layout::parts(source) else { return };
    let before = faults.len();
    for (part, span) in [("subject", &parts.subject), ("body", &parts.body)] {
        let Ok(template) = letters.environment.get_template(&format!("{name}/{part}")) else { return };
        for variable in unknown(&template.undeclared_variables(false)) {
            // Where it stands is only known by its name.
            let at = source.get(span.clone()).and_then(|text| text.find(&variable)).map(|at| span.start + at);
            faults.push(LetterFault {
                span: at.map(|at| at..at + variable.len()),
                ..of_file(name, format!("there is no value `{variable}`"), remedy_for(&variable))
            });
        }
    }
    if faults.len() > before {
        return;
    }
    faults.extend(unsaid(letters, name, &parts, kind));
    for facts in states(kind) {
        if let Err(fault) = check_state(letters, name, source, &parts, kind, &facts) {
            faults.push(*fault);
            return;
        }
    }
}

fn check_state(
    letters: &Letters,
    name: &str,
    source: &str,
    parts: &layout::Parts,
    kind: LetterKind,
    facts: &Facts,
) -> Result<(), Box<LetterFault>> {
    let mut rendered = Vec::new();
    for (part, span) in [("subject", &parts.subject), ("body", &parts.body)] {
        let result = letters
            .environment
            .get_template(&format!("{name}/{part}"))
            .and_then(|template| template.render(minijinja::Value::from(minijinja::value::Serde(facts))));
        rendered.push(result.map_err(|error| {
            let fault = template_fault(&error, span);
            let span = fault.span.filter(|span| source.get(span.clone()).is_some());
            Box::new(LetterFault { span, ..of_file(name, fault.what, fault.remedy) })
        })?);
    }
    let [subject, body] = rendered.as_slice() else { return Ok(()) };
    let at = |span: &std::ops::Range<usize>, what: &str, remedy: &str| {
        Err(Box::new(LetterFault {
            span: Some(span.clone()),
            ..of_file(name, what.to_owned(), remedy.to_owned())
        }))
    };
    if !facts.number.is_empty() && !subject.contains(&format!("[{}]", facts.number)) {
        return at(
            &parts.subject,
            "the subject does not show the case number",
            "begin it with [{{ number }}]",
        );
    }
    if body.trim().is_empty() {
        return at(
            &parts.subject,
            "the letter has no text",
            "write it below the subject, after an empty line",
        );
    }
    let asks = matches!(kind, LetterKind::Request | LetterKind::Reminder);
    if asks && let Some(item) = facts.missing.iter().find(|item| !body.contains(&item.title)) {
        let first = parts.body.start..parts.body.start;
        let what =
            format!("the letter does not ask for what is missing (\"{}\" does not appear)", item.title);
        return at(
            &first,
            &what,
            "add {% for item in missing %} - {{ item.title }}: {{ item.help }} {% endfor %}",
        );
    }
    Ok(())
}

/// What every letter to a person should say: until when somebody answers, and how to reach a person.
fn unsaid(letters: &Letters, name: &str, parts: &layout::Parts, kind: LetterKind) -> Vec<LetterFault> {
    let facts = sample_facts(kind, Language::Nl);
    let body = letters
        .environment
        .get_template(&format!("{name}/body"))
        .and_then(|template| template.render(minijinja::Value::from(minijinja::value::Serde(&facts))));
    let Some(body) = body.ok().filter(|_| NEEDED.contains(&kind)) else { return Vec::new() };
    let odd = |what: &str, remedy: &str| LetterFault {
        span: Some(parts.subject.clone()),
        odd: true,
        ..of_file(name, what.to_owned(), remedy.to_owned())
    };
    let mut list = Vec::new();
    if facts.due.is_some_and(|due| !body.contains(&due)) {
        let remedy = "add {% if due %} ... {{ due }} ... {% endif %}";
        list.push(odd("the letter does not say until when somebody answers", remedy));
    }
    if !body.contains(&facts.contact) {
        list.push(odd("the letter does not say how to reach a person", "add {{ contact }}"));
    }
    list
}

/// Each kind that people wait for in both languages; a letter for one inquiry in both or in none.
fn check_languages(sources: &BTreeMap<String, String>, inquiries: &[&str], faults: &mut Vec<LetterFault>) {
    let mut needed: BTreeSet<String> = BTreeSet::new();
    for kind in LetterKind::ALL {
        let languages: &[&str] = if NEEDED.contains(&kind) { &["nl", "en"] } else { &["nl"] };
        needed.extend(languages.iter().map(|language| format!("{}.{language}", kind.name())));
    }
    let names: Vec<Name> = sources.keys().filter_map(|name| parse_name(name, inquiries).ok()).collect();
    for name in names.iter().filter(|name| NEEDED.contains(&name.kind)) {
        if let Some(inquiry) = name.inquiry {
            let other = if name.language == "nl" { "en" } else { "nl" };
            needed.insert(format!("{}.{inquiry}.{other}", name.kind.name()));
        }
    }
    for name in needed.iter().filter(|name| !sources.contains_key(*name)) {
        let what = "this letter is missing".to_owned();
        faults.push(of_file(
            name,
            what,
            "write it; a letter in the other language shows what it needs".to_owned(),
        ));
    }
}

/// The value that was probably meant.
fn remedy_for(variable: &str) -> String {
    let known = known();
    let near = known.iter().map(|name| (strsim::jaro_winkler(name, variable), name));
    let near = near.filter(|(near, _)| *near > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    let meant = near.map(|(_, name)| format!("did you mean `{name}`? ")).unwrap_or_default();
    format!("{meant}the values are {}", known.join(", "))
}

/// Names that a template may use.
fn known() -> Vec<String> {
    match serde_json::to_value(Facts::default()) {
        Ok(serde_json::Value::Object(facts)) => facts.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn unknown(used: &std::collections::HashSet<String>) -> BTreeSet<String> {
    let known = known();
    used.iter().filter(|name| !known.contains(name) && *name != "loop").cloned().collect()
}

/// Facts of an imaginary case with everything in it, for checks and previews.
#[must_use]
pub fn sample_facts(kind: LetterKind, language: Language) -> Facts {
    let word = |nl: &str, en: &str| if language == Language::Nl { nl.to_owned() } else { en.to_owned() };
    let missing = [
        (
            "datum van het voorval",
            "date of the incident",
            "op welke dag het gebeurde",
            "the day on which it happened",
        ),
        (
            "telefoonnummer",
            "phone number",
            "waarop wij u overdag kunnen bellen",
            "on which we can call you by day",
        ),
    ];
    let number = if kind.is_about_program() { String::new() } else { "K-2026-000123".to_owned() };
    Facts {
        organisation: "Ksyos".to_owned(),
        contact: word("Bel ons gerust.", "Feel free to call us."),
        number,
        inquiry: word("klacht", "complaint"),
        due: Some(word("donderdag 26 november 2026", "Thursday 26 November 2026")),
        due_at: Some(word("donderdag 26 november 2026 om 17.00 uur", "Thursday 26 November 2026 at 17:00")),
        received: word("maandag 23 november 2026", "Monday 23 November 2026"),
        noted: vec![word("naam", "name"), word("e-mailadres", "e-mail address")],
        missing: missing
            .iter()
            .map(|(nl, en, help_nl, help_en)| Missing { title: word(nl, en), help: word(help_nl, help_en) })
            .collect(),
        reasons: vec![word("de mail is leeg", "the mail is empty")],
        person: Some("jan@example.org".to_owned()),
        trouble: Some(word("De server weigert het wachtwoord.", "The server refuses the password.")),
        mailbox: "klacht".to_owned(),
        reopened: false,
    }
}

/// Every state that matters to a template: with and without each fact that may be missing.
fn states(kind: LetterKind) -> Vec<Facts> {
    let full = sample_facts(kind, Language::Nl);
    let bare = Facts {
        due: None,
        due_at: None,
        noted: Vec::new(),
        reasons: Vec::new(),
        person: None,
        trouble: None,
        reopened: true,
        ..full.clone()
    };
    let one = Facts { missing: full.missing.iter().take(1).cloned().collect(), ..full.clone() };
    let none = Facts { missing: Vec::new(), ..full.clone() };
    let mut states = vec![full, bare.clone(), one];
    // A request always asks for something; the other letters may have nothing to ask for.
    if !matches!(kind, LetterKind::Request | LetterKind::Reminder) {
        states.extend([none, Facts { missing: Vec::new(), ..bare }]);
    }
    if kind.is_about_program() {
        let numbered = |facts: &Facts| Facts { number: "K-2026-000123".to_owned(), ..facts.clone() };
        states.extend(states.iter().map(numbered).collect::<Vec<_>>());
    }
    states
}
