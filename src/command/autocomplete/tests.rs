//! Tests of autocomplete.
