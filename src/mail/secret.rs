//! Reads passwords where the configuration says they are. They are kept nowhere and logged nowhere.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Failure;
use crate::config::Secret;

/// Reads the password as it is now, so that a changed file counts from the next login on.
pub fn read(secret: &Secret) -> Result<String, Failure> {
    let password = match secret {
        Secret::File(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::permanent(format!("the password file {} cannot be read: {error}", path.display()))
            })?;
            text.lines().next().unwrap_or_default().to_owned()
        }
        Secret::Env(name) => std::env::var(name).map_err(|_| {
            Failure::permanent(format!(
                "the environment variable {name} that should hold a password is not set"
            ))
        })?,
    };
    if password.is_empty() {
        return Err(Failure::permanent(format!("the password in {} is empty", place(secret))));
    }
    Ok(password)
}

/// Where the password is, for messages.
pub fn place(secret: &Secret) -> String {
    match secret {
        Secret::File(path) => path.display().to_string(),
        Secret::Env(name) => format!("the environment variable {name}"),
    }
}

/// What a server said at a login, without the secret that it was given: some repeat what they got.
pub fn hide(said: &str, user: &str, secret: &str) -> String {
    let mut hidden = said.to_owned();
    // RFC 4616 and what LOGIN sends, as they went over the wire.
    let sent = [format!("\0{user}\0{secret}"), secret.to_owned()].map(|text| STANDARD.encode(text));
    for word in [secret, sent[0].trim_end_matches('='), sent[1].trim_end_matches('=')] {
        hidden = hidden.replace(word, "<secret>");
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_repeats_a_password_is_not_quoted_with_it() {
        for said in
            ["zeer-geheim is wrong", "cannot decode emVlci1nZWhlaW0=", "what is AGluZm8AemVlci1nZWhlaW0?"]
        {
            let hidden = hide(said, "info", "zeer-geheim");
            assert!(
                hidden.contains("<secret>") && !hidden.contains("geheim") && !hidden.contains('Z'),
                "{hidden}"
            );
        }
        assert_eq!(hide("5.7.8 authentication failed", "info", "geheim"), "5.7.8 authentication failed");
    }

    #[test]
    fn only_the_first_line_of_a_password_file_counts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "geheim woord\r\nsecond line\n").unwrap();
        assert_eq!(read(&Secret::File(file.path().to_owned())).unwrap(), "geheim woord");
    }

    #[test]
    fn a_missing_password_names_its_place() {
        let failure = read(&Secret::File("/nonexistent/klacht".into())).unwrap_err();
        assert!(failure.permanent && failure.what.contains("/nonexistent/klacht"), "{failure:?}");
        let failure = read(&Secret::Env("NO_SUCH_VARIABLE_HERE".into())).unwrap_err();
        assert!(failure.permanent && failure.what.contains("NO_SUCH_VARIABLE_HERE"), "{failure:?}");
    }
}
