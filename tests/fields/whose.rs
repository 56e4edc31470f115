//! Whose of several phone numbers it is, which of them is asked for, and which is no more.

use super::hold;

const PHONES: [(&str, &str); 55] = [
    (
        "H. Oldekamp\ntelefoon: 023 - 555 18 47\nOok bereikbaar via mijn dochter (06 12 34 56 78)",
        "+31235551847",
    ),
    ("telefoon: 023 - 555 18 47\nOok bereikbaar via mijn buurvrouw: 06 12 34 56 78", "+31235551847"),
    ("U kunt mij bellen op 023 555 18 47, of anders mijn zoon (06 12 34 56 78).", "+31235551847"),
    ("Bel 023 555 18 47. Krijgt u geen gehoor, dan mijn man: 06-12345678.", "+31235551847"),
    (
        "Ik ben overdag op mijn werk te bereiken, 023 555 18 47, en 's avonds op 06-12 34 56 78. Bel s.v.p. 's avonds.",
        "+31612345678",
    ),
    ("Overdag 023 555 18 47, 's avonds 06-12 34 56 78. Liefst 's avonds bellen.", "+31612345678"),
    ("Overdag 06-12345678, 's avonds 023 555 18 47. Graag 's avonds.", "+31235551847"),
    ("Thuis: 023 555 18 47, werk: 06-12345678. Bel me liever thuis.", "+31235551847"),
    ("Vast 023 555 18 47 en mobiel 06-12345678. Bij voorkeur de vaste lijn.", "+31235551847"),
    ("Mobiel 06-12345678, vast 023 555 18 47. Belt u alstublieft het vaste nummer.", "+31235551847"),
    ("Home 023 555 18 47, work 06-12345678. Please use the home number.", "+31235551847"),
    ("Daytime: 06-12345678, evenings: 023 555 18 47. Evenings are best.", "+31235551847"),
    ("The Dutch number in my profile (06 12 34 56 78) has been cancelled.", "-"),
    ("The number in my account (06 12 34 56 78)\nhas been disconnected.", "-"),
    ("Het nummer in mijn profiel (06 12 34 56 78) is opgezegd.", "-"),
    ("In mijn account staat 06 12 34 56 78, dat nummer bestaat niet meer.", "-"),
    ("Mijn oude nummer (06 12 34 56 78) is vervallen.", "-"),
    ("Jullie hebben nog mijn oude nummer, 06 12 34 56 78. Dat klopt niet meer.", "-"),
    ("Nieuw nummer: 023 555 18 47\n(oude was 06 12 34 56 78, niet meer in gebruik)", "+31235551847"),
    ("Mijn oude nummer 06 12 34 56 78 kan weg, het nieuwe is 023 555 18 47", "+31235551847"),
    ("Ik heb een nieuw nummer: 06 12 34 56 78 in plaats van 023 555 18 47.", "+31612345678"),
    ("Graag 023 555 18 47 vervangen door 06 12 34 56 78.", "+31612345678"),
    (
        "U kunt mij bellen op 06-12 34 56 78, niet op het oude nummer dat nog in uw systeem staat.",
        "+31612345678",
    ),
    (
        "U kunt mij bereiken op 06-12345678, niet op de 023 555 18 47 die in het dossier staat.",
        "+31612345678",
    ),
    ("Niet bellen op 023 555 18 47, dat is van mijn ex. Wel op 06-12345678.", "+31612345678"),
    ("Bel niet naar 06-12345678 maar naar 023 555 18 47", "+31235551847"),
    ("Mijn moeder is te bereiken op 023 555 18 47.", "-"),
    ("Het nummer van mijn moeder is 023 555 18 47, het mijne 06-12345678.", "+31612345678"),
    (
        "U kunt mij bellen, dan loop ik even naar hem toe: 023 555 18 47. Zijn eigen nummer is 06-12345678 maar hij hoort slecht.",
        "+31235551847",
    ),
    ("Ik werd gebeld door 023 555 18 47 en toen werd er opgehangen.", "-"),
    ("Toen ik 023 555 18 47 belde kreeg ik een bandje.", "-"),
    ("Ik heb 3x gebeld naar 0235551847. Mijn nummer: 0612345678", "+31612345678"),
    ("Op uw website staat 023 555 18 47 maar daar neemt niemand op.", "-"),
    ("De huisarts (023 555 18 47) kan dit bevestigen. Ik ben bereikbaar op 06-12345678.", "+31612345678"),
    ("Algemeen 023 555 18 40\nDirect 023 555 18 47", "+31235551847"),
    ("Telefonisch ben ik niet bereikbaar.", "-"),
    ("tel. 023-555 18 47 (ma-do)", "+31235551847"),
    ("0612345678 (na 17.00 uur)", "+31612345678"),
    ("M 06-12345678 | T 023-5551847", "+31612345678"),
    ("Tel thuis 023-5551847 mob 06-12345678", "+31612345678"),
    ("Fax 023-5551847, tel 06-12345678", "+31612345678"),
    ("T: 023-555 18 47\nF: 023-555 18 48", "+31235551847"),
    ("Ik heb geen telefoon, u kunt mijn buurman bellen 06-12345678.", "-"),
    ("Noodnummer van mijn zus: 06-12345678. Zelf: 023 555 18 47", "+31235551847"),
    ("Het telefoonnummer van de patiënt is 06-12345678", "-"),
    ("Ik ben doof, dus niet bellen. Mijn tolk: 06-12345678", "-"),
    ("Mijn bewindvoerder bereikt u op 023 555 18 47.", "-"),
    ("sms kan: 06-12345678", "+31612345678"),
    ("Please call my wife on 06-12345678, I am deaf.", "-"),
    ("You can reach me at +31 6 12 34 56 78 (no longer at 023 555 18 47).", "+31612345678"),
    ("My old number ending in 47 no longer works; new: 06 12345678", "+31612345678"),
    ("BSN 123456782, tel 06-12345678", "+31612345678"),
    ("IBAN NL91 ABNA 0417 1643 00 tel 06-12345678", "+31612345678"),
    ("0513-555 777 (thuis) / 06 12345678 (werk, liever niet)", "+31513555777"),
    ("06 12345678 (liever niet voor tienen)", "+31612345678"),
];

#[test]
fn the_number_to_call_is_found_among_others() {
    hold("phone", &PHONES);
}
