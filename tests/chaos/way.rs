//! A way for TCP that can be cut: from GitHub to the replicas (whichever answers), and from the replicas to GitHub.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Way {
    address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Way {
    /// Leads to the next of `targets` that takes a connection.
    pub(crate) async fn to(targets: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, opened) = watch::channel(true);
        let turn = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            loop {
                let Ok((from, _)) = listener.accept().await else { return };
                let first = turn.fetch_add(1, Ordering::Relaxed);
                let rotated = (0..targets.len()).map(|at| targets[(first + at) % targets.len()]).collect();
                tokio::spawn(lead(from, rotated, opened.clone()));
            }
        });
        Self { address, open }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Cut: connections that are open break off, new ones end at once.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }
}

async fn lead(mut from: TcpStream, targets: Vec<SocketAddr>, mut opened: watch::Receiver<bool>) {
    if !*opened.borrow_and_update() {
        return;
    }
    for target in targets {
        let Ok(mut to) = TcpStream::connect(target).await else { continue };
        // Else the second half of a request waits for the acknowledgement of the first, 40 ms.
        if from.set_nodelay(true).and_then(|()| to.set_nodelay(true)).is_err() {
            return;
        }
        tokio::select! {
            _ = copy_bidirectional(&mut from, &mut to) => {}
            _ = opened.wait_for(|open| !open) => {}
        }
        return;
    }
}
