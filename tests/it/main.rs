//! Tests from outside: through the public API, and of the sources themselves.

mod architecture;
mod host;
mod incoming_receive;
