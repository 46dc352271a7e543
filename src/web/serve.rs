//! The server's side of HTTP: connections with time and size limits, and an orderly end.
//!
//! Own accept loop rather than `axum::serve`, which sets none of these limits: without a limit on the time for headers, a few thousand
//! connections that each send a byte now and then hold every file descriptor.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service;

/// What a connection is held to. Bodies have limits of their own, where they are read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A request's headers must be there after this; a connection without a request is closed after it too.
    pub headers_within: Duration,
    /// Request line and headers together, in bytes, at least 8192: more is answered 431.
    pub header_bytes: usize,
    /// How many headers a request may have: more is answered 431.
    pub headers: usize,
    /// How long requests in hand may take after the server was told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    /// GitHub's deliveries have about 15 headers of 1 KB together and come on connections that it keeps for a while.
    fn default() -> Self {
        Self {
            headers_within: Duration::from_secs(20),
            header_bytes: 32 * 1024,
            headers: 100,
            grace: Duration::from_secs(5),
        }
    }
}

/// How long to wait when no connection can be accepted: for lack of file descriptors, say, which others may give back.
const BREATH: Duration = Duration::from_millis(200);

/// Serves until `stop` is ready, then finishes what is in hand.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.headers_within);
    http.max_buf_size(limits.header_bytes).max_headers(limits.headers);
    let open = GracefulShutdown::new();
    let (ends, ending) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, caller)) => {
                let connection = http.serve_connection(
                    io_of(stream),
                    Answering { router: router.clone(), caller, ending: Ending(ending.clone()) },
                );
                let connection = open.watch(connection);
                tokio::spawn(async move {
                    // Callers hang up, time out and send nonsense: their connection is all that ends.
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
            Err(error) if of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    drop(ends);
    if tokio::time::timeout(limits.grace, open.shutdown()).await.is_err() {
        tracing::warn!("requests were still in hand when the server ended");
    }
}

/// Small answers must not wait for acknowledgements.
fn io_of(stream: TcpStream) -> TokioIo<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection keeps its delay");
    }
    TokioIo::new(stream)
}

fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Tells an answer that goes on and on, as live updates do, when the server ends: it would else be waited for. In every request's extensions.
#[derive(Debug, Clone)]
pub struct Ending(watch::Receiver<()>);

impl Ending {
    /// Returns when the server was told to stop.
    pub async fn comes(mut self) {
        // Nothing is ever sent: an error says that the sender is gone.
        while self.0.changed().await.is_ok() {}
    }
}

/// The router for one connection: each request learns who calls, which the guard of the pages asks, and when the server ends.
struct Answering {
    router: Router,
    caller: SocketAddr,
    ending: Ending,
}

impl hyper::service::Service<http::Request<Incoming>> for Answering {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = <Router as Service<http::Request<Body>>>::Future;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.caller));
        request.extensions_mut().insert(self.ending.clone());
        // A router is always ready.
        self.router.clone().call(request)
    }
}
