//! Bodies of hook management. The input is the body that creates a hook and, after a U+0000, the one that replaces it, in
//! which `HOOK` stands for the hook's id.
//!
//! - A body that `HookRequest` refuses is refused, and nothing is ever answered 5xx.
//! - The answer to what is created and replaced shows what the body says, and the hook is there until it is deleted.

#![no_main]

mod host;

use std::sync::OnceLock;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jackfield::api::{Api, Body};
use jackfield::incoming::HookRequest;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    static API: OnceLock<Api> = OnceLock::new();
    let api = API.get_or_init(host::api);
    let mut bodies = bytes.splitn(2, |byte| *byte == 0);
    let (create, update) = (bodies.next().unwrap_or_default(), bodies.next());
    let Some(hook) = write(api, Method::POST, HOOKS, create) else { return };
    let id = hook["id"].as_str().expect("an id");
    let hook_path = format!("{HOOKS}/{id}");
    if let Some(update) = update {
        let body = String::from_utf8_lossy(update).replace("HOOK", id);
        write(api, Method::PUT, &hook_path, body.as_bytes());
    }
    assert_eq!(call(api, Method::GET, &hook_path, b"").status(), StatusCode::OK);
    assert_eq!(call(api, Method::DELETE, &hook_path, b"").status(), StatusCode::OK);
    assert_eq!(call(api, Method::GET, &hook_path, b"").status(), StatusCode::NOT_FOUND);
});

/// Creates or replaces a hook, and returns it if that was accepted.
fn write(api: &Api, method: Method, path: &str, body: &[u8]) -> Option<Value> {
    let request = HookRequest::from_json(body);
    let response = call(api, method, path, body);
    let status = response.status();
    assert!(!status.is_server_error(), "{status}");
    let shown: Value = serde_json::from_slice(response.body()).expect("JSON");
    if !status.is_success() {
        assert_eq!(shown["status_code"], status.as_u16());
        return None;
    }
    let request = request.expect("what is accepted can be read");
    let shown_of = |member: &str| shown[member].as_str().unwrap_or_default();
    assert_eq!(shown_of("display_name"), request.display_name);
    assert_eq!(shown_of("description"), request.description);
    assert_eq!(shown_of("username"), request.username);
    assert_eq!(shown_of("icon_url"), request.icon_url);
    Some(shown)
}

fn call(api: &Api, method: Method, path: &str, body: &[u8]) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("Authorization", "Bearer x").body(());
    let parts = request.expect("a request").into_parts().0;
    let body = if body.len() > api.body_limit() { Body::TooLarge } else { Body::Whole(Bytes::copy_from_slice(body)) };
    host::wait(api.handle(parts, body))
}

const HOOKS: &str = "/api/v4/hooks/incoming";
