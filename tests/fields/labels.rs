//! Labels in all their shapes, with the shipped rules.

use triaged::triage::fields::Fields;
use triaged::triage::message::{Attached, Message};
use triaged::triage::text::TextMarks;
use triaged::triage::values::labels::{Labelled, find};

fn fields() -> &'static Fields {
    &super::rules().fields
}

fn labelled(fields: &Fields, text: &str) -> Vec<Labelled> {
    let message = Message { text: text.to_owned(), ..Message::default() };
    find(&message, &TextMarks::default(), fields)
}

/// Field and value of each label; a non-answer in round brackets.
fn pairs(fields: &Fields, text: &str) -> Vec<(String, String)> {
    labelled(fields, text)
        .into_iter()
        .filter(|l| !l.shared)
        .map(|l| {
            let value = text.get(l.value.clone()).expect("a span of the text");
            (l.field, if l.no_answer { format!("({value})") } else { value.to_owned() })
        })
        .collect()
}

#[track_caller]
fn check(fields: &Fields, text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect();
    assert_eq!(pairs(fields, text), expected, "{text:?}");
}

#[test]
fn a_label_is_known_in_every_shape() {
    let fields = fields();
    for text in [
        "Naam: Jan de Vries",
        "naam : Jan de Vries",
        "NAAM:Jan de Vries",
        "Naam - Jan de Vries",
        "Naam – Jan de Vries",
        "Naam\tJan de Vries",
        "Naam | Jan de Vries",
        "| Naam | Jan de Vries |",
        "Naam    Jan de Vries",
        "Naam = Jan de Vries",
        "*Naam:* Jan de Vries",
        "**Naam**: Jan de Vries",
        "*Naam*: *Jan de Vries*",
        "_Naam_: Jan de Vries",
        "1. Naam: Jan de Vries",
        "2) Naam: Jan de Vries",
        "a) naam: Jan de Vries",
        "- Naam: Jan de Vries",
        "• Naam: Jan de Vries",
        "> Naam: Jan de Vries",
        "Naam:\nJan de Vries",
        "Naam:\n\nJan de Vries",
        "Naam\nJan de Vries",
        "Naam*: Jan de Vries",
        "Naam (verplicht): Jan de Vries",
        "Uw naam: Jan de Vries",
        "Wat is uw naam? Jan de Vries",
        "Wat is uw naam?\nJan de Vries",
        "Mijn naam: Jan de Vries",
        "Your name: Jan de Vries",
        "What is your name?\nJan de Vries",
        "Naam -> Jan de Vries",
        "Naam: Jan de Vries,",
    ] {
        check(fields, text, &[("name", "Jan de Vries")]);
    }
}

#[test]
fn several_labels_stand_on_one_line() {
    let fields = fields();
    for text in [
        "Naam: Jan de Vries Tel: 06-12345678 E-mail: jan@example.nl",
        "Naam: Jan de Vries, tel: 06-12345678, e-mail: jan@example.nl",
        "Naam: Jan de Vries | Tel: 06-12345678 | Mail: jan@example.nl",
        "Naam\tJan de Vries\tTelefoon\t06-12345678\tMail\tjan@example.nl",
        "Naam: Jan de Vries / telefoonnummer: 06-12345678 / mailadres: jan@example.nl",
        "Naam:Jan de Vries Tel:06-12345678 Email:jan@example.nl",
    ] {
        let found = pairs(fields, text);
        let values: Vec<_> =
            found.iter().map(|(f, v)| (f.as_str(), v.trim_end_matches([' ', '/']))).collect();
        assert_eq!(
            values,
            [("name", "Jan de Vries"), ("phone", "06-12345678"), ("email", "jan@example.nl")],
            "{text}"
        );
    }
}

#[test]
fn a_value_may_be_written_right_behind_its_label() {
    let fields = fields();
    for text in [
        "Tel06-12345678",
        "Tel 06-12345678",
        "tel.06-12345678",
        "Telefoon: 06-12345678",
        "T 06-12345678",
        "Mobiel  06-12345678",
    ] {
        check(fields, text, &[("phone", "06-12345678")]);
    }
    check(fields, "Fact.nr. 2026-1234", &[("invoice_number", "2026-1234")]);
}

#[test]
fn a_long_label_may_have_a_letter_wrong() {
    let fields = fields();
    for text in [
        "telefoonnumer: 06-12345678",
        "telefoonnummmer: 06-12345678",
        "telefonnummer: 06-12345678",
        "Tleefoonnummer: 06-12345678",
        "Telefoonnummet: 06-12345678",
        "Telefoon numer: 06-12345678",
        "callbak number: 06-12345678",
    ] {
        let found = pairs(fields, text);
        assert_eq!(found, [("phone".to_owned(), "06-12345678".to_owned())], "{text}");
    }
    check(fields, "Factuurnumer: 2026-1234", &[("invoice_number", "2026-1234")]);
    check(fields, "Factuurnummre: 2026-1234", &[("invoice_number", "2026-1234")]);
}

#[test]
fn other_words_are_labels_too() {
    let fields = fields();
    for (text, field, value) in [
        ("Bereikbaar op: 06-12345678", "phone", "06-12345678"),
        ("Callback number: 06-12345678", "phone", "06-12345678"),
        ("fact.nr.: 2026-1234", "invoice_number", "2026-1234"),
        ("Invoice no. : 2026-1234", "invoice_number", "2026-1234"),
        ("Type dienst - holter", "service_type", "holter"),
    ] {
        check(fields, text, &[(field, value)]);
    }
}

#[test]
fn a_label_without_an_answer_has_none() {
    let fields = fields();
    for text in [
        "Telefoon:",
        "Telefoon: -",
        "Telefoon: n.v.t.",
        "Telefoon: nvt",
        "Telefoon: N/A",
        "Telefoon: volgt",
        "Telefoon: ...",
        "Telefoon: ?",
        "Telefoon: weet ik niet",
        "Telefoon: weet ik niet uit mijn hoofd",
        "Telefoon: zie bijlage",
        "Telefoon: zie boven",
        "Telefoon: zie website",
        "Telefoon: liever per mail",
        "Telefoon: liever per mail a.u.b.",
        "Telefoon:\nFiliaal: Zutphen",
        "Telefoon: \n\nAdres: Kerkstraat 1",
    ] {
        let found = labelled(fields, text);
        assert!(found.iter().any(|l| l.field == "phone" && l.no_answer), "{text}: {found:?}");
    }
    let found = labelled(fields, "Naam:\nTelefoon:\nE-mail: jan@example.nl");
    assert!(found.iter().all(|l| l.no_answer == (l.field != "email")), "{found:?}");
}

#[test]
fn an_answer_with_digits_is_one_whatever_its_first_words() {
    let fields = fields();
    let found = labelled(fields, "Factuurnummer: weet ik niet zeker, 2026-1234 denk ik");
    assert!(found.iter().all(|l| !l.no_answer), "{found:?}");
}

#[test]
fn a_story_goes_on_until_an_empty_line_or_the_next_label() {
    let fields = fields();
    check(
        fields,
        "Vraag: hoe kom ik\nin mijn account?\n\nGroeten",
        &[("description", "hoe kom ik\nin mijn account?")],
    );
    check(
        fields,
        "Vraag: hoe kom ik\nin mijn account?\nNaam: Jan Bos",
        &[("description", "hoe kom ik\nin mijn account?"), ("name", "Jan Bos")],
    );
    check(
        fields,
        "Vraag:\nhoe kom ik\nin mijn account?\nFiliaal: Zutphen",
        &[("description", "hoe kom ik\nin mijn account?")],
    );
}

#[test]
fn a_label_of_something_else_ends_a_value() {
    let fields = fields();
    check(fields, "Naam: Jan Bos Geboortedatum: 1-2-1960", &[("name", "Jan Bos")]);
    check(fields, "Naam: Jan Bos Adres: Kerkstraat 1", &[("name", "Jan Bos")]);
}

#[test]
fn the_first_row_of_a_table_may_name_the_second() {
    let fields = fields();
    check(
        fields,
        "Naam\tTelefoon\tE-mail\nJan Bos\t06-12345678\tjan@example.nl",
        &[("name", "Jan Bos"), ("phone", "06-12345678"), ("email", "jan@example.nl")],
    );
}

#[test]
fn a_label_of_several_fields_offers_its_value_to_each() {
    let fields = fields();
    let text = "Contact: Koen Stortelder – 0544 55 02 93 – koen@example.org";
    let found = labelled(fields, text);
    let of: Vec<&str> = found.iter().map(|l| l.field.as_str()).collect();
    assert!(["name", "phone", "email"].iter().all(|field| of.contains(field)), "{of:?}");
    assert!(found.iter().all(|l| l.shared && text[l.value.clone()].ends_with("example.org")));
}

#[test]
fn parts_of_a_name_are_told_apart() {
    let fields = fields();
    check(
        fields,
        "Voornaam: Thijs\nAchternaam: Berendsen",
        &[("name.first", "Thijs"), ("name.last", "Berendsen")],
    );
}

#[test]
fn ten_thousand_characters_are_no_name() {
    let fields = fields();
    let found = labelled(fields, &format!("Naam: {}\nTelefoon: 06-38729833", "Xq".repeat(5_000)));
    assert!(found[0].no_answer && found[0].value.is_empty());
    assert_eq!(found[1].field, "phone");
}

#[test]
fn a_sentence_is_no_label() {
    let fields = fields();
    for text in [
        "Ik heb mijn naam al drie keer doorgegeven.",
        "De mail is nooit aangekomen",
        "Zie https://example.nl/naam:test",
        "om 12:30 uur",
    ] {
        check(fields, text, &[]);
    }
}

#[test]
fn labels_stand_in_subject_and_attached_mails_too() {
    let fields = fields();
    let message = Message {
        subject: "Factuurnummer: 2026-1234".to_owned(),
        attached: vec![Attached { text: "Naam: Jan Bos".to_owned(), ..Attached::default() }],
        ..Message::default()
    };
    let found = find(&message, &TextMarks::default(), fields);
    let of: Vec<&str> = found.iter().map(|l| l.field.as_str()).collect();
    assert_eq!(of, ["invoice_number", "name"]);
}

#[test]
fn time_is_linear_in_the_text() {
    let fields = fields();
    for text in [
        "naam:".repeat(100_000),
        "a:".repeat(200_000),
        "a-1 ".repeat(100_000),
        "\t|".repeat(200_000),
        "naam\n".repeat(50_000),
    ] {
        labelled(fields, &text);
    }
}
