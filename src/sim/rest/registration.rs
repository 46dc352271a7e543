//! The exchange of a code for a registered App.

use crate::sim::config::APP_PRIVATE_KEY;
use crate::sim::http::{Answer, Call, Reply, not_found};
use crate::sim::state::State;

pub(super) fn convert(state: &mut State, call: &Call) -> Reply {
    let webhook_secret = state.registrations.remove(call.param("code")).ok_or_else(not_found)?;
    let mut app = state.app_json(state.config.app.id);
    app["client_secret"] = state.config.app.client_secret.clone().into();
    app["webhook_secret"] = webhook_secret.into();
    app["pem"] = APP_PRIVATE_KEY.into();
    Ok(Answer::json(201, app))
}
