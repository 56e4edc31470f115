//! A name in the text that the address for answers belongs to, where no display name tells it.

use super::super::super::fields::Source;
use super::super::super::fold::fold;
use super::super::super::text::Zone;
use super::{Case, Claim, Hunt, trust};

impl Hunt<'_> {
    /// "Van: Petra Lemmens <petra@…>" in the mail of a form, whose Reply-To is that address.
    pub(super) fn beside_reply_to(&self, claims: &mut Vec<Claim>) {
        let [person] = self.view.message.reply_to.as_slice() else { return };
        if self.sender.person.is_some() {
            return;
        }
        let mut start = 0;
        for line in self.view.message.text.split('\n').take(40) {
            let front = line.split_once('<').filter(|(_, rest)| {
                rest.get(..person.address.len()).is_some_and(|at| at.eq_ignore_ascii_case(&person.address))
            });
            if let Some((front, _)) = front {
                let name = front.rsplit(':').next().unwrap_or(front);
                let at = start + front.len() - name.len();
                if let Some(named) = self.people.line(name, Case::Loose).filter(|named| named.full) {
                    let span = at + named.start..at + named.end;
                    let why = "beside the address in Reply-To".to_owned();
                    let score = trust::REPLY_TO;
                    claims.push(Claim { value: named.value, source: Source::Body, span, score, why });
                    return;
                }
            }
            start += line.len() + 1;
        }
    }

    /// "Medewerker | Quirine Boelens" in a form whose answers go to quirine.boelens@…: the address says
    /// that the name in the text is the writer's.
    pub(super) fn borne_out_by_the_address(&self, claims: &mut Vec<Claim>) {
        let message = self.view.message;
        let Some(writer) = message.reply_to.first().or_else(|| message.author()) else { return };
        if self.sender.person.is_some() {
            return;
        }
        let local = writer.address.rsplit_once('@').map_or("", |(local, _)| local).to_lowercase();
        let parts: Vec<&str> = local.split(['.', '_', '-']).collect();
        for line in self.lines.iter().take(40).filter(|line| line.zone != Zone::OwnEarlier) {
            let cell = line.text.rfind([':', '|', '\t']).map_or(0, |at| at + 1);
            let text = line.text.get(cell..).unwrap_or_default();
            let Some(named) = self.people.line(text, Case::Line).filter(|named| named.full) else { continue };
            let says = |name: &str| fold(name).split([' ', '-']).all(|word| parts.contains(&word));
            // "r.ouali@…", "rouali@…" and "rachid@…" are whole enough where the name has a place of its own.
            let first = fold(&named.given).chars().next().map(String::from).unwrap_or_default();
            let initial = cell > 0
                && (local == fold(&named.given)
                    || parts.first() == Some(&first.as_str()) && says(&named.surname)
                    || local == first + &fold(&named.surname));
            if initial || parts.len() > 1 && says(&named.given) && says(&named.surname) {
                let start = line.start + cell;
                let span = start + named.start..start + named.end;
                let why = "the address for answers bears it out".to_owned();
                let score = trust::REPLY_TO;
                claims.push(Claim { value: named.value, source: Source::Body, span, score, why });
                return;
            }
        }
    }
}
