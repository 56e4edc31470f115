//! SMTP by lettre's connection driven by hand, or `.eml` files.
