//! Invoice numbers: ours, in the ways that people copy them, among their look-alikes.

use super::{Mail, hold, rules};

const FORMS: [(&str, &str); 46] = [
    ("26.10.0088.3", "26.10.0088.3"),
    ("2026/004 417", "2026/004417"),
    ("F2026-030145", "F2026-030145"),
    ("KS-2026-003390", "KS-2026-003390"),
    ("2026-00345", "2026-00345"),
    ("2026/55/0192", "2026/55/0192"),
    ("26.09.0044", "26.09.0044"),
    ("ZG26-1022", "ZG26-1022"),
    ("20260331-17", "20260331-17"),
    ("26-4471-B", "26-4471-B"),
    ("F26-00917", "F26-00917"),
    ("2026-55710", "2026-55710"),
    ("990-26-15", "990-26-15"),
    ("26-03391", "26-03391"),
    ("KF 2026 0413", "KF20260413"),
    ("kf 2026 0413", "KF20260413"),
    ("KS26/4410", "KS26/4410"),
    ("FH-2026-0331", "FH-2026-0331"),
    ("F2026.0312", "F2026.0312"),
    ("INV-2026-0099", "INV-2026-0099"),
    ("2026 00345", "202600345"),
    ("2026 88 0417", "2026880417"),
    ("2026 4401 8873", "202644018873"),
    ("F 26 10 0021", "F26100021"),
    ("2026 880 417", "2026880417"),
    ("f2026-030145", "F2026-030145"),
    ("F2025-118820", "F2025-118820"),
    ("2025/12-ZP-118", "2025/12-ZP-118"),
    ("2026-FR-2210", "2026-FR-2210"),
    ("26 FD 00419", "26FD00419"),
    ("KSY.2026.1187", "KSY.2026.1187"),
    ("VF-2026-06-118", "VF-2026-06-118"),
    ("2026-0417/B", "2026-0417/B"),
    ("FAC-26-000718", "FAC-26-000718"),
    ("F-0417-2026", "F-0417-2026"),
    ("K2600317", "K2600317"),
    ("D26.00417", "D26.00417"),
    ("2026F00417", "2026F00417"),
    ("26-F-0417", "26-F-0417"),
    ("F2026 - 030145", "F2026-030145"),
    ("INV/2026/00417", "INV/2026/00417"),
    ("TD260417", "TD260417"),
    ("700-26-0417", "700-26-0417"),
    ("RN2026/0417", "RN2026/0417"),
    ("2026/KS/0417", "2026/KS/0417"),
    ("HK26 0417", "HK260417"),
];

#[test]
fn every_form_of_a_number_counts_behind_every_word_for_invoice() {
    let mut table = Vec::new();
    for (written, value) in FORMS {
        for frame in [
            "Ik heb een vraag over factuur {}.",
            "Factuurnummer: {}",
            "factuurnummer {}",
            "Factuur nr. {} klopt niet.",
            "fact.nr. {}",
            "FACT.NR.: {}",
            "Het betreft uw factuur met nummer {}, ontvangen op 3 maart 2026.",
            "Het factuurnummer is {}.",
            "Nota {} is al betaald.",
            "De rekening ({}) is te hoog.",
            "My invoice number is {}.",
            "invoice no. {} is wrong",
            "Invoice #{}",
            "Factuur van 3 maart 2026 met nummer {} heb ik betaald",
            "Factuurnummer\n{}",
            "Factuurnummer\t{}",
            "Factuurnr - {}",
            "Wat is het factuurnummer?\n{}",
            "factuur: {} (bedrag € 34,50)",
            "Een tweede herinnering voor factuur {} kreeg ik gisteren",
        ] {
            table.push((frame.replace("{}", written), value));
        }
    }
    let table: Vec<(&str, &str)> = table.iter().map(|(text, value)| (text.as_str(), *value)).collect();
    hold("invoice_number", &table);
}

#[test]
fn plain_digits_count_behind_a_label() {
    hold(
        "invoice_number",
        &[
            ("Factuurnummer: 20261234", "20261234"),
            ("factuur 4410233 klopt niet", "4410233"),
            ("invoice number 88123", "88123"),
            ("Factuurnr 123456789", "123456789"),
        ],
    );
}

#[test]
fn a_number_that_looks_like_ours_needs_no_label() {
    hold(
        "invoice_number",
        &[
            ("Kunt u F2026-030145 nog eens sturen?", "F2026-030145"),
            ("Het gaat om KS-2026-003390.", "KS-2026-003390"),
            ("26-03391 is het factuurnummer.", "26-03391"),
        ],
    );
}

#[test]
fn numbers_of_other_things_are_no_invoice() {
    hold(
        "invoice_number",
        &[
            ("Creditnota C2026-0088 klopt niet.", "-"),
            ("credit note C2026-0088", "-"),
            ("Debiteurnummer: 2026-00345", "-"),
            ("debiteurennr. 104455", "-"),
            ("Mijn klantnummer is 2026-00345", "-"),
            ("klantnr 445566, vraag over mijn factuur", "-"),
            ("relatienummer 2026-00345", "-"),
            ("incassodossier 2026-00345", "-"),
            ("aanmaning 2026-00345", "-"),
            ("herinnering H2026-00345 ontvangen", "-"),
            ("bestelnummer 4500012345", "-"),
            ("purchase order 4500012345 for the invoice", "-"),
            ("PO 4500012345", "-"),
            ("Mijn zaak K-2026-000123", "-"),
            ("Re: [F-2026-000123]", "-"),
            ("consult 2026-00345", "-"),
            ("apparaat KS-2026-003390", "-"),
            ("declaratie 2026-00345", "-"),
            ("polisnummer 2026-00345", "-"),
            ("BSN 111222333 en de factuur klopt niet", "-"),
            ("claim number 2026-00345", "-"),
            ("factuur van 12-03-2026", "-"),
            ("factuur van 2026-03-12", "-"),
            ("de factuur van 2025", "-"),
            ("de factuur van maart 2026 is te hoog", "-"),
            ("factuur van € 1.234,56", "-"),
            ("een rekening van 34,50 euro", "-"),
            ("rekening van 1250.00", "-"),
            ("rekening van 2500 euro", "-"),
            ("mijn rekening NL91ABNA0417164300", "-"),
            ("mijn rekening is NL91 ABNA 0417 1643 00", "-"),
            ("rekeningnummer 123456789", "-"),
            ("factuur, bel mij op 06-12345678", "-"),
            ("De factuur ging naar Kerkstraat 12, 7151AB Eibergen", "-"),
            ("Factuurnummer: zie bijlage", "-"),
            ("Factuurnummer: weet ik niet", "-"),
            ("Factuurnummer: n.v.t.\nKlantnummer: 445566", "-"),
            ("De factuur is voor mijn dochter (18-11-1971)", "-"),
            ("Ik kreeg een factuur om 10:30 op 12/3/'26", "-"),
            ("De factuur klopt niet. Mijn polis is 12345678.", "-"),
        ],
    );
}

#[test]
fn among_look_alikes_the_invoice_is_found() {
    hold(
        "invoice_number",
        &[
            (
                "Vorige week ontvingen wij creditnota C2026-0088. Deze heeft betrekking op jullie factuur F2026-030145 (e-consult dermatologie), maar het bedrag is te laag.",
                "F2026-030145",
            ),
            ("Klantnummer: 445566\nFactuurnummer: 2026-00345\nDebiteur: 9911", "2026-00345"),
            ("Debiteur 104455, factuur 26-03391, dossier 2026-99999", "26-03391"),
            ("De vorige factuur 2025-11111 was goed, maar factuur 2026-22222 klopt niet.", "2026-22222"),
            (
                "Factuur F2026-014408 (tele-allergologie) heeft een andere geboortedatum: 18-11-1971",
                "F2026-014408",
            ),
            ("aanmaning 2026-99999 voor factuur 2026-00345", "2026-00345"),
            ("Er is twee keer 86,50 euro afgeschreven voor factuur 20260331-17.", "20260331-17"),
        ],
    );
}

#[test]
fn subject_and_file_names_count() {
    let rules = rules();
    let of = |mail: Mail| mail.field(rules, "invoice_number");
    assert_eq!(of(Mail::new("Zie onderwerp.").subject("betreft factuur 2026-00345")), "2026-00345");
    assert_eq!(of(Mail::new("Hallo").subject("Invoice 2026-55710 – wrong name")), "2026-55710");
    assert_eq!(of(Mail::new("Hallo").subject("Creditnota C2026-0088")), "-");
    assert_eq!(of(Mail::new("Bijgaand de factuur.").attachment("Factuur_F2026-000231.pdf")), "F2026-000231");
    assert_eq!(of(Mail::new("See attached.").attachment("invoice 2026-77120.pdf")), "2026-77120");
    assert_eq!(of(Mail::new("Zie bijlage").attachment("factuur-26-03391.pdf")), "26-03391");
    assert_eq!(of(Mail::new("Zie bijlage").attachment("Factuur 2026 00345.pdf")), "202600345");
    assert_eq!(of(Mail::new("Zie bijlage").attachment("scan0001.pdf").attachment("IMG_4471.jpg")), "-");
    assert_eq!(of(Mail::new("Zie bijlage").attachment("factuur 12-03-2026.pdf")), "-");
    assert_eq!(of(Mail::new("Zie bijlage").attachment("creditnota_C2026-0088.pdf")), "-");
    let mail = Mail::new("Bijgaand").attachment("Factuur_F2026-000231.pdf");
    let found = mail.read(rules).fields.remove("invoice_number").expect("a number");
    assert_eq!(found.text, "F2026-000231");
}

#[test]
fn room_around_the_slashes_of_a_number_is_no_part_of_it() {
    hold(
        "invoice_number",
        &[
            ("het nummer bovenaan de rekening belangrijk is; er staat: 2026 / 31 / 0705.", "2026/31/0705"),
            ("Factuurnummer: 2026 / 31 / 0705", "2026/31/0705"),
            ("invoice 2026 - 031705 is wrong", "2026-031705"),
            ("De factuur van 2025 - 2026 klopt niet", "-"),
            ("De factuur van 2026 - 03 - 12 klopt niet", "-"),
        ],
    );
}

#[test]
fn the_number_meant_is_found_in_any_sentence() {
    hold(
        "invoice_number",
        &[
            ("Ik kreeg een factuur (F2026-012345) die ik niet herken.", "F2026-012345"),
            ("Betreft: uw factuur met kenmerk KS-2026-005130 d.d. 3 mei", "KS-2026-005130"),
            ("Het gaat om nummer 2026-77120, klantnummer 99120.", "2026-77120"),
            ("factuurnr 26.1234.5 en debiteurnummer 88123", "26.1234.5"),
            ("On my bill it says invoice no. INV-2026-0042 and customer number 5521.", "INV-2026-0042"),
            ("Factuur #20260413 is dubbel betaald", "20260413"),
            ("Rekening nr. 2026.04.1177 heb ik niet ontvangen", "2026.04.1177"),
            ("Herinnering H-2026-00481 over factuur VF-26/0907 ontvangen", "VF-26/0907"),
            ("My invoice is F 2026 012345", "F2026012345"),
            ("De factuur met het nummer zoals hierboven: F2026/01/0042.", "F2026/01/0042"),
            ("Ordernummer 55512345, geen factuur gezien", "-"),
            ("Graag een kopie van de factuur van 12-03-2026 van € 48,75", "-"),
            ("Factuurnummer: weet ik niet, polisnummer 1234567", "-"),
            ("Invoice number: see attachment", "-"),
            ("Ik heb 2 facturen: F2026-000111 en F2026-000222, het gaat om de eerste", "F2026-000111"),
        ],
    );
}

#[test]
fn of_two_the_one_that_is_not_settled_is_meant() {
    hold(
        "invoice_number",
        &[
            (
                "Factuur F2026-011877 is akkoord en betaald, daar gaat het niet om. Op factuur F2026-011878 staat een toeslag.",
                "F2026-011878",
            ),
            ("Invoice F2026-011877 is fine. Invoice F2026-011878 is not.", "F2026-011878"),
            ("Factuur F2026-011877 is betaald, toch krijg ik een aanmaning.", "F2026-011877"),
            ("factuur: F 2026 - 019 402, vraag: kan de factuur gesplitst worden", "F2026-019402"),
        ],
    );
}
