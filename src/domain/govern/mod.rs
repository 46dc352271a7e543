//! Puts unit, policy and integration together: (state, event, facts, policy, now) → (changes, what is owed to GitHub).
