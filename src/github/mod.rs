//! GitHub over octocrab: App authentication, reads that become facts, writes that carry out what is owed.
