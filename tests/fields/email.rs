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
