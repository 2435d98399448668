//! Whether an organization is as it should be, as far as its metadata tells.

use crate::codes::codes;

codes! {
    /// What is the matter with an organization; the worst of it.
    Health {
        /// Nothing.
        Ok = "ok" => "OK",
        /// What was noticed in it was set aside, because looking at it failed again and again.
        Quarantined = "quarantined" => "Set aside",
        /// Its tables are not those of this program: it answers nobody until they are.
        Behind = "behind" => "Behind",
        /// Its tables could not be brought to what this program needs: it answers nobody until somebody has helped.
        NotUpgraded = "not_upgraded" => "Not upgraded",
        /// It is to be deleted.
        Deleting = "deleting" => "Being deleted",
    }
}

/// What its health is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// It is to be deleted.
    pub doomed: bool,
    /// The version of its tables.
    pub version: i64,
    /// The version that this program needs.
    pub needed: i64,
    /// Whether it has failed to bring its tables there.
    pub failed: bool,
    /// How much was set aside.
    pub set_aside: i64,
}

impl Condition {
    /// Whether it answers nobody, because its tables are not those of this program.
    pub const fn is_behind(self) -> bool {
        self.version != self.needed
    }

    /// The worst of what is the matter. What is to be deleted need not be anything else.
    pub const fn health(self) -> Health {
        if self.doomed {
            Health::Deleting
        } else if self.is_behind() {
            if self.failed { Health::NotUpgraded } else { Health::Behind }
        } else if self.set_aside > 0 {
            Health::Quarantined
        } else {
            Health::Ok
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_told() {
        let fine = Condition { version: 7, needed: 7, ..Condition::default() };
        for (condition, health) in [
            (fine, Health::Ok),
            (Condition { set_aside: 2, ..fine }, Health::Quarantined),
            (Condition { version: 6, set_aside: 2, ..fine }, Health::Behind),
            (Condition { version: 8, ..fine }, Health::Behind),
            (Condition { version: 6, failed: true, ..fine }, Health::NotUpgraded),
            (Condition { failed: true, ..fine }, Health::Ok),
            (Condition { doomed: true, version: 6, ..fine }, Health::Deleting),
        ] {
            assert_eq!(condition.health(), health, "{condition:?}");
        }
    }
}
