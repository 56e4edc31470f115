//! Addresses: stated before Reply-To before From; nobody else's, never our own.

use triaged::triage::message::Address;

use super::{Mail, hold, rules};

#[test]
fn from_counts_where_nothing_is_stated() {
    hold("email", &[("Hallo, ik heb een vraag.", "jan@thuis.example")]);
}

#[test]
fn an_address_that_is_stated_goes_before_from() {
    hold(
        "email",
        &[
            ("E-mail: Jan.Bos@Werk.example", "jan.bos@werk.example"),
            ("Mailadres - jan.bos@werk.example", "jan.bos@werk.example"),
            ("emailadres:jan.bos@werk.example", "jan.bos@werk.example"),
            ("Tel: 06-12345678 Mail: jan.bos@werk.example", "jan.bos@werk.example"),
            ("Mail mij liever op jan.bos@werk.example.", "jan.bos@werk.example"),
            ("Graag antwoord naar jan.bos@werk.example", "jan.bos@werk.example"),
            ("Mijn mailadres is jan.bos@werk.example, dank!", "jan.bos@werk.example"),
            ("Please reply to jan.bos@werk.example", "jan.bos@werk.example"),
            ("You can reach me at jan.bos@werk.example or by phone.", "jan.bos@werk.example"),
            ("Groeten,\nJan Bos\nHoofdstraat 1\njan.bos@werk.example", "jan.bos@werk.example"),
            ("Groeten,\nJan Bos | 06-12345678 | jan.bos@werk.example", "jan.bos@werk.example"),
            ("Contact: Jan Bos – 06-12345678 – jan.bos@werk.example", "jan.bos@werk.example"),
            ("e: jan.bos@werk.example<mailto:jan.bos@werk.example>", "jan.bos@werk.example"),
            ("E  jan.bos@werk.example", "jan.bos@werk.example"),
            ("E-mail\njan.bos@werk.example", "jan.bos@werk.example"),
        ],
    );
}

#[test]
fn words_in_the_place_of_signs_are_read_where_a_label_says_so() {
    hold(
        "email",
        &[
            ("E-mail: jan.bos at werk punt example", "jan.bos@werk.example"),
            ("Mail: jan[at]werk[dot]example", "jan@werk.example"),
            ("Mijn mailadres is jan (at) werk (punt) example", "jan@werk.example"),
            ("E-mail: jan apenstaartje werk punt example", "jan@werk.example"),
            ("E-mail: jan @ werk.example", "jan@werk.example"),
            ("Ik was at home dot com te kijken", "jan@thuis.example"),
        ],
    );
}

#[test]
fn of_two_the_preferred_one_wins() {
    hold(
        "email",
        &[
            (
                "E-mail: jan@werk.example\nLiever op mijn privé-adres: jan.prive@huis.example",
                "jan.prive@huis.example",
            ),
            ("E-mail werk: jan@werk.example\nE-mail privé: jan@prive.example", "jan@prive.example"),
            ("Mail niet naar jan@werk.example maar naar jan@huis.example", "jan@huis.example"),
            (
                "Mijn oude mailadres jan@werk.example werkt niet meer, gebruik jan@huis.example graag op dat adres",
                "jan@thuis.example",
            ),
        ],
    );
}

#[test]
fn addresses_of_others_are_not_the_writers() {
    hold(
        "email",
        &[
            ("Haar mailadres wordt d.santoso@optiek.example, haar BIG-nummer\nvolgt.", "jan@thuis.example"),
            ("Ik heb eerder gemaild naar info@ksyos.nl", "jan@thuis.example"),
            ("E-mail: klacht@ksyos.nl", "jan@thuis.example"),
            ("Mijn collega piet@werk.example weet er meer van.", "jan@thuis.example"),
            ("Ik kreeg een mail van phishing@boos.example, klopt dat?", "jan@thuis.example"),
            ("Het account staat op naam van piet@werk.example.", "jan@thuis.example"),
            ("[cid:image002.jpg@01DD2F4A.77C0E1A0]", "jan@thuis.example"),
            ("zie https://voorbeeld.example/@jan", "jan@thuis.example"),
            ("E-mail: -", "jan@thuis.example"),
            ("E-mail: zie afzender", "jan@thuis.example"),
            ("My colleague's address is piet@werk.example", "jan@thuis.example"),
            ("Kunt u voor collega Piet (piet@werk.example) een account maken?", "jan@thuis.example"),
        ],
    );
}

#[test]
fn a_single_reply_to_goes_before_from() {
    let rules = rules();
    let address = |address: &str| Address { name: None, address: address.into() };
    let mut mail = Mail::new("Hallo");
    mail.0.reply_to = vec![address("reply@huis.example")];
    assert_eq!(mail.field(rules, "email"), "reply@huis.example");
    mail.0.reply_to.push(address("tweede@huis.example"));
    assert_eq!(mail.field(rules, "email"), "jan@thuis.example");
    mail.0.reply_to.truncate(1);
    mail.0.text = "E-mail: jan@werk.example".into();
    assert_eq!(mail.field(rules, "email"), "jan@werk.example");
}

#[test]
fn nobody_is_behind_a_no_reply_address() {
    let rules = rules();
    let mut mail = Mail::new("Hallo");
    mail.0.from = vec![Address { name: None, address: "no-reply@winkel.example".into() }];
    assert_eq!(mail.field(rules, "email"), "-");
    mail.0.text = "Voornaam: Thijs\nE-mail: t.berendsen@optiek.example".into();
    assert_eq!(mail.field(rules, "email"), "t.berendsen@optiek.example");
}

const WHOSE: [(&str, &str); 29] = [
    ("Mail: liever op nieuw@post.example, deze gebruik ik bijna niet meer", "nieuw@post.example"),
    ("Liever op nieuw@post.example antwoorden, dit adres gebruik ik zelden.", "nieuw@post.example"),
    ("Antwoord graag naar nieuw@post.example want dit adres vervalt.", "nieuw@post.example"),
    (
        "Dit mailadres gaat er per 1 maart uit. Ik zou graag zien dat u mij op het nieuwe antwoordt.\n\nnieuw: nieuw@post.example",
        "nieuw@post.example",
    ),
    ("Mijn adres verandert.\noud: jan@thuis.example\nnieuw: nieuw@post.example", "nieuw@post.example"),
    ("Old: jan@thuis.example\nNew: nieuw@post.example", "nieuw@post.example"),
    ("E-post: nieuw@post.example", "nieuw@post.example"),
    (
        "Mijn opvolgster is Marente Duif. Zij is bereikbaar via nieuw@post.example of 06 - 15 55 20 84.",
        "jan@thuis.example",
    ),
    ("Mijn opvolger Piet Bos is te bereiken op nieuw@post.example.", "jan@thuis.example"),
    (
        "Voor vragen over de inhoud kunt u terecht bij mijn collega Els, nieuw@post.example.",
        "jan@thuis.example",
    ),
    ("My successor can be reached at nieuw@post.example", "jan@thuis.example"),
    ("After 1 July please write to my successor, nieuw@post.example.", "jan@thuis.example"),
    ("Mijn assistente regelt dit verder: nieuw@post.example.", "jan@thuis.example"),
    ("Ik heb dit ook gemaild naar nieuw@post.example maar kreeg geen antwoord.", "jan@thuis.example"),
    ("Ik kreeg de rekening van nieuw@post.example.", "jan@thuis.example"),
    ("Mijn account staat op nieuw@post.example en ik kan er niet in.", "jan@thuis.example"),
    ("Het account van mijn man (nieuw@post.example) moet weg.", "jan@thuis.example"),
    ("Wilt u het antwoord cc sturen aan mijn zoon, nieuw@post.example?", "jan@thuis.example"),
    ("Ik ben te bereiken via nieuw@post.example.", "nieuw@post.example"),
    ("Bereikbaar via nieuw@post.example of 06-12345678", "nieuw@post.example"),
    ("U kunt mij mailen op nieuw@post.example (niet op dit adres).", "nieuw@post.example"),
    ("Please change my email from nieuw@post.example to jan@thuis.example.", "jan@thuis.example"),
    ("Mijn e-mailadres in uw systeem, nieuw@post.example, is fout.", "jan@thuis.example"),
    ("Jullie stuurden de uitslag naar nieuw@post.example, dat is van een ander.", "jan@thuis.example"),
    ("Vriendelijke groet,\nJan de Vries\nnieuw@post.example", "nieuw@post.example"),
    ("Jan de Vries | nieuw@post.example | 06-12345678", "nieuw@post.example"),
    ("De factuur graag naar nieuw@post.example sturen.", "nieuw@post.example"),
    ("Stuur de uitslag naar mijn huisarts: nieuw@post.example", "jan@thuis.example"),
    ("De huisarts is bereikbaar via nieuw@post.example", "jan@thuis.example"),
];

#[test]
fn an_address_of_somebody_else_is_not_the_writers() {
    hold("email", &WHOSE);
}
