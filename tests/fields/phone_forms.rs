//! Phone numbers in every form in which they are written.

use super::{Mail, hold, rules};

#[test]
fn every_way_to_write_a_number_is_one() {
    let table: Vec<(String, &str)> = [
        "0612345678",
        "06-12345678",
        "06 12345678",
        "06 12 34 56 78",
        "06-12 34 56 78",
        "06.1234.5678",
        "(06) 12 34 56 78",
        "(06)12345678",
        "06 - 12 34 56 78",
        "06 – 12 34 56 78",
        "06/12345678",
        "+31612345678",
        "+31 6 12345678",
        "+31 6 12 34 56 78",
        "+31 (0)6 12345678",
        "+31(0)612345678",
        "+31 (0) 6 1234 5678",
        "+31-6-12345678",
        "0031612345678",
        "0031 6 12345678",
        "00 31 6 12345678",
        "+31 06 12345678",
        "0031(0)6-12345678",
        "+31.6.12.34.56.78",
        "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        "06‑12345678",
        "061 234 5678",
        "0612 345 678",
        "06 123 456 78",
    ]
    .into_iter()
    .flat_map(|number| {
        [
            format!("Mijn telefoonnummer is {number}."),
            format!("Tel: {number}"),
            format!("Groeten,\nJan de Vries\n{number}"),
            format!("Jan de Vries, {number}"),
            format!("U kunt mij bereiken op {number}, liefst in de middag."),
        ]
    })
    .map(|text| (text, "+31612345678"))
    .collect();
    let table: Vec<(&str, &str)> = table.iter().map(|(text, value)| (text.as_str(), *value)).collect();
    hold("phone", &table);
}

#[test]
fn fixed_lines_and_neighbours_are_numbers_too() {
    hold(
        "phone",
        &[
            ("Tel. 020-1234567", "+31201234567"),
            ("tel +31 (0)20 555 73 19", "+31205557319"),
            ("030 – 555 47 02", "+31305554702"),
            ("0492-55 44 10", "+31492554410"),
            ("0513/624455", "+31513624455"),
            ("088-1234567", "+31881234567"),
            ("085 - 123 45 67", "+31851234567"),
            ("Mijn gsm is 0032 470 12 34 56.", "+32470123456"),
            ("Tel: +32 2 555 12 12", "+3225551212"),
            ("Tel: +49 2821 123456", "+492821123456"),
            ("Tel: +49 (0)2821 123456", "+492821123456"),
            ("My mobile is +44 7700 900123", "+447700900123"),
            ("My number: +44 (0)20 7946 0018", "+442079460018"),
            ("Tel: +33 6 12 34 56 78", "+33612345678"),
            ("Tel: +33 (0)6 12 34 56 78", "+33612345678"),
            ("Tel: 31612345678", "+31612345678"),
            ("Tel: 6 12345678", "+31612345678"),
            ("Mobiel: 612345678", "+31612345678"),
        ],
    );
}

#[test]
fn labels_of_all_kinds_lead_to_the_number() {
    hold(
        "phone",
        &[
            ("Tel06-12345678", "+31612345678"),
            ("tel.nr.: 06-12345678", "+31612345678"),
            ("telefoonnumer: 06-12345678", "+31612345678"),
            ("T 06-12345678", "+31612345678"),
            ("M: 06-12345678", "+31612345678"),
            ("M. 06-12345678", "+31612345678"),
            ("Naam: Jan Bos Tel:06-12345678 Mail:jan@bos.example", "+31612345678"),
            ("Telefoon\n06-12345678", "+31612345678"),
            ("Telefoon\t06-12345678", "+31612345678"),
            ("Telefoon | 06-12345678", "+31612345678"),
            ("Wat is uw telefoonnummer?\n06-12345678", "+31612345678"),
            ("Contact: Jan Bos – 06-12345678 – jan@bos.example", "+31612345678"),
            ("1) Stef Aarts, Helmond, 0492-55 44 10, mail zie afzender\n2) 13 januari", "+31492554410"),
            ("Bereikbaar op 06 12 34 56 78.", "+31612345678"),
            ("Bellen kan voor 12 uur 0165 550 119", "+31165550119"),
            ("callback number 06-12345678", "+31612345678"),
            ("WhatsApp: 06-12345678", "+31612345678"),
        ],
    );
}

#[test]
fn the_evidence_is_the_number_as_written() {
    let text = "Naam: Jan Bos\nTel: (06) 12 34 56 78 na 18 uur";
    let reading = Mail::new(text).read(rules());
    let found = reading.fields.get("phone").expect("a phone");
    assert_eq!(found.text, "(06) 12 34 56 78");
    assert_eq!(text.get(found.evidence.span.clone()), Some("(06) 12 34 56 78"));
}

#[test]
fn a_number_spelled_out_or_cut_up_is_one() {
    hold(
        "phone",
        &[
            ("0 7 2 - 5 5 5 4 8 3 0", "+31725554830"),
            ("Mijn nummer: 0 6 1 2 3 4 5 6 7 8", "+31612345678"),
            ("tillefoon: 050 / 555 70 61", "+31505557061"),
            ("Tel 020 / 123 45 67", "+31201234567"),
            ("Tel. 06 / 12345678", "+31612345678"),
            ("van 03 / 04 / 2026 10 12 33", "-"),
        ],
    );
}

#[test]
fn a_belgian_mobile_without_its_country_is_belgian() {
    hold(
        "phone",
        &[
            (
                "Ik ben te contacteren op mijn gsm 0495 22 33 71 (België, dus 0032 ervoor). Zijn eigen telefoon is 0117 55 60 12.",
                "+32495223371",
            ),
            ("gsm: 0477/12.34.56", "+32477123456"),
            ("Tel: 0495 223 371", "+31495223371"),
            ("gsm 06 12345678", "+31612345678"),
        ],
    );
    let mut mail = Mail::new("Tel: 0495 22 33 71");
    mail.0.from[0].address = "jan@mail.be".into();
    assert_eq!(mail.field(rules(), "phone"), "+32495223371");
}

#[test]
fn a_number_that_a_mail_program_wrapped_is_whole() {
    let long = "I have moved back to Cork, my Dutch mobile is dead, you can ring";
    for (text, number) in [
        (format!("{long} +353 87\n555 0142."), "+353875550142"),
        (format!("{long} 06\n12345678."), "+31612345678"),
        (format!("{long} 06-\n12 34 56 78."), "+31612345678"),
        // A short line was ended by hand, and a whole number needs no more digits.
        ("Tel 06\n12345678".to_owned(), "-"),
        (format!("{long} +49 30 1234567\n12345 Berlin"), "+49301234567"),
    ] {
        assert_eq!(Mail::new(&text).field(rules(), "phone"), number, "{text}");
    }
}
