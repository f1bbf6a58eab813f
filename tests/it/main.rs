//! Tests from outside: through the public API, and of the sources themselves.

#![cfg(test)]

mod architecture;
mod kit;
