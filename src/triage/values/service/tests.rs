//! Services as people name them.

use super::super::super::fields::FLOOR;
use super::*;

fn services() -> Services {
    let rules: ServiceRules = toml::from_str(include_str!("../../../../rules/services.toml")).unwrap();
    Services::compile(&rules).unwrap()
}

/// The service that wins in a mail whose own text this is.
fn stated(services: &Services, text: &str) -> Option<String> {
    let mut best: Option<Weighed> = None;
    for weighed in services.weigh(text, false) {
        if weighed.score >= FLOOR && best.as_ref().is_none_or(|best| weighed.score > best.score) {
            best = Some(weighed);
        }
    }
    best.map(|best| best.id)
}

fn holds(table: &[(&str, Option<&str>)]) {
    let services = services();
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let found = stated(&services, text);
        if found.as_deref() != *expected {
            wrong.push(format!("{text:?}\n  expected {expected:?} found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn services_are_known_in_all_their_spellings() {
    holds(&[
        ("put the 24h blood pressure monitor (ABPM) on my father", Some("bloeddrukmeting")),
        ("voor de 24-uurs bloeddrukmeting", Some("bloeddrukmeting")),
        ("voor die bloeddrukmeter die ik 24 uur om moest", Some("bloeddrukmeting")),
        ("uw 24 uursbloeddruk meting", Some("bloeddrukmeting")),
        ("dat kastje dat ik kreeg veur t slaapen", Some("slaaponderzoek")),
        ("I picked up the sleep apnea device", Some("slaaponderzoek")),
        ("het slaapapneu onderzoek", Some("slaaponderzoek")),
        ("slaap-apneuonderzoek", Some("slaaponderzoek")),
        ("het slaaponderoek", Some("slaaponderzoek")),
        ("oogfoto's van de suiker controle", Some("fundusscreening")),
        ("112 funduscreeningen gerekend", Some("fundusscreening")),
        ("de NETVLIESFOTO'S VAN APRIL", Some("fundusscreening")),
        ("de diabetes-oogscreening", Some("fundusscreening")),
        ("the diabetic eye screening", Some("fundusscreening")),
        ("een moedervlek check", Some("teledermatologie")),
        ("e-consult dermatologie", Some("teledermatologie")),
        (
            "lopende teledermatologie- en telecardiologieconsulten? Het belangrijkst is de dermatologie",
            Some("teledermatologie"),
        ),
        ("sent a picture of a mole on my back", Some("teledermatologie")),
        ("Gaat over die blaas test bij de huisarts", Some("spirometrie")),
        ("het longfunctieonderzoek", Some("spirometrie")),
        ("the lung function test", Some("spirometrie")),
        ("electrodes van het hartkastje (24 uur)", Some("holter")),
        ("met de nieuwe holters", Some("holter")),
        ("24-uurs hartregistratie", Some("holter")),
        ("E.C.G. gemaakt", Some("ecg")),
        ("het hart-filmpje", Some("ecg")),
        ("mijn gehoor test", Some("gehooronderzoek")),
        ("Tele-Allergologie", Some("tele-allergologie")),
        ("bloed\u{ad}drukmeting", Some("bloeddrukmeting")),
        ("account voor de tele mdl", Some("telemdl")),
        ("keel-, neus- en oorheelkunde", Some("telekno")),
        ("K.N.O. consult", Some("telekno")),
        ("dermatolgie", Some("teledermatologie")),
        ("teledermatoligie", Some("teledermatologie")),
        ("spriometrie", Some("spirometrie")),
        ("oogheelkune", Some("teleoogheelkunde")),
        ("een meekijkconsult", Some("meekijkconsult")),
        ("meekijkconsult cardiologie", Some("telecardiologie")),
        ("internistisch consult", Some("teleinterne")),
        ("De internist op afstand heeft een advies gegeven", Some("teleinterne")),
    ]);
}

#[test]
fn what_is_not_asked_about_does_not_count() {
    holds(&[
        ("Het was geen holter maar een ECG", Some("ecg")),
        ("Ik had een ECG, geen holter", Some("ecg")),
        ("Het gaat niet om de ecg maar om de holter", Some("holter")),
        ("De holter werkt prima, maar bij de spirometrie krijg ik een fout", Some("spirometrie")),
        (
            "Met teledermatologie gaat het goed, bij telecardiologie krijg ik een foutmelding",
            Some("telecardiologie"),
        ),
        ("The ECG works fine. The holter does not.", Some("holter")),
        ("Wij zijn een praktijk voor dermatologie en kunnen niet inloggen", None),
        ("Ik ben dermatoloog en kan niet inloggen", None),
        ("Ik kan niet inloggen op mijn account via de website", None),
        ("Het systeem geeft een foutmelding", None),
        ("Mijn authenticator app werkt niet", None),
        ("Ik heb een appel gegeten en appte u", None),
        ("kno", Some("telekno")),
        ("ik ken niemand", None),
        ("Mijn klacht gaat over het zorgportaal.", Some("portaal")),
    ]);
}

#[test]
fn the_evidence_is_what_was_written() {
    let services = services();
    let text = "Zoë’s 24‑uurs\nbloed\u{AD}drukmeting!";
    let weighed = services.weigh(text, false);
    assert_eq!(weighed.len(), 1);
    assert_eq!(&text[weighed[0].span.clone()], "24‑uurs\nbloed\u{AD}drukmeting");
}
