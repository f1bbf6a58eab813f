//! The conformance kit: what ships passes it, and what is wrong in one way is caught by the check meant for that.

mod accounts;
mod flawed_storage;
mod host;
mod sink;
mod storage;
