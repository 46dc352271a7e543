//! People who sign in with GitHub somewhere, and their tokens.

use url::Url;

use super::{GitHub, Refused};
use crate::sim::login::Wish;

impl GitHub {
    /// Somebody comes with their browser to GitHub's page of a login and agrees, or, with an empty login, does not. Gives where their
    /// browser is sent.
    ///
    /// # Errors
    /// [`Refused`] as GitHub's page says it: another client, or an address that was not registered.
    pub fn answers_sign_in(&self, address: &Url, login: &str) -> Result<Url, Refused> {
        let agreed = self.lock().agreed(&Wish::read(address, login));
        agreed.map_err(|message| Refused { status: 404, message: message.to_owned() })
    }

    /// A token of somebody for the App, as a program has it; the person is made on first mention.
    #[must_use]
    pub fn user_token(&self, login: &str) -> String {
        let mut state = self.lock();
        let user = state.ensure_user(login).id;
        state.mint(user)
    }

    /// Somebody takes back what they allowed the App: their tokens are no good any more.
    pub fn withdraw_user_tokens(&self, login: &str) {
        let mut state = self.lock();
        let user = state.ensure_user(login).id;
        state.user_tokens.retain(|_, token| token.user != user);
    }

    /// How many tokens of people are good.
    #[must_use]
    pub fn user_tokens(&self) -> usize {
        self.lock().user_tokens.len()
    }
}
