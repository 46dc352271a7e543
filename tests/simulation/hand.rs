//! A replica's way to the outside: each use of the store and of GitHub passes here, and here chance strikes.
//!
//! A replica can be dead or stand still at any of its steps. What it had sent goes on without it, as a packet on a wire does.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use flyball::github::Carrier;
use flyball::sim::{Endpoint, Fault};
use futures::future::{BoxFuture, FutureExt, pending};
use http::{Request, Response, header};
use tokio::sync::{Notify, oneshot};

use crate::world::World;

/// How a replica is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Works,
    StandsStill,
    Dead,
}

/// One run of one replica.
pub(crate) struct Hand {
    pub(crate) world: Arc<World>,
    pub(crate) index: usize,
    pub(crate) run: u32,
    mode: Mutex<Mode>,
    /// A `watch` channel would wake those who wait in an order that no seed decides.
    changed: Notify,
}

impl Hand {
    pub(crate) fn new(world: Arc<World>, index: usize, run: u32) -> Arc<Self> {
        Arc::new(Self { world, index, run, mode: Mutex::new(Mode::Works), changed: Notify::new() })
    }

    pub(crate) fn name(&self) -> String {
        format!("r{}.{}", self.index, self.run)
    }

    pub(crate) fn mode(&self) -> Mode {
        *self.mode.lock().unwrap()
    }

    fn becomes(&self, mode: Mode) -> Mode {
        let before = std::mem::replace(&mut *self.mode.lock().unwrap(), mode);
        self.changed.notify_waiters();
        before
    }

    async fn until(&self, is: impl Fn(Mode) -> bool) {
        loop {
            let mut changes = std::pin::pin!(self.changed.notified());
            // Listening before looking, so that no change is missed.
            changes.as_mut().enable();
            if is(self.mode()) {
                return;
            }
            changes.await;
        }
    }

    /// It ends, by a crash or because it was told to. Somebody starts it again.
    pub(crate) fn ends(&self) {
        if self.becomes(Mode::Dead) != Mode::Dead {
            // Nobody listens any more once the story is over.
            let _ = self.world.deaths.send(self.index);
        }
    }

    /// Returns when it is dead.
    pub(crate) async fn death(&self) {
        self.until(|mode| mode == Mode::Dead).await;
    }

    /// Wakes it up if it stands still.
    pub(crate) fn wakes(&self) {
        if self.mode() == Mode::StandsStill {
            self.becomes(Mode::Works);
        }
    }

    /// One step: takes its time, and may be where the replica dies or stands still. Returns whether it stood still meanwhile.
    pub(crate) async fn step(self: &Arc<Self>, what: &str) -> bool {
        let world = &self.world;
        if self.mode() == Mode::Dead {
            pending::<()>().await;
        }
        world.story().counts.steps += 1;
        let slow = world.chance.strikes(|odds| odds.slow);
        tokio::time::sleep(if slow { world.chance.millis(200, 3_000) } else { world.chance.millis(0, 8) }).await;
        if self.mode() == Mode::Works {
            if world.chance.strikes(|odds| odds.crash) {
                world.fault("crash", &format!("{} at {what}", self.name()));
                self.ends();
            } else if world.chance.strikes(|odds| odds.pause) {
                self.stands_still(what);
            }
        }
        let stood = self.mode() == Mode::StandsStill;
        self.until(|mode| mode != Mode::StandsStill).await;
        if self.mode() == Mode::Dead {
            pending::<()>().await;
        }
        stood
    }

    fn stands_still(self: &Arc<Self>, what: &str) {
        let time = self.world.chance.millis(1_000, 60_000);
        self.world.fault("pause", &format!("{} at {what} for {} ms", self.name(), time.as_millis()));
        self.becomes(Mode::StandsStill);
        let hand = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            hand.wakes();
        });
    }
}

/// What may become of a request.
enum Fate {
    Goes,
    Fails(Fault),
    NeverArrives,
    NeverAnswered,
    CutBefore,
    CutAfter,
}

impl Fate {
    fn of(world: &World, request: &Request<Bytes>) -> (Self, &'static str) {
        if !world.chance.strikes(|odds| odds.github) {
            return (Self::Goes, "");
        }
        let merges = request.uri().path().ends_with("/merge");
        let message = |status, text: &str| Self::Fails(Fault::Message(status, text.to_owned()));
        let path = request.uri().path().to_owned();
        match world.chance.below(if merges { 12 } else { 10 }) {
            0 => (Self::NeverArrives, "time-out before"),
            1 => (Self::NeverAnswered, "time-out after"),
            2 => (Self::CutBefore, "connection cut before"),
            3 => (Self::CutAfter, "connection cut after"),
            4 => (message(502, "Server Error"), "5xx before"),
            5 | 6 => (Self::Fails(Fault::StatusAfter(502)), "5xx after"),
            7 => (Self::Fails(Fault::SecondaryLimit(20)), "403 secondary limit"),
            8 => (Self::Fails(Fault::TooMany(10)), "429"),
            // Once: who asks again is told the truth.
            9 if !world.hid(path) => (Self::Goes, ""),
            9 => (message(404, "Not Found"), "404"),
            11 if world.chance.odds().moved => {
                (message(409, "Head branch was modified. Review and try the merge again."), "409 merge")
            }
            _ => (message(405, "Base branch was modified. Review and try the merge again."), "405 merge"),
        }
    }
}

/// The replica's line to GitHub.
pub(crate) struct Line(pub(crate) Arc<Hand>);

impl Carrier for Line {
    fn carry(&self, request: Request<Bytes>) -> BoxFuture<'static, io::Result<Response<Bytes>>> {
        let hand = Arc::clone(&self.0);
        let (say, answered) = oneshot::channel();
        tokio::spawn(async move {
            match travel(&hand, request).await {
                // Whoever asked may be gone.
                Some(answer) => drop(say.send(answer)),
                None => pending().await,
            }
        });
        async move {
            match answered.await {
                Ok(answer) => answer,
                Err(_) => pending().await,
            }
        }
        .boxed()
    }
}

/// The way of one request; `None` if no answer ever comes.
async fn travel(hand: &Arc<Hand>, request: Request<Bytes>) -> Option<io::Result<Response<Bytes>>> {
    let world = &hand.world;
    let what = format!("{} {}", request.method(), request.uri().path());
    let minting = what.ends_with("/access_tokens");
    let mut told = what.clone();
    if !what.starts_with("GET") && !minting {
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let text = |field: &str| {
            body[field].as_str().unwrap_or_default().split_whitespace().take(12).collect::<Vec<_>>().join(" ")
        };
        told = format!("{what} {}{} {} {}", text("head_sha"), text("sha"), text("conclusion"), text("body"));
    }
    let sent = world.now();
    // Dead replicas send nothing: what is awaited here may never return.
    if hand.step(&format!("sending {what}")).await {
        world.fault("late call", &what);
        let number =
            what.strip_prefix("POST").and_then(|_| what.strip_suffix("/comments")?.rsplit('/').next()?.parse().ok());
        if let Some(number) = number {
            *world.model.lock().unwrap().late.entry(number).or_default() += 1;
        }
    }
    let under_way = world.sets_out();
    let (fate, name) = Fate::of(world, &request);
    if !name.is_empty() {
        world.fault(name, &format!("{} {what}", hand.name()));
    }
    world.story().counts.calls += 1;
    let cut = || Some(Err(io::ErrorKind::ConnectionReset.into()));
    match &fate {
        Fate::NeverArrives => return None,
        Fate::CutBefore => return cut(),
        Fate::Fails(fault) => world.github.fails_next(Endpoint::Any, fault.clone()),
        Fate::Goes | Fate::NeverAnswered | Fate::CutAfter => tokio::time::sleep(world.chance.millis(1, 150)).await,
    }
    let reading = request.method() == http::Method::GET;
    let answer = world.github.answer(request).await;
    world.github.heal();
    let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
    world.tell(&format!("{} {} → {status}", hand.name(), told.trim_end()));
    if !reading {
        world.judge(sent);
    }
    match fate {
        Fate::NeverAnswered => return None,
        Fate::CutAfter => return cut(),
        Fate::Goes | Fate::Fails(_) | Fate::NeverArrives | Fate::CutBefore => {}
    }
    tokio::time::sleep(world.chance.millis(1, 60)).await;
    drop(under_way);
    hand.step(&format!("the answer to {what}")).await;
    let mut answer = answer?;
    let date = if minting { world.signed_at } else { world.now() };
    let date = httpdate::fmt_http_date(date.into());
    answer.headers_mut().insert(header::DATE, date.parse().unwrap());
    Some(Ok(answer))
}
