//! Tests of built-in commands.
