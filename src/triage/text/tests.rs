//! Mails as programs write them, and whose words each line is.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::message::Address;
use super::*;

static MARKS: LazyLock<TextMarks> = LazyLock::new(|| {
    let rules: TextRules = toml::from_str(include_str!("../../../rules/text.toml")).expect("rules/text.toml");
    TextMarks::compile(&rules).expect("rules/text.toml")
});

fn message(text: &str) -> Message {
    let from = Address { name: Some("Jan de Vries".into()), address: "jan@example.org".into() };
    Message { text: text.into(), from: vec![from], ..Message::default() }
}

/// The text of one zone, its sections joined.
fn zone(text: &str, zone: Zone) -> String {
    let message = message(text);
    let sections = split(&message, &MARKS, &["ksyos.nl".into()], &[]);
    assert_tiles(&sections, text);
    sections.of(&[zone]).map(|section| text[section.span.clone()].trim()).collect::<Vec<_>>().join(" | ")
}

fn assert_tiles(sections: &Sections, text: &str) {
    let mut at = 0;
    for section in &sections.0 {
        assert_eq!(section.span.start, at);
        assert!(text.is_char_boundary(section.span.end) && section.span.end > at);
        at = section.span.end;
    }
    assert_eq!(at, text.len());
}

#[test]
fn gmail_in_dutch_wrapped_over_two_lines() {
    let text = "Ja, dat klopt.\n\nOp ma 3 nov 2026 om 10:00 schreef Ksyos Info\n<info@ksyos.nl>:\n\n> Klopt factuur 2026-1?\n> Met vriendelijke groet\n";
    assert_eq!(zone(text, Zone::Own), "Ja, dat klopt.");
    assert_eq!(zone(text, Zone::QuotedOurs), "> Klopt factuur 2026-1?\n> Met vriendelijke groet");
}

#[test]
fn answers_between_quoted_lines_are_own_words() {
    let text = "On Mon, 3 Nov 2026 at 10:00, Ksyos <info@ksyos.nl> wrote:\n> Uw naam?\nJan de Vries\n> Uw telefoon?\n06-12345678\n";
    assert_eq!(zone(text, Zone::Own), "Jan de Vries | 06-12345678");
    assert_eq!(zone(text, Zone::QuotedOurs), "> Uw naam? | > Uw telefoon?");
}

#[test]
fn outlook_headers_with_and_without_a_bar() {
    for above in ["", "________________________________\n", "-----Oorspronkelijk bericht-----\n"] {
        let text = format!(
            "Zie onder.\n\n{above}Van: Planning Ksyos <planning@ksyos.nl>\nVerzonden: maandag 12 januari 2026 09:40\nAan: Jan de Vries <jan@example.org>\nOnderwerp: Factuur 2026-1\n\nBeste heer,\nBel 020-6000060.\n"
        );
        assert_eq!(zone(&text, Zone::Own), "Zie onder.");
        assert!(zone(&text, Zone::QuotedOurs).contains("Bel 020-6000060."), "{above}");
        assert!(zone(&text, Zone::QuotedOurs).contains("Factuur 2026-1"));
        assert!(zone(&text, Zone::QuotedOther).contains("maandag 12 januari"));
    }
}

#[test]
fn bold_outlook_headers_in_english() {
    let text = "See below\n\n*From:* Piet <piet@other.example>\n*Sent:* Monday\n*To:* jan@example.org\n*Subject:* x\n\nhello\n";
    assert_eq!(zone(text, Zone::Own), "See below");
    assert!(zone(text, Zone::QuotedOther).contains("hello"));
}

#[test]
fn a_persons_own_earlier_mail_counts_as_theirs() {
    let text = "Graag alsnog antwoord.\n\n---------- Doorgestuurd bericht ---------\nVan: Jan de Vries <jan@work.example>\nDate: ma 3 nov 2026 om 10:00\nSubject: Klacht\nTo: <klacht@ksyos.nl>\n\nMijn nummer is 06-12345678.\n";
    assert_eq!(zone(text, Zone::Own), "Graag alsnog antwoord.");
    assert!(zone(text, Zone::OwnEarlier).contains("06-12345678"));
    let marked = text.replace("Mijn nummer", "> Hallo,\n>\n> Mijn nummer");
    assert!(zone(&marked, Zone::OwnEarlier).contains("06-12345678"), "and its program marked it as a quote");
}

#[test]
fn a_quote_that_begins_with_its_attribution_is_that_writers() {
    let text = "Al betaald.\n\n> Op 2 juni 2026 schreef Ksyos administratie:\n>\n> Factuur 2026-204417 staat open.\n";
    assert!(zone(text, Zone::QuotedOurs).contains("2026-204417"));
    let said = "Al betaald.\n\nOp 2 juni 2026 schreef Ksyos administratie:\nbetaal factuur 2026-204417.\n";
    assert!(zone(said, Zone::Own).contains("2026-204417"), "told, not quoted");
}

#[test]
fn nested_quotes_have_their_own_writers() {
    let text = "Klopt.\n\nOp 03-11-2026 om 10:00 schreef Ksyos:\n> Wij lazen uw mail.\n>\n> Op 02-11-2026 om 09:00 schreef Jan de Vries:\n>> Mijn nummer is 06-12345678\n";
    assert!(zone(text, Zone::OwnEarlier).contains("06-12345678"));
    assert_eq!(zone(text, Zone::QuotedOurs), "> Wij lazen uw mail.\n>");
}

#[test]
fn a_header_block_inside_a_quote_needs_no_day() {
    for head in [
        "Van: Jan de Vries\n>> Aan: info@ksyos.nl\n>> Onderwerp: vraag",
        "From: Jan de Vries\n>> To: Ksyos\n>> Subject: x",
    ] {
        let text = format!(
            "Hieronder nogmaals.\n\nOp 12-08-2026 om 08:15 schreef Ksyos Administratie:\n> Ik ben met vakantie.\n>\n>> {head}\n>>\n>> Mijn nummer is 06-12345678.\n"
        );
        assert!(zone(&text, Zone::OwnEarlier).contains("06-12345678"), "{head}");
        assert!(zone(&text, Zone::QuotedOurs).contains("vakantie"), "{head}");
    }
}

#[test]
fn apple_forwards_inside_quote_marks() {
    let text = "Kijk eens:\n\nBegin doorgestuurd bericht:\n\n> Van: Ksyos <administratie@ksyos.nl>\n> Onderwerp: Factuur 2026-9\n> Datum: 3 november 2026 om 10:00\n> Aan: jan@example.org\n>\n> Hierbij de factuur.\n";
    assert_eq!(zone(text, Zone::Own), "Kijk eens:");
    assert!(zone(text, Zone::QuotedOurs).contains("Hierbij de factuur."));
}

#[test]
fn a_letter_head_is_no_quoted_mail() {
    let text = "Van: Jan de Vries\nAan: klachtencommissie\nDatum: 3 mei 2026\nOnderwerp: klacht\n\nIk heb een klacht.\n";
    assert!(zone(text, Zone::Own).contains("Ik heb een klacht."));
    let text = "Op 12 maart om 10:15 schreef uw collega mij dit:\nu bent te laat.\n";
    assert!(zone(text, Zone::Own).contains("te laat"));
}

#[test]
fn a_signature_begins_behind_the_closing() {
    let text =
        "Mijn vraag.\n\nMet vriendelijke groet,\n\nJan de Vries\n06-12345678\n\nP.S. Ik ben maandag vrij.\n";
    assert_eq!(zone(text, Zone::Signature), "Jan de Vries\n06-12345678");
    assert!(zone(text, Zone::Own).ends_with("P.S. Ik ben maandag vrij."));
    assert_eq!(zone("Vraag?\nGroetjes Milan\n", Zone::Signature), "Milan");
    assert_eq!(zone("Dat hoor ik graag. Groetjes Sanne\n", Zone::Signature), "Sanne");
    assert_eq!(zone("Vraag\n\nMvg / Kind regards,\nJan\n", Zone::Signature), "Jan");
}

#[test]
fn a_signature_without_a_closing_is_seen() {
    assert_eq!(
        zone("Kunt u dit nakijken?\n\nTheo Langeveld\nhuisarts\n0223-550871\n", Zone::Signature),
        "Theo Langeveld\nhuisarts\n0223-550871"
    );
    assert_eq!(
        zone("Ik heb een vraag.\nJan Scholten, 06-28811882\n", Zone::Signature),
        "Jan Scholten, 06-28811882"
    );
    assert_eq!(
        zone(
            "GRAAG CREDITEREN.\n\nMARCO VERHOEF\nOPTIEK HELDER\nTEL WINKEL 076 555 08 81\n",
            Zone::Signature
        ),
        "MARCO VERHOEF\nOPTIEK HELDER\nTEL WINKEL 076 555 08 81"
    );
    assert_eq!(zone("Graag bellen. Nummer 0165 550 119\n", Zone::Signature), "");
}

#[test]
fn tag_lines_and_small_print_are_nobodys_words() {
    for tag in [
        "Verstuurd vanaf mijn iPhone",
        "Outlook voor Android<https://aka.ms/AAb9ysg> downloaden",
        "Sent from my Galaxy",
        "Verkrijg Outlook voor iOS<https://aka.ms/o0ukef>",
        "[cid:image002.jpg@01]",
    ] {
        assert_eq!(zone(&format!("Mijn vraag.\n\n{tag}\n"), Zone::Boilerplate), tag);
        assert_eq!(zone(&format!("Mijn vraag.\n\n{tag}\n"), Zone::Own), "Mijn vraag.");
    }
    let text = "LET OP: deze e-mail komt van buiten de organisatie.\n\nMijn vraag.\n\nJan de Vries\nDit e-mailbericht en eventuele bijlagen zijn vertrouwelijk. Bel dan 088-0099887.\n";
    assert_eq!(zone(text, Zone::Own), "Mijn vraag.");
    assert_eq!(zone(text, Zone::Signature), "Jan de Vries");
    assert!(zone(text, Zone::Boilerplate).contains("088-0099887"));
}

#[test]
fn small_print_begins_at_its_own_line() {
    let text = "Mijn vraag.\n\nJan de Vries\nhuisarts\n\n[cid:image002.jpg@01DD]\nPraktijk De Vries\ntel 0342 55 48 16\nfax 0342 55 48 17\nDit e-mailbericht en eventuele bijlagen zijn vertrouwelijk. Bent u niet de\nbedoelde ontvanger, bel dan 088-0099887.\n";
    assert!(zone(text, Zone::Signature).ends_with("fax 0342 55 48 17"));
    assert!(zone(text, Zone::Boilerplate).contains("088-0099887"));
    let text = "My question.\n\nKind regards,\nJan de Vries\n\nT 020 555 11 22\nPlease note that whatever we write here and whatever you\nread is confidential and meant for the recipient. Call 088-0099887.\n";
    assert_eq!(zone(text, Zone::Signature), "Jan de Vries\n\nT 020 555 11 22");
    assert!(zone(text, Zone::Boilerplate).starts_with("Please note"));
}

#[test]
fn a_complaint_about_confidential_data_is_no_small_print() {
    let text = "Mijn vertrouwelijke gegevens kwamen bij een verkeerde ontvanger terecht.\n\nJan de Vries\n";
    assert!(zone(text, Zone::Own).starts_with("Mijn vertrouwelijke"));
}

#[test]
fn an_indented_letter_is_no_quote() {
    assert_eq!(
        zone("> Hallo, mijn vraag.\n> Nog een regel.\n", Zone::Own),
        "> Hallo, mijn vraag.\n> Nog een regel."
    );
}

#[test]
fn a_faulty_pattern_is_named() {
    let rules = TextRules { closings: vec!["mvg".into(), "(".into()], ..TextRules::default() };
    let faults = TextMarks::compile(&rules).expect_err("a fault");
    assert_eq!(faults[0].place.to_string(), "closings[1]");
}

proptest! {
    #[test]
    fn sections_tile_any_text(pieces in proptest::collection::vec(prop_oneof![
        Just("> ".to_owned()), Just("\n".to_owned()), Just("\n\n".to_owned()), Just("Van: x <x@y.nl>\nVerzonden: z\nAan: q\n".to_owned()),
        Just("Op 3 mei 2026 schreef Jan <jan@example.org>:\n".to_owned()), Just("Groetjes Jan".to_owned()), Just("-- \n".to_owned()),
        Just("-----Original Message-----\n".to_owned()), Just("Jan de Vries\n".to_owned()), "\\PC{0,12}",
    ], 0..40)) {
        let text = pieces.concat();
        let message = message(&text);
        assert_tiles(&split(&message, &TextMarks::default(), &[], &[]), &text);
        assert_tiles(&split(&message, &MARKS, &["ksyos.nl".into()], &[]), &text);
    }
}
