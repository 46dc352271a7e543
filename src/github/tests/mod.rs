//! Odd replies over a mock server: what GitHub may answer, and what becomes of it.
