//! Of several invoice numbers the one that is meant; numbers in tables, subjects and names of files.

use super::{Mail, hold, rules};

const OF_SEVERAL: [(&str, &str); 20] = [
    (
        "Voor mijn zoontje kreeg ik twee rekeningen van u. De eerste, 26/08/0451, is van de huisarts doorbelast en heb ik betaald, daar gaat het niet om. Mijn vraag gaat over de andere: 26/08/0467, het allergologie-consult.",
        "26/08/0467",
    ),
    (
        "U stuurt mij een 2e herinnering (H2026-881) maar de eerste heb ik nooit gehad. Het factuurnummer is volgens die brief 2026 - 0005561, bedrag 45,25, vervaldatum 15 juli.",
        "2026-0005561",
    ),
    ("De laatste factuur (F2026-30511) is verkeerd, de vorige (F2026-30118) was goed.", "F2026-30511"),
    ("Van de drie facturen F2026-30511, F2026-30512 en F2026-30513 gaat het om de laatste.", "F2026-30513"),
    ("Ik kreeg twee nota's: 26-10118 en 26-10119. De tweede snap ik niet.", "26-10119"),
    ("Ik kreeg twee nota's: 26-10118 en 26-10119. Alleen de eerste klopt niet.", "26-10118"),
    ("Ik kreeg twee nota's: 26-10118 en 26-10119. De eerste is betaald. De tweede snap ik niet.", "26-10119"),
    (
        "Deze factuur vervangt 26-10416. De nieuwe is 26-10417 en daarop staat het verkeerde bedrag.",
        "26-10417",
    ),
    ("Factuur 26-10417 (ter vervanging van 26-10416) klopt nog niet", "26-10417"),
    ("Two bills arrived, 26-10417 and 26-10418. The second one is the one I dispute.", "26-10418"),
    (
        "Two bills arrived: the first, 26-10417, I have paid. The other, 26-10418, I do not understand.",
        "26-10418",
    ),
    ("I paid invoice 26-10417 on 3 October, but 26-10418 is not mine.", "26-10418"),
    ("Tweede aanmaning factuur 26-10417, aanmaningskosten 40 euro", "26-10417"),
    ("Laatste aanmaning 26-99812: factuur 26-10417", "26-10417"),
    ("Your invoice (number 26-10417, dated 12 October) lists a patient of another practice", "26-10417"),
    ("Niet factuur 26-10416 maar 26-10417 is verkeerd", "26-10417"),
    ("factuur 26-10417 (let op: niet 26-10416!)", "26-10417"),
    ("not invoice 26-10416 but 26-10417", "26-10417"),
    (
        "Geachte,\n\nBijgaand retour uw factuur. Deze is niet voor ons bestemd: op het adres Molenweg 2026 zit sinds 2024 een ander.\n\nFactuurgegevens:\nnummer 26-77120\ndatum 3-10-2026\nbedrag 812,40\n",
        "26-77120",
    ),
    (
        "Vorige maand had ik een vraag over factuur 26-77120, die is opgelost. Nu heb ik een vraag over 26-77133.",
        "26-77133",
    ),
];

#[test]
fn of_several_the_one_that_is_meant_is_taken() {
    hold("invoice_number", &OF_SEVERAL);
}

const TABLES: [(&str, &str); 12] = [
    (
        "Crediteur | Factuurnr. | Datum | Bedrag\n10442 Ksyos | 2026.10.00713 | 31-10-2026 | 318,90\n\nWat is dit?",
        "2026.10.00713",
    ),
    (
        "Boekstuk   Factuur      Datum        Bedrag\n881202     26-004417    31-10-2026   318,90\n",
        "26-004417",
    ),
    ("Reknr\tOmschrijving\tBedrag\n26-004417\tholteronderzoek\t318,90", "26-004417"),
    ("Debiteur\tFactuur\tBedrag\n104455\tF26-10432\t45,00", "F26-10432"),
    ("Klantnr\tFactuurnummer\tVervaldatum\tOpenstaand\n445566\t26100233\t12-10-2026\t€ 12,50", "26100233"),
    ("Factuur\tBedrag\n26-10417\t45,00", "26-10417"),
    ("Datum\tInvoice no.\tPO\tAmount\n03/10/2026\tINV26-0098\t4500123456\tEUR 120.00", "INV26-0098"),
    ("Leverancier\tKsyos\nFactuurnr\t2026/0733\nBoekstuk\t20260912\nBedrag\t88,00", "2026/0733"),
    ("Factuur\tzie bijlage\tBedrag\nKlantnr\t88120\t45,00", "-"),
    ("Omschrijving\tFactuur\nBedrag\t4500", "-"),
    ("Klant\tDossier\tBedrag\n445566\t2610417\t45,00", "-"),
    (
        "Nr.\tFactuur\tBedrag\n1\t26-10417\t45\n2\t26-11022\t45\n\nMijn vraag gaat over factuur 26-11022.",
        "26-11022",
    ),
];

#[test]
fn below_the_head_of_a_table_stands_the_number() {
    hold("invoice_number", &TABLES);
}

#[test]
fn a_subject_about_an_invoice_is_a_word_for_it() {
    let rules = rules();
    for (subject, text, expected) in [
        ("factuur", "26-10417", "26-10417"),
        ("Fwd: Factuur 26-10417 debiteur 104455", "Zie onderwerp", "26-10417"),
        ("RE: Herinnering openstaande factuur 2610417 [Ticket 889120]", "Zie onderwerp", "2610417"),
        ("Openstaande factuur - 2610417 - Praktijk De Linde", "Zie onderwerp", "2610417"),
        ("Herinnering 2610417", "Zie onderwerp", "-"),
        ("Klantnummer 2610417 vraag over factuur", "Zie onderwerp", "-"),
        ("vraag factuur", "Betreft: 26-10417", "26-10417"),
        ("vraag factuur", "Betreft 26-10417, graag uitleg", "26-10417"),
        ("vraag factuur", "Het gaat om het nummer 2610417", "2610417"),
        ("nota", "nr 2610417", "2610417"),
        ("nota", "Klantnr 2610417", "-"),
    ] {
        assert_eq!(
            Mail::new(text).subject(subject).field(rules, "invoice_number"),
            expected,
            "{subject}: {text}"
        );
    }
}

#[test]
fn names_of_files_give_numbers_but_pictures_do_not() {
    let rules = rules();
    for (file, expected) in [
        ("IMG-20261012-WA0003.jpg", "-"),
        ("Screenshot_20261012-101112.png", "-"),
        ("doc04471120261012101112.pdf", "-"),
        ("bankafschrift 417164300.pdf", "-"),
        ("verwijsbrief 2026-00417.pdf", "-"),
        ("Factuur-Ksyos-oktober-2026.pdf", "-"),
        ("klantnummer 88120 factuur 77120.pdf", "77120"),
        ("Factuur 2610417.pdf", "2610417"),
        ("Ksyos_factuur_26-10417_Praktijk_De_Linde.pdf", "26-10417"),
        ("F2026.10417.pdf", "F2026.10417"),
        ("20261012_scan.pdf", "-"),
        ("herinnering_26-10417.pdf", "-"),
        ("nota 26-10417 getekend (1).pdf", "26-10417"),
        ("INV-10417.pdf", "INV-10417"),
        ("2026-10-12 factuur 26-10417 Ksyos.pdf", "26-10417"),
        ("2026-10-12 factuur Ksyos.pdf", "-"),
        ("Invoice-26-10417.pdf", "26-10417"),
        ("rekening_2610417.PDF", "2610417"),
        ("aanmaning_2610417.pdf", "-"),
        ("IMG_20261012_101112.jpg", "-"),
        ("Scan 12-10-2026.pdf", "-"),
        ("Ksyos F26-10417.pdf", "F26-10417"),
    ] {
        let mail = Mail::new("Zie bijlage.").attachment(file);
        assert_eq!(mail.field(rules, "invoice_number"), expected, "{file}");
    }
}
