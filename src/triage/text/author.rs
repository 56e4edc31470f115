//! Whose mail is quoted? Told by the words of its attribution or its `From:` line.

use super::Zone;
use crate::triage::message::Message;

/// Everything that tells the writer and us.
#[derive(Debug)]
pub struct Authors {
    /// Addresses of the writer.
    own: Vec<String>,
    /// Words of the writer's display name.
    name: Vec<String>,
    /// Our domains.
    domains: Vec<String>,
    /// Our name as the domains have it: `ksyos`.
    organisation: Vec<String>,
    /// The mail answers one of ours.
    answers_ours: bool,
}

impl Authors {
    pub fn of(message: &Message, own_domains: &[String]) -> Self {
        let boxes = message.from.iter().chain(&message.reply_to).chain(&message.sender);
        let domains: Vec<String> = own_domains.iter().map(|domain| domain.to_lowercase()).collect();
        let ours =
            |id: &str| id.rsplit_once('@').is_some_and(|(_, host)| is_within(&host.to_lowercase(), &domains));
        Self {
            own: boxes.map(|mailbox| mailbox.address.clone()).collect(),
            name: words(message.author().and_then(|author| author.name.as_deref()).unwrap_or_default()),
            organisation: domains
                .iter()
                .filter_map(|domain| domain.split('.').next())
                .map(str::to_owned)
                .collect(),
            answers_ours: message.ancestors().iter().any(|id| ours(id)),
            domains,
        }
    }

    /// The zone of what the person wrote whom `text` names.
    pub fn zone(&self, text: &str) -> Zone {
        let lower = text.to_lowercase();
        let addresses: Vec<&str> = addresses(&lower).collect();
        if addresses.iter().any(|address| self.own.iter().any(|own| own == address)) {
            return Zone::OwnEarlier;
        }
        let host =
            |address: &str| address.rsplit_once('@').is_some_and(|(_, host)| is_within(host, &self.domains));
        if addresses.iter().any(|address| host(address)) {
            return Zone::QuotedOurs;
        }
        let named = words(&lower);
        if self.is_writer(&named) {
            return Zone::OwnEarlier;
        }
        if addresses.is_empty() && named.iter().any(|word| self.organisation.contains(word)) {
            return Zone::QuotedOurs;
        }
        Zone::QuotedOther
    }

    pub fn answers_ours(&self) -> bool {
        self.answers_ours
    }

    /// The zone of a quote, within words of the zone `around`, of which nothing tells whose it is.
    pub fn unknown(&self, depth: usize, around: Zone) -> Zone {
        match (depth, around) {
            (1, _) if self.answers_ours => Zone::QuotedOurs,
            // A letter of ours quotes the mail that it answers, which is the writer's.
            (2.., Zone::QuotedOurs) => Zone::OwnEarlier,
            _ => Zone::QuotedOther,
        }
    }

    /// The whole name: a first name alone is shared by too many.
    fn is_writer(&self, named: &[String]) -> bool {
        self.name.len() >= 2 && self.name.iter().all(|word| named.contains(word))
    }

    /// Part of the writer's name, for a sign-off of a bare first name.
    pub fn has_name(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.name.contains(&word)
    }
}

fn is_within(host: &str, domains: &[String]) -> bool {
    domains.iter().any(|domain| {
        host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Everything with an `@` in it, without what stands around it.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "<>()[]\"',;:|".contains(c))
        .map(|word| word.trim_end_matches(['.', '*']))
        .filter(|word| word.contains('@'))
}

/// Words of two letters or more, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
        .collect()
}
