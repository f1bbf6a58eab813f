//! A sink that is right, and sinks that are wrong in exactly one way.

use jackfield::conformance::run_sink;

use super::host::{Flaw, host};

mod right {
    use super::*;

    jackfield::post_sink_conformance!(tokio::test, || async { host(Flaw::None) });
}

#[tokio::test]
async fn each_flaw_is_caught_by_the_check_meant_for_it() {
    let cases: [(Flaw, &[&str]); 32] = [
        (Flaw::None, &[]),
        (
            Flaw::AppliesOneByOne,
            &["batches_are_all_or_nothing", "a_refused_batch_leaves_its_keys_free", "accounts_are_all_or_nothing"],
        ),
        (Flaw::BotsAreHalfKnown, &["bots_are_known_or_not_at_all", "sessions_that_are_not_there_end"]),
        (Flaw::BotsAreHumans, &["bots_are_saved_as_they_should_be", "a_refused_conversion_changes_nothing"]),
        (Flaw::ConvertsBeforeLooking, &["a_refused_conversion_changes_nothing"]),
        (Flaw::ConvertsNobody, &["accounts_are_converted"]),
        (Flaw::DisablesNobody, &["bots_are_saved_as_they_should_be"]),
        (Flaw::NamesMayBeShared, &["a_taken_username_is_refused", "one_of_many_gets_a_username"]),
        (Flaw::NamesRace, &["one_of_many_gets_a_username"]),
        (Flaw::NoBots, &[]),
        (Flaw::RenamesNobody, &["bots_are_saved_as_they_should_be"]),
        (Flaw::SavesOnce, &["bots_are_saved_as_they_should_be"]),
        (Flaw::SessionsMustBeThere, &["sessions_that_are_not_there_end"]),
        (Flaw::TakenNamesHaveNoId, &["a_taken_username_is_refused"]),
        (Flaw::DeletesNothing, &["deleted_posts_are_gone", "gone_posts_are_not_found"]),
        (Flaw::DirectsHaveTwoNames, &["a_direct_channel_is_opened_once"]),
        (Flaw::DropsOrigins, &["origins_are_given_back"]),
        (Flaw::DropsTypes, &["created_posts_are_given_back"]),
        (Flaw::ForgetsKeys, &["a_key_is_applied_once", "a_repeat_says_so", "a_key_is_applied_once_in_a_race"]),
        (Flaw::GoneIsAFailure, &["gone_posts_are_not_found"]),
        (Flaw::KeysAreCut, &["keys_are_told_apart"]),
        (Flaw::KeysOfRefusedCallsCount, &["a_refused_batch_leaves_its_keys_free"]),
        (Flaw::KeysRace, &["a_key_is_applied_once_in_a_race"]),
        (Flaw::OneTimeForAll, &["posts_of_one_effect_rise"]),
        (Flaw::OpeningsRace, &["one_of_many_opens_a_direct_channel"]),
        (Flaw::OrderIsReversed, &["effects_are_applied_in_order"]),
        (Flaw::RepeatsLookNew, &["a_repeat_says_so"]),
        (Flaw::StoresEphemeralPosts, &["ephemeral_posts_are_not_stored"]),
        (Flaw::TakesSameForAgain, &["without_a_key_each_call_is_new"]),
        (Flaw::UnknownChannelsAreFine, &["posts_to_nowhere_are_not_found"]),
        (Flaw::UpdatesHaveNoAnswer, &["each_effect_has_an_answer"]),
        (Flaw::UpdatesTakeTheAuthor, &["updates_change_content_and_nothing_else"]),
    ];
    let mut surprises = Vec::new();
    for (flaw, want) in cases {
        let found = run_sink(move || async move { host(flaw) }).await;
        let checks: Vec<_> = found.iter().map(|violation| violation.check).collect();
        if checks != want {
            surprises.push((flaw, found));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}
