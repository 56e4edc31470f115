//! Which words of a mail are the story.

use super::*;

fn words() -> DescriptionWords {
    let rules: DescriptionRules = toml::from_str(include_str!("../../../../rules/description.toml")).unwrap();
    DescriptionWords::compile(&rules).unwrap()
}

/// What a mail of these own words tells.
fn told(words: &DescriptionWords, text: &str) -> Option<String> {
    let patterns = words.list.as_ref().unwrap();
    let whole = std::iter::once(0..text.len());
    let list = sentences::read(text, whole, &[], patterns);
    list.iter().any(|sentence| patterns.tells(&sentence.text)).then(|| cut(patterns, &list).unwrap().1)
}

#[test]
fn the_story_is_told_without_greeting_closing_and_contact_lines() {
    let words = words();
    for (text, expected) in [
        (
            "Hallo,\n\nmijn code werkt\nniet meer. Wat nu?\n\nGroet,\nJan\n06-12345678",
            "mijn code werkt niet meer. Wat nu?",
        ),
        ("Hello, yesterday your nurse came too late.\n\nDiego", "yesterday your nurse came too late."),
        (
            "waarom staat er dat mijn account niet bestaat?????",
            "waarom staat er dat mijn account niet bestaat?????",
        ),
        ("Ik heb een klacht over jullie. Niemand belt terug. Bel mij op 06-12345678.", "Niemand belt terug."),
        (
            "Beste mensen,\nIk heb een vraag: hoe wijzig ik mijn e-mailadres?",
            "Ik heb een vraag: hoe wijzig ik mijn e-mailadres?",
        ),
        ("Goedemiddag,\n\nDe app doet niks.\n\nMvg Piet", "De app doet niks."),
        (
            "Ik heb een vraag over mijn account omdat ik de code niet ontvang.",
            "Ik heb een vraag over mijn account omdat ik de code niet ontvang.",
        ),
        ("Kunt u het weer activeren?", "Kunt u het weer activeren?"),
        ("I have a problem. The site says my code is wrong.", "The site says my code is wrong."),
    ] {
        assert_eq!(told(&words, text).as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn a_mail_that_only_says_that_there_is_something_tells_nothing() {
    let words = words();
    for text in [
        "Ik heb een vraag over mijn account.",
        "Heb een vraagje over ons account, graag contact opnemen",
        "Hallo, ik wil een klacht indienen.\n\nGroeten, Jan",
        "Kunt u mij bellen?\n06-12345678",
        "Ik wil graag een klacht indienen over een medewerker. Graag contact.",
        "I have a question about my account. Please call me back on 06 12345678.",
        "I would like to make a complaint.",
        "Graag teruggebeld worden.",
        "Ik hoor graag van u.\nAlvast bedankt!",
        "Ik heb een probleem met inloggen. Kunt u mij helpen?",
        "Zie bijlage.",
        "Mijn naam is Jan de Vries. Mijn telefoonnummer is 06-12345678.",
        "Dit is een klacht.",
        "Ik zou graag teruggebeld worden over mijn account. Ik heb daar namelijk een vraag over.",
        "Ik heb een klacht over uw medewerker dhr. Kamstra, slaaponderzoek, 12 mei. Bel mij daarover.",
        "graag contact over ons account",
        "",
    ] {
        assert_eq!(told(&words, text), None, "{text:?}");
    }
}

#[test]
fn of_a_long_story_the_heart_is_taken() {
    let filler = "Wij wonen al jaren met plezier in dit mooie dorp aan de rivier. ".repeat(80);
    let text = format!("{filler}\nUw medewerker zei dat ik niet mocht inloggen en waarom ook niet. {filler}");
    let told = told(&words(), &text).unwrap();
    assert!(told.chars().count() <= 2_000);
    assert!(told.contains("zei dat ik niet mocht inloggen"));
}
