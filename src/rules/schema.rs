//! JSON Schema of the files that admins write, out of the same types that read them, so that an
//! editor completes and checks while one types.

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::config::ConfigFile;
use crate::triage::fields::SharedFields;
use crate::triage::inquiry::InquiryRules;
use crate::triage::letter::ReasonRules;
use crate::triage::reading::LanguageRules;
use crate::triage::ruleset::Organisation;
use crate::triage::screen::MachineRules;
use crate::triage::text::TextRules;
use crate::triage::values::date::DateRules;
use crate::triage::values::description::DescriptionRules;
use crate::triage::values::name::PeopleRules;
use crate::triage::values::service::ServiceRules;

/// Every schema there is: `inquiry` for rule files such as `invoice.toml`, one for each
/// vocabulary, and `triaged` for the configuration. Kept as `rules/schema/NAME.json`.
pub const SCHEMAS: [&str; 12] = [
    "inquiry",
    "organisation",
    "fields",
    "services",
    "machines",
    "people",
    "text",
    "dates",
    "description",
    "languages",
    "reasons",
    "triaged",
];

/// The schema of this name, one of [`SCHEMAS`].
#[must_use]
pub fn schema(name: &str) -> Option<Value> {
    Some(match name {
        "inquiry" => of::<InquiryRules>(),
        "organisation" => of::<Organisation>(),
        "fields" => of::<SharedFields>(),
        "services" => of::<ServiceRules>(),
        "machines" => of::<MachineRules>(),
        "people" => of::<PeopleRules>(),
        "text" => of::<TextRules>(),
        "dates" => of::<DateRules>(),
        "description" => of::<DescriptionRules>(),
        "languages" => of::<LanguageRules>(),
        "reasons" => of::<ReasonRules>(),
        "triaged" => of::<ConfigFile>(),
        _ => return None,
    })
}

fn of<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}
