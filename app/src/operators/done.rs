//! What was done in the operator's console, for the page after it.

use domain::text::isolated;
use serde::{Deserialize, Serialize};

/// What was done to an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is said by its text")]
pub enum OperatorDone {
    Created { organization: String, email: String, mailed: bool },
    Suspended { organization: String },
    Resumed { organization: String },
    Deleted { organization: String },
    Kept { organization: String },
    PlanAssigned { organization: String, plan: String },
}

impl OperatorDone {
    /// The sentence.
    pub fn text(&self) -> String {
        match self {
            Self::Created { organization, email, mailed: true } => {
                format!("{} is made. A mail with the way in goes to {email}.", isolated(organization))
            }
            Self::Created { organization, email, mailed: false } => format!(
                "{} is made. There is no mail server: “portcullis mail list” shows the link for {email}.",
                isolated(organization)
            ),
            Self::Suspended { organization } => {
                format!("{} is suspended. Nobody can use it from now on.", isolated(organization))
            }
            Self::Resumed { organization } => format!("{} is resumed.", isolated(organization)),
            Self::Deleted { organization } => {
                format!("{} is being deleted. For 30 days it can be kept.", isolated(organization))
            }
            Self::Kept { organization } => format!("{} is kept.", isolated(organization)),
            Self::PlanAssigned { organization, plan } => {
                format!("{} has the plan {plan} now.", isolated(organization))
            }
        }
    }
}
