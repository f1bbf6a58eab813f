//! Tests of slash commands.
