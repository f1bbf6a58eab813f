//! The conformance kit: what ships passes it, and what is wrong in one way is caught by the check meant for that.

mod accounts;
mod flawed_http_client;
mod flawed_storage;
mod host;
mod http_client;
mod sink;
mod storage;
