//! Does a TOML table have the shape that a JSON Schema asks for? Serde stops at its first error;
//! this walk finds every unknown key, wrong type and missing key in one go.

use serde_json::{Map as Object, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Span;

/// Schemas refer to each other; none of ours needs more steps than this.
const DEEPEST: usize = 64;

/// A name that is further away from every known one than this is no typing error.
const SIMILAR: f64 = 0.7;

#[derive(Debug, Clone)]
pub(super) struct ShapeFault {
    pub span: Span,
    pub what: String,
    pub remedy: String,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub faults: Vec<ShapeFault>,
    /// There is more wrong than unknown keys, which were taken out of the table.
    pub fatal: bool,
}

impl Found {
    fn fault(&mut self, span: Span, what: String, remedy: String) {
        self.faults.push(ShapeFault { span, what, remedy });
        self.fatal = true;
    }
}

/// Checks a file's table and takes unknown keys out of it.
pub(super) fn check(table: &mut Spanned<DeTable>, schema: &Json) -> Found {
    let mut found = Found::default();
    Walk { root: schema }.table(table.get_mut(), 0..0, schema, 0, &mut found);
    found
}

struct Walk<'s> {
    root: &'s Json,
}

impl<'s> Walk<'s> {
    fn resolve(&self, mut schema: &'s Json) -> &'s Json {
        for _ in 0..DEEPEST {
            let Some(name) = schema.get("$ref").and_then(Json::as_str) else { break };
            let Some(next) = name.strip_prefix('#').and_then(|path| self.root.pointer(path)) else { break };
            schema = next;
        }
        schema
    }

    fn value(&self, value: &mut DeValue, span: Span, schema: &'s Json, depth: usize, found: &mut Found) {
        let schema = self.resolve(schema);
        if depth > DEEPEST {
            return found.fault(span, "this is nested too deeply".to_owned(), String::new());
        }
        if let Some(variants) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array) {
            return self.one_of(value, span, variants, depth, found);
        }
        if let Some(words) = words_of(schema) {
            if !value.as_str().is_some_and(|text| words.contains(&text)) {
                word_fault(value, span, &words, found);
            }
            return;
        }
        if !fits(value, schema) {
            let of_tables = schema.get("items").is_some_and(|items| is_table(self.resolve(items)));
            if value.is_table() && of_tables {
                let what =
                    "there may be several of these, so its name stands between two brackets".to_owned();
                return found.fault(span, what, "write [[name]] instead of [name]".to_owned());
            }
            let (what, remedy) = type_words(schema, value);
            return found.fault(span, what, remedy);
        }
        match value {
            DeValue::Table(table) => self.table(table, span, schema, depth, found),
            DeValue::Array(array) => {
                let Some(items) = schema.get("items") else { return };
                for item in array.iter_mut() {
                    let span = item.span();
                    self.value(item.get_mut(), span, items, depth + 1, found);
                }
            }
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                range_fault(number.ok(), span, schema, found);
            }
            _ => {}
        }
    }

    /// The first variant that fits whole; else the faults of the one with the right type.
    fn one_of(&self, value: &mut DeValue, span: Span, variants: &'s [Json], depth: usize, found: &mut Found) {
        let variants: Vec<&Json> = variants.iter().map(|variant| self.resolve(variant)).collect();
        let mut nearest: Option<(Found, DeValue)> = None;
        for variant in &variants {
            let mut copy = value.clone();
            let mut tried = Found::default();
            self.value(&mut copy, span.clone(), variant, depth + 1, &mut tried);
            if tried.faults.is_empty() {
                return;
            }
            let right_type = words_of(variant).is_none() && fits(value, variant);
            if right_type && nearest.as_ref().is_none_or(|(n, _)| tried.faults.len() < n.faults.len()) {
                nearest = Some((tried, copy));
            }
        }
        let words: Vec<&str> = variants.iter().filter_map(|variant| words_of(variant)).flatten().collect();
        if let Some((mut tried, copy)) = nearest {
            if let ([fault], DeValue::Integer(_)) = (tried.faults.as_mut_slice(), &copy) {
                for word in &words {
                    fault.remedy.push_str(", or \"");
                    fault.remedy.push_str(word);
                    fault.remedy.push('"');
                }
            }
            *value = copy;
            found.fatal |= tried.fatal;
            found.faults.extend(tried.faults);
            return;
        }
        let others = variants.iter().any(|variant| words_of(variant).is_none());
        if let (Some(text), true, false) = (value.as_str(), others, words.is_empty()) {
            let wanted: Vec<String> = variants.iter().map(|variant| type_name(variant)).collect();
            let what = format!("this must be {}, not \"{}\"", wanted.join(" or "), short(text));
            let near = super::shape::nearest(text, words.iter().copied());
            let remedy = near.map_or_else(
                || "write a whole number such as 3, without quotes".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            return found.fault(span, what, remedy);
        }
        if words.is_empty() || !(value.is_str() || variants.iter().all(|v| words_of(v).is_some())) {
            let wanted: Vec<String> = variants.iter().map(|variant| type_name(variant)).collect();
            let what = format!("this must be {}, not {}", wanted.join(" or "), name_of(value));
            let remedy = variants.first().map(|variant| type_words(variant, value).1).unwrap_or_default();
            return found.fault(span, what, remedy);
        }
        word_fault(value, span, &words, found);
    }

    /// Why a key is unknown here: most often it stands below the wrong `[table]`.
    fn misplaced(&self, name: &str, known: &Object<String, Json>) -> (String, String) {
        let (what, remedy) = unknown_words(name, known);
        let of_file = self.root.get("properties").and_then(|keys| keys.get(name)).is_some();
        if of_file && !known.contains_key(name) {
            let remedy = "move it to the top of the file, above the first [table]: what stands below [name] belongs to it";
            return (what, remedy.to_owned());
        }
        (what, remedy)
    }

    fn table(&self, table: &mut DeTable, span: Span, schema: &'s Json, depth: usize, found: &mut Found) {
        let schema = self.resolve(schema);
        let empty = Object::new();
        let known = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let other = schema.get("additionalProperties");
        let mut unknown = Vec::new();
        for (key, value) in table.iter_mut() {
            let name: &str = key.get_ref();
            let place = value.span();
            // The whole of a table is a bad thing to underline: its name is the offence.
            let place = if value.get_ref().is_table() { key.span() } else { place };
            match (known.get(name), other) {
                (Some(schema), _) => self.value(value.get_mut(), place, schema, depth + 1, found),
                (None, Some(Json::Object(_))) => {
                    if let Some(schema) = other {
                        self.value(value.get_mut(), place, schema, depth + 1, found);
                    }
                }
                (None, Some(Json::Bool(false))) => {
                    let (what, remedy) = self.misplaced(name, known);
                    found.faults.push(ShapeFault { span: key.span(), what, remedy });
                    unknown.push(name.to_owned());
                }
                (None, _) => {}
            }
        }
        for name in &unknown {
            table.remove(name.as_str());
        }
        // Who mends the misspelt key has the missing one.
        let meant: Vec<&str> =
            unknown.iter().filter_map(|name| nearest(name, known.keys().map(String::as_str))).collect();
        let required = schema.get("required").and_then(Json::as_array);
        for name in required.into_iter().flatten().filter_map(Json::as_str) {
            if meant.contains(&name) && !table.contains_key(name) {
                found.fatal = true;
            } else if !table.contains_key(name) {
                let help = known.get(name).and_then(|schema| self.example(name, schema));
                let help = help.or_else(|| Some(format!("add `{name} = \"...\"`")));
                found.fault(span.clone(), format!("`{name}` is missing here"), help.unwrap_or_default());
            }
        }
    }

    /// What to write for a missing key.
    fn example(&self, name: &str, schema: &'s Json) -> Option<String> {
        let about = schema.get("description").and_then(Json::as_str)?.lines().next()?;
        let schema = self.resolve(schema);
        let variants = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array);
        let first = variants.and_then(|variants| variants.first()).map(|first| self.resolve(first));
        let schema = first.filter(|first| first.get("type").is_some()).unwrap_or(schema);
        let value = match schema.get("type").and_then(Json::as_str) {
            Some("array") => "[...]",
            Some("integer") => "3",
            Some("boolean") => "true",
            Some("object") => {
                let keys = schema.get("properties").and_then(Json::as_object);
                let keys = keys.map_or(String::new(), |keys| {
                    keys.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
                });
                return Some(format!("add [{name}] with {keys}: {about}"));
            }
            _ => "\"...\"",
        };
        Some(format!("add `{name} = {value}`: {about}"))
    }
}

/// The words that a value may be, where it is one of a few.
fn words_of(schema: &Json) -> Option<Vec<&str>> {
    if let Some(word) = schema.get("const").and_then(Json::as_str) {
        return Some(vec![word]);
    }
    let words = schema.get("enum")?.as_array()?;
    Some(words.iter().filter_map(Json::as_str).collect())
}

fn word_fault(value: &DeValue, span: Span, words: &[&str], found: &mut Found) {
    let list = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let what = match value.as_str() {
        Some(text) => format!("\"{}\" is none of the words that may stand here", short(text)),
        None => format!("this must be one word of a few, not {}", name_of(value)),
    };
    let near = value.as_str().and_then(|text| nearest(text, words.iter().copied()));
    let remedy = match near {
        Some(word) => format!("did you mean \"{word}\"? Possible: {list}"),
        None => format!("write one of {list}"),
    };
    found.fault(span, what, remedy);
}

fn unknown_words(name: &str, known: &Object<String, Json>) -> (String, String) {
    let what = format!("unknown key `{}`", short(name));
    let keys = || known.keys().map(String::as_str);
    if name.contains("password") && known.contains_key("password_file") {
        let remedy = "a password never stands in this file: write it into a file of its own, and name that here: password_file = \"...\"";
        return (what, remedy.to_owned());
    }
    let remedy = nearest(name, keys()).map_or_else(
        || format!("the keys here are {}", keys().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    (what, remedy)
}

/// The known name that was probably meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.chars().take(64).collect::<String>().to_lowercase();
    known
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn is_table(schema: &Json) -> bool {
    schema.get("type").and_then(Json::as_str) == Some("object")
}

fn fits(value: &DeValue, schema: &Json) -> bool {
    let fits_one = |name: &str| match name {
        "string" => value.is_str(),
        "integer" => value.is_integer(),
        "number" => value.is_integer() || value.is_float(),
        "boolean" => value.is_bool(),
        "array" => value.is_array(),
        "object" => value.is_table(),
        _ => false,
    };
    match schema.get("type") {
        Some(Json::String(name)) => fits_one(name),
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).any(fits_one),
        _ => true,
    }
}

fn type_name(schema: &Json) -> String {
    if let Some(words) = words_of(schema) {
        return words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ");
    }
    let name = match schema.get("type") {
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        other => other.and_then(Json::as_str),
    };
    match name.unwrap_or_default() {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "something else",
    }
    .to_owned()
}

fn name_of(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn type_words(schema: &Json, value: &DeValue) -> (String, String) {
    let wanted = type_name(schema);
    let as_written = match value {
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        _ => None,
    };
    let remedy = match (wanted.as_str(), value) {
        ("a text", DeValue::Array(_) | DeValue::Table(_)) => {
            "write one text between quotes: \"...\"".to_owned()
        }
        ("a text", _) => {
            format!("put it between quotes: \"{}\"", as_written.as_deref().map_or("...".into(), short))
        }
        ("a list", DeValue::String(text)) if text.contains('\\') => {
            format!("put it between square brackets: ['{}']", short(text))
        }
        ("a list", DeValue::String(text)) => format!("put it between square brackets: [\"{}\"]", short(text)),
        ("a list", _) => "a list is written [\"one\", \"two\"]".to_owned(),
        ("a whole number", DeValue::String(text)) if text.parse::<i64>().is_ok() => {
            format!("write it without quotes: {text}")
        }
        ("a whole number", _) => "write a whole number such as 3".to_owned(),
        ("true or false", _) => "write true or false, without quotes".to_owned(),
        ("a table", _) => "write its keys below a line [name]".to_owned(),
        _ => String::new(),
    };
    (format!("this must be {wanted}, not {}", name_of(value)), remedy)
}

fn range_fault(number: Option<i64>, span: Span, schema: &Json, found: &mut Found) {
    let least = schema.get("minimum").and_then(Json::as_i64).unwrap_or(i64::MIN);
    let format = schema.get("format").and_then(Json::as_str);
    let most = match (schema.get("maximum").and_then(Json::as_i64), format) {
        (Some(most), _) => most,
        (None, Some("uint32")) => i64::from(u32::MAX),
        (None, Some("int32")) => i64::from(i32::MAX),
        (None, _) => i64::MAX,
    };
    let Some(number) = number else {
        return found.fault(span, "this number is too large".to_owned(), format!("write {most} or less"));
    };
    // The shape may say in words of its own why a number makes no sense.
    let said = |plain: &str| match schema.get("errorMessage").and_then(Json::as_str) {
        Some(words) => words.to_owned(),
        None => format!("{number} is too {plain}"),
    };
    if number < least {
        found.fault(span, said("small"), format!("write {least} or more"));
    } else if number > most {
        found.fault(span, said("large"), format!("write {most} or less"));
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
