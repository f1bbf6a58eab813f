//! Tests through the public API: one binary, one module for each subject.

#![cfg(test)]

mod kit;
