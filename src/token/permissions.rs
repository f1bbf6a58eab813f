//! The permissions that a token can be limited to (API-50, API-51, and those of a host's own routes).

/// Whether this is the id of a permission.
pub(super) fn is_known(id: &str) -> bool {
    KNOWN.binary_search(&id).is_ok()
}

/// The ids, sorted.
const KNOWN: [&str; 76] = [
    "add_reaction",
    "add_user_to_team",
    "assign_bot",
    "bypass_incoming_webhook_channel_lock",
    "convert_private_channel_to_public",
    "convert_public_channel_to_private",
    "create_bot",
    "create_direct_channel",
    "create_group_channel",
    "create_post",
    "create_post_ephemeral",
    "create_post_public",
    "create_private_channel",
    "create_public_channel",
    "create_team",
    "create_user_access_token",
    "delete_others_posts",
    "delete_post",
    "delete_private_channel",
    "delete_public_channel",
    "edit_other_users",
    "edit_post",
    "invite_user",
    "join_public_channels",
    "join_public_teams",
    "list_public_teams",
    "list_team_channels",
    "manage_bots",
    "manage_channel_roles",
    "manage_incoming_webhooks",
    "manage_oauth",
    "manage_others_bots",
    "manage_others_incoming_webhooks",
    "manage_others_outgoing_webhooks",
    "manage_others_slash_commands",
    "manage_others_webhooks",
    "manage_outgoing_oauth_connections",
    "manage_outgoing_webhooks",
    "manage_own_incoming_webhooks",
    "manage_own_outgoing_webhooks",
    "manage_own_slash_commands",
    "manage_private_channel_members",
    "manage_private_channel_properties",
    "manage_public_channel_members",
    "manage_public_channel_properties",
    "manage_slash_commands",
    "manage_system",
    "manage_system_wide_oauth",
    "manage_team",
    "manage_team_roles",
    "manage_webhooks",
    "read_bots",
    "read_channel",
    "read_channel_content",
    "read_others_bots",
    "read_public_channel",
    "read_user_access_token",
    "remove_reaction",
    "remove_user_from_team",
    "revoke_user_access_token",
    "sysconsole_read_integrations_bot_accounts",
    "sysconsole_read_integrations_cors",
    "sysconsole_read_integrations_gif",
    "sysconsole_read_integrations_integration_management",
    "sysconsole_read_plugins",
    "sysconsole_write_integrations_bot_accounts",
    "sysconsole_write_integrations_cors",
    "sysconsole_write_integrations_gif",
    "sysconsole_write_integrations_integration_management",
    "sysconsole_write_plugins",
    "upload_file",
    "use_channel_mentions",
    "use_group_mentions",
    "use_slash_commands",
    "view_members",
    "view_team",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_sorted_and_found() {
        assert!(KNOWN.is_sorted());
        for id in KNOWN {
            assert!(is_known(id), "{id}");
        }
        for id in ["", "create_posts", "Create_post", "zzz"] {
            assert!(!is_known(id), "{id:?}");
        }
    }
}
