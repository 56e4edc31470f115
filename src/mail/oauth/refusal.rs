//! What the refusal of a token endpoint means, and at which page of which portal it is mended.
//!
//! Only codes are repeated: a server's own sentences may name people.

use super::http::Answer;
use super::{Failure, Wanted};
use crate::config::{ClientProof, Grant, OAuth, Provider};
use crate::mail::secret;

/// Why no token was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    SecretExpired,
    SecretWrong,
    KeyUnknown,
    ApplicationUnknown,
    TenantUnknown,
    NotAllowed,
    Consent,
    SignInAgain,
    Interaction,
    Account,
    Clock,
    Scope,
    PublicClient,
    Busy,
    Other,
}

/// The numbers behind `AADSTS` that Microsoft documents for its token endpoint. They may change: what is
/// not known is judged by `error`, which does not (RFC 6749 §5.2).
const MICROSOFT: &[(u32, Cause)] = &[
    (7_000_222, Cause::SecretExpired),
    (7_000_215, Cause::SecretWrong),
    (7_000_218, Cause::PublicClient),
    (700_016, Cause::ApplicationUnknown),
    (7_000_112, Cause::ApplicationUnknown),
    (700_027, Cause::KeyUnknown),
    (700_024, Cause::Clock),
    (700_082, Cause::SignInAgain),
    (700_084, Cause::SignInAgain),
    (700_081, Cause::SignInAgain),
    (70_043, Cause::SignInAgain),
    (70_008, Cause::SignInAgain),
    (70_000, Cause::SignInAgain),
    (50_173, Cause::SignInAgain),
    (50_133, Cause::SignInAgain),
    (50_089, Cause::SignInAgain),
    (65_001, Cause::Consent),
    (65_004, Cause::Consent),
    (90_094, Cause::Consent),
    (650_052, Cause::Consent),
    (90_002, Cause::TenantUnknown),
    (900_023, Cause::TenantUnknown),
    (70_011, Cause::Scope),
    (1_002_012, Cause::Scope),
    (50_076, Cause::Interaction),
    (50_078, Cause::Interaction),
    (50_079, Cause::Interaction),
    (50_158, Cause::Interaction),
    (53_000, Cause::Interaction),
    (53_001, Cause::Interaction),
    (53_003, Cause::Interaction),
    (50_005, Cause::Interaction),
    (50_034, Cause::Account),
    (50_053, Cause::Account),
    (50_055, Cause::Account),
    (50_057, Cause::Account),
    (90_033, Cause::Busy),
    (90_024, Cause::Busy),
    (50_196, Cause::Busy),
];

/// What the endpoint's answer means and what to do.
pub fn failure(wanted: &Wanted, answer: &Answer) -> Failure {
    let oauth = &wanted.oauth;
    let host = &oauth.token_endpoint.server.host;
    let error = error(answer);
    let code = codes(answer)
        .into_iter()
        .find(|code| known(*code).is_some())
        .or_else(|| codes(answer).first().copied());
    let said = match (error.as_str(), code) {
        ("", None) => format!("HTTP {}", answer.status),
        (error, None) => error.to_owned(),
        ("", Some(code)) => format!("AADSTS{code}"),
        (error, Some(code)) => format!("{error}, AADSTS{code}"),
    };
    let cause = cause(oauth, answer, &error, code);
    let name = &oauth.name;
    if cause == Cause::Busy {
        return Failure::temporary(format!("{host} gives out no token for [oauth.{name}] now ({said})"));
    }
    let remedy = remedy(wanted, cause);
    Failure::permanent(format!("{host} refuses a token for [oauth.{name}] ({said}): {remedy}"))
}

/// Did the endpoint take our statement for one of another time?
pub fn blames_the_clock(wanted: &Wanted, answer: &Answer) -> bool {
    let error = error(answer);
    let code = codes(answer).into_iter().find(|code| known(*code).is_some());
    matches!(cause(&wanted.oauth, answer, &error, code), Cause::Clock)
        || (answer.status < 500 && matches!(error.as_str(), "invalid_grant" | "invalid_client"))
}

fn known(code: u32) -> Option<Cause> {
    MICROSOFT.iter().find(|(known, _)| *known == code).map(|(_, cause)| *cause)
}

fn cause(oauth: &OAuth, answer: &Answer, error: &str, code: Option<u32>) -> Cause {
    if answer.status == 429 || answer.status >= 500 {
        return Cause::Busy;
    }
    if let Some(cause) = code.and_then(known) {
        return cause;
    }
    let told = answer.text("error_description").unwrap_or_default().to_ascii_lowercase();
    let robot = matches!(oauth.grant, Grant::ServiceAccount { .. });
    match error {
        "temporarily_unavailable" | "server_error" | "slow_down" => Cause::Busy,
        "invalid_client" if matches!(proof(oauth), Some(ClientProof::Key { .. })) => Cause::KeyUnknown,
        "invalid_client" => Cause::SecretWrong,
        "deleted_client" | "disabled_client" => Cause::ApplicationUnknown,
        "unauthorized_client" | "access_denied" => Cause::NotAllowed,
        "interaction_required" | "login_required" => Cause::Interaction,
        "consent_required" => Cause::Consent,
        "invalid_scope" => Cause::Scope,
        // Google says by its description alone what of a statement it does not believe.
        "invalid_grant" if robot && (told.contains("timeframe") || told.contains("short-lived")) => {
            Cause::Clock
        }
        "invalid_grant" if robot && told.contains("signature") => Cause::KeyUnknown,
        "invalid_grant" if robot => Cause::Account,
        "invalid_grant" => Cause::SignInAgain,
        _ => Cause::Other,
    }
}

fn proof(oauth: &OAuth) -> Option<&ClientProof> {
    match &oauth.grant {
        Grant::ClientCredentials(client) | Grant::RefreshToken { client, .. } => Some(client),
        Grant::ServiceAccount { .. } => None,
    }
}

/// Where the application's secret or key is made anew, and where it goes.
pub fn new_secret(oauth: &OAuth) -> String {
    let page = match oauth.provider {
        Provider::Microsoft => format!("{} > Certificates & secrets", application(oauth)),
        Provider::Google => "console.cloud.google.com > APIs & Services > Credentials".to_owned(),
        Provider::Custom => "the provider".to_owned(),
    };
    match (&oauth.grant, proof(oauth)) {
        (_, Some(ClientProof::Secret(place))) => format!(
            "make a new client secret at {page}, put its value into {} and correct secret_expires",
            secret::place(place)
        ),
        (_, Some(ClientProof::Key { key_file, .. })) => format!(
            "make a new certificate, upload it at {page}, put its key into {} and correct secret_expires",
            key_file.display()
        ),
        (Grant::ServiceAccount { key_file }, _) => format!(
            "make a new key at console.cloud.google.com > IAM & Admin > Service Accounts > Keys and put it into {}",
            key_file.display()
        ),
        _ => format!("look at {page} and correct secret_expires"),
    }
}

fn application(oauth: &OAuth) -> String {
    format!("entra.microsoft.com > App registrations > {}", word(&oauth.client_id))
}

fn remedy(wanted: &Wanted, cause: Cause) -> String {
    match wanted.oauth.provider {
        Provider::Microsoft => microsoft(&wanted.oauth, cause),
        Provider::Google => google(wanted, cause),
        Provider::Custom => custom(&wanted.oauth, cause),
    }
}

fn microsoft(oauth: &OAuth, cause: Cause) -> String {
    let name = &oauth.name;
    let page = application(oauth);
    let login = format!("run `triaged login {name}`");
    match cause {
        Cause::SecretExpired => format!("the client secret has expired: {}", new_secret(oauth)),
        Cause::SecretWrong => {
            format!(
                "the client secret is not the right one (its value is needed, not its id): {}",
                new_secret(oauth)
            )
        }
        Cause::KeyUnknown => format!(
            "the application does not know this certificate, or it has expired: upload it at {page} > Certificates & secrets"
        ),
        Cause::ApplicationUnknown => format!(
            "there is no such application in this tenant: compare client_id and tenant with {page} > Overview"
        ),
        Cause::TenantUnknown => {
            "there is no such tenant: correct `tenant`, see entra.microsoft.com > Overview > Tenant ID"
                .to_owned()
        }
        Cause::Consent | Cause::NotAllowed => match oauth.grant {
            Grant::RefreshToken { .. } => format!(
                "the consent is missing or was withdrawn: give it at {page} > API permissions > Grant admin consent, then {login}"
            ),
            _ => format!(
                "the consent is missing or was withdrawn: give it at {page} > API permissions > Grant admin consent \
                 (application permissions IMAP.AccessAsApp and SMTP.SendAsApp)"
            ),
        },
        Cause::SignInAgain => format!(
            "the sign-in counts no longer (unused for 90 days, password changed, or revoked): {login}"
        ),
        Cause::Interaction => format!(
            "Microsoft wants a person to sign in: {login}; if it comes back, see entra.microsoft.com > \
             Protection > Conditional Access, or use grant = \"client_credentials\""
        ),
        Cause::Account => format!(
            "the account is blocked, or its password has expired: see entra.microsoft.com > Users, then {login}"
        ),
        Cause::Clock => {
            "the clock of this machine is wrong: switch time synchronisation on (timedatectl)".to_owned()
        }
        Cause::Scope => {
            format!("`scopes` are not those of this application: compare with {page} > API permissions")
        }
        Cause::PublicClient => format!(
            "the application wants a secret: set \"Allow public client flows\" to Yes at {page} > Authentication, \
             or add secret_file"
        ),
        Cause::Busy | Cause::Other => {
            format!("look the code up at https://login.microsoftonline.com/error, and see {page}")
        }
    }
}

fn google(wanted: &Wanted, cause: Cause) -> String {
    let oauth = &wanted.oauth;
    let name = &oauth.name;
    let robot = matches!(oauth.grant, Grant::ServiceAccount { .. });
    let delegation = "admin.google.com > Security > Access and data control > API controls > Manage domain-wide \
                      delegation: the service account's client id with the scope https://mail.google.com/";
    let credentials = "console.cloud.google.com > APIs & Services > Credentials";
    match cause {
        Cause::SecretExpired | Cause::SecretWrong => {
            format!("client_id or the secret is not the right one: see {credentials}")
        }
        Cause::KeyUnknown => format!("Google does not know this key: {}", new_secret(oauth)),
        Cause::ApplicationUnknown => format!("the application was deleted or disabled: see {credentials}"),
        Cause::NotAllowed | Cause::Consent | Cause::Scope if robot => {
            format!("the service account may not act for this mailbox: see {delegation}")
        }
        Cause::Scope => {
            "Google does not give this scope in this way: its device flow knows no mail scope, so take \
             device_endpoint away, or use grant = \"service_account\""
                .to_owned()
        }
        Cause::NotAllowed | Cause::Consent | Cause::Interaction => {
            format!("the consent is missing or was withdrawn: run `triaged login {name}`")
        }
        Cause::Account if robot => format!(
            "Google knows no such user: correct `user`, the address of an account in admin.google.com > Directory > Users; or see {delegation}"
        ),
        Cause::SignInAgain | Cause::Account => format!(
            "the sign-in counts no longer (unused, password changed, revoked, or the application is still \"in \
             testing\", where it ends after 7 days): run `triaged login {name}`; see console.cloud.google.com > \
             Google Auth Platform > Audience"
        ),
        Cause::Clock => {
            "the clock of this machine is wrong: switch time synchronisation on (timedatectl)".to_owned()
        }
        Cause::TenantUnknown | Cause::PublicClient | Cause::Busy | Cause::Other => {
            format!("see {credentials}")
        }
    }
}

fn custom(oauth: &OAuth, cause: Cause) -> String {
    let name = &oauth.name;
    match cause {
        Cause::SecretExpired | Cause::SecretWrong | Cause::ApplicationUnknown | Cause::PublicClient => {
            "client_id or the secret is not the right one".to_owned()
        }
        Cause::KeyUnknown => {
            "the provider does not believe the key: correct client_id, or have it registered".to_owned()
        }
        Cause::SignInAgain | Cause::Interaction => {
            format!("the sign-in counts no longer: run `triaged login {name}`")
        }
        Cause::NotAllowed | Cause::Consent => {
            "the provider does not allow it: ask for the consent there".to_owned()
        }
        Cause::Account => "the provider knows no such user: correct `user`".to_owned(),
        Cause::Clock => "the clock of this machine is wrong: switch time synchronisation on".to_owned(),
        Cause::Scope => "correct `scopes`".to_owned(),
        Cause::TenantUnknown | Cause::Busy | Cause::Other => {
            "correct token_endpoint, or ask the provider".to_owned()
        }
    }
}

/// The error's word (RFC 6749 §5.2, in letters and underscores as all of them are); nothing of what could
/// be something else, such as what we sent.
fn error(answer: &Answer) -> String {
    let word = answer.text("error").unwrap_or_default();
    let good = word.len() <= 64 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if good { word.to_owned() } else { String::new() }
}

/// A name, and nothing that could be anything else.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(64).collect()
}

fn codes(answer: &Answer) -> Vec<u32> {
    let listed = answer.body.get("error_codes").and_then(|codes| codes.as_array());
    let listed = listed.into_iter().flatten().filter_map(|code| u32::try_from(code.as_u64()?).ok());
    let told = answer.text("error_description").unwrap_or_default().split("AADSTS").skip(1);
    let told = told.filter_map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..digits)?.parse().ok()
    });
    listed.chain(told).collect()
}

#[cfg(test)]
mod tests;
