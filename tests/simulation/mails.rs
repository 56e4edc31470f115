//! The mails of a run as bytes, and what each of them truly is.

use chrono::{DateTime, Utc};

/// What a mail truly is; the program has to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// A person begins a conversation and must hear from us.
    Opening,
    /// A person goes on with one.
    FollowUp,
    /// A person may have written it, yet no program may answer it.
    Look,
    Machine,
    /// A coordinator's.
    Staff,
    /// It was there before the first start.
    Old,
}

/// One mail of the world, however often it is delivered.
#[derive(Debug, Clone)]
pub struct Mail {
    pub id: String,
    pub from: String,
    pub truth: Truth,
    /// For the story.
    pub what: String,
    pub bytes: Vec<u8>,
}

/// What goes into a mail.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    /// Further header lines, each with its line end.
    pub headers: &'a str,
    pub body: &'a str,
}

pub fn bytes(id: &str, written: DateTime<Utc>, text: &Text) -> Vec<u8> {
    let Text { from, to, subject, headers, body } = text;
    let path =
        if headers.contains("Return-Path:") { String::new() } else { format!("Return-Path: <{from}>\n") };
    let date = written.to_rfc2822();
    let kind =
        if headers.contains("Content-Type:") { "" } else { "Content-Type: text/plain; charset=utf-8\n" };
    format!(
        "{path}From: {from}\nTo: {to}\nSubject: {subject}\nDate: {date}\nMessage-ID: <{id}>\n{headers}{kind}\n{body}\n"
    )
    .replace('\n', "\r\n")
    .into_bytes()
}

/// A person's first words: subject and body.
pub const OPENINGS: [(&str, &str, &str); 6] = [
    (
        "a complete complaint",
        "Klacht",
        "Ik wil een klacht indienen.\n\nNaam: Jan de Vries\nTelefoon: 06-12345678\nE-mail: jan@thuis.example\n\
         Type dienst: holter\nDatum van het voorval: 12 november 2026\nBetrokken personen: dr. Bakker\n\
         Omschrijving: de uitslag van het onderzoek kwam veel te laat.\n\nJan de Vries\n",
    ),
    (
        "a complaint that lacks much",
        "ontevreden",
        "Hallo,\n\nIk ben heel ontevreden. De assistente was onbeleefd tegen mijn moeder.\n\nMarieke Bakker\n",
    ),
    (
        "a complaint that lacks little",
        "Klacht",
        "Ik wil een klacht indienen.\n\nNaam: Jan de Vries\nTelefoon: 06-12345678\nType dienst: holter\n\
         Omschrijving: de uitslag van het onderzoek kwam veel te laat.\n",
    ),
    (
        "an invoice question",
        "Vraag over factuur",
        "Goedemorgen,\n\nIk heb een vraag over de factuur die ik kreeg.\n\nGroeten,\nPiet Smit\n",
    ),
    (
        "a complete invoice question",
        "Factuur 20261234",
        "Goedemorgen,\n\nIk begrijp mijn factuur niet.\n\nNaam: Piet Smit\nTelefoon: 06-12345678\n\
         E-mail: piet@thuis.example\nType dienst: holter\nFactuurnummer: 20261234\n\nPiet Smit\n",
    ),
    (
        "an English question",
        "Question about an invoice",
        "Good morning,\n\nI received an invoice last week, but my insurer says that it has been paid. \
         Could you please check this for me?\n\nKind regards,\nSarah Whitman\n",
    ),
];

/// What a person adds when asked.
pub const ADDED: [(&str, &str); 3] = [
    (
        "what was asked for",
        "Naam: Jan de Vries\nTelefoon: 06-12345678\nE-mail: jan@thuis.example\nType dienst: holter\n\
         Datum van het voorval: 12 november 2026\nBetrokken personen: dr. Bakker\nFactuurnummer: 20261234\n\
         Omschrijving: de uitslag van het onderzoek kwam veel te laat.\n",
    ),
    ("a part of it", "Mijn telefoonnummer is 06-12345678.\n"),
    ("thanks", "Bedankt, ik wacht het af.\n"),
];

/// Mails that no program may answer: what, truth, further headers, subject, body.
pub const UNANSWERABLE: [(&str, Truth, &str, &str, &str); 8] = [
    (
        "a newsletter",
        Truth::Machine,
        "List-Unsubscribe: <https://news.example/u>\nList-Id: <news.news.example>\n",
        "Nieuws",
        "Lees ons nieuws van deze week.\n",
    ),
    (
        "an out-of-office",
        Truth::Machine,
        "Auto-Submitted: auto-replied\n",
        "Automatisch antwoord",
        "Ik ben afwezig tot maandag.\n",
    ),
    (
        "a mail with a null return path",
        Truth::Machine,
        "Return-Path: <>\n",
        "Vacation",
        "I am away until Monday.\n",
    ),
    ("bulk mail", Truth::Machine, "Precedence: bulk\n", "Aanbieding", "Alleen deze week korting.\n"),
    ("an empty mail", Truth::Look, "", "", " \n"),
    (
        "an encrypted mail",
        Truth::Look,
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n",
        "Klacht",
        "MIAGCSqGSIb3DQEHA6CAMIACAQA=\n",
    ),
    (
        "a forged mail",
        Truth::Look,
        "Authentication-Results: mx.a.example; dmarc=fail header.from=mail.example\n",
        "Klacht",
        "Ik wil een klacht indienen over de planning. Bel mij op 06-12345678.\n",
    ),
    (
        "an unreadable mail",
        Truth::Look,
        "Content-Type: image/png; name=scan.png\nContent-Transfer-Encoding: base64\n",
        "Klacht",
        "iVBORw0KGgoAAAANSUhEUg==\n",
    ),
];

/// A report that a mail of ours did not arrive.
pub fn bounce(original: &str, to: &str) -> (String, String) {
    let headers = "Return-Path: <>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n"
        .to_owned();
    let body = format!(
        "--b\nContent-Type: text/plain\n\n550 5.1.1 mailbox unavailable\n\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n\
         Final-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\n\n--b\n\
         Content-Type: text/rfc822-headers\n\nTo: {to}\nMessage-ID: <{original}>\n\n--b--\n"
    );
    (headers, body)
}
