//! The governed work unit: facts, evidence, decisions, brief, trace.
