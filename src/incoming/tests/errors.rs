//! What a refusal tells.

use std::collections::BTreeSet;

use http::StatusCode;

use crate::incoming::multipart::MalformedMultipart;
use crate::incoming::parts::InvalidPart;
use crate::incoming::{IncomingSettings, Leniency, ManageError, Member, Payload, ReceiveError};
use crate::port::Permission;

#[test]
fn a_refused_call_has_a_status_and_an_inner_id() {
    use ReceiveError::*;
    let creating = "api.post.create_webhook_post.creating.app_error";
    let min = "api.post.post_priority.min_recipients_persistent_notification_post.request_error";
    let max = "api.post.post_priority.max_recipients_persistent_notification_post.request_error";
    let restricted = "api.channel.create_channel.direct_channel.team_restricted_error";
    let general = [
        (AiGeneratedBy, 500, creating),
        (ChannelArchived, 404, "web.incoming_webhook.channel.app_error"),
        (ChannelGone, 404, "app.channel.get.existing.app_error"),
        (ChannelNotFound, 404, "web.incoming_webhook.channel.app_error"),
        (DirectRestricted, 403, restricted),
        (Disabled, 501, "web.incoming_webhook.disabled.app_error"),
        (Locked, 403, "web.incoming_webhook.channel_locked.app_error"),
        (ManyRecipients, 500, max),
        (NoAccess, 403, "web.incoming_webhook.permissions.app_error"),
        (NoRecipients, 500, min),
        (NoPriority, 400, "api.context.invalid_param.app_error"),
        (NoText, 400, "web.incoming_webhook.text.app_error"),
        (OwnerInactive, 403, "web.incoming_webhook.user.app_error"),
        (OwnerMissing, 403, "web.incoming_webhook.user.app_error"),
        (PriorityLength, 500, creating),
        (SystemType, 400, "api.context.invalid_param.app_error"),
        (TooLarge, 400, "web.incoming_webhook.split_props_length.app_error"),
        (UnknownHook, 400, "web.incoming_webhook.invalid.app_error"),
        (UnknownType, 500, creating),
        (UnknownUser, 400, "web.incoming_webhook.user.app_error"),
    ];
    let shown = [
        (BodyTooLarge, 413, "api.context.request_body_too_large.app_error"),
        (Decode("d".to_owned()), 400, "web.incoming_webhook.decode.app_error"),
        (Form("f"), 400, "web.incoming_webhook.parse_form.app_error"),
        (IdempotencyKey, 400, "jackfield.idempotency_key.invalid"),
        (Multipart("m"), 400, "web.incoming_webhook.parse_multipart.app_error"),
        (RateLimited { retry_after: 3 }, 429, "jackfield.incoming_webhook.rate_limited"),
    ];
    let strict = IncomingSettings { sender_mistakes_are_400: true, ..IncomingSettings::default() };
    for (error, status, id) in general {
        assert_eq!((error.status(&IncomingSettings::default()).as_u16(), error.id()), (status, id), "{error:?}");
        assert_eq!(error.visible_id(), "web.incoming_webhook.general.app_error", "{error:?}");
        assert_eq!(error.status(&strict).as_u16(), if status == 500 { 400 } else { status }, "{error:?}");
        assert_eq!(error.detail(), "", "{error:?}");
    }
    for (error, status, id) in shown {
        assert_eq!((error.status(&strict).as_u16(), error.id(), error.visible_id()), (status, id, id), "{error:?}");
    }
    assert_eq!((Decode("d".into()).detail(), Form("f").detail(), Multipart("m").detail()), ("d", "f", "m"));
    assert_eq!(BodyTooLarge.detail(), "");
}

#[test]
fn what_cannot_be_read_is_told_without_what_was_sent() {
    let mistake = || Payload::from_json(b"{\"text\":\"secret\",\"type\":5}", Leniency::default()).unwrap_err();
    let detail = |error: ReceiveError| match error {
        ReceiveError::Decode(detail) => detail,
        other => panic!("{other:?}"),
    };
    assert_eq!(detail(mistake().into()), "`/type`: expected a string (byte 24)");
    let long = "n".repeat(100);
    let cut = "n".repeat(64);
    let expected = |name: &str| InvalidPart::Expected { name: name.to_owned(), what: "a whole number" };
    let cases = [
        (expected("id"), "part `id`: expected a whole number".to_owned()),
        (expected(&long), format!("part `{cut}`: expected a whole number")),
        (InvalidPart::Hole("fields"), "the numbers of `fields` must follow on each other from 0".to_owned()),
        (InvalidPart::Payload(mistake()), "part `payload`: `/type`: expected a string (byte 24)".to_owned()),
        (InvalidPart::Unknown("x".to_owned()), "part `x`: there is no such field".to_owned()),
        (InvalidPart::Unknown(long), format!("part `{cut}`: there is no such field")),
    ];
    for (part, want) in cases {
        assert_eq!(detail(part.into()), want);
    }
    assert_eq!(ReceiveError::from(MalformedMultipart("no end")), ReceiveError::Multipart("no end"));
}

#[test]
fn a_refused_request_of_management_has_a_status_and_an_id() {
    use ManageError::*;
    let own = Permission::MANAGE_OWN_INCOMING_WEBHOOKS;
    let cases = [
        (Body("detail".to_owned()), 400, "api.context.invalid_body_param.app_error", "detail"),
        (BodyParameter("hook_id"), 400, "api.context.invalid_body_param.app_error", ""),
        (BodyTooLarge, 413, "api.context.request_body_too_large.app_error", ""),
        (ChannelNotFound, 404, "app.channel.get.existing.app_error", ""),
        (Disabled, 501, "api.incoming_webhook.disabled.app_error", ""),
        (Forbidden(own), 403, "api.context.permissions.app_error", "permission `manage_own_incoming_webhooks`"),
        (HasId, 400, "app.webhooks.save_incoming.existing.app_error", ""),
        (Invalid(Member::Description), 400, "model.incoming_hook.description.app_error", ""),
        (Invalid(Member::DisplayName), 400, "model.incoming_hook.display_name.app_error", ""),
        (Invalid(Member::IconUrl), 400, "model.incoming_hook.icon_url.app_error", ""),
        (InvalidUsername, 400, "api.incoming_webhook.invalid_username.app_error", ""),
        (NotFound, 404, "app.webhooks.get_incoming.app_error", ""),
        (TeamMismatch, 400, "api.webhook.team_mismatch.app_error", ""),
        (UrlParameter("hook_id"), 400, "api.context.invalid_url_param.app_error", ""),
        (UserNotFound, 404, "app.user.missing_account.const", ""),
    ];
    for (error, status, id, detail) in cases {
        let got = (error.status(), error.id(), error.detail());
        assert_eq!(got, (StatusCode::from_u16(status).unwrap(), id, detail.to_owned()), "{error:?}");
    }
    let mistake = Payload::from_json(b"5", Leniency::default()).unwrap_err();
    assert_eq!(ManageError::from(mistake), Body("expected an object (byte 0)".to_owned()));
}

#[test]
fn each_member_has_its_own_name() {
    let names = [Member::Description, Member::DisplayName, Member::IconUrl].map(|member| member.to_string());
    assert!(names.iter().all(|name| !name.is_empty()));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 3);
}
