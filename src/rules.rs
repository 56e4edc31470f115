//! `rules/*.toml` and `rules/letters/*.txt` to a [`crate::triage::ruleset::RuleSet`]: all or
//! nothing, with every fault at its file, line and column.
