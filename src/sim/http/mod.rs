//! The wire: routing by table, who calls, limits, faults, entity tags, and the log of every call.

mod answer;
mod auth;
mod call;
mod calls;
mod faults;
mod line;
mod rates;
mod serve;

pub(crate) use answer::{Answer, Body, Reply, not_found, ok, unprocessable};
pub(crate) use call::{Call, Caller};
pub use calls::CallRecord;
pub(crate) use calls::Calls;
pub(crate) use faults::Faults;
pub use faults::{Endpoint, Fault};
pub(crate) use line::{Listener, Switch};
pub(crate) use rates::Rates;
pub(crate) use serve::{Level, Need, Route, Shared, router};
