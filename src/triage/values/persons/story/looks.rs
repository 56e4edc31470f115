//! What somebody looks like, which tells who it was: "een lange man met een baard".

use super::Teller;

impl Teller<'_> {
    /// Behind what tells who of many it was: the place where they work, and their looks. Who has a role is
    /// told apart only by "met DE rode bril".
    pub(super) fn behind_marks(&self, at: usize, vague: bool) -> usize {
        let placed = self.behind_place(at, vague);
        let behind = self.behind_looks(placed);
        let of = placed + self.people.wearing.at(&self.words, placed);
        let definite = self.people.articles.at(&self.words, of) > self.people.indefinite.at(&self.words, of);
        if vague || definite { behind } else { placed }
    }

    /// Behind "with the red glasses"; `at` where nothing of that kind stands.
    fn behind_looks(&self, at: usize) -> usize {
        /// Words between "met een" and the beard.
        const REACH: usize = 4;
        let people = self.people;
        let link = people.wearing.at(&self.words, at);
        if link == 0 || !self.words.is_next_to(at) || self.starts_sentence(at) {
            return at;
        }
        let from = at + link;
        let near = (from..from + REACH).take_while(|at| self.words.is_next_to(*at));
        let looks = near.map(|at| (at, people.looks.at(&self.words, at))).find(|(_, count)| *count > 0);
        looks.map_or(at, |(word, count)| word + count)
    }
}
