//! Arguments, commands, what people see.
