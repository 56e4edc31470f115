//! Phone numbers: the writer's, in every form, and nobody else's.

use super::{Mail, hold, rules};

#[test]
fn other_numbers_are_no_phone() {
    hold(
        "phone",
        &[
            ("Mijn rekening is NL91 ABNA 0417 1643 00", "-"),
            ("IBAN NL91ABNA0417164300", "-"),
            ("IBAN: BE68 0539 0075 4703", "-"),
            ("BSN 012345678", "-"),
            ("BSN: 123456782", "-"),
            ("KvK 01234567", "-"),
            ("BIG 09045678901", "-"),
            ("BIG-nummer: 19045678901", "-"),
            ("AGB-code 01031337", "-"),
            ("Op 01-02-2026 10:30 was ik bij u.", "-"),
            ("op 06-12-2026 1234 keer gebeld", "-"),
            ("tussen 03.04.2026 en 05.04.2026", "-"),
            ("Kerkstraat 12, 1234 AB Amsterdam", "-"),
            ("Factuur 0620261234 is onjuist", "-"),
            ("factuurnummer: 0612345678", "-"),
            ("Claimnummer 0201234567", "-"),
            ("dossier 0612345678", "-"),
            ("Zaak K-2026-000123", "-"),
            ("Verzonden vanaf 203.0.113.44", "-"),
            ("Het bedrag is 0,612345678 euro", "-"),
            ("ik heb een Frans nummer (+33)", "-"),
            ("112 gebeld, 0900-1234567 ook", "-"),
            ("Tel: 0900-8844", "-"),
            ("Tel: 0800-1234", "-"),
            ("Fax 020-1234567", "-"),
            ("fax: 020-1234567", "-"),
            ("Faxnummer 020-1234567", "-"),
            ("Telefax: 020-1234567", "-"),
            ("code F0612345678", "-"),
            ("mail 0612345678@mobiel.example", "-"),
            ("https://wa.example/0612345678", "-"),
            ("polisnummer 0612345678", "-"),
            ("serienummer 0612345678", "-"),
            ("bestelnummer: 0612345678", "-"),
            ("Tel: o6-i2345678", "-"),
            ("Tel: volgt", "-"),
            ("tel: zie website", "-"),
            ("Tel: -", "-"),
            ("klantnummer 0612345678", "-"),
        ],
    );
}

#[test]
fn somebody_elses_number_is_not_the_writers() {
    hold(
        "phone",
        &[
            ("Mijn huisarts is te bereiken op 0594-551010.", "-"),
            ("U kunt dit navragen bij mijn huisartsenpraktijk: 0223-550871.", "-"),
            ("Mijn huisarts, dokter Ypma (telefoon praktijk 0594 55 10 10), zegt dat het klopt.", "-"),
            (
                "Het nummer dat bij jullie bekend is\n(0512-550 981) is van hem, daar neemt niemand meer op want hij zit in het\nverzorgingshuis.",
                "-",
            ),
            ("Het telefoonnummer van mijn vader is 0612345678.", "-"),
            ("Mijn moeder kunt u bellen op 0612345678.", "-"),
            ("Belt u maar met mijn collega Anja, 0612345678.", "-"),
            ("De apotheek (020-1234567) weet van niets.", "-"),
            ("Ik heb gebeld met 020-6000060 maar niemand nam op.", "-"),
            ("ik heb gebeld (3 kwartier in de wacht op 020-6000060 dat nummer klopt toch?)", "-"),
            ("Jullie nummer 020-6000060 is steeds in gesprek.", "-"),
            ("My GP can be reached at 020-1234567.", "-"),
            ("My father's number is 0612345678.", "-"),
            ("Please call my husband on 0612345678.", "-"),
            ("Huisarts: dokter Bakker, 0223-550871", "-"),
            ("0612345678 is het nummer van mijn dochter.", "-"),
            ("De praktijk van dokter Bos heeft nummer 0201234567", "-"),
        ],
    );
}

#[test]
fn a_number_out_of_use_is_none() {
    hold(
        "phone",
        &[
            ("Mijn oude nummer 0612345678 is opgeheven.", "-"),
            ("Het nummer 0612345678 klopt niet meer.", "-"),
            ("Bij jullie staat 0612345678, dat nummer bestaat niet meer.", "-"),
            ("Mijn oude nummer was 0612345678, het nieuwe is 0687654321.", "+31687654321"),
            ("Niet meer 0612345678 maar 0687654321 is mijn nummer.", "+31687654321"),
            ("my old number 0612345678 no longer works, use 0687654321", "+31687654321"),
            ("Bel niet op 020-1234567 maar op 0687654321", "+31687654321"),
        ],
    );
}

#[test]
fn of_several_the_one_they_ask_to_be_called_on_wins() {
    hold(
        "phone",
        &[
            ("Home: 035 555 80 12\nMobile: 06 25 94 11 07 (please call this one)", "+31625941107"),
            ("Mobile: 06 25 94 11 07\nHome: 035 555 80 12 (please call this one)", "+31355558012"),
            (
                "Je kunt mij het beste op mijn mobiel bellen: 06-13 60 72 44. De lijn van de praktijk (071-555 60 60) is meestal bezet.",
                "+31613607244",
            ),
            ("direct 030 – 555 47 02 | algemeen 030 – 555 47 00", "+31305554702"),
            ("algemeen 030 – 555 47 00 | direct 030 – 555 47 02", "+31305554702"),
            ("T 020-1234567\nM 06-12345678", "+31612345678"),
            ("tel 020-1234567 of 06-12345678", "+31612345678"),
            ("tel 020-1234567 / 06-12345678", "+31612345678"),
            ("06-12345678 / 020-1234567", "+31612345678"),
            (
                "tel 0342 55 48 16 (keuze 3 = overleg zorgverleners)\nfax 0342 55 48 17\nAGB-code 01031337",
                "+31342554816",
            ),
            ("Bel me liefst op 020-1234567, mobiel 06-12345678 alleen in nood.", "+31201234567"),
            ("tel/fax: 020-1234567", "+31201234567"),
            ("tst 12 via 040 - 555 93 00", "+31405559300"),
            ("Tel: 020-1234567 toestel 12", "+31201234567"),
            ("Tel: 020-1234567 tst. 412, vraag naar Jan", "+31201234567"),
            ("Werk: 020-1234567\nPrivé: 035-1234567", "+31201234567"),
        ],
    );
}

#[test]
fn who_asks_not_to_be_called_gave_no_number() {
    hold(
        "phone",
        &[
            ("Bel NIET, ook niet op het nummer dat jullie hebben (0612345678). Alleen mailen.", "-"),
            ("Liever niet bellen, mail is beter.\n\nJan de Vries\n0612345678", "-"),
            ("Ik wil niet gebeld worden.\n\nJan\n0612345678", "-"),
            ("Please do not call me.\n\nJan\n0612345678", "-"),
            ("Graag niet bellen tussen 12 en 13 uur. 0612345678", "+31612345678"),
            ("Bel niet voor 10 uur. Mijn nummer is 0612345678.", "+31612345678"),
        ],
    );
}

#[test]
fn a_relative_named_earlier_does_not_take_the_writers_number() {
    hold(
        "phone",
        &[
            ("Het gaat om mijn vader. U kunt mij bereiken op 0612345678.", "+31612345678"),
            ("Ik schrijf namens mijn moeder, mijn nummer is 0612345678.", "+31612345678"),
            ("Mijn dochter Romy kreeg de uitslag niet, bel mij op 0612345678.", "+31612345678"),
            ("Kim van Aalst, moeder van Fleur\n06.4490.1273", "+31644901273"),
            ("Erik Kamphuis\nhuisarts Borne\n074 555 29 29", "+31745552929"),
            ("Optiek Bergsma, Dracht 88, Heerenveen\n0513 - 55 71 40", "+31513557140"),
            ("Secretariaat HOED De Linde\n058 - 555 12 34 | werkdagen tot 13.00 uur", "+31585551234"),
            ("Huisartsen Het Anker | Leiden | 071-555 60 60", "+31715556060"),
            ("MARCO VERHOEF\nOPTIEK HELDER\nTEL WINKEL 076 555 08 81", "+31765550881"),
        ],
    );
}

#[test]
fn a_number_in_the_subject_counts() {
    let rules = rules();
    let mail = Mail::new("Graag bellen over mijn factuur.").subject("bel mij op 06-12345678");
    assert_eq!(mail.field(rules, "phone"), "+31612345678");
}

#[test]
fn what_is_said_behind_a_number_may_be_of_the_next() {
    hold(
        "phone",
        &[
            ("Bereikbaar: 038-555 71 40 (na 17u) of via mijn man Erwin 06-41 20 55 83.", "+31385557140"),
            ("U bereikt mij op 038-555 71 40 of anders mijn vrouw op 06-41 20 55 83.", "+31385557140"),
            ("Call me on 020 555 71 40 or my husband on 06-41 20 55 83.", "+31205557140"),
            ("0612345678 (van mijn man) of 0687654321 (van mij)", "+31687654321"),
            ("Mijn vrouw heeft 0612345678, ikzelf 0687654321.", "+31687654321"),
        ],
    );
}

#[test]
fn a_label_of_its_own_line_parts_a_number_from_what_went_before() {
    hold(
        "phone",
        &[
            (
                "Wie bent u? : Dirkje Nab\nBent u de patiënt? : nee, het gaat om mijn man (Hilbert Nab)\nWaar kunnen wij u bereiken? : 06 1144 2093 / dirkje@x.example",
                "+31611442093",
            ),
            ("Tel: 06-294 066 13 (niet delen met incassobureau!!)\nDatum: 23 sept", "+31629406613"),
            ("Tel: 06-29406613 (overdag ben ik bij mijn moeder)", "+31629406613"),
            ("Phone: 06-29406613 (after work; do not share with my employer)", "+31629406613"),
            ("Telefoon: 0612345678 (mijn dochter)", "-"),
        ],
    );
}

#[test]
fn direct_then_mobile_goes_before_a_label() {
    hold(
        "phone",
        &[
            ("Groet,\nJan de Vries\nT 071 555 30 30  F 071 555 30 31  D 071 555 30 34", "+31715553034"),
            ("Groet,\nJan de Vries\nT: 071 555 30 30 | D: 071 555 30 34", "+31715553034"),
            ("Groet,\nJan de Vries\n06-12345678\nTel: 020-1234567", "+31612345678"),
            ("Bel mij op 020-1234567.\n\nGroet,\nJan de Vries\n06-12345678", "+31201234567"),
            ("Bel mij op 020-1234567 of 06-12345678.", "+31612345678"),
            (
                "I would rather deal with this by phone: UK mobile +44 7700 900 456 until 1 March, after that 06-33 15 42 09.",
                "+447700900456",
            ),
            ("Tot 1 mei 020-1234567, daarna 035-1234567", "+31201234567"),
        ],
    );
}

#[test]
fn a_number_that_is_not_to_be_used_or_of_a_colleague_gives_way() {
    hold(
        "phone",
        &[
            (
                "Liefst even bellen. Niet via 030-555 43 20 want dat is de bestellijn met een bandje, maar via de overleglijn 030-555 43 29.",
                "+31305554329",
            ),
            ("Please ring 020-1234567, do not use 020-7654321.", "+31201234567"),
            ("Gebruik niet 020-7654321 maar 020-1234567.", "+31201234567"),
            (
                "Onze nieuwe praktijkondersteuner Jildou Hoekstra (j.hoekstra@x.example, 06-20 20 11 48) start maandag.\n\nHartelijke groet,\nTjitske Faber\n0515 - 55 23 90",
                "+31515552390",
            ),
            ("Our practice nurse Anna Bell (06-20201148) cannot log in.", "-"),
            (
                "De installateur (06-20201148) wist het ook niet.\n\nGroet,\nJan de Vries\n020-1234567",
                "+31201234567",
            ),
        ],
    );
}

#[test]
fn the_writers_number_is_found_wherever_it_stands() {
    hold(
        "phone",
        &[
            (
                "Mijn dochter heeft me geholpen met deze mail. Ik ben thuis te bereiken: 0541-551122.",
                "+31541551122",
            ),
            ("Als er vragen zijn hoor ik het graag (06 51 22 33 44).", "+31651223344"),
            ("Bellen na 5 uur 's middags op nummer 0651223344 is prima", "+31651223344"),
            ("ps: ik heb een nieuw nummer, 06-51223344, het oude klopt dus niet meer", "+31651223344"),
            ("Let op, nieuw nummer sinds mei: 06-51223344!", "+31651223344"),
            ("You can ring me any time after six on 06 5122 3344, thanks", "+31651223344"),
            ("My landline is 0541 55 11 22, but my mobile 06-51223344 is better.", "+31651223344"),
            ("The office number is 020 555 11 22; my direct line is 020 555 11 23.", "+31205551123"),
            ("Tel. (werk): 020-5551122\nTel. (mobiel): 06-51223344", "+31651223344"),
            ("Telefoonnummer (overdag) 0541551122", "+31541551122"),
            ("Telefoon: +31 6 51 22 33 44 of (0)541 55 11 22", "+31651223344"),
            ("U mag mij bellen, 06-51223344, of mijn zus Ria, 06-99887766.", "+31651223344"),
            (
                "Mijn broer regelt het verder; zijn nummer: 06-99887766. Mijn eigen nummer is 06-51223344.",
                "+31651223344",
            ),
            (
                "Mijn huisarts dokter Bos (0541-550000) weet ervan. Groet,\nJan de Vries\n06-51223344",
                "+31651223344",
            ),
            ("Ik belde 088-1234567 en kreeg niemand.\n\nGroet,\nJan de Vries\n06-51223344", "+31651223344"),
            (
                "I called your helpdesk at 020 123 4567 twice.\n\nRegards,\nJan de Vries\n06-51223344",
                "+31651223344",
            ),
            ("Groet,\nJan de Vries\n\nT: 020 555 11 22\nF: 020 555 11 23\nM: 06 51 22 33 44", "+31651223344"),
            ("Groet,\nJan de Vries\nTel/Fax 020 555 11 22", "+31205551122"),
            ("Groet,\nJan de Vries\ntst. 4412 / 020 555 11 22", "+31205551122"),
            ("Groet,\nJan de Vries\n020 555 11 22 (alg.)\n020 555 11 23 (direct)", "+31205551123"),
            ("Groet,\nJan de Vries\nP: +31 20 555 11 22", "+31205551122"),
            ("Groet,\nJan de Vries\n\u{260e} 020 555 11 22 | \u{1f4f1} 06 51 22 33 44", "+31651223344"),
            ("Graag teruggebeld worden op 0651223344 na 16u", "+31651223344"),
            ("nummer om te bellen is 0651223344", "+31651223344"),
            ("tel nr is 0651223344, mail heeft u", "+31651223344"),
            ("Ik ben doof, dus bellen heeft geen zin. Appen kan op 06-51223344.", "+31651223344"),
            ("Niet bellen a.u.b., ik ben doof. Sms kan naar 06-51223344.", "+31651223344"),
        ],
    );
}
