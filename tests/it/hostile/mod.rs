//! Bad input: whatever comes, the answer says what was wrong, nothing is half-done, and no secret is told.

mod bodies;
mod faults;
mod holes;
mod loopback;
mod nul;
mod targets;
mod types;

/// The id of a payload that cannot be read.
const DECODE: &str = "web.incoming_webhook.decode.app_error";
/// The id of everything that goes wrong after that.
const GENERAL: &str = "web.incoming_webhook.general.app_error";

/// A payload with everything in it.
const SAMPLE: &str = r##"{"text":"Deployed *v1.4* <https://ci.example/7|in build 7> \u00e9\ud83d\ude00","username":"ci",
"icon_url":"https://ci.example/i.png","icon_emoji":":rocket:","channel":"#dev","type":"custom_deploy",
"props":{"build":{"number":7,"ok":true},"list":[1,2.5e3,null]},"priority":{"priority":"important","requested_ack":true},
"attachments":[{"id":1,"fallback":"f","color":"#00ff00","pretext":"p","author_name":"a","title":"t","text":"x < y || z > w",
"fields":[{"title":"Host","value":["a",1,null],"short":"true"},{"title":"N","value":123456789,"short":false}],
"ts":1700000000.5,"actions":[{"id":"go","type":"select","name":"Go","disabled":false,"options":[{"text":"A","value":"1"}],
"integration":{"url":"https://ci.example/hook","context":{"token":"t0k3n"}}}]}]}"##;

/// The JSON text that has `value` at the end of this pointer, whose numbers are all 0.
fn at(pointer: &str, value: &str) -> String {
    let mut json = value.to_owned();
    for step in pointer.rsplit('/').filter(|step| !step.is_empty()) {
        json = if step == "0" { format!("[{json}]") } else { format!("{{\"{step}\":{json}}}") };
    }
    json
}
