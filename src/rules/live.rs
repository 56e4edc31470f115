//! The rules and the configuration in force, swapped together and whole. A mail keeps the set that
//! it began with.

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::Config;
use crate::triage::ruleset::RuleSet;

/// Rules and configuration that were checked together.
#[derive(Debug, Clone)]
pub struct Guidance {
    pub rules: Arc<RuleSet>,
    pub config: Arc<Config>,
}

/// The guidance in force; cheap to clone, all clones see a swap.
#[derive(Debug, Clone)]
pub struct Live(Arc<RwLock<Arc<Guidance>>>);

impl Live {
    #[must_use]
    pub fn new(rules: RuleSet, config: Config) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Guidance { rules: Arc::new(rules), config: Arc::new(config) }))))
    }

    /// The same of parts that others share.
    #[must_use]
    pub fn of(guidance: Guidance) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(guidance))))
    }

    /// What is in force now. Take it once for each mail.
    #[must_use]
    pub fn get(&self) -> Arc<Guidance> {
        // A poisoned lock still holds a whole value: it is only ever replaced by one assignment.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new set in force.
    pub fn swap(&self, guidance: Guidance) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(guidance);
    }
}
