//! Invoice numbers in the sentences of bookkeepers, practices, insurers and patients: beside the numbers
//! of everything else, in tables, subjects and file names, and of several the one that is meant.

use super::{Mail, hold, rules};

const PUT: [(&str, &str); 72] = [
    (
        "Ik ben de papieren nota kwijtgeraakt met de verhuizing. Op mijn bankafschrift zie ik alleen nog F26/40228 staan, dat is jullie factuurnummer.",
        "F26/40228",
    ),
    ("Factuur met nummer 20.26.00417 is mij onduidelijk.", "20.26.00417"),
    ("Ik bel over nota 26 0417 889, wanneer moet die betaald zijn?", "260417889"),
    ("Ik heb nota no KS 2026 00 4471 ontvangen", "KS2026004471"),
    ("Het kenmerk van de factuur is 26-FC-00311.", "26-FC-00311"),
    ("Ik heb onder vermelding van 2026-00345 betaald, mijn factuur is dus voldaan.", "2026-00345"),
    ("Uw factuur nummer 118.334 van 2 oktober", "118.334"),
    ("Factuur 118334/2026 klopt niet", "118334/2026"),
    ("Factuur 00417-26 klopt niet", "00417-26"),
    ("Faktuur 417/26/KS is dubbel verstuurd", "417/26/KS"),
    ("Wij ontvingen factuur nr: ZN/2026/10/0417", "ZN/2026/10/0417"),
    ("Vraag over factuurnummer VF260417", "VF260417"),
    ("Het gaat om de nota van 12 mei met nummer 260417-3.", "260417-3"),
    ("De factuur (nummer 2610417, d.d. 3-10-2026, € 45,30) is aan de verkeerde praktijk gericht.", "2610417"),
    ("De factuur d.d. 3-10-2026, nummer 2610417, bedrag € 45,30, is niet van ons.", "2610417"),
    ("factuurnummer bovenaan: 2610417", "2610417"),
    ("Rechtsboven staat F26-10417, dat zal het factuurnummer wel zijn?", "F26-10417"),
    ("Er staat 2026-10-0417 op, is dat het factuurnummer?", "2026-10-0417"),
    ("Volgens mij is het factuurnummer 2610417 of iets dergelijks", "2610417"),
    ("Het factuurnummer volgens de brief is 2610417.", "2610417"),
    ("Het factuurnummer dat op de brief staat is 26-10417.", "26-10417"),
    ("Het factuurnummer luidt volgens uw mail van gisteren: 2610-417", "2610-417"),
    ("het fact.nr. wat erop staat is 2610417", "2610417"),
    ("De factuur is geboekt onder 26-IN-0091 in ons systeem; uw nummer is 26-10417.", "26-10417"),
    ("The invoice number at the top reads KS/26/10417", "KS/26/10417"),
    ("Payment reference 7000123456789012 was rejected. Bill nr. 2610417", "2610417"),
    ("Invoice: 26/10417/A", "26/10417/A"),
    ("bill no. 26 / 10417", "26/10417"),
    ("invoice dated 3 October 2026 (no. 10417)", "10417"),
    ("Nota/factuur: 2610417", "2610417"),
    ("Factuurnummer(s): 2610417", "2610417"),
    ("Factuur- of notanummer: 2610417", "2610417"),
    ("Factuurnummer (zie rechtsboven): 2610417", "2610417"),
    ("Factuurnummer*: 2610417", "2610417"),
    ("Ref.: factuur 2610417", "2610417"),
    ("Factuur: de nieuwe (2610417)", "2610417"),
    ("Factuurnummer: 2610417 (of 2610418, staat slecht leesbaar)", "2610417"),
    ("nota 2026.317 is mij onbekend", "2026.317"),
    ("Factuur KSY 2610 317 is fout", "KSY2610317"),
    ("factuur F 2610317", "F2610317"),
    ("factuur F-2610317", "F-2610317"),
    ("factuur F.2610317", "F.2610317"),
    ("factuur 2610317-F", "2610317-F"),
    ("factuur 2610317 F", "2610317"),
    ("Factuur nummer: A/2026/317-2", "A/2026/317-2"),
    ("Factuurnummer 2026 - 0317 - 22", "2026-0317-22"),
    ("factuur 0317-2026", "0317-2026"),
    ("factuur 317-2026-KS", "317-2026-KS"),
    ("nota 2026KS0317", "2026KS0317"),
    ("Ksyos factuur K26-0317 van 12-10-2026", "K26-0317"),
    ("Inzake: factuur 8812 d.d. 12 oktober 2026", "8812"),
    ("factuur nr 8812.", "8812"),
    ("Ref 88-120345: invoice 26-10417 not payable", "26-10417"),
    ("Invoice no 104 170", "104170"),
    ("bill 10417 has the wrong name on it", "10417"),
    ("My bill, number 10417, has the wrong name on it", "10417"),
    ("Please resend invoices 26-10417 and 26-10418.", "26-10417"),
    ("Graag facturen 26-10417 t/m 26-10419 opnieuw sturen", "26-10417"),
    ("Facturen: 26-10417, 26-10418", "26-10417"),
    ("26-10417: wat is dit voor factuur?", "26-10417"),
    ("Wat is 26-10417 voor factuur?", "26-10417"),
    ("Is 26-10417 een factuur van jullie?", "26-10417"),
    ("Deb.nr 88120; fact.nr 2610417; € 45,30", "2610417"),
    ("op de rekkening steet nummer 2610417", "2610417"),
    ("factuurnummer =2610417", "2610417"),
    ("factuurnr:2610417,bedrag:45", "2610417"),
    ("FACTUUR NUMMER 2610417", "2610417"),
    ("Fac.nr. 2610417", "2610417"),
    ("Fctnr 2610417", "2610417"),
    ("Faktnr 2610417", "2610417"),
    ("factuurnummmer 2610417", "2610417"),
    ("Wij missen factuur 26-10416; 26-10417 is wel binnen", "26-10416"),
];

#[test]
fn however_it_is_put_the_number_is_found() {
    hold("invoice_number", &PUT);
}

const BESIDE: [(&str, &str); 57] = [
    ("goeiemorgen. ik heb rekening nr f 2026 0088 1 gekregen voor een hart filmpje", "F202600881"),
    (
        "Dank voor de creditnota (CN-2026-115). Alleen: jullie hebben gecrediteerd € 58,00 en de factuur zelf, 2026115904, was € 85,00.",
        "2026115904",
    ),
    ("rekening nr f 26 00 417 klopt niet", "F2600417"),
    (
        "Volgens uw herinnering van 3 november staat factuur 26001183 nog open, herinneringnummer HR26-7781.",
        "26001183",
    ),
    ("Kenmerk op de rekening: 26-FC-00311", "26-FC-00311"),
    ("Betalingskenmerk 7000 1234 5678 9012, factuurnummer 26KSY-90017.", "26KSY-90017"),
    (
        "Bij de betaling heb ik betalingskenmerk 4000 2026 0034 5001 gebruikt en niet het nummer van de factuur, 2610-0093.",
        "2610-0093",
    ),
    ("Ons IBAN is NL91 ABNA 0417 1643 00 en de factuur is 26-8811.", "26-8811"),
    ("KvK 01234567, btw NL001234567B01, factuurnr 26.8811", "26.8811"),
    ("rekening f.2026.00417 al betaald", "F.2026.00417"),
    ("Graag een kopie van factuurnummer 30211 (debiteur 9921).", "30211"),
    ("Graag een kopie van 2610417, onze factuur van september.", "2610417"),
    ("Factuurdatum 03-10-2026, factuurnummer 2610417, klantnummer 88120", "2610417"),
    ("Boven aan de rekening staat nr 2610417, en daaronder klantnr 88120.", "2610417"),
    ("Op de rekening staat rechtsboven 26-10417.", "26-10417"),
    ("Het nummer van de rekening is als volgt: 26 10 417.", "2610417"),
    ("Mijn zorgverzekeraar wil de nota 26-10417 niet vergoeden, declaratienummer 99120034.", "26-10417"),
    ("Declaratie 99120034 is afgewezen door VGZ; het gaat om jullie nota 26-10417.", "26-10417"),
    ("De specificatie hoort bij verzamelfactuur VF-26-10417, uw verwijzing PO 4500012345.", "VF-26-10417"),
    ("Inkoopordernummer 4500012345 ontbreekt op factuur 26-10417, wilt u een nieuwe sturen?", "26-10417"),
    ("Op factuur 26-10417 ontbreekt ons PO-nummer 4500012345", "26-10417"),
    ("Creditnota 26-90001 hoort bij factuur 26-10417", "26-10417"),
    ("Creditering van factuur 26-10417 graag op CN26-90001 vermelden", "26-10417"),
    ("Graag creditnota voor 26-10417", "26-10417"),
    ("Kunt u factuur 26-10417 crediteren en een nieuwe sturen op naam van de Stichting?", "26-10417"),
    ("Dossier 26-30391 bij incassobureau, oorspronkelijke factuur 26-10417", "26-10417"),
    ("I have received invoice 26-10417 but also a reminder (R26-0091).", "26-10417"),
    ("Your reminder R26-0091 mentions invoice no 2610417.", "2610417"),
    ("My customer number is 88120 and the invoice number on the letter is 26 10417.", "2610417"),
    ("Please send a copy of bill 26-10417; our vendor number is V-88120 and PO 4500012345", "26-10417"),
    ("Regarding credit note CN-26-0091 for invoice 26-10417", "26-10417"),
    ("claim 99120034 with my insurer about invoice 26-10417", "26-10417"),
    ("Klant: 88120\nFactuur: 2610417\nBedrag: 45,30\nIBAN: NL91ABNA0417164300", "2610417"),
    ("Debiteurnr.: 88120\nNr. factuur: 2610417", "2610417"),
    ("Factuurnr.\n\n2610417\n\nKlantnr.\n\n88120", "2610417"),
    ("Uw factuurnummer: 2610417 / ons boekstuknummer: 300911", "2610417"),
    ("- factuur 2610417\n- debiteur 88120\n- bedrag 45,30", "2610417"),
    ("Op 1 oktober stuurde u een factuur, nr. 610317. Ons klantnr is 55120.", "610317"),
    ("Op 1 oktober stuurde u een factuur. Nr. 610317. Ons klantnr is 55120.", "610317"),
    ("Rekening 2026-317/1 heb ik dubbel gekregen", "2026-317/1"),
    ("Op rekening 26-10417 staat code 039910, wat is dat?", "26-10417"),
    ("Op rekening NL91ABNA0417164300 is niets ontvangen voor factuur 26-10417", "26-10417"),
    ("Uw rekeningnummer NL91 ABNA 0417 1643 00 staat op factuur 26-10417 verkeerd vermeld", "26-10417"),
    ("Factuur 26-10417 is betaald vanaf rekening 417164300", "26-10417"),
    ("Betaald op 12-10-2026 vanaf rekening 417164300 voor factuur 26-10417", "26-10417"),
    ("Onze ref. 88-120345, uw factuur 26-10417", "26-10417"),
    ("Invoice 26-10417 (our ref 88-120345)", "26-10417"),
    ("We got invoice #10417 and statement #9912", "10417"),
    ("Statement 9912 lists invoice 10417 twice", "10417"),
    ("Factuur 2026-10417. Klantnummer 2026-88120.", "2026-10417"),
    ("Klantnummer 2026-88120. Factuur 2026-10417.", "2026-10417"),
    ("Kunt u 2026-10417 crediteren? Klantnummer 2026-88120.", "2026-10417"),
    ("Creditnota 2026-90001 is al verwerkt. Graag nog creditnota voor 2026-10417.", "2026-10417"),
    ("Mijn dochter (geb. 12-10-2019, BSN 123456782) kreeg factuur 26-10417", "26-10417"),
    ("Debiteur 88120 / Factuur 2610417 / Bedrag 45,30", "2610417"),
    ("Ik heb rekening 2610417 ontvangen terwijl mijn moeder (klant 88120) overleden is", "2610417"),
    ("t nummer op de rekening is 2610417", "2610417"),
];

#[test]
fn beside_the_numbers_of_other_things_it_is_found() {
    hold("invoice_number", &BESIDE);
}

const OF_SEVERAL: [(&str, &str); 18] = [
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
];

#[test]
fn of_several_the_one_that_is_meant_is_taken() {
    hold("invoice_number", &OF_SEVERAL);
}

const NONE: [(&str, &str); 54] = [
    ("Op de factuur ontbreekt ons PO-nummer 4500012345", "-"),
    ("Wij hebben creditfactuur CF26-90001 ontvangen maar weten niet bij welke factuur die hoort.", "-"),
    ("Het incassobureau schrijft me aan over dossiernummer 26-30391. Ik heb de factuur niet.", "-"),
    ("Zaaknummer 2026-55512 van de deurwaarder, hoofdsom € 86,50", "-"),
    ("the invoice ending in 417", "-"),
    ("the invoice of 12/10/2026 for EUR 1,250.00", "-"),
    ("My policy 99120034 should cover the invoice", "-"),
    ("invoice received, our reference 2026-00345", "-"),
    ("Factuurnummer: onbekend. Klantnummer: 88120.", "-"),
    ("Factuurnummer: heb ik niet bij de hand, mijn patiëntnummer is 26-88120", "-"),
    ("Rekeningnummer: NL91ABNA0417164300", "-"),
    ("Rekeningnummer: 2610417\nDat stond op de nota.", "-"),
    ("Factuurbedrag: 1250,00\nfactuurdatum: 03-10-2026", "-"),
    ("factuurbedrag 125000", "-"),
    ("factuur periode 202610", "-"),
    ("de kwartaalfactuur Q3-2026 klopt niet", "-"),
    ("de factuur over 2026-Q3", "-"),
    ("Factuur voor week 40-2026", "-"),
    ("factuur oktober 2026 / 10-2026", "-"),
    ("De rekening van patient 3301882 (onze code) is verkeerd", "-"),
    ("de factuur voor patiëntnummer 3301882", "-"),
    ("factuur met AGB code 01009912", "-"),
    ("Een factuur voor consult 20261188", "-"),
    ("Ik ben het factuurnummer kwijt maar mijn klantnummer is 881234", "-"),
    ("Het factuurnummer weet ik niet. Mijn nummer is 881234.", "-"),
    ("Factuurnummer heb ik niet, debiteurnummer 881234 wel.", "-"),
    ("Geen factuurnummer bekend, IBAN NL91ABNA0417164300", "-"),
    ("Er staat geen factuurnummer op de brief, alleen kenmerk 99.12.334", "-"),
    ("De nota is van 12 10 2026", "-"),
    ("De nota was 125,00 en de vorige 99,95", "-"),
    ("Ik heb 1250 euro te veel betaald op de factuur", "-"),
    ("de factuur is verstuurd naar postbus 2610", "-"),
    ("mijn lidmaatschapsnummer 2610317 staat op de factuur", "-"),
    ("Machtiging 2610317 hoort bij de factuur", "-"),
    ("mandaat-id M2610317 op de rekening", "-"),
    ("Factuur ontvangen van de apotheek, receptnummer 2610317", "-"),
    ("afspraak 2610317 staat niet op de factuur", "-"),
    ("de factuur van mijn consult, consultcode 2610317", "-"),
    ("Op de factuur staat prestatiecode 039910, wat is dat?", "-"),
    ("Op de factuur staat code 039910, wat is dat?", "-"),
    ("Op de factuur staat DBC 29999912", "-"),
    ("Op de factuur van 26 oktober 2026 staat tweemaal 45,30", "-"),
    ("Betaald van rekening 417164300", "-"),
    ("Overgemaakt naar rekening 41 71 64 300", "-"),
    ("De herinnering met nummer H26-10417 heb ik, de factuur niet", "-"),
    ("I don't have the invoice number, but my customer number is 88120345.", "-"),
    ("I lost the invoice. Client no. 88120345.", "-"),
    ("the invoice number is missing from your reminder R26-10417", "-"),
    ("Quote Q26-10417 was accepted, but the invoice has another amount", "-"),
    ("Order 10417 was invoiced twice", "-"),
    ("26-10417 is een dossiernummer, geen factuur", "-"),
    ("Factuur op naam van P. de Boer, Dorpsstraat 10417, 1234 AB Ede", "-"),
    ("factuur sturen naar 1234AB 12", "-"),
    ("factuur voor apparaat met serienummer SN2610417", "-"),
];

#[test]
fn where_none_is_given_none_is_claimed() {
    hold("invoice_number", &NONE);
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
