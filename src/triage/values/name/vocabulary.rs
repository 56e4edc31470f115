//! `rules/people.toml`: the words by which people are told from everything else.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::super::fault::{Fault, Place};
use super::words::{Lexicon, Phrases, Words};

/// One list of phrases in the file, one [`Phrases`] when compiled.
macro_rules! vocabulary {
    ($($(#[$doc:meta])+ $list:ident,)+) => {
        /// `rules/people.toml`: how people are named, in Dutch and English. Capitals and accents do not matter.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct PeopleRules {
            $($(#[$doc])+ pub $list: Vec<String>,)+
        }

        /// [`PeopleRules`], ready to use.
        #[derive(Debug, Default)]
        pub struct People {
            $(pub(in super::super) $list: Phrases,)+
            /// The words that closings and greetings are made of: no names on a line by themselves.
            pub(in super::super) courtesies: Phrases,
            lexicon: Lexicon,
        }

        const _: () = assert!([$(stringify!($list)),+, "courtesies"].len() <= Lexicon::MOST);

        impl People {
            /// # Errors
            /// Every fault of the rules.
            pub fn compile(rules: &PeopleRules) -> Result<Self, Vec<Fault>> {
                let mut faults = Vec::new();
                $(wordless(stringify!($list), &rules.$list, &mut faults);)+
                if !faults.is_empty() {
                    return Err(faults);
                }
                let mut people = Self { $($list: Phrases::new(&rules.$list),)+ ..Self::default() };
                people.courtesies = people.words_of_courtesy();
                let mut lexicon = Lexicon::default();
                $(lexicon.add(&mut people.$list);)+
                lexicon.add(&mut people.courtesies);
                people.lexicon = lexicon;
                Ok(people)
            }
        }
    };
}

vocabulary! {
    /// Stand before a name: no part of the writer's own, kept with somebody else's ("mevrouw Jansen").
    titles,
    /// Stand behind a name and are no part of it, such as a degree.
    degrees,
    /// Tussenvoegsels ("van", "de", "ten").
    particles,
    /// Tussenvoegsels that keep a capital ("EL" becomes "El").
    capital_particles,
    /// Tussenvoegsels only before another one ("op den").
    particle_starts,
    /// First words of a mail, that speak to the reader.
    greetings,
    /// The last words before the writer's name ("met vriendelijke groet").
    closings,
    /// Before the writer's own work ("als").
    capacities,
    /// What comes by post: who only signed it is not involved, if they lead or hear complaints.
    papers,
    /// "not": who is denied behind it is not involved.
    denials,
    /// Said by the writer before their own name ("mijn naam is").
    introductions,
    /// Stand between a greeting and the writer's own full name ("Hallo, met Jan Bos").
    after_greeting,
    /// Stand behind the writer's own full name at the start of a sentence ("Jan Bos hier").
    after_own_name,
    /// What a line may go on with behind a name ("uit", "tel").
    after_name,
    /// Words that make a name that of an organisation, a department or a household.
    organisations,
    /// First names cut short, with a full stop ("Th. de Vries").
    abbreviations,
    /// Words that end so are never a person's ("straat", "praktijk").
    endings,
    /// Beginnings of surnames that such an ending makes no street (of "Tersteeg": "ter").
    surname_starts,
    /// Join two names ("en", "and").
    joins,
    /// Stand in a display name before what is no name ("via").
    not_after,
    /// Stand before the surname of a household ("familie").
    families,
    /// Capitalised words that are never part of a name.
    not_names,
    /// Words in a label that make its value somebody else's name ("patiënt").
    other_labels,
    /// What people do ("assistente"): count as persons involved behind an article.
    roles,
    /// Roles that stay with the name behind them ("doktersassistente Britt").
    title_roles,
    /// Words for a person that count only with a place or a name ("de mevrouw van de balie").
    vague_roles,
    /// What a longer word for a role ends with ("-medewerkster" in "screeningsmedewerkster").
    role_endings,
    /// Professions often named in passing ("mijn huisarts"): count only with a name and not as the writer's own.
    passing_roles,
    /// Make a role the writer's own ("mijn").
    own_words,
    /// Stand before a role that counts ("de", "uw", "your").
    articles,
    /// Articles that also join sentences ("dat meisje").
    demonstratives,
    /// Stand before a role that counts only with a name ("haar collega").
    their_words,
    /// Articles that may mean anybody ("een").
    indefinite,
    /// A sentence with one of these complains.
    complaining,
    /// Words between an article and a role ("een jonge assistente").
    adjectives,
    /// Join a role to its place ("van de").
    place_joins,
    /// Places and departments ("balie", "klantenservice").
    places,
    /// Say that a name follows ("die zich voorstelde als").
    namings,
    /// Of these those behind which any name counts, common or not ("ene Priscilla").
    sure_namings,
    /// Behind a name at the start of a sentence: it is that of the person told of before ("Mevrouw Drent WAS DAT").
    was_that,
    /// What a name stands on ("pasje").
    badges,
    /// Between such a thing and the name ("op het pasje van de koerier STOND D. Kramer").
    badge_says,
    /// Before somebody vague who did something ("door een man").
    by_words,
    /// Behind somebody vague who did something ("een man die zei").
    who_words,
    /// Words for people who are nobody in particular ("mensen").
    crowds,
    /// Relatives and neighbours: count only with a name behind them.
    relations,
    /// People who work for a writer who is a doctor: with a name behind them, witnesses.
    own_staff,
    /// Places of the public: whoever is vague and there is a bystander ("een man in de wachtkamer").
    public_places,
    /// Before a doctor or a shop that the writer went to or was sent to ("VOOR de huidarts").
    on_the_way,
    /// Shops of which that is said as it is of doctors.
    shops,
    /// Before what somebody says, and so before whom they speak to ("zei: JAAP, …").
    says,
    /// What is done with everybody ("WORDT beoordeeld door uw oogartsen").
    always,
    /// Numbers that make people out of a crowd ("de twee dames die hielpen").
    counted,
    /// Before the whole name of somebody who is complained about.
    complained_about,
    /// Titles and work of doctors, of whom "the doctor" is said afterwards.
    doctors,
    /// Roles that stay with a surname alone ("collega Brouns").
    surname_roles,
    /// Before somebody who is only quoted ("volgens de dokter").
    told_by,
    /// Before what somebody has not said yet ("wachtte op").
    awaiting,
    /// Behind a shop or a doctor who only works together with the organisation ("die met jullie werkt").
    partners,
    /// Before a role of somebody who has been named ("DEZE medewerkster").
    again,
    /// Professions of others, who only find out what went wrong ("apotheker").
    outsiders,
    /// Of a clause with a referral: it was the writer's own ("door mij").
    own_referrals,
    /// Behind a relative who only advises to write ("mijn dochter Hanneke zegt dat ik dit moet melden").
    advises,
    /// Behind somebody who only advised to complain ("heeft mij geadviseerd u te schrijven").
    counsels,
    /// Words of a clause that tells what a doctor had done ("heeft een hartfilmpje laten maken").
    orders,
    /// Doctors in such a clause, or in one of a referral: not whom it is about.
    referring_roles,
    /// Those whose reaction people ask for: not whom it is about in a sentence that wishes something.
    superiors,
    /// A sentence that begins with one speaks of the person told of before.
    pronouns,
    /// Between somebody and their name ("de psychiater die het schreef IS mevrouw Ottens").
    copulas,
    /// Before an indefinite role: somebody asked for, who did not act ("vroeg OM een arts").
    wanted_before,
    /// Behind an indefinite role: the same ("weigerde een arts TE BELLEN").
    wanted_behind,
    /// Beside words for somebody wanted, whatever the article ("VROEG naar de manager").
    asking,
    /// Between a naming and the name: the writer is not sure ("ze heet GELOOF IK Petra").
    hedges,
    /// Places that are not the organisation's: a doctor or nurse there is named in passing.
    elsewhere,
    /// Before a word that is a first name elsewhere and a place here ("SINT Maarten", "LOCATIE Wilhelmina").
    before_places,
    /// Articles that make a role the reader's ("jullie dermatoloog").
    your_words,
    /// Of these what is no part of whom they mean ("JULLIE telefoniste", "een arts-assistente van U").
    readers,
    /// Before what somebody looks like ("een man MET een baard").
    wearing,
    /// What people are told apart by ("de zuster met de rode BRIL").
    looks,
    /// What somebody vague did, which tells who it was ("de man die de test DEED").
    deeds,
    /// Before somebody whom the writer does not mean ("het gaat NIET OVER mevrouw Bos").
    not_about,
    /// Of `endings` those that surnames have too ("Wolfswinkel", "Coenegracht").
    surname_endings,
    /// Behind what is judged of everybody ("door jullie oogarts BEOORDEELD WORDT").
    always_behind,
    /// Before a doctor for whom something was made or sent ("VOOR jullie huidarts").
    destinations,
    /// Behind what somebody did: to whom, or not ("koerier kwam NIET", "assistente lachte MIJ uit").
    objects,
    /// What the writer calls themselves, where a sentence goes on behind their name ("ik ben noor bos en IK …").
    speakers,
    /// Behind somebody whom something was only heard from ("dat heb ik van de dokter GEHOORD").
    told_behind,
    /// What outsiders write and ask money with ("de REKENING van de opticien").
    bills,
    /// What anybody has ("de GEBOORTEDATUM van een andere meneer").
    belongings,
    /// Between "ik ben" and what the writer is ("ik ben ZELF een verpleegkundige").
    own_selves,
    /// Before a first name, common or not, that has a place behind it ("MET Wietske van uw planning").
    spoken_to,
    /// Answers of somebody who does not know who it was.
    unknown,
    /// No persons of their own ("ikzelf", "jullie", "het systeem").
    nobody,
    /// A sentence with one of these praises or thanks.
    praise,
    /// Behind a comma they turn a sentence round: praise before, blame behind.
    turns,
    /// A sentence with one of these wishes or asks.
    wishes,
    /// A sentence with one of these tells of a referral.
    referrals,
    /// Before a role: nobody in particular is meant.
    negations,
    /// Common first names.
    first_names,
}

impl People {
    /// At most `most` words of a text, each looked up in all lists.
    pub fn words<'t>(&self, text: &'t str, most: usize) -> Words<'t> {
        Words::looked_up(text, most, &self.lexicon)
    }

    fn words_of_courtesy(&self) -> Phrases {
        let is_word =
            |word: &&str| word.len() > 3 && !self.particles.has(word) && !self.first_names.has(word);
        let words: Vec<String> =
            self.closings.words().chain(self.greetings.words()).filter(is_word).map(str::to_owned).collect();
        Phrases::new(&words)
    }
}

/// A phrase without a letter or digit would never be found.
fn wordless(list: &str, phrases: &[String], faults: &mut Vec<Fault>) {
    for (index, phrase) in phrases.iter().enumerate() {
        if Words::cut(phrase, 1).is_empty() {
            let place = Place::default().key(list).index(index);
            faults.push(Fault::new(
                place,
                format!("{phrase:?} holds no word"),
                "write a word or take it out",
            ));
        }
    }
}
