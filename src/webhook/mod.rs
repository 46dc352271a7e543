//! The front door: one route, its signature check, payloads into events.
