//! Who writes and who is meant, over many ways of saying so. Each row is a mail as a person sends it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use triaged::mail::parse::parse;
use triaged::triage::fields::{Source, Value};
use triaged::triage::message::Message;
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::surroundings::{Mailbox, Surroundings};

fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        triaged::rules::load(&dir).unwrap_or_else(|faults| panic!("{faults:?}"))
    })
}

fn reading(from: &str, body: &str) -> Reading {
    message_and_reading(from, body).1
}

fn message_and_reading(from: &str, body: &str) -> (Message, Reading) {
    let mailbox = Mailbox {
        name: "klacht".into(),
        address: "klacht@ksyos.nl".into(),
        inquiry: "complaint".into(),
        coordinators: Vec::new(),
    };
    let surroundings = Surroundings {
        mailboxes: vec![mailbox.clone()],
        admins: Vec::new(),
        authserv_ids: Vec::new(),
        time_zone: chrono_tz::Europe::Amsterdam,
    };
    let from =
        if from.is_empty() { "qwx71@post.example".into() } else { format!("{from} <qwx71@post.example>") };
    let mail = format!(
        "From: {from}\r\nTo: klacht@ksyos.nl\r\nSubject: bericht\r\nDate: Mon, 7 Sep 2026 10:22:44 +0200\r\n\
         Message-ID: <1@post.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    );
    let message = parse(mail.as_bytes(), mail.len() as u64);
    let arrived: DateTime<Utc> = "2026-09-07T08:23:00Z".parse().unwrap();
    let reading = read(
        &message,
        Context {
            rules: rules(),
            surroundings: &surroundings,
            mailbox: &mailbox,
            arrived: arrived.with_timezone(&surroundings.time_zone),
            expecting: &[],
        },
    );
    (message, reading)
}

fn text(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(list)) => list.join(" | "),
    }
}

/// (From display name, body, name that a clerk notes; empty: missing)
#[rustfmt::skip]
const NAMES: &[(&str, &str, &str)] = &[
    // double and old surnames
    ("mr. P.A.M. van Nispen tot Sevenaer", "Hoogachtend,\n\nP.A.M. van Nispen tot Sevenaer\nadvocaat\n\nNispen Advocaten", "P.A.M. van Nispen tot Sevenaer"),
    ("", "Vraag over een factuur.\n\nHoogachtend,\nW.F. van Heeckeren tot Walien", "W.F. van Heeckeren tot Walien"),
    ("Yvonne Schipper-de Bruin", "Goedemorgen. Mijn naam is Yvonne Schipper - de Bruin. Ik heb een klacht.", "Yvonne Schipper-de Bruin"),
    ("Geesje Drenth", "Ik heb n klacht.\n\nMit vrundelke groutnis,\nGeesje Drenth-Bulthuis\ntillefoon: 050 / 555 70 61", "Geesje Drenth-Bulthuis"),
    ("Anneke Bos", "Ik heb een klacht.\n\nAnneke de Wit-Bos\n06-12345678", "Anneke de Wit-Bos"),
    ("Tomás Ferreira", "I cannot log in.\n\nThank you in advance,\nTomás", "Tomás Ferreira"),
    // written in every way
    ("\"JANSEN, Petra\"", "Ik kan niet inloggen.", "Petra Jansen"),
    ("petra jansen", "Ik kan niet inloggen.", "Petra Jansen"),
    ("Petra Jansen - Fysio Zuid", "Ik kan niet inloggen.", "Petra Jansen"),
    ("Petra Jansen | Fysio Zuid", "Ik kan niet inloggen.", "Petra Jansen"),
    ("Petra Jansen (privé)", "Ik kan niet inloggen.", "Petra Jansen"),
    ("Dr. P. Jansen", "Ik kan niet inloggen.", "P. Jansen"),
    ("P Jansen", "Ik kan niet inloggen.", "P Jansen"),
    ("Petra", "Ik kan niet inloggen.\n\nGroetjes,\nPetra", ""),
    ("petrajansen88", "Ik kan niet inloggen.\n\nGroetjes,\nPetra", ""),
    ("info", "Ik kan niet inloggen.\n\nGroetjes,\nPetra Jansen, Zwolle", "Petra Jansen"),
    ("P. Jansen", "Ik kan niet inloggen.\n\nGroetjes,\nPetra", "Petra Jansen"),
    ("", "Hallo, met Petra Jansen. Ik kan niet inloggen.", "Petra Jansen"),
    ("", "Goedemiddag, Petra Jansen hier. Ik kan niet inloggen.", "Petra Jansen"),
    ("", "Mijn naam: Petra Jansen. Ik kan niet inloggen.", "Petra Jansen"),
    ("", "Hi, Petra Jansen here, I cannot log in.", "Petra Jansen"),
    ("", "Ik kan niet inloggen.\n\nDank u!\nPetra Jansen (dochter van mevrouw Jansen-Bos)", "Petra Jansen"),
    ("", "Ik kan niet inloggen.\n\nMet vriendelijke groet,\n\nnamens de praktijk\nPetra Jansen\nPraktijkmanager", "Petra Jansen"),
    ("", "Ik kan niet inloggen.\n\nGroet, ook namens mijn man,\nPetra Jansen", "Petra Jansen"),
    ("", "I cannot log in.\n\nBest,\n\nPetra O'Neill", "Petra O'Neill"),
    ("", "I cannot log in.\n\n- Petra Jansen", "Petra Jansen"),
    ("", "I cannot log in.\n\n~ Petra Jansen ~", "Petra Jansen"),
    ("", "I cannot log in.\n\nWith kind regards,\nMrs. Petra Jansen MSc\nPharmacist", "Petra Jansen"),
    ("", "Ik kan niet inloggen.\n\nw.g. P. Jansen", "P. Jansen"),
    ("", "Ik kan niet inloggen.\n\nPetra Jansen-van der Meer\nKerkstraat 1\n8011 AA Zwolle", "Petra Jansen-van der Meer"),
    ("mo", "yo ik ben mohamed el idrissi\ndie holter uitslag kan ik niet openen", "Mohamed el Idrissi"),
    ("mo", "ik ben sanne vergeten te vragen of het klopt\nkan dat?", ""),
    ("gerrit", "mijn naan  : Gerrit Mulder\ntellefoon  : 0523 55 71 08", "Gerrit Mulder"),
    // labels
    ("Familie Ten Cate", "Naam: Henk ten Cate\nTelefoon: 074-555 66 12\n\nGraag hoor ik van u.", "Henk ten Cate"),
    ("", "Naam: piet jansen\nTel: 0612345678\nVraag: waar blijft mijn factuur?", "Piet Jansen"),
    ("", "Naam: FATIMA EL AMRANI\nVraag: waar blijft mijn factuur?", "Fatima El Amrani"),
    ("", "Naam - mevr. A. de Boer-Jansen\nVraag - waar blijft mijn factuur?", "A. de Boer-Jansen"),
    ("", "Naam: mw. drs. J.M. van den Heuvel\nVraag: geen toegang", "J.M. van den Heuvel"),
    ("", "Voornaam: Thijs\nAchternaam: Berendsen\nVraag: geen toegang", "Thijs Berendsen"),
    ("", "Voorletters: J.P.\nTussenvoegsel: van der\nAchternaam: Meer\nVraag: geen toegang", "J.P. van der Meer"),
    ("", "Achternaam: de Wit\nVoornaam: Sanne\nVraag: geen toegang", "Sanne de Wit"),
    ("Zeynep Kaya", "Naam: Zeynep\nTel: 0612345678\n\nIk kan niet inloggen.", "Zeynep Kaya"),
    ("", "Naam: Zeynep\nTel: 0612345678\n\nIk kan niet inloggen.", ""),
    ("", "Name: Rajesh Kumar\nPhone: 0612345678\n\nI cannot log in.", "Rajesh Kumar"),
    ("", "First name: Maria\nLast name: da Silva\nQuestion: I cannot log in.", "Maria da Silva"),
    ("", "Contact: Koen Stortelder – 0544 55 02 93 – koen@example.org\nWat: apparaat kwijt", "Koen Stortelder"),
    ("", "Naam: de Vries, Jan\nVraag: geen toegang", "Jan de Vries"),
    ("", "Contactpersoon: Optiek Bergsma\nVraag: geen toegang", ""),
    ("Jan de Wit", "Naam patiënt: Petra Bos\nVraag: kunt u haar account sluiten?\n\nGroet,\nJan de Wit", "Jan de Wit"),
    ("", "Naam: Bram van 't Hof\nVraag: geen toegang", "Bram van 't Hof"),
    ("", "Naam: Nguyen Thi Hoa\nVraag: geen toegang", "Nguyen Thi Hoa"),
    ("", "Wie - Tineke Overbeek-de Raad\nTel. - 0529 55 19 73\nVraag - hoe maak ik een account?", "Tineke Overbeek-de Raad"),
    // introductions
    ("", "Goedemiddag, mijn naam is Karin van Loon en ik kan niet inloggen.", "Karin van Loon"),
    ("", "Hello, my name is Siobhán O'Connor and I can't log in.", "Siobhán O'Connor"),
    ("", "U spreekt met mevrouw Ria Postma. De factuur klopt niet.", "Ria Postma"),
    ("", "Ik ben Ahmed El Khatib, patiënt bij u. De factuur klopt niet.", "Ahmed El Khatib"),
    ("", "Ik ben de dochter van mevrouw Jansen. De factuur klopt niet.", ""),
    ("Lotte Kuipers", "Hoi, ik ben Lotte en ik kan niet inloggen", "Lotte Kuipers"),
    ("", "Ik ben Nederlandse en woon in Spanje. Waar is mijn uitslag?", ""),
    ("", "This is Paul Newman from Delft. Where is my invoice?", "Paul Newman"),
    ("", "De man zei: \"Mijn naam is Bram Smit en u wacht maar.\" Dat vind ik niet netjes.", ""),
    ("", "Ondergetekende, Willem Jan ten Brinke, dient een klacht in.", "Willem Jan ten Brinke"),
    // sign-offs
    ("", "De factuur klopt niet.\n\nMet vriendelijke groet,\n\nJan de Vries", "Jan de Vries"),
    ("", "De factuur klopt niet.\n\nMvg,\nJ. de Vries", "J. de Vries"),
    ("", "De factuur klopt niet.\n\nGroetjes anja de wit", "Anja de Wit"),
    ("", "De factuur klopt niet. Groetjes, Anja de Wit", "Anja de Wit"),
    ("", "De factuur klopt niet. Alvast bedankt, Anja de Wit", "Anja de Wit"),
    ("", "De factuur klopt niet.\nAlvast bedankt voor uw moeite.\nAnja de Wit", "Anja de Wit"),
    ("", "De factuur klopt niet.\n\nGroet Patrick Zijlmans uit Goirle", "Patrick Zijlmans"),
    ("", "De factuur klopt niet.\n\nGroeten,\nSanne\n\nSanne de Wit | praktijkmanager\nHuisartsenpraktijk De Brug", "Sanne de Wit"),
    ("", "De factuur klopt niet.\n\nGroeten,\nHuisartsenpraktijk De Brug\nSanne de Wit", "Sanne de Wit"),
    ("", "De factuur klopt niet.\n\nHoogachtend,\nmevrouw Truus Paulusma\n0513-624455", "Truus Paulusma"),
    ("", "De factuur klopt niet.\n\nHoogachtend,\nDr. M. Öztürk, huisarts", "M. Öztürk"),
    ("", "De factuur klopt niet.\n\nHoogachtend,\ndrs. P.J. 't Hart", "P.J. 't Hart"),
    ("", "I never got it.\n\nKind regards,\nYuki Tanaka (Ms)\ntel. +31 20 555 73 19", "Yuki Tanaka"),
    ("", "I never got it.\n\nBest,\nDr. Emily Clarke, MD", "Emily Clarke"),
    ("", "I never got it.\n\nCheers, Liam O’Byrne", "Liam O’Byrne"),
    ("", "De factuur klopt niet.\n\nMet vriendelijke groet,\n\nG. van 't Veld - in 't Hout\n06-12345678", "G. van 't Veld"),
    ("", "De factuur klopt niet.\n\nGroet,\nKim", ""),
    ("", "De factuur klopt niet.\n\nGroet,\nKim en Tom", ""),
    ("", "De factuur klopt niet.\n\nGroeten,\nOptiek Bergsma, Dracht 88, Heerenveen", ""),
    ("Optiek Bergsma", "Per 1 april begint Dewi Santoso bij ons.\n\nGroeten,\nOptiek Bergsma, Dracht 88, Heerenveen\n0513 - 55 71 40", ""),
    ("Secretariaat HOED De Linde", "Graag een uitdraai.\n\nVriendelijke groet,\n\nSecretariaat HOED De Linde\n058 - 555 12 34", ""),
    ("Optiek Helder | Marco", "ALWEER EEN FACTUUR.\n\nMARCO VERHOEF\nOPTIEK HELDER\nTEL WINKEL 076 555 08 81", "Marco Verhoef"),
    ("", "Waar is mijn uitslag?\n\nFloris Meijer, waarnemend huisarts\nBIG 19045678901\n+31612009845", "Floris Meijer"),
    ("", "Waar is mijn uitslag?\n\nRuben van Straten | controller | Zorggroep De Zwaan\ndirect 030 – 555 47 02", "Ruben van Straten"),
    ("", "Waar is mijn uitslag?\n\nAns de Kort, 06 - 29 00 81 54", "Ans de Kort"),
    ("", "Waar is mijn uitslag?\nSjaak Willemse", "Sjaak Willemse"),
    ("", "1) Stef Aarts, Helmond, 0492-55 44 10\n2) 13 januari\n3) weet ik niet", "Stef Aarts"),
    ("", "Graag accounts voor:\n- Dewi Santoso\n- Kees Mol\n\nGroeten,\nOptiek Bergsma", ""),
    ("", "Waar is mijn uitslag?\n\nMet vriendelijke groet,\nnamens mijn moeder,\nErik Kamphuis", "Erik Kamphuis"),
    ("", "Ik schrijf namens mijn moeder, mevrouw A. Bos. De factuur klopt niet.\n\nGroet,\nPeter Bos", "Peter Bos"),
    ("", "I am writing on behalf of my father, Ernesto Álvarez. He is 79.\n\nDiego Álvarez", "Diego Álvarez"),
    ("", "Beste Sanne,\n\nDe factuur klopt niet.\n\nDank!\nLianne Hoekstra", "Lianne Hoekstra"),
    ("", "Beste Sanne de Graaf,\n\nDe factuur klopt niet.", ""),
    ("", "De factuur klopt niet.\n\nMet vriendelijke groet, kind regards,\n\nLianne Hoekstra\nAccountmanager", "Lianne Hoekstra"),
    ("", "De factuur klopt niet.\n\n-- \nLianne Hoekstra\nKerkstraat 4\n1234 AB Delft", "Lianne Hoekstra"),
    ("", "De factuur klopt niet.\n\nm.vr.gr. W.J. Harmsen", "W.J. Harmsen"),
    ("", "De factuur klopt niet.\n\nMet vriendelijke groet,\nFam. Jansen", ""),
    // From completes or stands alone
    ("Zeynep Kaya", "De factuur klopt niet.\n\nGroetjes Zeynep", "Zeynep Kaya"),
    ("Milan Bos", "Hoi kan ik met ideal betalen?\nGroetjes Milan\n\nVerkrijg Outlook voor iOS", "Milan Bos"),
    ("Tomás Ferreira", "Is there another way?\n\nThank you in advance,\nTomás", "Tomás Ferreira"),
    ("\"Vries, J. de (Jan)\"", "De factuur klopt niet.\n\nGroet, Jan", "Jan de Vries"),
    ("\"Vries, J. de (Jan)\"", "De factuur klopt niet.\n\nGroet,\nJ. de Vries", "J. de Vries"),
    ("\"Hoek, W. van der\"", "De factuur klopt niet.", "W. van der Hoek"),
    ("\"Hoek, W. van der\"", "Graag aanpassen.\n\nWillem van der Hoek\nhuisarts\n\nHuisartspraktijk Van der Hoek\nLindelaan 4 | 3771 HK Barneveld", "Willem van der Hoek"),
    ("\"Jansen, Petra\"", "De factuur klopt niet.", "Petra Jansen"),
    ("\"Mw. C. Brouwer-Smit\"", "Graag corrigeren.\n\nMet vriendelijke groeten,\nCorrie Brouwer-Smit", "Corrie Brouwer-Smit"),
    ("Jan & Marie Pietersen", "De factuur klopt niet.\n\nGroet, Marie", "Marie Pietersen"),
    ("Hans en Tineke Overbeek", "De factuur klopt niet.", ""),
    ("Fam. Jansen", "De factuur klopt niet.", ""),
    ("Fam. Jansen", "De factuur klopt niet.\n\nGroetjes, Karin", "Karin Jansen"),
    ("Jan de Boer", "De factuur klopt niet.\n\nGroet,\nMarie de Boer-Visser", "Marie de Boer-Visser"),
    ("Jan de Boer", "De factuur klopt niet.\n\nGroet,\nMarie", ""),
    ("info", "De factuur klopt niet.", ""),
    ("zonnetje99", "De factuur klopt niet.", ""),
    ("Optiek Bergsma", "De factuur klopt niet.", ""),
    ("Huisartsenpraktijk De Vries", "De factuur klopt niet.", ""),
    ("jan de wit", "De factuur klopt niet.", "Jan de Wit"),
    ("JAN DE WIT", "De factuur klopt niet.", "Jan de Wit"),
    ("Jan de Wit via Contactformulier", "De factuur klopt niet.", "Jan de Wit"),
    ("\"Jan de Wit | Bouwbedrijf De Wit\"", "De factuur klopt niet.", "Jan de Wit"),
    ("\"Mr. Paul Overbeek\"", "De factuur klopt niet.", "Paul Overbeek"),
    ("\"Dr. A.B. Çelik\"", "De factuur klopt niet.", "A.B. Çelik"),
    ("Jan-Willem Stegeman", "De factuur klopt niet.\n\nJan-Willem", "Jan-Willem Stegeman"),
    ("Anneke de Boer", "De factuur klopt niet.\n\nHoogachtend,\nmw. De Boer", "Anneke de Boer"),
    ("Puck", "waarom krijg ik een rekening", ""),
    ("", "waarom krijg ik een rekening\n\nVerstuurd vanaf mijn iPhone", ""),
    ("Jan Peters", "Help\n\nVerstuurd vanaf mijn iPhone", "Jan Peters"),
    ("Mohammed Aydin", "Mag dat zo?\n\nMohammed Aydin\n\nOutlook voor Android<https://aka.ms/x> downloaden", "Mohammed Aydin"),
    ("Li Wei", "My invoice is wrong.", "Li Wei"),
    ("María José García López", "My invoice is wrong.\n\nMaría José", "María José García López"),
    ("Mama van Lotte", "De factuur klopt niet.", ""),
    ("Administratie Garage Bos", "De factuur klopt niet.\n\nMet vriendelijke groet,\nadministratie", ""),
];

/// As [`NAMES`]; written after the finder and never tuned by one at a time.
#[rustfmt::skip]
const MORE_NAMES: &[(&str, &str, &str)] = &[
    ("", "Uw naam: Hendrik-Jan Oude Lenferink\nUw vraag: ik zie mijn uitslag niet", "Hendrik-Jan Oude Lenferink"),
    ("", "Naam: dhr. R. (Roel) Smits\nTel: 0612345678\nVraag: ik zie mijn uitslag niet", "R. Smits"),
    ("Petra Bos", "Naam: zie onder\nTel: 0612345678\nVraag: ik zie mijn uitslag niet\n\nGroet, Petra", "Petra Bos"),
    ("", "NAAM: J. TER HORST\nTEL: 0612345678\nVRAAG: waar blijft mijn geld", "J. ter Horst"),
    ("", "Naam\tMeriam Ouali\nTelefoon\t0612345678\nVraag\tIk zie mijn uitslag niet", "Meriam Ouali"),
    ("", "naam = Sven Aalbers, tel = 0612345678, vraag = waar blijft mijn uitslag", "Sven Aalbers"),
    ("", "Hoi! Met Karin Postma uit Sneek. Waar blijft mijn uitslag?\n\nGr. Karin", "Karin Postma"),
    ("", "Geachte heer, mevrouw,\n\nMijn naam is mevr. G.H. van der Linden-Kok en ik ben 81. Waar blijft mijn uitslag?", "G.H. van der Linden-Kok"),
    ("", "Hi, I'm Priya Raghunathan and I cannot see my results.", "Priya Raghunathan"),
    ("", "Ik ben huisarts in Borne. Mijn patiënt Jan Vos krijgt geen uitslag.\n\nMet collegiale groet,\nE. Kamphuis, huisarts", "E. Kamphuis"),
    ("", "Waar blijft mijn uitslag?\n\nMet vriendelijke groet / Kind regards,\n\nWouter van Dam\nOffice manager", "Wouter van Dam"),
    ("", "Waar blijft mijn uitslag?\n\nBvd,\nSjaan v.d. Meulen", "Sjaan v.d. Meulen"),
    ("", "Waar blijft mijn uitslag?\n\nGroet,\nB.J.M. Op den Kamp", "B.J.M. Op den Kamp"),
    ("", "Waar blijft mijn uitslag?\n\nGroet,\n\n\nB.J.M. Op den Kamp\nTel. 0475-123456", "B.J.M. Op den Kamp"),
    ("", "Waar blijft mijn uitslag?\n\nmet vriendelijke groet\nhenk ter braak\n0612345678", "Henk ter Braak"),
    ("", "Waar blijft mijn uitslag?\n\nMet vriendelijke groeten,\nJan en Marie de Vries", "Jan en Marie de Vries"),
    ("Jan de Vries", "Waar blijft mijn uitslag?\n\nMet vriendelijke groeten,\nJan en Marie de Vries", "Jan de Vries"),
    ("", "Where is my result?\n\nThanks,\n\nProf. Aisling Ní Bhriain", "Aisling Ní Bhriain"),
    ("", "Where is my result?\n\nYours sincerely,\n(Mrs) Margaret Thornton", "Margaret Thornton"),
    ("", "Where is my result?\n\nSent on behalf of my mother.\n\nSimon Achterberg\n+31 6 12345678", "Simon Achterberg"),
    ("", "Waar blijft mijn uitslag?\n\nDr. K.L.M. Abdi | kinderarts | Ziekenhuis Oost\nT 020-1234567", "K.L.M. Abdi"),
    ("", "Waar blijft mijn uitslag?\n\nGroet,\nTeam Administratie\nOptiek De Bril", ""),
    ("", "Waar blijft mijn uitslag?\n\nGroet,\nPraktijkassistente Huisartsenpraktijk Zuid", ""),
    ("Klachten Afdeling", "Waar blijft de uitslag van onze cliënt?", ""),
    ("Bakkerij Vermaat", "Waar blijft de factuur?", ""),
    ("Sanne | Optiek Helder", "Waar blijft de factuur?\n\nGroetjes, Sanne", ""),
    ("\"Berg, Anne van den\"", "Waar blijft de factuur?", "Anne van den Berg"),
    ("\"BERG van den, A.M. (Annemarie)\"", "Waar blijft de factuur?\n\nAnnemarie van den Berg", "Annemarie van den Berg"),
    ("\"Dijk, drs. P. van\"", "Waar blijft de factuur?", "P. van Dijk"),
    ("\"Smit - de Jong, Els\"", "Waar blijft de factuur?\n\nEls Smit - de Jong", "Els Smit"),
    ("Pieter v/d Berg", "Waar blijft de factuur?\n\nGroeten Pieter", "Pieter v/d Berg"),
    ("Ouders van Tim", "Waar blijft de factuur?", ""),
    ("The Wilsons", "Where is the invoice?\n\nThanks, Carol", ""),
    ("Oma Truus", "Waar blijft de factuur?", ""),
    ("K. Öz", "Waar blijft de factuur?", "K. Öz"),
    ("Saïd ben Ali", "Waar blijft de factuur?\n\nMvg Saïd", "Saïd ben Ali"),
    ("Xi Chen", "Where is the invoice?\n\nBest,\nXi", "Xi Chen"),
    ("Ingrid (Zorggroep Noord)", "Waar blijft de factuur?\n\nIngrid Dekker\nZorggroep Noord", "Ingrid Dekker"),
    ("iPhone van Kees", "Waar blijft de factuur?", ""),
    ("Jan Bakker Bouw", "Waar blijft de factuur?", ""),
    ("Tineke", "Waar blijft de factuur?\n\nMet vriendelijke groet,\nTineke", ""),
    ("Wim de Groot", "Mijn vrouw Ria de Groot wacht op de uitslag.\n\nWim", "Wim de Groot"),
    ("Els Visser", "Mijn moeder, Johanna Visser-Prins, wacht op de uitslag. Zij is te bereiken via mij.", "Els Visser"),
    ("Gerda Mulder", "Waar blijft de uitslag?\n\nOp 3 sep 2026 om 10:00 schreef Aisha Yilmaz <planning@ksyos.nl>:\n> Beste Gerda,\n> Met vriendelijke groet,\n> Aisha Yilmaz", "Gerda Mulder"),
    ("", "Waar blijft de uitslag?\n\nHartelijke groeten van\nCorry van Zanten", "Corry van Zanten"),
    ("", "Waar blijft de uitslag, ik wacht al weken.\nFrans Kok\nDorpsstraat 12\n1234 AB Ons Dorp\n0612345678", "Frans Kok"),
    ("", "Waar blijft de uitslag, ik wacht al weken. Bel mij op 0612345678, Frans Kok", ""),
    ("Frans Kok", "Waar blijft de uitslag, ik wacht al weken. Bel mij op 0612345678, F. Kok", "Frans Kok"),
];

/// (From display name, body, persons a clerk notes, joined by " | ")
#[rustfmt::skip]
const PERSONS: &[(&str, &str, &str)] = &[
    // labelled
    ("", "Betrokken: dr. Bakker", "dr. Bakker"),
    ("", "Betrokkenen: dr. Bakker en mevrouw Jansen", "dr. Bakker | mevrouw Jansen"),
    ("", "Betrokken personen: dr. Bakker, de assistente en Bram", "dr. Bakker | de assistente | Bram"),
    ("Koen Stortelder", "Contact: Koen Stortelder – 0544 55 02 93\nWie: de chauffeur van de koeriersdienst en jullie planner Marijn\nWat: apparaat is in de regen gezet", "de chauffeur van de koeriersdienst | Marijn"),
    ("", "Betrokken: een medewerker van de klantenservice (Bram)", "Bram"),
    ("", "Betrokken: weet ik niet", ""),
    ("", "Betrokken: geen idee wie", ""),
    ("", "Betrokken: dr. Bakker, cardioloog", "dr. Bakker"),
    ("", "Betrokken: de heer P. de Groot & zuster Anja", "de heer P. de Groot | zuster Anja"),
    ("", "Betrokkenen: mijn man en ik, en de receptioniste", "de receptioniste"),
    ("", "Betrokken: mijn dochter Romy en assistente Linda", "Romy | assistente Linda"),
    ("", "Persons involved: Dr. Smith and the receptionist", "Dr. Smith | the receptionist"),
    ("", "Persons involved: no idea", ""),
    ("", "Who was involved: a nurse named Sarah", "Sarah"),
    ("", "Betrokken: Anja (balie)", "Anja"),
    ("", "Betrokken: Bram van de klantenservice", "Bram"),
    ("", "Betrokken: receptioniste", "receptioniste"),
    ("", "1) Stef Aarts, Helmond, 0492-55 44 10\n2) 13 januari\n3) mijn gegevens zijn kwijt\n4) doktersassistente Britt en de vervanger van dokter Nas", "doktersassistente Britt | de vervanger van dokter Nas"),
    // titles and names in sentences
    ("Diego Álvarez", "Hello, yesterday your nurse Mrs. Van Leeuwen came to put the monitor on my father, Ernesto Álvarez. She was late.\n\nDiego Álvarez", "Mrs. Van Leeuwen | Ernesto Álvarez"),
    ("Mariska Oosthoek", "Mevrouw Kusters druppelde mijn ogen. Daarna zei haar collega, de heer Baan, dat ik naar huis kon.\nMariska Oosthoek", "Mevrouw Kusters | de heer Baan"),
    ("", "Op 23 maart kreeg ik de heer Noordhuis van uw administratie aan de lijn. Hij was lomp.", "de heer Noordhuis"),
    ("", "De receptioniste, mevrouw Hulst, heeft me weggestuurd.", "mevrouw Hulst"),
    ("", "Aldaar werd mij door een jongeman, de heer Lubbers, medegedeeld dat ik te oud ben.", "de heer Lubbers"),
    ("", "Dr. Van den Berg-Smit luisterde niet naar mij.", "Dr. Van den Berg-Smit"),
    ("", "Ik sprak met mevrouw de Wit. Mevrouw de Wit hing op.", "mevrouw de Wit"),
    ("", "De receptioniste was lomp. Ik hoorde later dat zij Anja Smit heet. Anja zei niets.", "De receptioniste | Anja Smit"),
    ("", "Verder: op 7 juli heeft huisarts Dekkers mijn consult geannuleerd.", "huisarts Dekkers"),
    // roles
    ("Theo Langeveld", "Maandag heeft de internist op afstand een advies gegeven. U kunt dit navragen bij mijn huisartsenpraktijk.\n\nTheo Langeveld", "de internist"),
    ("", "On Tuesday I came. The receptionist laughed at my accent.", "The receptionist"),
    ("", "Ik heb druppels gehad en toen heeft de mevrouw van de balie mij naar buiten gestuurd.", "de mevrouw van de balie"),
    ("", "Elke keer zei de meneer van de helpdesk dat het moest blijven zitten. Nu zegt de helpdesk dat het mijn schuld is.", "de meneer van de helpdesk"),
    ("", "De assistente was onbeleefd. De assistente gooide de hoorn erop.", "De assistente"),
    ("", "Ik wil een klacht indienen over de assistente en de arts.", "de assistente | de arts"),
    ("", "Uw monteur heeft mijn deur laten openstaan.", "Uw monteur"),
    ("", "Ik wil graag een arts spreken. Niemand belt terug.", ""),
    ("", "Geen enkele medewerker kon mij helpen.", ""),
    // role and name
    ("", "Op 27 juli heb ik gechat met een medewerker van de klantenservice (Bram). Hij deed niets.", "Bram"),
    ("Gonny Schoenmaker", "Vandaag zou jullie trainer ons team leren werken. De trainer (Rutger, achternaam weet ik niet) kwam te laat. Zes collega's hebben gewacht.\n\nGonny Schoenmaker, POH\nHAP De Heide", "Rutger"),
    ("", "Ik kreeg een medewerker aan de lijn die zich voorstelde als Kevin. Hij hing op toen ik om zijn leidinggevende vroeg.", "Kevin"),
    ("", "The young lady doing the test (her badge said \"Demi\") sighed loudly.", "Demi"),
    ("", "My son Oliver (7) had a hearing test. The young lady doing the test (her badge said \"Demi\") sighed. When Oliver got restless she scolded.", "Oliver | Demi"),
    ("", "Jullie planner Marijn zei dat ik moest wachten.", "Marijn"),
    ("", "Ik werd geholpen door ene Sandra. Zij was bot.", "Sandra"),
    ("", "I spoke to Linda from customer service. She hung up.", "Linda"),
    ("", "Linda van de balie stuurde mij weg.", "Linda"),
    ("", "A technician called Tom broke my door.", "Tom"),
    // relatives, referrers, bystanders
    ("", "Mijn dochter Romy was erg bang. De assistente trok haar aan de arm.", "Romy | De assistente"),
    ("", "Mijn man was erbij. De assistente lachte.", "De assistente"),
    ("", "Mijn huisarts, dokter Ypma, heeft mij verwezen. De laborant was ruw.", "De laborant"),
    ("", "My GP Dr. Jones referred me. The technician was rude.", "The technician"),
    ("", "Ik wil dokter Smit bedanken, maar de planner was onbeleefd tegen mij.", "de planner"),
    ("", "Zuster Anja was heel vriendelijk. Maar de arts kwam te laat.", "de arts"),
    ("Erik Kamphuis", "Collega's, ik wacht al 4 weken op antwoord. Graag vandaag nog actie.\n\nErik Kamphuis\nhuisarts Borne\n074 555 29 29", ""),
    ("Sjaak Willemse", "Ik heb een klacht over jullie. Niemand belt terug. Ik zit al dagen te wachten op een uitslag.\nSjaak Willemse", ""),
    ("", "Het kastje deed het niet en de app ook niet.", ""),
    ("", "Geachte mevrouw Jansen,\n\nHet kastje deed het niet.", ""),
    ("", "Geachte heer De Vries, beste mevrouw Bos,\n\nDe verpleegkundige was grof.", "De verpleegkundige"),
    ("", "Mijn vader, de heer K. Bijlsma, is behandeld door dokter Visser.\n\nGroet,\nMarloes Bijlsma", "de heer K. Bijlsma | dokter Visser"),
    ("", "Mijn buurvrouw Truus was erbij toen de monteur vloekte.", "Truus | de monteur"),
    ("", "Ik ben mevrouw Jansen. Uw collega Peter Smit schold mij uit.", "Peter Smit"),
];

/// As [`PERSONS`]; written after the finder and never tuned by one at a time.
#[rustfmt::skip]
const MORE_PERSONS: &[(&str, &str, &str)] = &[
    ("", "Klacht over: mevrouw T. Janssen (receptie)", "mevrouw T. Janssen"),
    ("", "Betrokkene(n): Karin, Joost", "Karin | Joost"),
    ("", "Wie waren erbij betrokken? De laborante en haar stagiair", "De laborante | haar stagiair"),
    ("", "Betrokken personen: onbekend, ik heb geen naam gekregen", ""),
    ("", "Betrokken: ikzelf en dokter Chandra", "dokter Chandra"),
    ("", "Betrokken: jullie monteur", "jullie monteur"),
    ("", "Persons involved: Mr. Hendriks, the technician Paul", "Mr. Hendriks | Paul"),
    ("", "Persons involved: my wife Anna and your driver", "Anna | your driver"),
    ("", "Getuige: mijn buurman Cor. De koerier weigerde te wachten.", "Cor | De koerier"),
    ("", "Om wie gaat het: verpleegkundige Yvonne en arts-assistent Mulder", "verpleegkundige Yvonne | Mulder"),
    ("", "De klacht gaat over uw medewerkster mevrouw El Idrissi.", "mevrouw El Idrissi"),
    ("", "Gisteren werd ik gebeld door een mevrouw van de planning die heel kortaf was.", "een mevrouw van de planning"),
    ("", "De verpleegkundige (naam: Esmee) prikte drie keer mis.", "Esmee"),
    ("", "Ik kreeg Wendy van de administratie aan de telefoon. Wendy snauwde.", "Wendy"),
    ("", "Dokter Visser, de dermatoloog, keek niet eens op.", "Dokter Visser"),
    ("", "De dermatoloog, dr. Visser, keek niet eens op.", "dr. Visser"),
    ("", "Uw arts J. Willems heeft een verkeerde diagnose gesteld.", "J. Willems"),
    ("", "De chauffeur reed zonder aan te bellen door. De baliemedewerker zei dat ik thuis moest blijven.", "De chauffeur | De baliemedewerker"),
    ("", "De jonge assistente lachte me uit.", "De jonge assistente"),
    ("", "Twee keer heeft een van uw medewerkers mij uitgescholden.", "een van uw medewerkers"),
    ("", "Mijn zoontje Daan van 4 moest huilen omdat de zuster hem vastpakte.", "Daan | de zuster"),
    ("", "Onze dochter (15) moest huilen omdat de zuster haar vastpakte.", "de zuster"),
    ("", "Mijn moeder (82) werd door de fotograaf afgesnauwd. Zij heet Riet Kuiper.", "de fotograaf | Riet Kuiper"),
    ("", "Het ging mis bij de longfunctie. De analist, Fleur genaamd, noemde mij een aansteller.", "Fleur"),
    ("", "Ik vroeg naar de naam van de medewerker maar die wilde ze niet geven.", "de medewerker"),
    ("", "My daughter Emily was in tears because the nurse pulled her arm.", "Emily | the nurse"),
    ("", "Your employee Mr. De Jong refused to help me. He was rude.", "Mr. De Jong"),
    ("", "A lady at the front desk told me to leave.", "A lady at the front desk"),
    ("", "The doctor, Dr. Patel, never looked at my pictures.", "Dr. Patel"),
    ("", "The technician who fitted the device, Tom, smelled of alcohol.", "Tom"),
    ("", "I was told by your customer service agent that nobody cares.", "your customer service agent"),
    ("", "The device was broken and the website was down.", ""),
    ("", "My husband waited for an hour. Nobody came.", ""),
    ("", "Your dermatologist missed a melanoma. My own GP saw it at once.", "Your dermatologist"),
    ("", "Mijn huisarts belde de volgende dag en zei dat de cardioloog van Ksyos de verkeerde strook had bekeken.", "de cardioloog"),
    ("", "Kunt u de betrokken medewerker hierop aanspreken?", "de betrokken medewerker"),
    ("", "Ik wil dat een andere arts ernaar kijkt.", ""),
    ("", "Dank aan Petra van de receptie, die wel meedacht. De arts Van Rijn daarentegen was onbeschoft.", "Van Rijn"),
    ("Ad Bos", "De heer Bos werd genoemd in uw brief, dat ben ik. Uw boekhouder heeft mijn geld gehouden.\n\nAd Bos", "Uw boekhouder"),
    ("", "Op 12 mei zei mevrouw Van 't Hek-de Groot dat ik overdreef.", "mevrouw Van 't Hek-de Groot"),
    ("", "De oogarts dr. S. Jalali en optometrist Wesley hebben ruzie gemaakt waar ik bij was.", "dr. S. Jalali | optometrist Wesley"),
    ("", "Jullie planner (ik geloof Marieke) zei dat ik gewoon moest komen.", "Marieke"),
    ("", "Ik werd te woord gestaan door een zekere meneer Gerritsen.", "meneer Gerritsen"),
    ("", "Beste Linda,\n\nDe koerier heeft het kastje over de schutting gegooid.\n\nGroet,\nMarja Blok", "De koerier"),
];

fn check(table: &[(&str, &str, &str)], field: &str) {
    let mut wrong = Vec::new();
    for (from, body, expected) in table {
        let reading = reading(from, body);
        let got = text(reading.fields.get(field).map(|found| &found.value));
        if got != *expected {
            let why = reading.fields.get(field).map_or("", |found| found.why.as_str());
            wrong.push(format!("{from:?} {body:?}\n    expected {expected:?}\n    got      {got:?} ({why})"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn the_writer_is_named() {
    check(NAMES, "name");
    check(MORE_NAMES, "name");
}

#[test]
fn the_people_involved_are_named() {
    check(PERSONS, "persons_involved");
    check(MORE_PERSONS, "persons_involved");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Whatever stands in a mail, a value's evidence is exactly the words at its span.
    #[test]
    fn any_text_is_read_and_evidence_is_exact(
        from in "\\PC{0,40}",
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "Naam: ", "Groet,\n", "mevrouw ", "dr. ", "J.", " van ", "de ", "'t ", "é\u{301}", "Jan", "(", ")", "\n\n", "\n", "&", ", ",
                "Betrokken: ", "de assistente ", "mijn ", "dochter ", "Romy", "\u{a0}", "İ", "ß", "- ", ". ", "heette ", "\"", "v/d ", "1) ", "ik ben ",
            ]),
            0..40,
        ),
    ) {
        let from: String = from.chars().filter(|c| !"<>\"\\,;:()@[]".contains(*c)).collect();
        let (message, reading) = message_and_reading(&from, &parts.concat());
        for (field, found) in &reading.fields {
            for evidence in std::iter::once(&found.evidence).chain(found.others.iter().map(|lost| &lost.evidence)) {
                let whole = match evidence.source {
                    Source::Body => message.text.as_str(),
                    Source::Subject => message.subject.as_str(),
                    // The display name, or an address: its words are told, but no place in a text.
                    Source::Header => continue,
                    Source::AttachmentName(_) | Source::Attached(_) => unreachable!("nothing is attached"),
                };
                proptest::prop_assert_eq!(whole.get(evidence.span.clone()), Some(evidence.text.as_str()), "{}", field);
                proptest::prop_assert!(!evidence.text.is_empty(), "{}", field);
            }
            proptest::prop_assert!(!found.text.is_empty(), "{}", field);
        }
    }
}
