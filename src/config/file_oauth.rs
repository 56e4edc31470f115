//! `[oauth.NAME]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

/// Whose manners apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderWord {
    /// Microsoft 365 (Exchange Online).
    Microsoft,
    /// Google Workspace and Gmail.
    Google,
    /// Any other; its endpoints have to be named.
    Custom,
}

/// How a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantWord {
    /// The application by itself: Microsoft's application permissions.
    ClientCredentials,
    /// A person signs in once with `triaged login`.
    RefreshToken,
    /// Google's service account with domain-wide delegation.
    ServiceAccount,
}

/// `[oauth.NAME]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuthFile {
    /// `microsoft`, `google` or `custom`.
    pub provider: ProviderWord,
    /// Microsoft: the id of the directory, or its domain.
    pub tenant: Option<String>,
    /// The application (client) id.
    pub client_id: Option<String>,
    /// `client_credentials`, `refresh_token` or `service_account`.
    pub grant: GrantWord,
    /// What is asked for; the provider's usual ones where none are named.
    pub scopes: Option<Vec<String>>,
    /// Where tokens are given out; known for `microsoft` and `google`.
    pub token_endpoint: Option<String>,
    /// Where `triaged login` gets the code to type; known for `microsoft`.
    pub device_endpoint: Option<String>,
    /// Instead: the page that sends the browser back to the machine of `triaged login`; known for `google`.
    pub authorization_endpoint: Option<String>,
    /// File whose first line is the application's secret.
    pub secret_file: Option<String>,
    /// Environment variable that holds the application's secret.
    pub secret_env: Option<String>,
    /// Instead of a secret: the private key of a certificate (PEM, RSA, PKCS #8).
    pub key_file: Option<String>,
    /// The certificate of that key (PEM).
    pub certificate_file: Option<String>,
    /// The JSON key of a service account.
    pub service_account_file: Option<String>,
    /// The day on which secret or certificate ends, such as `2027-05-15`: the admins are told 14 days before.
    pub secret_expires: Option<String>,
    /// A further root certificate (PEM) for the endpoints.
    pub ca_file: Option<String>,
}
