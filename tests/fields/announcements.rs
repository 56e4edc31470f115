//! What only announces that there is something to tell, and what tells it.

use super::{Mail, rules};

const ANNOUNCED: [&str; 26] = [
    "Er is een bericht achtergelaten op de website.\n\nNaam: Nynke Burgstra\nTelefoon: 06-15802291\nBericht: Ik heb een vraag over mijn account, kunt u mij terugbellen?",
    "Er is een nieuw formulier ingevuld op uw website.\n\nNaam: Jan Bos\nBericht: graag contact over mijn account",
    "U heeft een nieuw bericht ontvangen via het contactformulier.\n\nNaam: Jan Bos\nBericht: vraag over account",
    "A new message has been received via the contact form.\n\nName: Jan Bos\nMessage: I have a question about my account",
    "Via het formulier op de website is het volgende bericht verstuurd:\n\nNaam: Jan Bos\nBericht: Ik heb een vraag",
    "Ik wil een klacht indienen over tele-allergologie. Kunt u mij bellen? Dan vertel ik het verhaal liever zelf: 053 - 555 18 60, na 17.00 uur.",
    "Ik heb een vraag over mijn account. Bel mij even, dan leg ik het uit.",
    "Ik heb een vraag over mijn account. Kunt u bellen? Dan leg ik het wel uit.",
    "Ik heb een vraagje over mijn account, als u belt vertel ik het wel.",
    "Kunt u mij even bellen, dan leg ik het uit want typen gaat niet zo best met mijn handen.",
    "Ik heb een klacht. Ik doe mijn verhaal liever aan de telefoon.",
    "Ik heb een klacht. De details vertel ik liever in een gesprek.",
    "Ik heb een klacht, maar wil die mondeling toelichten.",
    "I have a complaint. Please call me and I will explain.",
    "I have a question about my account. I'd rather explain it over the phone.",
    "I have a question. If you call me I will tell you all about it.",
    "I would like to complain about something. I will explain when you call.",
    "Goedemiddag, ik heb een vraag over mijn account. Wie kan ik daarover spreken?",
    "Graag een belafspraak over mijn account.",
    "Kan ik een terugbelafspraak maken?",
    "Kan iemand contact met mij opnemen over mijn account?",
    "Mijn klacht licht ik graag telefonisch toe.",
    "Mijn vraag stel ik liever telefonisch.",
    "Dennis Kluft\nNieuw nummer: 06 46 51 90 83\n(oude was 06 24 11 73 06, niet meer in gebruik)",
    "Jan Bos\n06 12345678 (na zessen)",
    "Jan Bos\n(graag niet voor negen uur bellen)",
];

const TOLD: [&str; 11] = [
    "Kunt u mij bellen? Dan leg ik uit waarom de code niet werkt.",
    "Bel mij even, want ik kan niet inloggen.",
    "Dan leg ik uit dat het kastje kapot was.",
    "Er is een fout bericht achtergelaten op mijn voicemail, de assistente noemde mijn uitslag hardop.",
    "Er is een bericht achtergelaten bij mijn buren met mijn uitslag erin.",
    "Ik kan niet meer in mijn account. Bel me, dan leg ik het uit.",
    "Hoe kan ik mijn wachtwoord wijzigen? (ik gebruik een iPad)",
    "De assistente vertelde het verhaal liever aan iedereen in de wachtkamer.",
    "Het apparaat gaf een stroomstoot (en dat was niet de eerste keer).",
    "Waarom staat mijn dochter niet in mijn account?",
    "Ik krijg geen code.",
];

#[test]
fn an_announcement_is_no_description() {
    let told = |text: &&str| Mail::new(text).field(rules(), "description") != "-";
    let wrong: Vec<&str> = ANNOUNCED.into_iter().filter(|text| told(text)).collect();
    assert!(wrong.is_empty(), "taken for a description: {wrong:#?}");
    let missed: Vec<&str> = TOLD.into_iter().filter(|text| !told(text)).collect();
    assert!(missed.is_empty(), "not taken for a description: {missed:#?}");
}
