//! Several accounts at once: by id, by name, of a team or a channel, by what they are called (API-63).

use axum::extract::State;
use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Answer;
use super::accounts::viewer_of_others;
use super::channels::find as find_channel;
use crate::app::App;
use crate::caller::{Body, Caller, Params};
use crate::errors::Failure;
use crate::tables::account_lists::{Filter, count, page};
use crate::tables::account_views::Viewer;
use crate::tables::accounts::{self, Account};

/// `GET /users`
pub(crate) async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Answer, Failure> {
    let (limit, offset) = params.page();
    let filter = Filter {
        active: params.is_on("active"),
        in_channel: params.text("in_channel"),
        in_team: params.text("in_team"),
        inactive: params.is_on("inactive"),
        not_in_channel: params.text("not_in_channel"),
        not_in_team: params.text("not_in_team"),
        role: params.text("role"),
        ..Filter::default()
    };
    Ok(Answer::ok(found(&app, &caller, &filter, limit, offset).await?))
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    allow_inactive: bool,
    #[serde(default)]
    in_channel_id: String,
    #[serde(default)]
    limit: i64,
    #[serde(default)]
    not_in_channel_id: String,
    #[serde(default)]
    not_in_team_id: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    term: String,
}

/// `POST /users/search`
pub(crate) async fn search(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let search: Search = body.json("user_search")?;
    let term = term(&search.term);
    if term.is_empty() {
        return Err(Failure::body("term"));
    }
    let filter = Filter {
        active: !search.allow_inactive,
        in_channel: &search.in_channel_id,
        in_team: &search.team_id,
        not_in_channel: &search.not_in_channel_id,
        not_in_team: &search.not_in_team_id,
        role: &search.role,
        term: &term,
        ..Filter::default()
    };
    let limit = if search.limit > 0 { search.limit.min(1_000) } else { 100 };
    Ok(Answer::ok(found(&app, &caller, &filter, limit, 0).await?))
}

/// `GET /users/autocomplete`: those in the channel apart from those who are only in the team.
pub(crate) async fn autocomplete(State(app): State<App>, caller: Caller, params: Params) -> Result<Answer, Failure> {
    let (term, channel) = (term(params.text("name")), params.text("in_channel"));
    let limit = params.text("limit").parse().unwrap_or(100_i64).clamp(1, 1_000);
    let of_team = Filter { active: true, in_team: params.text("in_team"), term: &term, ..Filter::default() };
    let inside = found(&app, &caller, &Filter { in_channel: channel, ..of_team }, limit, 0).await?;
    if channel.is_empty() {
        return Ok(Answer::ok(json!({"users": inside})));
    }
    let outside = found(&app, &caller, &Filter { not_in_channel: channel, ..of_team }, limit, 0).await?;
    Ok(Answer::ok(json!({"users": inside, "out_of_channel": outside})))
}

/// `GET /users/stats`: bots count (BOT-61).
pub(crate) async fn stats(State(app): State<App>, _: Caller) -> Result<Answer, Failure> {
    let total = app.store.read(|connection| Ok(count(connection, true, false)?))?;
    Ok(Answer::ok(json!({"total_users_count": total})))
}

/// `GET /users/stats/filtered`
pub(crate) async fn filtered_stats(State(app): State<App>, caller: Caller, params: Params) -> Result<Answer, Failure> {
    caller.require("manage_system", Scope::System).await?;
    let (bots, deactivated) = (params.is_on("include_bots"), params.is_on("include_deleted"));
    let total = app.store.read(|connection| Ok(count(connection, bots, deactivated)?))?;
    Ok(Answer::ok(json!({"total_users_count": total})))
}

/// `POST /users/ids`
pub(crate) async fn by_ids(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let ids: Vec<String> = some(body.array()?, "user_ids")?;
    let ids = ids.iter().filter_map(|id| UserId::parse(id).ok());
    several(&app, &caller, ids, accounts::find).await
}

/// `POST /users/usernames`
pub(crate) async fn by_names(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let names: Vec<String> = some(body.array()?, "usernames")?;
    several(&app, &caller, names.into_iter(), |connection, name| accounts::named(connection, &name.to_lowercase()))
        .await
}

async fn found(app: &App, caller: &Caller, filter: &Filter<'_>, limit: i64, offset: i64) -> Result<Value, Failure> {
    for (team, name) in [(filter.in_team, "in_team"), (filter.not_in_team, "not_in_team")] {
        if !team.is_empty() {
            let team = TeamId::parse(team).map_err(|_| Failure::parameter(name))?;
            caller.require("view_team", Scope::Team(team)).await?;
        }
    }
    for (channel, name) in [(filter.in_channel, "in_channel"), (filter.not_in_channel, "not_in_channel")] {
        if !channel.is_empty() {
            ChannelId::parse(channel).map_err(|_| Failure::parameter(name))?;
            if !caller.may_read(&find_channel(app, channel)?).await? {
                return Err(Failure::permission("read_channel"));
            }
        }
    }
    let others = viewer_of_others(app, caller).await?;
    let (by_full_name, by_email) = others.shows();
    let filter = Filter { by_email, by_full_name, ..*filter };
    let found = app.store.read(|connection| Ok(page(connection, &filter, limit, offset)?))?;
    Ok(found.iter().map(|account| seen(caller, account, others)).collect())
}

async fn several<K>(
    app: &App,
    caller: &Caller,
    keys: impl Iterator<Item = K> + Send,
    find: impl Fn(&rusqlite::Connection, K) -> rusqlite::Result<Option<Account>> + Send,
) -> Result<Answer, Failure> {
    let others = viewer_of_others(app, caller).await?;
    app.store.read(|connection| {
        let mut found = Vec::new();
        for key in keys {
            found.extend(find(connection, key)?.map(|account| seen(caller, &account, others)));
        }
        Ok(Answer::ok(Value::Array(found)))
    })
}

fn seen(caller: &Caller, account: &Account, others: Viewer) -> Value {
    account.view(if account.id == caller.account.id { Viewer::Own } else { others })
}

fn some<T>(list: Vec<T>, name: &str) -> Result<Vec<T>, Failure> {
    if list.is_empty() { Err(Failure::body(name)) } else { Ok(list) }
}

fn term(text: &str) -> String {
    text.trim().trim_start_matches('@').to_lowercase()
}
