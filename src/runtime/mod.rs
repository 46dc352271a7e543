//! The worker: inbox, leases, outbox, timers. It does what the domain decided, in order per repository.
