//! The folders of `src/` know each other in one direction only, and the rules touch no world: both are read off the
//! sources.
//!
//! ```text
//! adapter, conformance → api → engine → features → delivery, security, post → record → json, id
//! ```
//!
//! `port` stands beside them: the engine and what is above it use its traits, features and records its data alone.

mod source;

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use source::{module_of, paths, production};

/// A folder of `src/`.
struct Layer {
    name: &'static str,
    /// It names folders of a lower rank, and none of its own.
    rank: u8,
    port: Port,
    /// It holds rules: no clock, no chance, no input or output, nothing that waits.
    pure: bool,
}

/// How much of `port` a folder names.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Port {
    Data,
    Nothing,
    Traits,
}

const LAYERS: [Layer; 20] = [
    shell("adapter", 6, Port::Traits),
    shell("conformance", 6, Port::Traits),
    shell("api", 5, Port::Data),
    shell("engine", 4, Port::Traits),
    rules("bot", 3, Port::Data),
    rules("command", 3, Port::Data),
    rules("connection", 3, Port::Data),
    rules("incoming", 3, Port::Data),
    rules("interactive", 3, Port::Data),
    rules("marketplace", 3, Port::Data),
    rules("oauth", 3, Port::Data),
    rules("outgoing", 3, Port::Data),
    rules("token", 3, Port::Data),
    shell("port", 3, Port::Nothing),
    rules("delivery", 2, Port::Data),
    rules("post", 2, Port::Nothing),
    rules("security", 2, Port::Nothing),
    rules("record", 1, Port::Data),
    rules("id", 0, Port::Nothing),
    rules("json", 0, Port::Nothing),
];

/// What only the engine and what is above it may name of `port`: its traits, and the implementations beside them.
const PORT_TRAITS: [&str; 10] = [
    "Clock",
    "Directory",
    "HttpClient",
    "NoObserver",
    "Observer",
    "PostSink",
    "Random",
    "Storage",
    "SystemClock",
    "SystemRandom",
];

/// Of `port`'s folders, those that it builds on.
const BELOW_PORT: [&str; 4] = ["id", "json", "post", "security"];

/// What no rule may name; Clippy forbids the functions that read a clock. `std::net` has addresses too, which are data.
const WORLD: [&[&str]; 12] = [
    &["getrandom"],
    &["rand"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "net", "TcpListener"],
    &["std", "net", "TcpStream"],
    &["std", "net", "ToSocketAddrs"],
    &["std", "net", "UdpSocket"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
];

/// Crates that come with a feature; only an adapter names them.
const FOREIGN: [&str; 11] = [
    "axum",
    "h2",
    "http_body_util",
    "hyper",
    "hyper_util",
    "if_addrs",
    "rusqlite",
    "rustls",
    "tokio",
    "tokio_rustls",
    "webpki_roots",
];

const fn rules(name: &'static str, rank: u8, port: Port) -> Layer {
    Layer { name, rank, port, pure: true }
}

const fn shell(name: &'static str, rank: u8, port: Port) -> Layer {
    Layer { name, rank, port, pure: false }
}

fn layer(name: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.name == name)
}

/// Returns what is wrong with what the file at `path`, as in `src/post/draft.rs`, names.
fn violations(path: &str, source: &str) -> Vec<String> {
    let module = module_of(path);
    let Some(name) = module.first() else { return Vec::new() }; // the front of the crate shows all of it
    let Some(own) = layer(name) else { return vec![format!("{path}: `{name}` is no folder that this test knows")] };
    let (tokens, _) = production(source);
    let mut found = BTreeSet::new();
    for token in tokens.iter().filter(|token| own.pure && matches!(token.text.as_str(), "async" | "await")) {
        found.insert((token.line, format!("`{}`: rules do not wait", token.text)));
    }
    for path in paths(&module, &tokens) {
        let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        let wrong = match segments.as_slice() {
            ["crate", _] if path.called => None,
            ["crate", inner @ ..] => named(own, inner),
            outer => foreign(own, outer),
        };
        found.extend(wrong.map(|wrong| (path.line, format!("`{}`: {wrong}", segments.join("::")))));
    }
    found.into_iter().map(|(line, what)| format!("{path}:{line}: {what}")).collect()
}

/// Says why `own` may not name a path below `crate`, if it may not.
fn named(own: &Layer, inner: &[&str]) -> Option<String> {
    let Some(other) = inner.first().and_then(|name| layer(name)) else {
        return Some("inside the crate a thing is named by its folder, and an unknown folder by nobody".to_owned());
    };
    if other.name == own.name {
        return None;
    }
    if other.name == "port" {
        let item = inner.iter().skip(1).find(|segment| segment.starts_with(char::is_uppercase));
        return match (own.port, item) {
            (Port::Traits, _) => None,
            (Port::Nothing, _) => Some(format!("`{}` knows nothing of `port`", own.name)),
            (Port::Data, None) => Some("the data types of `port` are imported one by one".to_owned()),
            (Port::Data, Some(item)) if PORT_TRAITS.contains(item) => {
                Some(format!("`{}` may name the data types of `port`, not `{item}`", own.name))
            }
            (Port::Data, Some(_)) => None,
        };
    }
    if own.name == "port" {
        return (!BELOW_PORT.contains(&other.name)).then(|| format!("`port` names {} alone", BELOW_PORT.join(", ")));
    }
    (other.rank >= own.rank).then(|| format!("`{}` does not stand below `{}`", other.name, own.name))
}

/// Says why `own` may not name a path of another crate, if it may not.
fn foreign(own: &Layer, outer: &[&str]) -> Option<String> {
    let head = outer.first().copied().unwrap_or_default();
    if FOREIGN.contains(&head) && own.name != "adapter" {
        return Some("only an adapter names what a feature of Cargo brings".to_owned());
    }
    // What is imported whole brings what it holds.
    let touches = |banned: &[&str]| banned.iter().zip(outer).all(|(banned, segment)| banned == segment);
    let banned = WORLD.into_iter().find(|banned| touches(banned)).filter(|_| own.pure)?;
    Some(format!("rules take what `{}` would give as an argument", banned.join("::")))
}

/// Reads every source file below `folder`, as (path from the crate's root, text).
fn sources(root: &Path, folder: &str) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(sources(root, &path)?);
        } else if path.ends_with(".rs") {
            found.push((path, fs::read_to_string(entry.path())?));
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the modules in files of their own that only tests compile.
fn for_tests(sources: &[(String, String)]) -> BTreeSet<Vec<String>> {
    let declared = |path: &str, text: &str| {
        let module = module_of(path);
        production(text).1.into_iter().map(move |name| module.iter().cloned().chain([name]).collect())
    };
    sources.iter().flat_map(|(path, text)| declared(path, text)).collect()
}

/// Returns the sources of this crate; none, if they cannot be read.
fn own_sources() -> Vec<(String, String)> {
    sources(Path::new(env!("CARGO_MANIFEST_DIR")), "src").unwrap_or_default()
}

#[test]
fn every_import_points_down_and_rules_touch_no_world() {
    let sources = own_sources();
    let for_tests = for_tests(&sources);
    let of_tests = |path: &str| for_tests.iter().any(|module| module_of(path).starts_with(module));
    let wrong: Vec<_> =
        sources.iter().filter(|(path, _)| !of_tests(path)).flat_map(|(path, text)| violations(path, text)).collect();
    assert!(!sources.is_empty());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_trait_of_port_is_known_to_the_check() {
    let mut count = 0;
    for (path, text) in own_sources().iter().filter(|(path, _)| path.starts_with("src/port/")) {
        for line in text.lines().filter_map(|line| line.strip_prefix("pub trait ")) {
            let name = line.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            assert!(PORT_TRAITS.contains(&name), "{path}: {name} is missing in PORT_TRAITS");
            count += 1;
        }
    }
    assert!(count >= 7, "{count} traits seen");
}

#[test]
fn the_check_catches_imports_that_point_the_wrong_way() {
    let cases = [
        ("src/id/mod.rs", "use crate::post::PostDraft;", "`post` does not stand below `id`"),
        ("src/json/mod.rs", "use crate::id::UserId;", "`id` does not stand below `json`"),
        ("src/post/draft.rs", "use crate::port::User;", "`post` knows nothing of `port`"),
        ("src/post/draft.rs", "fn f() -> crate::incoming::Hook {}", "`incoming` does not stand below `post`"),
        ("src/post/draft.rs", "fn f() { super::super::engine::run() }", "`engine` does not stand below `post`"),
        ("src/post/mod.rs", "use super::{id::UserId, api::Api};", "`api` does not stand below `post`"),
        ("src/post/mod.rs", "mod inner { use super::super::api::Api; }", "`api` does not stand below `post`"),
        ("src/record/mod.rs", "use crate::{id, outgoing::{model::Hook}};", "`outgoing` does not stand"),
        ("src/incoming/decide.rs", "use crate::outgoing::Hook;", "`outgoing` does not stand below `incoming`"),
        ("src/incoming/decide.rs", "use crate::port::{User, Storage};", "not `Storage`"),
        ("src/incoming/decide.rs", "fn f(s: &dyn crate::port::storage::Storage) {}", "not `Storage`"),
        ("src/incoming/decide.rs", "use crate::port::Clock as Time;", "not `Clock`"),
        ("src/incoming/decide.rs", "use crate::port;", "imported one by one"),
        ("src/incoming/decide.rs", "use crate::port::*;", "imported one by one"),
        ("src/incoming/decide.rs", "use crate::{engine::Engine as E};", "`engine` does not stand below `incoming`"),
        ("src/engine/incoming.rs", "pub use crate::api::Api;", "`api` does not stand below `engine`"),
        ("src/api/mod.rs", "use crate::adapter::memory::Memory;", "`adapter` does not stand below `api`"),
        ("src/api/mod.rs", "use crate::port::Directory;", "not `Directory`"),
        ("src/adapter/memory.rs", "use crate::conformance::Check;", "`conformance` does not stand below `adapter`"),
        ("src/port/sink.rs", "use crate::incoming::Hook;", "`port` names id, json, post, security alone"),
        ("src/port/sink.rs", "use crate::engine::Engine;", "`port` names id, json, post, security alone"),
        ("src/api/mod.rs", "use crate::Engine;", "named by its folder"),
        ("src/api/mod.rs", "use crate::*;", "named by its folder"),
        ("src/helpers/mod.rs", "", "`helpers` is no folder that this test knows"),
        ("src/helpers.rs", "", "`helpers` is no folder that this test knows"),
        ("src/api/mod.rs", "macro_rules! m { () => { $crate::adapter::f() } }", "`adapter` does not stand below `api`"),
        ("src/engine/mod.rs", "use axum::Router;", "only an adapter names"),
        ("src/post/mod.rs", "#[cfg(test)] mod tests { } use crate::api::Api;", "`api` does not stand below `post`"),
    ];
    for (path, source, want) in cases {
        let found = violations(path, source);
        assert!(found.len() == 1 && found.iter().all(|found| found.contains(want)), "{path}: {source}: {found:?}");
    }
}

#[test]
fn the_check_catches_rules_that_touch_the_world() {
    let sources = [
        "pub async fn f() {}",
        "fn f() { async {}; }",
        "use std::time::SystemTime;",
        "use std::{collections::BTreeMap, time::{Duration, Instant}};",
        "use std::time;",
        "use std::time::*;",
        "fn f() { std::fs::read(x); }",
        "fn f() { ::std::fs::read(x); }",
        "use std::net::{IpAddr, TcpStream};",
        "fn f() { std::thread::sleep(x) }",
        "fn f() { rand::random() }",
        "fn f() { getrandom::fill(x) }",
        "use tokio::sync::Mutex;",
    ];
    for folder in LAYERS.iter().filter(|layer| layer.pure).map(|layer| layer.name) {
        for source in sources {
            assert_eq!(violations(&format!("src/{folder}/decide.rs"), source).len(), 1, "{folder}: {source}");
        }
    }
}

#[test]
fn the_check_lets_pass_what_points_down() {
    let cases = [
        ("src/lib.rs", "pub use engine::Engine; pub use crate::api::Api;"),
        ("src/id/mod.rs", "use super::id::hook::HookId; use self::millis::Millis; use std::time::Duration;"),
        ("src/post/draft.rs", "use super::attachment::Attachment; use crate::id::{self, UserId}; use crate::json;"),
        (
            "src/post/draft.rs",
            "/// [`Engine`](crate::engine::Engine)\n// crate::api\n/* crate::api /* std::fs */ async */ struct A;",
        ),
        (
            "src/post/draft.rs",
            r##"const A: &str = "crate::api"; const B: &str = r#"std::fs "crate::api"#; const C: char = '"';"##,
        ),
        ("src/post/draft.rs", "fn f<'a>(x: &'a str) -> char { '\\'' }"),
        ("src/post/draft.rs", "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests { use crate::api::Api; async fn f() {} }"),
        ("src/post/draft.rs", "#[cfg(test)] use crate::api::{Api}; use crate::id::UserId;"),
        ("src/post/mod.rs", "mod inner { use super::draft::PostDraft; } use std::net::IpAddr;"),
        (
            "src/incoming/decide.rs",
            "use crate::port::{User, people::Channel}; use crate::{json, post::PostDraft, record};",
        ),
        ("src/incoming/decide.rs", "fn f(model: Model) { if model::X != y { Storage::other() } }"),
        ("src/engine/mod.rs", "use crate::port::Storage; use crate::{incoming, security::seal}; async fn f() {}"),
        (
            "src/port/sink.rs",
            "use crate::id::UserId; use crate::post::PostDraft; use super::PortError; async fn f() {}",
        ),
        ("src/conformance/mod.rs", "use crate::port::*; macro_rules! m { () => { $crate::inner!() } }"),
        (
            "src/adapter/axum.rs",
            "use axum::Router; use crate::api::Api; use tokio::sync::Mutex; use crate::engine::Engine;",
        ),
    ];
    for (path, source) in cases {
        assert_eq!(violations(path, source), [""; 0], "{path}: {source}");
    }
}

#[test]
fn a_module_that_only_tests_compile_is_left_out() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let sources = [
        source("src/post/mod.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod samples;\nmod draft;"),
        source("src/post/draft.rs", "#[cfg(test)] mod tests;"),
    ];
    let want = [["post", "draft", "tests"].as_slice(), &["post", "samples"], &["post", "tests"]];
    assert_eq!(
        for_tests(&sources).iter().map(|module| module.join("/")).collect::<Vec<_>>(),
        want.map(|module| module.join("/"))
    );
}
