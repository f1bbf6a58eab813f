//! The ids that clients know, and their statuses.

use crate::bot::BotError;
use crate::port::Permission;

#[test]
fn errors_have_the_ids_and_statuses_that_clients_know() {
    let body = || BotError::Body { detail: "`/a`: expected a string".to_owned(), object: "bot" };
    let cases = [
        (
            BotError::Account("app.user.save.username_exists.app_error".into()),
            400,
            "app.user.save.username_exists.app_error",
        ),
        (BotError::AlreadyBot, 500, "app.bot.createbot.internal_error"),
        (body(), 400, "api.context.invalid_body_param.app_error"),
        (BotError::BodyTooLarge, 413, "api.context.request_body_too_large.app_error"),
        (BotError::CreationDisabled, 403, "api.bot.create_disabled"),
        (BotError::Description, 400, "model.bot.is_valid.description.app_error"),
        (BotError::DisplayName, 400, "model.bot.is_valid.user_id.app_error"),
        (BotError::Email, 400, "model.user.is_valid.email.app_error"),
        (BotError::FirstName, 400, "model.user.is_valid.first_name.app_error"),
        (BotError::Forbidden(Permission::MANAGE_BOTS), 403, "api.context.permissions.app_error"),
        (BotError::NoAdministrator, 500, "app.bot.get_system_bot.empty_admin_list.app_error"),
        (BotError::NotFound, 404, "store.sql_bot.get.missing.app_error"),
        (BotError::OwnerId, 400, "model.bot.is_valid.creator_id.app_error"),
        (BotError::Unsupported, 501, "jackfield.bots.unsupported"),
        (BotError::UrlParameter("user_id"), 400, "api.context.invalid_url_param.app_error"),
        (BotError::UserUsername, 400, "model.user.is_valid.username.app_error"),
        (BotError::Username, 400, "model.bot.is_valid.username.app_error"),
        (BotError::UserNotFound, 404, "app.user.missing_account.const"),
    ];
    for (error, status, id) in cases {
        assert_eq!((error.status().as_u16(), error.id()), (status, id), "{error:?}");
        let cause = if error == BotError::DisplayName { "model.bot.is_valid.display_name.app_error" } else { id };
        assert_eq!(error.cause_id(), cause, "{error:?}");
        let detail = match &error {
            BotError::Body { .. } => "`/a`: expected a string",
            BotError::Forbidden(_) => "permission `manage_bots`",
            _ => "",
        };
        assert_eq!(error.detail(), detail, "{error:?}");
    }
}

#[test]
fn a_refusal_of_the_host_is_told_in_words_of_ours() {
    let cases = [
        ("app.user.save.username_exists.app_error", "there is an account with this username"),
        ("app.user.save.email_exists.app_error", "there is an account with this address"),
        ("model.user.is_valid.pwd_lowercase.app_error", "the password is not one that is allowed here"),
        ("model.user.is_valid.password_limit.app_error", "the password is not one that is allowed here"),
        ("model.user.is_valid.nickname.app_error", "the account cannot be like this"),
    ];
    for (id, want) in cases {
        assert_eq!(BotError::Account(id.into()).to_string(), want, "{id}");
    }
}
