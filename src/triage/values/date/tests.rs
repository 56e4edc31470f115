//! Days as people write them, held against a calendar.

use super::*;

fn words() -> DateWords {
    let rules: DateRules = toml::from_str(include_str!("../../../../rules/dates.toml")).unwrap();
    DateWords::compile(&rules).unwrap()
}

/// What a mail written on `written` with this text states, as `find` would resolve it.
fn stated(words: &DateWords, written: &str, english: bool, text: &str) -> Option<String> {
    let written: NaiveDate = written.parse().unwrap();
    let frame = Frame { written, latest: written, english, asked: false };
    let folded = Folded::new(text);
    let mut best: Option<(i32, NaiveDate)> = None;
    let days = scan::days(words, folded.text(), frame);
    for (day, judged) in days.iter().zip(near::judge_all(words, folded.text(), &days, &[], frame)) {
        if judged.score >= super::super::super::fields::FLOOR
            && best.is_none_or(|(score, _)| judged.score > score)
        {
            best = Some((judged.score, day.date));
        }
    }
    best.map(|(_, date)| date.to_string())
}

/// Each line of a table: day of writing, text, the day it states.
fn holds(english: bool, table: &[(&str, &str, Option<&str>)]) {
    let words = words();
    let mut wrong = Vec::new();
    for (written, text, expected) in table {
        let found = stated(&words, written, english, text);
        if found.as_deref() != *expected {
            wrong.push(format!("{written} {text:?}\n  expected {expected:?} found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn dutch_dates_are_understood() {
    // 19 March 2026 is a Thursday.
    let on = "2026-03-19";
    holds(
        false,
        &[
            (on, "Op 12-3-2026 was ik bij u.", Some("2026-03-12")),
            (on, "Op 12/3/'26 vervoegde ik mij ten kantore.", Some("2026-03-12")),
            (on, "Op 12.03.26 is het onderzoek misgegaan", Some("2026-03-12")),
            (on, "Op 2026-03-12 was ik bij u", Some("2026-03-12")),
            (on, "het ging mis op 12 3 2026", Some("2026-03-12")),
            (on, "Op 12-3 was ik bij u", Some("2026-03-12")),
            (on, "Op 12/3 was ik bij u", Some("2026-03-12")),
            (on, "Op 12 maart ben ik geweest", Some("2026-03-12")),
            (on, "Op 12 mrt. ben ik geweest", Some("2026-03-12")),
            (on, "Op 12 mrt 2026 ben ik geweest", Some("2026-03-12")),
            (on, "Op 28 december ben ik geweest", Some("2025-12-28")),
            (on, "Op 3 febuari ben ik geweest", Some("2026-02-03")),
            (on, "Op 3 septemebr ben ik geweest", Some("2025-09-03")),
            (on, "Op 12 maard ben ik geweest", Some("2026-03-12")),
            (on, "Op de 14e was ik bij jullie", Some("2026-03-14")),
            (on, "Op de 24e was ik bij jullie", Some("2026-02-24")),
            (on, "Het was de 14e. Toen ging het mis.", Some("2026-03-14")),
            (on, "Dinsdag de 17e stond ik voor een dichte deur", Some("2026-03-17")),
        ],
    );
}

#[test]
fn dutch_words_for_days_are_understood() {
    // 19 March 2026 is a Thursday.
    let on = "2026-03-19";
    holds(
        false,
        &[
            (on, "Afgelopen dinsdag was ik bij u", Some("2026-03-17")),
            (on, "Vorige dinsdag was ik bij u", Some("2026-03-17")),
            (on, "Dinsdag jl. was ik bij u", Some("2026-03-17")),
            (on, "Dinsdag j.l. was ik bij u", Some("2026-03-17")),
            (on, "maandag jongstleden was ik bij u", Some("2026-03-16")),
            (on, "Afgelopen donderdag was ik bij u", Some("2026-03-12")),
            (on, "Vorige week woensdag was ik bij u", Some("2026-03-11")),
            (on, "Woensdag vorige week was ik bij u", Some("2026-03-11")),
            (on, "Woensdag van vorige week was ik bij u", Some("2026-03-11")),
            (on, "vorige week op woensdag was ik bij u", Some("2026-03-11")),
            (on, "Verleden week zondag was ik bij u", Some("2026-03-15")),
            (on, "Dinsdagochtend kwam de verpleegkundige langs", Some("2026-03-17")),
            (on, "Dinsdagmiddag om 14.30 uur kwam de verpleegkundige langs", Some("2026-03-17")),
            (on, "Gisteren was ik bij u", Some("2026-03-18")),
            (on, "Gisteravond belde uw medewerker", Some("2026-03-18")),
            (on, "Gisterenmiddag heeft uw medewerker mij uitgelachen", Some("2026-03-18")),
            (on, "eergisteren heeft uw medewerker mij uitgelachen", Some("2026-03-17")),
            (on, "Vanochtend werd ik door uw medewerker weggestuurd", Some("2026-03-19")),
            (on, "Vandaag zou jullie trainer ons team leren werken", Some("2026-03-19")),
            (on, "3 dagen geleden was ik bij u", Some("2026-03-16")),
            (on, "Drie dagen geleden was ik bij u", Some("2026-03-16")),
            (on, "vandaag een week geleden was ik bij u", Some("2026-03-12")),
            (on, "precies twee weken geleden was ik bij u", Some("2026-03-05")),
            (on, "twee weken geleden op dinsdag was ik bij u", Some("2026-03-03")),
            (on, "dinsdag twee weken geleden was ik bij u", Some("2026-03-03")),
            (on, "Van 3 t/m 5 maart heb ik de holter gedragen", Some("2026-03-03")),
            (on, "Van 3 tot en met 5 maart heb ik de holter gedragen", Some("2026-03-03")),
            (on, "Tussen 3 en 5 maart heb ik de holter gedragen", Some("2026-03-03")),
            (on, "3-5 maart had ik de holter", Some("2026-03-03")),
            (on, "Op 3 en 4 maart had ik de holter", Some("2026-03-03")),
            (on, "van 28 februari t/m 2 maart had ik de holter", Some("2026-02-28")),
            (on, "van 3-3-2026 t/m 5-3-2026 had ik de holter", Some("2026-03-03")),
            (on, "van maandag 2 t/m woensdag 4 maart had ik de holter", Some("2026-03-02")),
            ("2026-11-18", "Gebeurd op: maandag 16 november", Some("2026-11-16")),
            ("2026-06-02", "Op tweede Pinksterdag was er niemand", Some("2026-05-25")),
            ("2026-05-02", "Met Koningsdag kwam er niemand", Some("2026-04-27")),
            ("2025-05-02", "Op Koningsdag kwam er niemand", Some("2025-04-26")),
            ("2026-02-02", "Op tweede kerstdag kwam er niemand", Some("2025-12-26")),
            (on, "Maandag jl. (9 maart) was ik bij u", Some("2026-03-09")),
            (on, "Op 14 november vorig jaar was ik bij u", Some("2025-11-14")),
            (on, "de 3e van deze maand was ik bij u", Some("2026-03-03")),
            (on, "2) 13 januari\n3) weet ik niet", Some("2026-01-13")),
        ],
    );
}

#[test]
fn what_is_no_day_stays_missing() {
    let on = "2026-03-19";
    holds(
        false,
        &[
            (on, "Ergens begin maart was ik bij u", None),
            (on, "Eind oktober was ik bij u", None),
            (on, "Vorige week was ik bij u", None),
            (on, "Veurege week was ik bij u", None),
            (on, "Ik wacht al 4 weken op antwoord", None),
            (on, "Rond de 14e was ik bij u", None),
            (on, "Rond 14 maart was ik bij u", None),
            (on, "Op 12 of 13 maart was ik bij u", None),
            (on, "dinsdag of woensdag was ik bij u", None),
            (on, "Een week geleden was ik bij u", None),
            (on, "een paar dagen geleden was ik bij u", None),
            (on, "Graag vandaag nog actie en een verklaring.", None),
            (on, "Ik ben op maandag en dinsdag bereikbaar", None),
            (on, "Elke dinsdag kom ik langs", None),
            (on, "Komende dinsdag moet ik weer", None),
            (on, "Mijn vader (geb. 02-02-1939) was bij u", None),
            (on, "geboortedatum: 3-4-1960", None),
            (on, "bel 06-12 03 26 11", None),
            (on, "mijn IBAN is NL12 RABO 0123 4567 12", None),
            (on, "Uw factuur van 12 maart klopt niet", None),
            (on, "De brief d.d. 12 maart 2026 heb ik gelezen", None),
            (on, "de 3e keer dat ik bel", None),
            (on, "Op de 2e verdieping was ik bij u", None),
            (on, "Kan ik voor 1 april een reactie krijgen", None),
            (on, "Waar komt dat vandaan", None),
            (on, "In maart 14 consulten", None),
            (on, "Met Pasen was ik bij u", None),
            (on, "mijn nieuwe afspraak is op 12 december", None),
            (on, "Utrecht, 19 maart 2026\n\nGeachte mevrouw", None),
            (on, "op werkdagen tot 13.00 uur", None),
        ],
    );
}

#[test]
fn the_day_of_the_incident_is_chosen_among_others() {
    let on = "2026-03-19";
    holds(
        false,
        &[
            (
                on,
                "Op 2 maart was ik bij u voor een ECG. Op 5 maart heb ik gebeld en op 9 maart kreeg ik uw brief.",
                Some("2026-03-02"),
            ),
            (
                on,
                "Uw brief van 9 maart ontving ik. Op 2 maart was ik bij u voor een ECG.",
                Some("2026-03-02"),
            ),
            (
                on,
                "Mijn vader, geboren op 3 april 1940, is op 2 maart door uw verpleegkundige weggestuurd.",
                Some("2026-03-02"),
            ),
            (
                on,
                "Op 2 maart ging het mis bij de holter. Op 4 maart lag ik in het ziekenhuis.",
                Some("2026-03-02"),
            ),
            (on, "Mijn afspraak was op 2 maart. De nieuwe afspraak is op 30 maart.", Some("2026-03-02")),
            (
                on,
                "Op 11 maart belde ik over mijn rekening en kreeg ik de heer Noordhuis aan de lijn.",
                Some("2026-03-11"),
            ),
            (
                on,
                "Naar aanleiding van uw factuur d.d. 12 maart: het onderzoek op 2 maart is niet doorgegaan.",
                Some("2026-03-02"),
            ),
            (
                on,
                "Gisteren heb ik gebeld over het onderzoek van 2 maart waarbij uw medewerker schreeuwde.",
                Some("2026-03-02"),
            ),
        ],
    );
}

#[test]
fn english_days_are_understood() {
    let on = "2026-03-19";
    holds(
        true,
        &[
            (on, "yesterday your nurse came", Some("2026-03-18")),
            (on, "On Tuesday 17 March I picked up the device.", Some("2026-03-17")),
            (on, "this past Monday, 16 March, at 14:30", Some("2026-03-16")),
            (on, "this past Monday I was there", Some("2026-03-16")),
            (on, "Last Tuesday I was there", Some("2026-03-17")),
            (on, "On Tuesday last week I was there", Some("2026-03-10")),
            (on, "on Tuesday of last week I was there", Some("2026-03-10")),
            (on, "Last week on Tuesday I was there", Some("2026-03-10")),
            (on, "On March 3rd, 2026 I had a test", Some("2026-03-03")),
            (on, "On March 3 I had a test", Some("2026-03-03")),
            (on, "On the 3rd of March I had a test", Some("2026-03-03")),
            (on, "On the 3rd I had a test", Some("2026-03-03")),
            (on, "On 3/2/2026 I had a test", Some("2026-02-03")),
            (on, "On 3/12/2026 I had a test", Some("2026-03-12")),
            (on, "On 2/25/2026 I had a test", Some("2026-02-25")),
            (on, "On Tuesday 3/10/2026 I had a test", Some("2026-03-10")),
            (on, "from 3 to 5 March I had the monitor", Some("2026-03-03")),
            (on, "between March 3 and 5 I had the monitor", Some("2026-03-03")),
            (on, "March 3-5 I had the monitor", Some("2026-03-03")),
            (on, "two days ago I was there", Some("2026-03-17")),
            (on, "the day before yesterday I was there", Some("2026-03-17")),
            (on, "This morning your assistant refused to help", Some("2026-03-19")),
            (on, "last night your nurse called me names", Some("2026-03-18")),
            (on, "a week ago I was there", None),
            (on, "in early March I was there", None),
            (on, "last week I was there", None),
            (on, "around 14 March I was there", None),
            (on, "I was born on 3 March 1980", None),
            (on, "your invoice of 3 March is wrong", None),
            (on, "I may be there on Monday next week", None),
            ("2026-01-10", "On Boxing Day I was there", Some("2025-12-26")),
        ],
    );
}

#[test]
fn any_bytes_are_taken() {
    let words = words();
    for text in [
        "",
        "1",
        "-",
        "31-02-2026",
        "99999999999999999999",
        "de 31e",
        "\u{0}",
        "é14é",
        "' '' 12/'",
        "29 februari",
        "t/m",
        "1-1-1-1-1",
    ] {
        let _ = stated(&words, "2026-03-01", false, text);
    }
}
