//! Reads passwords where the configuration says they are. They are kept nowhere and logged nowhere.

use std::fs;

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

#[cfg(test)]
mod tests {
    use super::*;

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
