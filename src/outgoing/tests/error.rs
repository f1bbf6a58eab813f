//! The ids and statuses that clients know (OUT-14 to OUT-30).

use std::collections::BTreeSet;

use super::super::{During, HookRequest, ManageError, Member};
use crate::port::Permission;

#[test]
fn every_refusal_has_its_id_and_status() {
    let forbidden = ManageError::Forbidden(Permission::MANAGE_OWN_OUTGOING_WEBHOOKS);
    let cases = [
        (ManageError::Body(String::new()), 400, "api.context.invalid_body_param.app_error"),
        (ManageError::BodyParameter("hook_id"), 400, "api.context.invalid_body_param.app_error"),
        (ManageError::BodyTooLarge, 413, "api.context.request_body_too_large.app_error"),
        (ManageError::ChannelNotFound, 404, "app.channel.get.existing.app_error"),
        (ManageError::ChannelNotPublic(During::Create), 403, "api.outgoing_webhook.disabled.app_error"),
        (ManageError::ChannelNotPublic(During::Update), 403, "api.webhook.create_outgoing.not_open.app_error"),
        (ManageError::ChannelOfOtherTeam, 403, "api.webhook.create_outgoing.permissions.app_error"),
        (ManageError::Collision(During::Create), 500, "api.webhook.create_outgoing.intersect.app_error"),
        (ManageError::Collision(During::Update), 400, "api.webhook.update_outgoing.intersect.app_error"),
        (ManageError::DeliveryNotFound, 404, "jackfield.delivery.not_found"),
        (ManageError::DeliveryState, 400, "jackfield.delivery.state"),
        (ManageError::Disabled, 501, "api.outgoing_webhook.disabled.app_error"),
        (forbidden, 403, "api.context.permissions.app_error"),
        (ManageError::HasId, 400, "app.webhooks.save_outgoing.override.app_error"),
        (ManageError::NoTrigger(During::Create), 400, "api.webhook.create_outgoing.triggers.app_error"),
        (ManageError::NoTrigger(During::Update), 500, "api.webhook.create_outgoing.triggers.app_error"),
        (ManageError::NotFound, 404, "app.webhooks.get_outgoing.app_error"),
        (ManageError::TeamMismatch, 400, "api.webhook.team_mismatch.app_error"),
        (ManageError::UrlParameter("hook_id"), 400, "api.context.invalid_url_param.app_error"),
        (ManageError::UserNotFound, 404, "app.user.missing_account.const"),
    ];
    for (error, status, id) in cases {
        assert_eq!((error.status().as_u16(), error.id()), (status, id), "{error:?}");
        assert!(!error.to_string().is_empty(), "{error:?}");
    }
}

#[test]
fn every_rule_of_the_record_has_its_id() {
    let cases = [
        (Member::CallbackUrls, "is_valid.callback"),
        (Member::CallbackUrl, "is_valid.url"),
        (Member::ContentType, "is_valid.content_type"),
        (Member::Description, "is_valid.description"),
        (Member::DisplayName, "is_valid.display_name"),
        (Member::IconUrl, "icon_url"),
        (Member::TeamId, "is_valid.team_id"),
        (Member::Token, "is_valid.token"),
        (Member::TriggerWhen, "is_valid.content_type"),
        (Member::TriggerWord, "is_valid.trigger_words"),
        (Member::TriggerWords, "is_valid.words"),
        (Member::Username, "username"),
    ];
    let mut told = BTreeSet::new();
    for (member, name) in cases {
        let error = ManageError::Invalid(member);
        let want = format!("model.outgoing_hook.{name}.app_error");
        assert_eq!((error.status().as_u16(), error.id()), (400, want.as_str()), "{member:?}");
        assert!(told.insert(error.to_string()) && error.to_string().len() > 20, "{error}");
    }
}

#[test]
fn a_refusal_says_where_or_what_is_missing_and_nothing_that_was_sent() {
    let mistake = HookRequest::from_json(br#"{"trigger_words":[{"s3cret":1}]}"#).unwrap_err();
    let error = ManageError::from(mistake);
    assert_eq!(error.detail(), "`/trigger_words/0`: expected a string (byte 18)");
    let error = ManageError::Forbidden(Permission::MANAGE_OTHERS_OUTGOING_WEBHOOKS);
    assert_eq!(error.detail(), "permission `manage_others_outgoing_webhooks`");
    assert_eq!(ManageError::NotFound.detail(), "");
}
