//! What clients see of errors.

use http::StatusCode;

use crate::command::{DelayedError, ExecuteError, ManageError, Member};
use crate::json::{self, Options};
use crate::port::Permission;

#[test]
fn managing_errors_have_the_ids_and_statuses_of_the_table() {
    use ManageError as E;
    let valid = |member, want| (E::Invalid(member), 400, want);
    let cases = [
        (E::Body(String::new()), 400, "api.context.invalid_body_param.app_error"),
        (E::BodyParameter("team_id"), 400, "api.context.invalid_body_param.app_error"),
        (E::BodyTooLarge, 413, "api.context.request_body_too_large.app_error"),
        (E::CreatorNotAllowed, 400, "api.command.move_command.creator_no_permission.app_error"),
        (E::Disabled, 501, "api.command.disabled.app_error"),
        (E::DuplicateTrigger, 400, "api.command.duplicate_trigger.app_error"),
        (E::Forbidden(Permission::VIEW_TEAM), 403, "api.context.permissions.app_error"),
        (E::NotFound, 404, "store.sql_command.save.get.app_error"),
        (E::TeamMismatch, 400, "api.command.team_mismatch.app_error"),
        (E::TeamNotFound, 404, "app.team.get.find.app_error"),
        (E::TreeNotFound, 404, "jackfield.command.autocomplete.not_found"),
        (E::UrlParameter("command_id"), 400, "api.context.invalid_url_param.app_error"),
        (E::UserNotFound, 404, "app.user.missing_account.const"),
        valid(Member::AutocompleteData, "model.command.is_valid.autocomplete_data.app_error"),
        valid(Member::Description, "model.command.is_valid.description.app_error"),
        valid(Member::DisplayName, "model.command.is_valid.display_name.app_error"),
        valid(Member::Method, "model.command.is_valid.method.app_error"),
        valid(Member::PluginId, "model.command.is_valid.plugin_id.app_error"),
        valid(Member::TeamId, "model.command.is_valid.team_id.app_error"),
        valid(Member::Token, "model.command.is_valid.token.app_error"),
        valid(Member::Trigger, "model.command.is_valid.trigger.app_error"),
        valid(Member::Url, "model.command.is_valid.url.app_error"),
        valid(Member::UrlHttp, "model.command.is_valid.url_http.app_error"),
    ];
    for (error, status, id) in cases {
        assert_eq!((error.id(), error.status().as_u16()), (id, status), "{error:?}");
    }
}

#[test]
fn running_errors_have_the_ids_and_statuses_of_the_table() {
    use ExecuteError as E;
    let trigger = || "x".to_owned();
    let cases = [
        (E::Body(String::new()), 400, "api.context.invalid_body_param.app_error"),
        (E::BodyTooLarge, 413, "api.context.request_body_too_large.app_error"),
        (E::ChannelArchived, 400, "api.command.execute_command.deleted.error"),
        (E::ChannelNotFound, 404, "app.channel.get.existing.app_error"),
        (E::CommonTeams, 500, "app.channel.get_common_teams.app_error"),
        (E::Disabled, 501, "api.command.disabled.app_error"),
        (E::Failed { trigger: trigger() }, 500, "api.command.execute_command.failed.app_error"),
        (E::FailedEmpty { trigger: trigger() }, 500, "api.command.execute_command.failed_empty.app_error"),
        (
            E::FailedResponse { body: String::new(), status: String::new(), trigger: trigger() },
            500,
            "api.command.execute_command.failed_resp.app_error",
        ),
        (E::Forbidden(Permission::CREATE_POST), 403, "api.context.permissions.app_error"),
        (E::Format, 400, "api.command.execute_command.format.app_error"),
        (E::Host { id: "a.b".into(), message: String::new(), status: 409 }, 409, "a.b"),
        (E::Host { id: "a.b".into(), message: String::new(), status: 1 }, 500, "a.b"),
        (E::NotFound { trigger: trigger() }, 404, "api.command.execute_command.not_found.app_error"),
        (E::PostFailed { trigger: trigger() }, 500, "api.command.execute_command.create_post_failed.app_error"),
        (E::RestrictedDirect, 400, "api.command.execute_command.restricted_dm.error"),
        (E::Root, 400, "api.context.invalid_body_param.app_error"),
        (E::SiteUrlRequired, 400, "api.command.execute_command.site_url_required.app_error"),
        (E::Start, 400, "api.command.execute_command.start.app_error"),
        (E::TeamNotFound, 404, "app.team.get.find.app_error"),
        (E::UserNotFound, 404, "app.user.missing_account.const"),
    ];
    for (error, status, id) in cases {
        assert_eq!((error.id(), error.status().as_u16()), (id, status), "{error:?}");
    }
}

#[test]
fn delayed_errors_are_told_by_their_status() {
    use DelayedError as E;
    const GENERAL: &str = "web.command_webhook.general.app_error";
    const PARSE: &str = "web.command_webhook.parse.app_error";
    const SIZE: &str = "api.context.request_body_too_large.app_error";
    let cases = [
        (E::BodyTooLarge, 413, SIZE, SIZE),
        (E::ChannelArchived, 400, GENERAL, "jackfield.command_webhook.channel_archived"),
        (E::CommandGone, 400, GENERAL, "web.command_webhook.command.app_error"),
        (E::Disabled, 400, GENERAL, "api.command.disabled.app_error"),
        (E::Parse, 400, PARSE, PARSE),
        (E::PostFailed, 500, GENERAL, "api.command.execute_command.create_post_failed.app_error"),
        (E::Text, 400, GENERAL, "app.command_webhook.handle_command_webhook.parse"),
        (E::UnknownTicket, 404, GENERAL, "app.command_webhook.get.missing"),
        (E::UserGone, 400, GENERAL, "jackfield.command_webhook.user_gone"),
        (E::UsedUp, 400, GENERAL, "app.command_webhook.try_use.invalid"),
    ];
    for (error, status, visible, id) in cases {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!((error.status(), error.visible_id(), error.id()), (status, visible, id), "{error:?}");
    }
}

#[test]
fn what_helps_to_find_a_mistake_is_told() {
    let mistake = json::read(b"5", Options::default(), |reader| reader.boolean()).unwrap_err();
    let want = "expected a boolean (byte 0)";
    assert_eq!(ManageError::from(mistake.clone()).detail(), want);
    assert_eq!(ExecuteError::from(mistake).detail(), want);
    assert_eq!(ManageError::Forbidden(Permission::VIEW_TEAM).detail(), "permission `view_team`");
    assert_eq!(ExecuteError::Forbidden(Permission::CREATE_POST).detail(), "permission `create_post`");
    let failed = |body: &str| ExecuteError::FailedResponse {
        body: body.to_owned(),
        status: "404 Not Found".to_owned(),
        trigger: "x".to_owned(),
    };
    assert_eq!(failed("gone").detail(), "gone");
    assert_eq!(failed("").to_string(), "the service behind /x answered with status 404 Not Found");
    assert_eq!((ManageError::NotFound.detail(), ExecuteError::Start.detail()), (String::new(), String::new()));
    assert_eq!(ManageError::Invalid(Member::Token).to_string(), "a token has 26 bytes");
}
