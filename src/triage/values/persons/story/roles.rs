//! People by what they do: "de assistente", "the front desk lady", "jullie planner Marijn".

use std::ops::Range;

use super::super::super::name::words::{Phrases, Word};
use super::super::Mention;
use super::{Mood, Teller, folded};

/// More letters than any word for a role has.
const LONGEST_ROLE: usize = 40;

impl Teller<'_> {
    pub(super) fn behind_adjectives(&self, mut at: usize) -> usize {
        while self.people.adjectives.at(&self.words, at) > 0
            && self.words.is_next_to(at)
            && !self.starts_sentence(at)
        {
            at += self.people.adjectives.at(&self.words, at);
        }
        at
    }

    /// The words of the role at `at`; "oogmeetassistente" is one as "assistente" is.
    pub(super) fn role(&self, at: usize) -> usize {
        let known = self.people.roles.at(&self.words, at);
        let compound = || self.words.get(at).is_some_and(|word| self.is_compound_role(word));
        if known == 0 && compound() { 1 } else { known }
    }

    fn is_compound_role(&self, word: &Word) -> bool {
        /// Letters before the ending.
        const FRONT: usize = 3;
        word.fold.len() < LONGEST_ROLE
            && !self.people.passing_roles.is(word)
            && !self.people.relations.is(word)
            && (self.people.role_endings.endings_of(&word.fold).any(|at| at >= FRONT)
                || self.is_plural_role(&word.fold))
    }

    /// "technicians", "planners", "coördinatoren"
    fn is_plural_role(&self, fold: &str) -> bool {
        ["s", "en"].iter().filter_map(|end| fold.strip_suffix(end)).any(|one| self.people.roles.has(one))
    }

    /// Behind words that may stand between an article and a role: "the front desk lady", "de
    /// arrogante dokter". Says whether only known ones do, and whether a place is among them.
    fn behind_attributes(&self, at: usize) -> (usize, bool, bool) {
        let (mut at, mut unknown, mut placed) = (self.behind_adjectives(at), 0, false);
        while self.role(at) == 0
            && self.people.vague_roles.at(&self.words, at) == 0
            && self.people.passing_roles.at(&self.words, at) == 0
            && self.words.is_next_to(at)
            && !self.starts_sentence(at)
        {
            let place = self.people.places.at(&self.words, at);
            if place == 0 {
                unknown += 1;
            }
            if unknown > 2 || place == 0 && !self.may_describe(at) {
                break;
            }
            placed |= place > 0;
            at = self.behind_adjectives(at + place.max(1));
        }
        (at, unknown == 0, placed)
    }

    /// A plain word, none that holds a sentence together.
    fn may_describe(&self, at: usize) -> bool {
        let people = self.people;
        let Some(word) = self.words.get(at) else { return false };
        let joins = [&people.articles, &people.their_words, &people.own_words, &people.not_names];
        let others = [&people.particles, &people.particle_starts, &people.joins, &people.place_joins];
        let more =
            [&people.relations, &people.negations, &people.who_words, &people.namings, &people.by_words];
        word.text.chars().count() > 2
            && (self.screams || !word.is_capital())
            && word.text.chars().all(|c| c.is_alphabetic() || c == '-')
            && joins.into_iter().chain(others).chain(more).all(|list| !list.is(word))
    }

    /// Who is named along with a role of so many words.
    fn named_along(&self, role_at: usize, length: usize, placed: usize) -> Option<(Mention, usize)> {
        let end = role_at + length;
        let called = || [end, placed].into_iter().find_map(|behind| self.named_behind(behind));
        // "een meneer Faber" keeps his title, "de trainer (Rutger)" is Rutger.
        let titled = self
            .titled(end)
            .or_else(|| self.titled(role_at).filter(|(mention, _)| !mention.value.contains('(')));
        titled.or_else(called)
    }

    /// "de assistente", "jullie planner Marijn", "een medewerker van de klantenservice (Bram)"
    pub(super) fn with_article(&self, at: usize, mood: Mood) -> Option<(Option<Mention>, usize)> {
        let theirs = self.people.their_words.at(&self.words, at);
        let pointing = self.people.demonstratives.at(&self.words, at);
        let points = pointing > 0 && self.is_pointed_at(at + pointing);
        let article = self.people.articles.at(&self.words, at).max(theirs);
        let count = if points { pointing } else { article };
        // "…, die vier medewerkers kunnen horen": no article but a pronoun.
        let pronoun = self.people.who_words.at(&self.words, at) > 0
            && self.words.gap(at).contains(',')
            && !self.is_somebody_placed(at + count);
        if count == 0 || pronoun || self.is_what_they_are(at, count) {
            return None;
        }
        let (role_at, plainly, of_place) = self.behind_attributes(at + count);
        let is = |list: &Phrases| list.at(&self.words, role_at);
        let (plain, vague) = (self.role(role_at), is(&self.people.vague_roles));
        let passing = is(&self.people.passing_roles);
        let length = plain.max(vague).max(passing);
        if length == 0 || !self.words.is_next_to(role_at) || self.starts_sentence(role_at) {
            return None;
        }
        let end = role_at + length;
        // "ask for me at the nurses' station": a place.
        if self.words.gap(end).starts_with(['\'', '’']) && self.words.gap(end).ends_with(' ') {
            return Some((None, end));
        }
        if let Some(next) = self.of_the_writers_own(end) {
            return Some((None, next));
        }
        let placed = self.behind_marks(end, vague >= length);
        let role = self.words.get(end - 1).map(|word| word.fold.to_string()).unwrap_or_default();
        if let Some((mention, next)) = self.named_along(role_at, length, placed) {
            if !plainly {
                return None;
            }
            let dropped = (mood.refers || mood.referred_by) && passing > 0;
            return Some(((!dropped).then_some(Mention { role, ..mention }), next));
        }
        let bystander = self.people.public_places.at(&self.words, end);
        if vague >= length && bystander > 0 {
            return Some((None, end + bystander));
        }
        let acts = vague >= plain && self.acts(at, placed);
        let opens = at == 0 || self.starts_sentence(at);
        let counts = (theirs == 0 || opens)
            && (placed > end || of_place || acts || plain >= vague.max(passing).max(1));
        let indefinite = self.people.indefinite.at(&self.words, at) > 0;
        let quoted = self.quoted.get(at) == Some(&true);
        // "In het ziekenhuis zei de arts dat jullie dermatoloog …": not one of ours.
        let doctor = passing > 0 || self.people.doctors.has(&role);
        if mood.elsewhere && doctor && self.people.your_words.at(&self.words, at) == 0 {
            return Some((None, placed));
        }
        if self.is_asked_for(at, end) || self.only_told_of(at, &(role_at..end), mood) {
            return Some((None, placed));
        }
        let wanted = mood.wishes || placed == end && self.is_wanted(at, end);
        let anybody = indefinite && wanted || quoted && (indefinite || vague >= length);
        let wording = self.wording(at, count, role_at..end, placed);
        let (text, start, end) = self.words.slice(wording.start, wording.end)?;
        let noted = if counts && !anybody { folded(text) } else { String::new() };
        let in_passing = self.is_in_passing(at, role_at, placed, mood);
        let (span, name, next) = (start..end, Vec::new(), placed.max(wording.end));
        Some((Some(Mention { value: noted, span, role, name, relative: false, in_passing }), next))
    }

    /// "dat meisje", but "ik eis dat iemand van de leiding mij belt".
    fn is_pointed_at(&self, at: usize) -> bool {
        let is = |list: &Phrases| list.at(&self.words, at) > 0;
        is(&self.people.vague_roles) && !is(&self.people.crowds)
    }

    /// "…, die man van de helpdesk noemde mij": one man, and where from.
    fn is_somebody_placed(&self, at: usize) -> bool {
        let vague = self.people.vague_roles.at(&self.words, at);
        vague > 0 && self.behind_place(at + vague, false) > at + vague
    }

    /// The words that are noted of somebody with a role: with what a man did, and without what only says
    /// that they are the reader's ("jullie telefoniste", "een arts-assistente van u").
    fn wording(&self, at: usize, article: usize, role: Range<usize>, placed: usize) -> Range<usize> {
        let end = role.end;
        let any = |list: &Phrases| (at..role.start).any(|at| list.at(&self.words, at) > 0);
        let vague = self.people.vague_roles.at(&self.words, role.start) >= role.len();
        if vague && placed == end && !any(&self.people.indefinite) && !any(&self.people.counted) {
            let deed = self.deed(end);
            if deed > end {
                return at..deed;
            }
        }
        let readers = |at: usize| self.people.readers.at(&self.words, at);
        let from = if readers(at) == article { at + article } else { at };
        // "Een collega van jullie" says who only with it.
        let of_the_reader = !vague && placed == end + 2 && readers(placed - 1) == 1;
        from..if of_the_reader { end } else { placed }
    }

    /// Behind "die de test deed", "who answered the phone": what a man did tells which man. Reported
    /// speech ("die zei dat …") tells it of nobody.
    fn deed(&self, at: usize) -> usize {
        /// The longest of such clauses, in words.
        const LONGEST: usize = 6;
        let who = self.people.who_words.at(&self.words, at);
        if who == 0 || !self.words.is_next_to(at) {
            return at;
        }
        let from = at + who;
        let done = |at: usize| self.people.deeds.at(&self.words, at);
        let near = (from..from + LONGEST).take_while(|at| self.words.is_next_to(*at));
        let Some((verb, count)) = near.map(|at| (at, done(at))).find(|(_, count)| *count > 0) else {
            return at;
        };
        let mut to = verb + count;
        // English says first what they did, and then to what.
        let object = self.people.articles.at(&self.words, to).max(self.people.own_words.at(&self.words, to));
        if verb == from && object > 0 && self.words.is_next_to(to) && self.words.is_next_to(to + object) {
            to += object + 1;
        }
        to
    }

    /// "afgesnauwd door een man", "a lady who told me": does somebody do something?
    fn acts(&self, at: usize, next: usize) -> bool {
        let by = at.checked_sub(1).is_some_and(|before| self.people.by_words.at(&self.words, before) > 0);
        let who = self.people.who_words.at(&self.words, next) > 0 && self.words.gap(next).len() < 4;
        let any = |list: &Phrases| (at..next).any(|at| list.at(&self.words, at) > 0);
        // "de twee dames die dit deden" are no crowd.
        (by || who) && (!any(&self.people.crowds) || any(&self.people.counted))
    }

    /// Behind "van mijn huisarts": somebody of the writer's own doctor is named in passing.
    pub(super) fn of_the_writers_own(&self, at: usize) -> Option<usize> {
        let join = self.people.place_joins.at(&self.words, at);
        let own = self.people.own_words.at(&self.words, at + join);
        let whose = self.behind_adjectives(at + join + own);
        let theirs = self.people.passing_roles.at(&self.words, whose);
        let place = self.people.places.at(&self.words, whose);
        (join > 0 && own > 0 && theirs.max(place) > 0).then_some(whose + theirs.max(place))
    }

    /// The word behind "van de balie", "van dokter Nas"; `at` where no place stands.
    pub(super) fn behind_place(&self, at: usize, any_word: bool) -> usize {
        let join = self.people.place_joins.at(&self.words, at);
        let from = at + join;
        if join == 0 || !self.words.is_next_to(at) || !self.words.is_next_to(from) || self.starts_sentence(at)
        {
            return at;
        }
        let place = self.people.places.at(&self.words, from);
        if place > 0 {
            return from + place;
        }
        if let Some((_, next)) = self.titled(from) {
            return next;
        }
        let lower = self.words.get(from).is_some_and(|word| !word.is_capital() && !word.is_number());
        // "een collega van jullie zei"
        if self.people.places.at(&self.words, from - 1) == 1 {
            return from;
        }
        if any_word && join > 1 && lower { from + 1 } else { at }
    }

    /// Behind "I am a night-shift nurse" and "ik ben zelf een verpleegkundige".
    pub(super) fn own_work(&self, at: usize) -> Option<usize> {
        let at = at + self.people.own_selves.at(&self.words, at);
        let article = self.people.indefinite.at(&self.words, at);
        let (role_at, ..) = self.behind_attributes(at + article);
        let count = self.role(role_at).max(self.people.passing_roles.at(&self.words, role_at));
        (article > 0 && count > 0 && self.words.is_next_to(role_at)).then_some(role_at + count)
    }

    /// Behind "als KAM-coördinator van Staal Noord": what the writer is, and of whom.
    pub(super) fn own_capacity(&self, at: usize) -> Option<usize> {
        let count = self.people.capacities.at(&self.words, at);
        let role_at = at + count;
        let role = self.role(role_at).max(self.people.passing_roles.at(&self.words, role_at));
        let end = role_at + role;
        let join =
            self.people.place_joins.at(&self.words, end).max(self.people.on_the_way.at(&self.words, end));
        let next_is_name = join == 0 && self.words.is_next_to(end) && self.prose(end).is_some();
        (count > 0 && role > 0 && !next_is_name && self.words.is_next_to(role_at)).then_some(())?;
        let named = (join > 0).then(|| self.prose(end + join)).flatten();
        Some(named.map_or(end, |shape| shape.to))
    }

    /// "kwam er iemand (Gideon) die de plakkers lostrok"
    pub(super) fn somebody_named(&self, at: usize) -> Option<(Mention, usize)> {
        let count = self.people.crowds.at(&self.words, at);
        let opens = self.words.gap(at + count).trim() == "(";
        (count > 0 && opens).then(|| self.named_behind(at + count)).flatten()
    }

    /// "door Wietske van uw planning": a first name that is not common needs its place behind it.
    pub(super) fn placed_name(&self, at: usize) -> Option<(Mention, usize)> {
        /// Words between "iemand" and who it was.
        const REACH: usize = 4;
        let before = at.checked_sub(1)?;
        let said =
            self.people.by_words.at(&self.words, before).max(self.people.spoken_to.at(&self.words, before));
        // "kreeg ik iemand te spreken, Mirella van de planning"
        let somebody = || {
            self.words.gap(at).trim() == ","
                && (at.saturating_sub(REACH)..at).any(|at| self.people.crowds.at(&self.words, at) > 0)
        };
        (said > 0 && self.words.is_next_to(at) || somebody()).then_some(())?;
        let (mention, next) = self.bare(at)?;
        let join = self.people.place_joins.at(&self.words, next);
        (join > 0 && self.people.places.at(&self.words, next + join) > 0).then_some((mention, next))
    }

    /// "koerier smeet het kastje over de heg", "assistente was heel bot": who has no article, where a clause
    /// begins with them and something that they did.
    pub(super) fn role_at_work(&self, at: usize) -> Option<Mention> {
        // "Man aan de balie zei dat …"
        let vague = self.people.vague_roles.at(&self.words, at);
        let placed = self.behind_place(at + vague, false) - at;
        let crowd = self.people.crowds.at(&self.words, at) > 0;
        let (plain, somebody) = (self.role(at), vague > 0 && placed > vague && !crowd);
        let (count, of) = if somebody { (placed, vague) } else { (plain, plain) };
        let begins =
            at == 0 || self.starts_sentence(at) || self.words.gap(at).contains([',', '\n', ';', ':']);
        let verb = at + count;
        (count > 0 && begins && self.words.is_next_to(verb) && self.words.gap(verb) == " ").then_some(())?;
        let is = |list: &Phrases, at: usize| list.at(&self.words, at) > 0;
        let people = self.people;
        let behind = verb + people.copulas.at(&self.words, verb).max(people.says.at(&self.words, verb));
        let plain =
            [&people.place_joins, &people.on_the_way, &people.joins, &people.titles, &people.articles]
                .into_iter()
                .chain([&people.own_words, &people.who_words, &people.capacities, &people.before_places])
                .all(|list| !is(list, verb));
        let acts = behind > verb
            || plain
                && self.words.get(verb).is_some_and(|word| !word.is_capital() && !word.is_number())
                && self.words.is_next_to(verb + 1)
                && [&people.articles, &people.own_words, &people.objects]
                    .into_iter()
                    .any(|list| is(list, verb + 1));
        let role = self.words.get(at + of - 1)?.fold.to_string();
        let (text, start, end) = self.words.slice(at, verb)?;
        acts.then(|| Mention {
            value: folded(text),
            span: start..end,
            role,
            name: Vec::new(),
            relative: false,
            in_passing: false,
        })
    }

    /// "Technicus: J. Kraaijeveld." at the start of a sentence.
    pub(super) fn role_as_label(&self, at: usize) -> Option<(Mention, usize)> {
        let count = self.role(at);
        let name = at + count;
        (count > 0 && self.words.gap(name).trim() == ":").then_some(())?;
        let numbered = at.checked_sub(1).and_then(|at| self.words.get(at)).is_some_and(Word::is_number);
        let begins = at == 0 || numbered || self.starts_sentence(at) || self.words.gap(at).contains('\n');
        begins.then_some(())?;
        let role = self.words.get(name.checked_sub(1)?)?.fold.to_string();
        let (mention, next) = self.titled(name).or_else(|| self.bare(name))?;
        Some((Mention { role, ..mention }, next))
    }

    /// "doktersassistente Britt" as written; "medewerker Bram" and any whole name as the name alone.
    pub(super) fn role_and_name(&self, at: usize) -> Option<(Mention, usize)> {
        let title = self.people.title_roles.at(&self.words, at);
        let surname = self.people.surname_roles.at(&self.words, at);
        let count = self.role(at).max(title).max(surname).max(self.people.passing_roles.at(&self.words, at));
        let gap = self.words.gap(at + count);
        (count > 0
            && self.words.is_next_to(at + count)
            && !gap.contains('.')
            && (!gap.contains('\n') || title == count && self.is_wrapped(at + count)))
        .then_some(())?;
        let role = self.words.get(at + count - 1)?.fold.to_string();
        if let Some((mention, next)) = self.titled(at + count) {
            return Some((Mention { role, ..mention }, next));
        }
        // "audicien te Winterswijk"
        if self.people.leads_to_a_place(&self.words, at + count) {
            return None;
        }
        let mut shape = self.prose(at + count)?;
        // "begeleider van Ferdi Lops"
        let named = |at: usize| {
            self.words.get(at).is_some_and(|word| word.is_capital() && !self.people.particles.is(word))
        };
        let whole = shape.to > shape.from + 2 && named(shape.from + 1) && named(shape.from + 2);
        if whole && self.people.place_joins.at(&self.words, shape.from) == 1 {
            shape.from += 1;
        }
        // "teamleider Schaafsma", but Wilma.
        let first_name = self.words.get(shape.from).is_some_and(|word| self.people.is_given(word));
        // A whole name is enough: "optometrist Lydia Prins", but "optometrist Prins" and "zuster Lydia".
        let stays =
            title == count && !(shape.full && first_name) || surname == count && !shape.full && !first_name;
        let from = if stays { at } else { shape.from };
        Some((self.noted(from, shape, &role)?, shape.to))
    }
}
