//! Single stories, told to their end.
