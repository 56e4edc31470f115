//! Drafts to bytes: headers of `interface.md`, plain text UTF-8.
