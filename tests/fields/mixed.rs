//! Whole mails: what stands beside a value must not spoil it.

use triaged::triage::message::{Address, Attached};

use super::{Mail, rules};

#[track_caller]
fn stated(text: &str, subject: &str, expected: &[(&str, &str)]) {
    let rules = rules();
    let mail = Mail::new(text).subject(subject);
    let got: Vec<(&str, String)> =
        expected.iter().map(|(field, _)| (*field, mail.field(rules, field))).collect();
    let expected: Vec<(&str, String)> = expected.iter().map(|(f, v)| (*f, (*v).to_owned())).collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn a_form_of_a_web_site() {
    stated(
        "Er is een nieuw bericht.\n\nWat is uw naam?\nPetra de Groot\n\nWat is uw telefoonnummer?\n06 22 33 44 55\n\nOp welk e-mailadres kunnen wij u bereiken?\npetra@groot.example\n\nWat is het factuurnummer?\n26-03391\n\nVerzonden op 05-10-2026 17:02 vanaf 203.0.113.44",
        "Contactaanvraag #8841",
        &[("phone", "+31622334455"), ("email", "petra@groot.example"), ("invoice_number", "26-03391")],
    );
}

#[test]
fn a_table_of_two_columns() {
    stated(
        "Naam\tPetra de Groot\nTelefoon\t030-5554702\nE-mail\tpetra@groot.example\nFactuurnr\t2026-00345\nDatum factuur\t12-03-2026\nKlantnummer\t104455",
        "",
        &[("phone", "+31305554702"), ("email", "petra@groot.example"), ("invoice_number", "2026-00345")],
    );
}

#[test]
fn everything_on_one_line() {
    stated(
        "naam: petra de groot tel: 0305554702 mail: petra@groot.example factuurnr: 2026-00345 dienst: holter",
        "",
        &[("phone", "+31305554702"), ("email", "petra@groot.example"), ("invoice_number", "2026-00345")],
    );
}

#[test]
fn a_form_with_half_its_answers() {
    stated(
        "Naam: Petra de Groot\nTelefoon:\nE-mail: zie afzender\nFactuurnummer: staat er niet op\nDienst: weet ik niet",
        "vraag",
        &[("phone", "-"), ("email", "jan@thuis.example"), ("invoice_number", "-"), ("service_type", "-")],
    );
}

#[test]
fn a_letter_of_a_practice() {
    stated(
        "Geachte heer/mevrouw,\n\nOp factuur FH-2026-0331 d.d. 12-03-2026 (debiteur 10455, uw kenmerk 2026-99881) staan 14 consulten van € 1.250,00. Wij betalen vanaf NL91 ABNA 0417 1643 00.\n\nMet vriendelijke groet,\n\nPetra de Groot\npraktijkmanager\nHuisartsenpraktijk De Linde\nLindelaan 4, 3771 HK Barneveld\nT 0342 55 48 16 | F 0342 55 48 17\nE petra@delinde.example | W www.delinde.example\nKvK 01234567 | AGB 01031337 | BIG 09045678901",
        "factuur maart",
        &[("phone", "+31342554816"), ("email", "petra@delinde.example"), ("invoice_number", "FH-2026-0331")],
    );
}

#[test]
fn a_story_with_numbers_of_others() {
    stated(
        "Goedemorgen,\n\nMijn moeder (BSN 111222333, geb. 02-02-1939) kreeg factuur 26.09.0044. Haar nummer is 0612345678 maar zij hoort slecht, belt u dus liever mij: 06-87654321. De huisarts (0594-551010) weet ervan. Ik heb maandag al gebeld met 020-6000060 en toen kreeg ik zaaknummer 2026-44556.\n\nPetra de Groot",
        "",
        &[("phone", "+31687654321"), ("invoice_number", "26.09.0044")],
    );
}

#[test]
fn a_letter_in_english() {
    stated(
        "Dear Sir,\n\nI received a reminder (ref. 889900) for invoice KS26/4410 of 12 March 2026. My customer number is 2026-10101. I paid EUR 1,234.50 to NL91ABNA0417164300.\n\nPlease don't use my old number (06 11 11 11 11); my new number is +44 7700 900123.\n\nKind regards,\nAnn Lee",
        "",
        &[("phone", "+447700900123"), ("invoice_number", "KS26/4410")],
    );
}

#[test]
fn an_attached_mail_of_the_writer_gives_name_and_number_anothers_does_not() {
    let text = "Hallo,\n\nIk kan niet inloggen.\n\nMet vriendelijke groet,\nJan Pieter de Vries\n0612345678";
    for (from, name, phone) in [
        ("jan@thuis.example", "Jan Pieter de Vries", "+31612345678"),
        ("piet@werk.example", "J. de Vries", "-"),
    ] {
        let mut mail = Mail::new("Zie mijn eerdere mail.");
        mail.0.from = vec![Address { name: Some("J. de Vries".into()), address: "jan@thuis.example".into() }];
        mail.0.attached = vec![Attached {
            from: vec![Address { name: None, address: from.into() }],
            text: text.to_owned(),
            ..Attached::default()
        }];
        assert_eq!(mail.field(rules(), "name"), name, "{from}");
        assert_eq!(mail.field(rules(), "phone"), phone, "{from}");
        assert_eq!(mail.field(rules(), "email"), "jan@thuis.example", "{from}");
    }
}
