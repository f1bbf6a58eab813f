//! Props that only the server sets (INC-70).

use serde_json::{Map, Value};

/// Takes away what a caller may not say about their own post.
///
/// These are the props that say who made the post and how it is shown as such, those computed on creation, and, unless
/// integrations may choose their icon (`icon_override`), `override_icon_emoji`. Not touched are `ai_generated_by` and
/// `current_team_id`, which need a look at users and channels.
pub fn strip_reserved(props: &mut Map<String, Value>, icon_override: bool) {
    if props.is_empty() {
        return;
    }
    for name in RESERVED {
        props.remove(name);
    }
    if !icon_override {
        props.remove("override_icon_emoji");
    }
}

/// What no caller may set.
const RESERVED: [&str; 14] = [
    "add_channel_member",
    "attachments",
    "channel_mentions",
    "disable_group_highlight",
    "force_notification",
    "from_bot",
    "from_oauth_app",
    "from_plugin",
    "from_webhook",
    "mentionHighlightDisabled",
    "override_icon_url",
    "override_username",
    "previewed_post",
    "webhook_display_name",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn left(names: &[&str], icon_override: bool) -> Vec<String> {
        let mut props = names.iter().map(|name| ((*name).to_owned(), json!("true"))).collect();
        strip_reserved(&mut props, icon_override);
        props.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn takes_away_what_only_the_server_sets() {
        assert!(left(&RESERVED, true).is_empty());
    }

    #[test]
    fn keeps_everything_else() {
        let kept = ["", "ai_generated_by", "card", "current_team_id", "mine", "unsafe_links", "use_user_icon"];
        assert_eq!(left(&kept, false), kept);
    }

    #[test]
    fn keeps_an_emoji_only_where_icons_may_be_chosen() {
        assert_eq!(left(&["override_icon_emoji"], true), ["override_icon_emoji"]);
        assert!(left(&["override_icon_emoji"], false).is_empty());
    }
}
