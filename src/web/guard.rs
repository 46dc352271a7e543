//! Without a login the pages and the API serve this machine only: not its network, and not a web page that found its way to loopback.
//!
//! A browser can be made to call `127.0.0.1` under a foreign name (DNS rebinding), and a proxy on this machine makes the world look
//! local. So three things must hold: the caller is on loopback, the `Host` it asked for is too, and no header says that the request was
//! forwarded.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::header::{FORWARDED, HOST, HeaderName, VIA};
use http::uri::Authority;
use http::{Extensions, HeaderMap, Uri};

/// What proxies add.
const FORWARDING: [HeaderName; 8] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-real-ip"),
];

/// Why a request is not let through: it does not come from this machine under this machine's name.
///
/// Needs the caller's address ([`ConnectInfo`]): without it everybody is refused.
pub(super) fn refused(extensions: &Extensions, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let caller = extensions.get::<ConnectInfo<SocketAddr>>();
    if !caller.is_some_and(|ConnectInfo(address)| address.ip().to_canonical().is_loopback()) {
        return Some("without a configured login these pages are served to this machine only");
    }
    if FORWARDING.iter().any(|name| headers.contains_key(name)) {
        return Some("without a configured login these pages are not served through a proxy");
    }
    let mut hosts =
        headers.get_all(HOST).iter().map(|host| host.to_str().ok().and_then(|host| host.parse().ok())).peekable();
    let named_at_all = uri.authority().is_some() || hosts.peek().is_some();
    let all_local = uri.authority().is_none_or(is_loopback) && hosts.all(|host| host.as_ref().is_some_and(is_loopback));
    if named_at_all && all_local { None } else { Some("the Host of the request is not this machine") }
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    // User information before the host is no part of a `Host` header; who sends it is up to something.
    !authority.as_str().contains('@')
        && (host.eq_ignore_ascii_case("localhost")
            || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback()))
}
