//! The front door: `POST /webhooks/github`, its signature check, and payloads read into the compact events the inbox keeps.
//!
//! The way of a delivery through this room, one file per step: `route` answers HTTP, `body` reads at most 25 MB, `signature`
//! checks the raw bytes before anything looks into them, `envelope` reads headers and content type, [`payload`] reads JSON into
//! [`Delivered`](crate::domain::govern::Delivered), and `door` files it in the store. Only then is it 202.
//!
//! It decides nothing about units. What it leaves out is what nobody needs: unknown events and actions, our own comments, and the
//! `created` and `completed` of our own check runs. Bodies and secrets are never logged.

mod body;
mod counters;
mod door;
mod envelope;
mod keys;
pub mod payload;
mod refusal;
mod route;
mod signature;

pub use body::MAX_BODY;
pub use counters::{Counters, Outcome};
pub use door::{FrontDoor, KnownRepositories, Now};
pub use envelope::{ContentType, Headers};
pub use keys::{Keys, KeysHandle, Ourselves};
pub use refusal::Refusal;
pub use route::routes;
pub use signature::{BadSignature, Secrets};
