//! The client that ships, and clients that are wrong in exactly one way.

use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::conformance::run_http;

use super::flawed_http_client::{Flaw, FlawedClient};

mod hyper {
    use super::*;

    jackfield::http_client_conformance!(tokio::test, || async { HyperClient::new(HyperOptions::default()).unwrap() });
}

mod hyper_on_several_threads {
    use super::*;

    jackfield::http_client_conformance!(tokio::test(flavor = "multi_thread"), || async {
        HyperClient::new(HyperOptions::default()).unwrap()
    });
}

#[tokio::test]
async fn each_flaw_is_caught_by_the_check_meant_for_it() {
    let cases: [(Flaw, &[&str]); 22] = [
        (Flaw::None, &[]),
        (Flaw::AddsCredentials, &["nothing_is_added_to_a_request"]),
        (
            Flaw::AdmitsAll,
            &[
                "forbidden_addresses_are_not_called",
                "names_are_judged_by_their_addresses",
                "connections_do_not_outlive_their_policy",
                "admitted_connections_serve_no_other_call",
            ],
        ),
        (Flaw::BodiesAreText, &["bodies_are_bytes"]),
        (Flaw::BodiesGoMissing, &["requests_arrive_as_they_were_given"]),
        (Flaw::CutsInSilence, &["a_longer_body_is_cut_and_says_so", "a_body_without_an_end_is_cut"]),
        (Flaw::FollowsRedirects, &["redirects_are_not_followed"]),
        (
            Flaw::ForgetsNetworks,
            &[
                "allowed_networks_are_called",
                "forbidden_ports_are_not_called",
                "connections_do_not_outlive_their_policy",
            ],
        ),
        (Flaw::ForgetsPorts, &["forbidden_ports_are_not_called"]),
        (Flaw::HalfIsEnough, &["half_a_body_is_no_answer"]),
        (Flaw::IsLate, &["silence_ends_at_the_deadline", "a_trickle_ends_at_the_deadline"]),
        (Flaw::JudgesTheAdmitted, &["admitted_hosts_are_not_judged"]),
        (Flaw::KeepsCookies, &["cookies_are_not_kept"]),
        (Flaw::KeepsOldPolicy, &["connections_do_not_outlive_their_policy"]),
        (Flaw::LimitIsBeyond, &["a_body_at_the_limit_is_whole"]),
        (Flaw::ReadsToTheEnd, &["a_body_without_an_end_is_cut"]),
        (
            Flaw::SaysMaybe,
            &[
                "nobody_there_means_that_nothing_was_sent",
                "what_is_no_address_is_not_called",
                "forbidden_addresses_are_not_called",
                "names_are_judged_by_their_addresses",
                "forbidden_ports_are_not_called",
                "connections_do_not_outlive_their_policy",
                "admitted_connections_serve_no_other_call",
            ],
        ),
        (
            Flaw::SaysNothingWasSent,
            &[
                "what_was_sent_is_told",
                "a_broken_answer_is_none",
                "half_a_body_is_no_answer",
                "silence_ends_at_the_deadline",
                "a_trickle_ends_at_the_deadline",
            ],
        ),
        (Flaw::SharesAdmitted, &["admitted_connections_serve_no_other_call"]),
        (Flaw::StatusIsAnError, &["every_status_is_an_answer"]),
        (Flaw::TrustsOldConnections, &["a_closed_connection_is_replaced"]),
        (Flaw::UrlsAreConnected, &["what_is_no_address_is_not_called"]),
    ];
    let mut surprises = Vec::new();
    let runs =
        cases.map(|(flaw, want)| (flaw, want, tokio::spawn(run_http(move || async move { FlawedClient::new(flaw) }))));
    for (flaw, want, run) in runs {
        let found = run.await.unwrap();
        let checks: Vec<_> = found.iter().map(|violation| violation.check).collect();
        if checks != want {
            surprises.push((flaw, found));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}
