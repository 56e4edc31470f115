//! One token and its life: asked for once however many want it, renewed before it ends, kept while
//! the endpoint is down, and never asked for in a hurry.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex as Turn;

use super::form::{self, Proof};
use super::http::{self, Answer};
use super::kept::Held;
use super::{Failure, Hidden, Standing, Wanted, refusal};
use crate::clock::Clock;
use crate::config::Grant;

/// A token that ends sooner is not worth showing: the login takes a while, too.
const TOO_SHORT: TimeDelta = TimeDelta::seconds(20);

/// For a provider that does not say how long a token lives (RFC 6749 §5.1).
const UNTOLD: i64 = 600;

/// Waits after failures: doubling, between these. What works again is found within a minute; what a
/// person has to mend can wait longer, unless they have put a new secret there.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(2);
const WAIT: TimeDelta = TimeDelta::seconds(45);
const WAIT_FOR_A_PERSON: TimeDelta = TimeDelta::minutes(5);

/// An endpoint that wants to be left alone for longer is asked all the same.
const LONGEST_WISH: TimeDelta = TimeDelta::hours(1);

/// A clock that is off by more does not only look so: `Date` has whole seconds, and the way takes time.
const OFF: TimeDelta = TimeDelta::seconds(30);

/// Between two renewals because a mail server refused the token.
const REFUSALS_APART: TimeDelta = TimeDelta::minutes(1);

/// A token, shared by all who need it.
#[derive(Debug)]
pub struct TokenSource {
    wanted: Wanted,
    clock: Clock,
    turn: Turn<State>,
    shown: Mutex<Standing>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    failed: Option<Failed>,
    failures: u32,
    /// How far the endpoint's clock is ahead of ours.
    ahead: TimeDelta,
    /// When a token was last given up because a mail server refused it.
    gave_up: Option<DateTime<Utc>>,
    /// A refresh token that could not be kept: the one on the disk (its digest) is used up.
    unkept: Option<([u8; 32], Hidden)>,
}

#[derive(Debug)]
struct Token {
    text: Hidden,
    valid_until: DateTime<Utc>,
    renew_at: DateTime<Utc>,
    refused: bool,
}

#[derive(Debug)]
struct Failed {
    failure: Failure,
    /// Not to be tried before.
    again_at: DateTime<Utc>,
    /// What proved who we are then.
    proof: [u8; 32],
}

impl Failed {
    /// Is it too early to try again? A clock that was put back makes no wait longer.
    fn lasts(&self, now: DateTime<Utc>) -> bool {
        now < self.again_at && self.again_at - now <= LONGEST_WISH
    }
}

/// A question that was put, and with what.
struct Asked {
    answer: Answer,
    held: Option<(Held, Hidden)>,
}

impl TokenSource {
    pub fn new(wanted: Wanted, clock: Clock) -> Self {
        Self { wanted, clock, turn: Turn::default(), shown: Mutex::default() }
    }

    /// A token that can be used now.
    pub async fn access(self: Arc<Self>) -> Result<Hidden, Failure> {
        // In a task of its own: whoever gives up waiting must not cut off the keeping of a new refresh token.
        let own = Arc::clone(&self);
        let asking = tokio::spawn(async move { own.in_turn().await });
        asking.await.unwrap_or_else(|_| Err(Failure::temporary("asking for a token was interrupted")))
    }

    /// A mail server refused this token. Whether a new one can be had for another try.
    pub async fn refused(&self, text: &Hidden) -> bool {
        let mut state = self.turn.lock().await;
        let now = self.clock.now();
        let just_before = state.gave_up.is_some_and(|at| (now - at).abs() < REFUSALS_APART);
        match &mut state.token {
            Some(token) if token.text == *text && just_before => false,
            Some(token) if token.text == *text => {
                token.refused = true;
                state.gave_up = Some(now);
                true
            }
            // Another connection has seen to it already.
            _ => true,
        }
    }

    pub async fn try_again(&self) {
        self.turn.lock().await.failed = None;
    }

    pub fn standing(&self) -> Standing {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn in_turn(&self) -> Result<Hidden, Failure> {
        let mut state = self.turn.lock().await;
        let now = self.clock.now();
        if let Some(token) = &state.token
            && !token.refused
            && now < token.renew_at
        {
            return Ok(token.text.clone());
        }
        let proof = self.proof().await;
        let digest = proof.as_ref().map_or([0; 32], |(proof, _)| proof.digest);
        let waits = state.failed.as_ref().filter(|failed| failed.lasts(now) && failed.proof == digest);
        let result = match waits {
            Some(failed) => Err(failed.failure.clone()),
            None => match proof {
                Ok((proof, held)) => self.renew(&mut state, &proof, held).await,
                Err(failure) => Err(self.failed(&mut state, failure, digest, None)),
            },
        };
        self.show(&state);
        result.or_else(|failure| state.living(now).ok_or(failure))
    }

    /// What proves who we are, and the refresh token where one is needed, for us alone.
    async fn proof(&self) -> Result<(Proof, Option<(Held, Hidden)>), Failure> {
        let mut proof = Proof::read(&self.wanted.oauth)?;
        let Grant::RefreshToken { store, .. } = &self.wanted.oauth.grant else { return Ok((proof, None)) };
        let held = Held::take(store).await?;
        let name = &self.wanted.oauth.name;
        let refresh = held.read()?.ok_or_else(|| {
            Failure::permanent(format!("nobody has signed in for [oauth.{name}]: run `triaged login {name}`"))
        })?;
        proof.digest = Sha256::digest([proof.digest, digest(&refresh)].concat()).into();
        Ok((proof, Some((held, refresh))))
    }

    async fn renew(
        &self,
        state: &mut State,
        proof: &Proof,
        held: Option<(Held, Hidden)>,
    ) -> Result<Hidden, Failure> {
        let held = held.map(|(held, kept)| {
            // The one on the disk may be used up.
            let newer = state.unkept.as_ref().filter(|(used, _)| *used == digest(&kept));
            let refresh = newer.map_or(kept, |(_, newer)| newer.clone());
            (held, refresh)
        });
        match self.ask(state, proof, held).await {
            Ok(asked) if asked.answer.is_good() => self.take(state, proof, &asked),
            Ok(asked) => {
                let failure = refusal::failure(&self.wanted, &asked.answer);
                Err(self.failed(state, failure, proof.digest, asked.answer.retry_after))
            }
            Err(failure) => Err(self.failed(state, failure, proof.digest, None)),
        }
    }

    /// Puts the question, once more by the endpoint's clock where ours is wrong.
    async fn ask(
        &self,
        state: &mut State,
        proof: &Proof,
        held: Option<(Held, Hidden)>,
    ) -> Result<Asked, Failure> {
        let endpoint = &self.wanted.oauth.token_endpoint;
        let refresh = held.as_ref().map(|(_, refresh)| refresh);
        let mut again = proof.is_dated();
        loop {
            let by_our_clock = self.clock.now();
            let form = form::form(&self.wanted, proof, refresh, by_our_clock + state.ahead)?;
            let answer = http::post(endpoint, &form).await?;
            let before = state.ahead;
            if let Some(date) = answer.date {
                let ahead = date - self.clock.now();
                state.ahead = if ahead.abs() > OFF { ahead } else { TimeDelta::zero() };
            }
            let off = (state.ahead - before).abs() > OFF;
            if !answer.is_good() && again && off && refusal::blames_the_clock(&self.wanted, &answer) {
                tracing::warn!(
                    seconds = state.ahead.num_seconds(),
                    "this machine's clock is wrong; tokens are asked for by that of the endpoint"
                );
                again = false;
                continue;
            }
            return Ok(Asked { answer, held });
        }
    }

    /// Reads a good answer. A new refresh token is kept before anything else.
    fn take(&self, state: &mut State, proof: &Proof, asked: &Asked) -> Result<Hidden, Failure> {
        let answer = &asked.answer;
        let unkept = state.keep_refresh(asked);
        let host = &self.wanted.oauth.token_endpoint.server.host;
        let bearer = answer.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        // RFC 6750 §2.1: nothing that could end the line on which it is shown.
        let good =
            |text: &&str| bearer && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let Some(text) = answer.text("access_token").filter(good) else {
            let failure = Failure::permanent(format!(
                "{host} gave an answer that holds no access token: correct token_endpoint"
            ));
            return Err(self.failed(state, failure, proof.digest, None));
        };
        let now = self.clock.now();
        let life = TimeDelta::seconds(answer.number("expires_in").unwrap_or(UNTOLD).clamp(1, 7 * 24 * 3600));
        let text = Hidden::new(text);
        state.token = Some(Token {
            text: text.clone(),
            valid_until: now + life,
            renew_at: now + used_before_renewal(life, chance()),
            refused: false,
        });
        (state.failed, state.failures) = (None, 0);
        if let Err(failure) = unkept {
            self.failed(state, failure, proof.digest, None);
        }
        Ok(text)
    }

    /// Notes a failure and when to try again.
    fn failed(
        &self,
        state: &mut State,
        failure: Failure,
        proof: [u8; 32],
        wish: Option<TimeDelta>,
    ) -> Failure {
        let most = if failure.permanent { WAIT_FOR_A_PERSON } else { WAIT };
        let step = (FIRST_WAIT * 2_i32.saturating_pow(state.failures.min(10))).min(most);
        let wait = step / 2 + part(step / 2, chance());
        let wait = wish.map_or(wait, |wish| wish.min(LONGEST_WISH).max(wait));
        if state.failed.as_ref().is_none_or(|before| before.failure != failure) {
            tracing::warn!(oauth = self.wanted.oauth.name, "no new token: {failure}");
        }
        state.failures = state.failures.saturating_add(1);
        state.failed = Some(Failed { failure: failure.clone(), again_at: self.clock.now() + wait, proof });
        failure
    }

    fn show(&self, state: &State) {
        let standing = Standing {
            valid_until: state.token.as_ref().filter(|token| !token.refused).map(|token| token.valid_until),
            failure: state.failed.as_ref().map(|failed| failed.failure.clone()),
        };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

impl State {
    /// A new refresh token, where there is one, goes to the disk.
    fn keep_refresh(&mut self, asked: &Asked) -> Result<(), Failure> {
        let Some((held, used)) = &asked.held else { return Ok(()) };
        let newer = asked.answer.text("refresh_token").filter(|text| !text.is_empty()).map(Hidden::new);
        let newer = newer.unwrap_or_else(|| used.clone());
        let on_disk = held.read()?;
        if on_disk.as_ref() == Some(&newer) {
            self.unkept = None;
            return Ok(());
        }
        match held.replace(&newer) {
            Ok(()) => {
                self.unkept = None;
                Ok(())
            }
            Err(failure) => {
                tracing::error!("a new refresh token is in memory only: {failure}");
                self.unkept = on_disk.map(|kept| (digest(&kept), newer));
                Err(failure)
            }
        }
    }

    fn living(&self, now: DateTime<Utc>) -> Option<Hidden> {
        let token = self.token.as_ref()?;
        let left = token.valid_until - now;
        (!token.refused && left > TOO_SHORT).then(|| token.text.clone())
    }
}

fn digest(token: &Hidden) -> [u8; 32] {
    Sha256::digest(token.reveal()).into()
}

/// Somewhere in the last fifth of its life, so that many programs do not come at once.
fn used_before_renewal(life: TimeDelta, chance: u32) -> TimeDelta {
    part(life, u32::MAX / 10 * 8 + chance / 10)
}

/// `chance` of `whole`, where `u32::MAX` is all of it.
fn part(whole: TimeDelta, chance: u32) -> TimeDelta {
    let millis = i128::from(whole.num_milliseconds()) * i128::from(chance) / i128::from(u32::MAX);
    TimeDelta::milliseconds(i64::try_from(millis).unwrap_or(0))
}

/// A random number; a fixed one where the system has none to give.
fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_in_the_last_fifth_of_its_life_but_not_at_its_end() {
        let life = TimeDelta::hours(1);
        assert!(used_before_renewal(life, 0) >= TimeDelta::minutes(47));
        assert!(used_before_renewal(life, u32::MAX) <= TimeDelta::minutes(54));
        assert!(used_before_renewal(life, 0) < used_before_renewal(life, u32::MAX));
    }
}
