//! What it costs to make a call of an outgoing webhook and to sign it: from the records of hook and delivery to the
//! request that is handed to the client.

use std::hint::black_box;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{Millis, OutgoingHookId, PostId};
use jackfield::port::PostEvent;
use jackfield::security::MasterKey;
use sha2::Sha256;

use crate::calls::now;
use crate::common::bar;
use crate::common_host::Host;
use crate::rounds::alternate;

const MESSAGE: &str =
    "deploy web & api to production, please: <https://ci.example.com/builds/4711|build 4711> is green";

/// Beside the bare work: one HMAC of the same bytes, and the same fields as a form.
pub(crate) fn prepare_and_sign() {
    let host = Arc::new(Host::new());
    let mut settings = Settings::default();
    settings.keys = vec![MasterKey::new([7; 32])];
    let ports = Ports::new(Arc::new(MemoryStorage::default()), host.clone(), host.clone());
    let engine = now(Engine::start(ports, settings)).unwrap();
    let api = Api::new(engine.clone());
    let post = |path: &str, body: String| {
        let request = Request::post(format!("/api/v4/hooks/outgoing{path}")).header("Authorization", "Bearer x");
        let (head, ()) = request.body(()).unwrap().into_parts();
        let answer = now(api.handle(head, Body::Whole(Bytes::from(body))));
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap()
    };
    let team = host.team().id;
    let hook = post(
        "",
        format!(
            r#"{{"team_id":"{team}","display_name":"Bench","trigger_words":["deploy"],"callback_urls":["https://ci.example.com/in"]}}"#
        ),
    );
    let id = OutgoingHookId::parse(hook["id"].as_str().unwrap()).unwrap();
    post(&format!("/{id}/signing_secret"), String::new());
    let event =
        PostEvent::new(PostId::from_random([8; 16]), Millis(1_750_000_000_999), MESSAGE, host.user(), host.channel());
    let event = event.with_team(host.team());
    let ours = || now(engine.rehearse_outgoing_call(black_box(&event), id, 0)).unwrap().unwrap();

    let call = ours();
    assert_eq!(call.headers()["webhook-signature"].to_str().unwrap().split(' ').count(), 1);
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(call.body()).into_owned().collect();
    let header = |name: &str| call.headers()[name].to_str().unwrap().to_owned();
    let (id, seconds) = (header("webhook-id"), header("webhook-timestamp"));
    let bare = || {
        let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(512));
        fields.iter().for_each(|(name, value)| {
            form.append_pair(name, value);
        });
        let form = form.finish();
        let mut mac = Hmac::<Sha256>::new_from_slice(black_box(&[7; 32])).unwrap();
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(form.as_bytes());
        (STANDARD.encode(mac.finalize().into_bytes()), form)
    };
    assert_eq!(bare().1.len(), call.body().len());
    let (ours, bare) = alternate(5_000, || drop(black_box(ours())), || drop(black_box(bare())));
    println!("a call prepared and signed: {ours:.0} ns; bare HMAC and form {bare:.0} ns");
    bar("prepare_and_sign", ours / bare, 6.0);
}
