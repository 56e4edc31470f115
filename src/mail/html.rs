//! HTML to text as a person sees it: linear in its size, table cells kept apart.
