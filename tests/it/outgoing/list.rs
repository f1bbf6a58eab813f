//! Lists (OUT-33 to OUT-35, OUT-110).

use jackfield::id::ChannelId;
use jackfield::port::{Channel, ChannelKind, Permission, Scope};
use serde_json::{Value, json};

use super::{DISABLED, FORBIDDEN, UNKNOWN, call, hook_with, listed, made, site, word};
use crate::host::Site;

const OTHERS: Permission = Permission::MANAGE_OTHERS_OUTGOING_WEBHOOKS;
const OWN: Permission = Permission::MANAGE_OWN_OUTGOING_WEBHOOKS;

async fn titles(site: &Site, user: &str, query: &str) -> Vec<String> {
    listed(site, user, query).await.iter().map(|hook| hook["display_name"].as_str().unwrap().to_owned()).collect()
}

/// Hooks by admin, ann and bob: of the whole team, of two channels, and of another team.
async fn filled() -> Site {
    let site = site().await;
    let hooks = [
        ("1", json!({})),
        ("2", json!({ "channel_id": site.dev })),
        ("3", json!({ "channel_id": site.dev, "creator_id": site.ann })),
        ("4", json!({ "channel_id": site.ops, "creator_id": site.bob })),
        ("5", json!({ "creator_id": site.ann })),
        ("6", json!({ "team_id": site.other_team, "channel_id": site.foreign, "creator_id": site.ann })),
    ];
    for (title, mut members) in hooks {
        members["display_name"] = json!(title);
        members["trigger_words"] = json!([title]);
        made(&site, "admin", members).await;
        site.host.world().milliseconds += 1;
    }
    site
}

#[tokio::test]
async fn a_list_is_of_a_channel_a_team_or_everything_oldest_first() {
    let site = filled().await;
    let (team, other) = (site.team, site.other_team);
    let cases: [(String, &[&str]); 9] = [
        (String::new(), &["1", "2", "3", "4", "5", "6"]),
        (format!("?team_id={team}"), &["1", "2", "3", "4", "5"]),
        (format!("?team_id={other}"), &["6"]),
        (format!("?team_id={UNKNOWN}"), &[]),
        ("?team_id=team".to_owned(), &[]),
        (format!("?channel_id={}", site.dev), &["2", "3"]),
        (format!("?channel_id={}&team_id={other}", site.dev), &["2", "3"]),
        (format!("?channel_id={}&team_id=team", site.ops), &["4"]),
        (format!("?channel_id={}", site.attic), &[]),
    ];
    for (query, want) in cases {
        assert_eq!(titles(&site, "admin", &query).await, want, "{query}");
    }
}

/// OUT-34.
#[tokio::test]
async fn a_list_shows_what_its_reader_may_manage() {
    let site = filled().await;
    let (team, other) = (format!("?team_id={}", site.team), format!("?team_id={}", site.other_team));
    let (dev, everything) = (format!("?channel_id={}", site.dev), String::new());
    let lists = [&team, &other, &dev, &everything];
    let scopes = [Scope::Team(site.team), Scope::Team(site.other_team), Scope::Channel(site.dev), Scope::System];
    let own: [&[&str]; 4] = [&["3", "5"], &["6"], &["3"], &["3", "5", "6"]];
    let all: [&[&str]; 4] = [&["1", "2", "3", "4", "5"], &["6"], &["2", "3"], &["1", "2", "3", "4", "5", "6"]];
    site.host.world().grants.clear();
    for (place, scope) in scopes.into_iter().enumerate() {
        for (permissions, want) in
            [(&[OTHERS][..], None), (&[OWN], Some(own[place])), (&[OWN, OTHERS], Some(all[place]))]
        {
            site.host.world().grants.clear();
            for permission in permissions {
                site.host.world().grant(site.ann, permission.clone(), scope);
            }
            for (other, query) in lists.iter().enumerate() {
                let told = format!("{permissions:?} {scope:?} {query}");
                match want.filter(|_| other == place) {
                    Some(want) => assert_eq!(titles(&site, "ann", query).await, want, "{told}"),
                    None => {
                        let answer = call(&site, "ann", "GET", query, "").await;
                        assert_eq!(answer.brief(), (403, FORBIDDEN.into()), "{told}");
                    }
                }
            }
        }
    }
}

/// OUT-9.
#[tokio::test]
async fn the_list_of_a_channel_that_is_not_there_is_refused_to_everybody() {
    let site = filled().await;
    for id in [UNKNOWN, "dev", "..", "%00"] {
        let answer = call(&site, "admin", "GET", &format!("?channel_id={id}"), "").await;
        assert_eq!(answer.brief(), (403, FORBIDDEN.into()), "{id}");
    }
}

#[tokio::test]
async fn the_permission_is_looked_at_before_the_switch() {
    let site = filled().await;
    site.configure(|settings| settings.outgoing.enabled = false);
    for query in [String::new(), format!("?team_id={}", site.team), format!("?channel_id={}", site.dev)] {
        assert_eq!(call(&site, "admin", "GET", &query, "").await.brief(), (501, DISABLED.into()), "{query}");
        assert_eq!(call(&site, "bob", "GET", &query, "").await.brief(), (403, FORBIDDEN.into()), "{query}");
    }
}

#[tokio::test]
async fn hooks_of_one_time_come_by_their_ids() {
    let site = site().await;
    for number in 0..20 {
        made(&site, "admin", word(number)).await;
    }
    let ids: Vec<_> = listed(&site, "admin", "").await.iter().map(|hook| hook["id"].to_string()).collect();
    assert!(ids.len() == 20 && ids.is_sorted(), "{ids:?}");
}

#[tokio::test]
async fn pages_neither_repeat_nor_miss_a_hook() {
    let site = site().await;
    for number in 0..205 {
        let mut members = word(number);
        members["display_name"] = json!(number.to_string());
        made(&site, "admin", members).await;
        site.host.world().milliseconds += 1;
    }
    let all: Vec<_> = (0..205).map(|number| number.to_string()).collect();
    for filter in [String::new(), format!("&team_id={}", site.team)] {
        let mut seen = Vec::new();
        for page in 0..6 {
            seen.extend(titles(&site, "admin", &format!("?per_page=40&page={page}{filter}")).await);
        }
        assert_eq!(seen, all, "{filter}");
    }
    let sizes = [
        ("", 60),
        ("?per_page=0", 0),
        ("?per_page=999", 200),
        ("?per_page=-1", 60),
        ("?per_page=many&page=-1", 60),
        ("?page=1.5", 60),
        ("?page=9223372036854775807&per_page=200", 0),
        ("?per_page=200&page=1", 5),
        ("?include_total_count=true", 60),
    ];
    for (query, want) in sizes {
        assert_eq!(listed(&site, "admin", query).await.len(), want, "{query}");
    }
    let answer = call(&site, "admin", "GET", "?per_page=0", "").await;
    assert_eq!(&answer.body[..], b"[]\n");
}

/// A channel that has no team has no hooks, and who may what there is for the host to say.
#[tokio::test]
async fn a_channel_without_a_team_has_an_empty_list() {
    let site = site().await;
    let direct = Channel::new(ChannelId::from_random([98; 16]), ChannelKind::Direct, "a__b");
    let id = direct.id;
    site.host.world().channels.push(direct);
    assert_eq!(listed(&site, "admin", &format!("?channel_id={id}")).await, Vec::<Value>::new());
    let body = hook_with(&site, json!({ "channel_id": id })).to_string();
    assert_eq!(call(&site, "admin", "POST", "", body).await.brief(), (403, DISABLED.into()));
}
