//! What an alert sender posts.

/// 928 bytes, as an alert sender writes them.
pub(crate) fn alert() -> String {
    let mut text = String::from(
        r##"{"text":"<!here> Build 42 of <https://ci.example.com/42|main> failed","username":"ci","icon_url":"https://ci.example.com/icon.png","attachments":[{"fallback":"Build 42 failed","color":"#d00000","pretext":"Two steps of nine went wrong","author_name":"Build server","author_link":"https://ci.example.com/","title":"Build 42","title_link":"https://ci.example.com/42","text":"`cargo test` failed in 3 min 12 s, see the <https://ci.example.com/42/log|log>","fields":[{"title":"Branch","value":"main","short":true},{"title":"Commit","value":"9fceb02d0ae598e95dc970b74767f19372d61af8","short":true},{"title":"Author","value":"Ann Example","short":true},{"title":"Failed steps","value":"test\nlint","short":false}],"footer":"ci.example.com","ts":1700000000}]}"##,
    );
    let missing = 928 - text.len();
    let place = text.find("Two steps").unwrap();
    text.insert_str(place, &"x".repeat(missing));
    text
}
