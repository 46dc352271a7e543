//! Git object databases: footprints and real merges, handed to the domain as facts.
