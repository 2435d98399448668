//! What whoever runs the platform sees and asks for in the operator's console: metadata of organizations, and nothing that
//! is theirs.

mod capacity;
mod form;
mod health;
mod query;

pub use capacity::{Measure, Outlook, PACE_DAYS, Reading, outlook};
pub use form::{NewOperator, NewOrganization, OperatorForm, ProvisionForm, REASON_MAX, reason_of};
pub use health::{Condition, Health};
pub use query::OrganizationQuery;

use time::Duration;

/// How long a proof of who somebody is opens the console.
pub const PROOF_LIFETIME: Duration = Duration::hours(12);
