//! What a mail is about, with the words of the shipped rules.

use super::*;

fn words() -> InquiryWords {
    let rules = [
        ("account", include_str!("../../../rules/account.toml")),
        ("complaint", include_str!("../../../rules/complaint.toml")),
        ("invoice", include_str!("../../../rules/invoice.toml")),
    ]
    .map(|(id, text)| (id.to_owned(), toml::from_str::<InquiryRules>(text).unwrap()));
    InquiryWords::compile(&rules).unwrap()
}

#[test]
fn content_goes_before_the_mailbox_only_where_it_is_plain() {
    let words = words();
    let mut wrong = Vec::new();
    for (home, subject, own, expected) in TABLE {
        let subject = fold(subject);
        let texts = Texts {
            own: format!("{subject}.\n{}", fold(own)),
            subject: subject.clone(),
            attachments: String::new(),
        };
        let choice = words.choose(&texts, home);
        if choice.id != *expected {
            wrong.push(format!(
                "{home}: {subject:?} {own:?}\n  expected {expected} found {} {:?} {}",
                choice.id, choice.scores, choice.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
}

#[test]
fn the_choice_says_why() {
    let texts = Texts {
        own: "ik wil een klacht indienen".into(),
        subject: String::new(),
        attachments: String::new(),
    };
    let choice = words().choose(&texts, "account");
    assert!(choice.why.contains("makes a complaint (+130)"), "{}", choice.why);
    assert_eq!(choice.scores.first().map(|(id, _)| id.as_str()), Some("complaint"));
}

const TABLE: &[(&str, &str, &str, &str)] = &[
    // complaints in other mailboxes
    ("invoice", "klacht", "Ik heb een klacht over jullie. Niemand belt terug.", "complaint"),
    ("invoice", "", "Ik wil een klacht indienen over uw medewerker.", "complaint"),
    (
        "account",
        "Complaint about the sleep study",
        "I wish to make a complaint. The receptionist laughed at my accent.",
        "complaint",
    ),
    (
        "account",
        "klacht indienen",
        "Ik kan het adres voor klachten niet vinden dus ik stuur het hierheen.",
        "complaint",
    ),
    (
        "invoice",
        "klacht",
        "Ik wil graag een klacht indienen over de manier waarop ik te woord ben gestaan. Ik belde over mijn rekening. De rekening is overigens gewoon betaald, daar gaat het niet om.",
        "complaint",
    ),
    (
        "invoice",
        "Klachtmelding",
        "Klachtmelding\nWie: planner Marijn\nWat: apparaat in de regen gezet",
        "complaint",
    ),
    ("account", "", "Ik wil mien beklag doun over dat kastje", "complaint"),
    ("account", "", "This is a complaint. Your nurse shouted at me.", "complaint"),
    ("invoice", "Officiële klacht", "Op 3 maart ben ik weggestuurd.", "complaint"),
    (
        "invoice",
        "",
        "Geen vraag over een factuur, maar een klacht over uw medewerker: hij was onbeschoft.",
        "complaint",
    ),
    ("account", "", "Hierbij dien ik een klacht in tegen de assistente.", "complaint"),
    ("account", "ontevreden", "Uw medewerker was zeer onbeschoft en ik verwacht excuses.", "complaint"),
    (
        "invoice",
        "telefoongesprek",
        "Mevrouw Bos schreeuwde tegen mij. Ik voel me vernederd en wil excuses. Dit is onacceptabel.",
        "complaint",
    ),
    ("account", "Complaint", "I would like to file a formal complaint about how I was treated.", "complaint"),
    (
        "invoice",
        "klacht over factuurafdeling",
        "Ik dien hierbij een klacht in. De medewerker hing op toen ik naar factuur F2026-012345 vroeg. Dat is onbeschoft.",
        "complaint",
    ),
    // invoice questions in other mailboxes
    (
        "account",
        "Invoice 2026-55710 – wrong name",
        "My name is misspelled on invoice 2026-55710. Could you fix it and resend?",
        "invoice",
    ),
    ("account", "Factuur", "Hoi kan ik factuur 26.09.0044 ook met ideal betalen ipv overmaken?", "invoice"),
    (
        "complaint",
        "Factuur F2026-014408",
        "Op factuur F2026-014408 staat een andere geboortedatum. Kunt u een nieuwe factuur sturen? Anders keert de verzekering niet uit.",
        "invoice",
    ),
    (
        "complaint",
        "Payment confirmation for invoice KS26/4410",
        "I paid invoice KS26/4410 by bank transfer. Could you send me a payment confirmation?",
        "invoice",
    ),
    (
        "account",
        "vraag factuur maart",
        "Op factuur FH-2026-0331 staan 14 consulten. Wij komen zelf op 12.",
        "invoice",
    ),
    (
        "complaint",
        "factuur",
        "Dit is geen klacht maar een vraag over mijn factuur: waarom 34 euro?",
        "invoice",
    ),
    (
        "complaint",
        "vraag",
        "Dit is geen klacht, ik wil alleen factuur F2026-000123 in termijnen betalen.",
        "invoice",
    ),
    // an invoice question that also grumbles
    (
        "invoice",
        "Factuur klopt weer niet",
        "Belachelijk! Factuur F2026-001234 klopt alweer niet. Als dit niet wordt opgelost dien ik een klacht in.",
        "invoice",
    ),
    (
        "invoice",
        "rekening",
        "Ik ben woedend. Drie keer gebeld en nog steeds dezelfde fout op rekening 2026-00123. Onacceptabel.",
        "invoice",
    ),
    (
        "complaint",
        "Factuur 2026-004512",
        "Ik ben boos: factuur 2026-004512 is dubbel betaald. Graag terugbetalen.",
        "invoice",
    ),
    (
        "invoice",
        "invoice",
        "This is ridiculous. Invoice 2026-55710 is wrong again, otherwise I will file a complaint.",
        "invoice",
    ),
    (
        "account",
        "inloggen",
        "Ik kan niet inloggen op mijn account om factuur 2026-004512 te bekijken.",
        "account",
    ),
    // account
    (
        "account",
        "Meldingen",
        "Ik krijg iedere dag een herinnering. Zet dat nou gewoon eens uit in mijn account. 3 kwartier in de wacht.",
        "account",
    ),
    ("account", "wachtwoord", "Dit is geen klacht, maar ik kan niet inloggen.", "account"),
    (
        "complaint",
        "inloggen lukt niet",
        "Ik kan niet inloggen op mijn account, wachtwoord vergeten.",
        "account",
    ),
    ("invoice", "Password reset", "I cannot log in to my account. Please reset my password.", "account"),
    (
        "account",
        "vraag",
        "Ik heb lichamelijke klachten en kan mijn uitslag niet zien in mijn account.",
        "account",
    ),
    ("account", "", "Ik word gek van dat wachtwoord, slechte service.", "account"),
    // the mailbox decides
    (
        "complaint",
        "Zorgportaal",
        "Mijn klacht gaat over het zorgportaal. Een medewerker heeft het mailadres veranderd.",
        "complaint",
    ),
    ("complaint", "", "Niemand belt mij terug over de uitslag.", "complaint"),
    (
        "complaint",
        "klacht instructie holters",
        "De trainer kwam te laat. Ik vind dat de kosten hiervan niet bij ons horen te liggen.",
        "complaint",
    ),
    (
        "complaint",
        "klacht",
        "In de app stond een verkeerd account, mijn wachtwoord lag op straat.",
        "complaint",
    ),
    ("invoice", "", "waarom krijg ik een rekening van 34,50 ik ben daar nooit geweest", "invoice"),
    ("invoice", "", "Kunt u mij bellen?", "invoice"),
    ("account", "", "help", "account"),
];
