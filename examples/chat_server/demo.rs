//! What a server starts with that was not asked to be empty: three accounts and a team to try things with.

use axum::http::Request;
use axum::http::request::Builder;
use jackfield::api::Body;
use jackfield::id::{TeamId, UserId};
use jackfield::port::ChannelKind;
use serde_json::{Value, json};

use crate::ambient::{now, random, secret};
use crate::app::{App, Server};
use crate::errors::Failure;
use crate::passwords;
use crate::routes::config;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::teams::{self, Team};
use crate::tables::{kept, sessions};

/// Makes what is not there yet and tells how to use it.
pub(crate) async fn introduce(server: &Server) -> Result<(), Failure> {
    let app = &server.app;
    let (known, used) =
        app.store.read(|connection| Ok((kept::find(connection, "demo")?, accounts::any(connection)?)))?;
    let demo = match known {
        Some(demo) => demo,
        None if used => return Ok(()), // it was started empty, and belongs to somebody
        None => {
            // What is shown first should look as it does where integrations are at home.
            // Services to try run on this machine; from elsewhere nobody may have them called.
            let inside = if app.offers_demo { "127.0.0.1 localhost" } else { "" };
            let switches = json!({
                "AllowedUntrustedInternalConnections": inside, "EnableBotAccountCreation": true,
                "EnablePostIconOverride": true, "EnablePostUsernameOverride": true, "EnableUserAccessTokens": true,
            });
            config::apply(app, &server.api, &json!({"ServiceSettings": switches})).await?;
            make(app).await?
        }
    };
    let site = app.settings.now().text("ServiceSettings", "SiteURL").to_owned();
    println!("open {site} in a browser");
    if app.offers_demo {
        println!("there, one click logs you in; the accounts of the team `demo` have passwords, too:");
    } else {
        println!("the accounts of the team `demo` there, and their passwords:");
    }
    for (name, password) in demo.get("accounts").and_then(Value::as_object).into_iter().flatten() {
        println!("  {name:6} {}", password.as_str().unwrap_or_default());
    }
    if let Some(hook) = hook(server).await? {
        println!("say something through an incoming webhook:");
        println!("  curl -d 'payload={{\"text\": \"Hello, **world**\"}}' {site}/hooks/{hook}");
    }
    println!(
        "let a service answer: add an outgoing webhook or a slash command there that calls http://127.0.0.1:9000, and"
    );
    println!("start it with");
    println!("  TOKEN=… cargo run --example receiver");
    Ok(())
}

/// The id of the administrator's webhook, made as any client makes one; none if it was deleted.
async fn hook(server: &Server) -> Result<Option<String>, Failure> {
    let app = &server.app;
    let found = app.store.read(|connection| {
        let admin = accounts::named(connection, "admin")?;
        let team = teams::named(connection, "demo")?;
        let channel = team.map(|team| channels::named(connection, Some(team.id), "town-square")).transpose()?.flatten();
        Ok((admin, channel, kept::find(connection, "demo_hook")?.is_some()))
    })?;
    let (Some(admin), Some(channel), made) = found else { return Ok(None) };
    let opened = app.store.write(move |connection| sessions::open(connection, admin.id, "", 60_000)).await?;
    let call = async |request: Builder, body: Value| -> Result<Value, Failure> {
        let request = request.header("Authorization", format!("Bearer {}", opened.token)).body(());
        let (parts, ()) = request.map_err(Failure::broken)?.into_parts();
        let answer = server.api.handle(parts, Body::Whole(body.to_string().into())).await;
        Ok(serde_json::from_slice(answer.body())?)
    };
    if !made {
        let new = json!({"channel_id": channel.id, "display_name": NAME});
        call(Request::post("/api/v4/hooks/incoming"), new).await?;
        app.store.write(|connection| kept::put(connection, "demo_hook", &json!(true))).await?;
    }
    let hooks = call(Request::get("/api/v4/hooks/incoming?per_page=200"), Value::Null).await?;
    let id = opened.session.id;
    app.store.write(move |connection| Ok(sessions::close(connection, id)?)).await?;
    let is_ours = |hook: &&Value| hook.get("display_name").and_then(Value::as_str) == Some(NAME);
    let ours = hooks.as_array().and_then(|hooks| hooks.iter().find(is_ours));
    Ok(ours.and_then(|hook| hook.get("id")?.as_str()).map(str::to_owned))
}

/// Makes the accounts, with passwords that nobody else has, and the team.
async fn make(app: &App) -> Result<Value, Failure> {
    let mut made = Vec::new();
    let mut passwords = serde_json::Map::new();
    for (name, roles) in [("admin", "system_user system_admin"), ("alice", "system_user"), ("bob", "system_user")] {
        let password = secret()?;
        let hash = passwords::hash(password.clone()).await?;
        made.push(Account::new(name, &format!("{name}@example.com"), hash, roles)?);
        passwords.insert(name.to_owned(), json!(password));
    }
    let demo = json!({"accounts": passwords});
    let kept = demo.clone();
    app.store
        .write(move |connection| {
            let team = team(made.first().map(|admin| admin.email.as_str()).unwrap_or_default())?;
            teams::insert(connection, &team)?;
            let owner = made.first().map(|account| account.id);
            let channels = channels::DEFAULT.iter().map(|(name, display)| channel(team.id, name, display, owner));
            let channels = channels.collect::<Result<Vec<_>, _>>()?;
            for account in &made {
                accounts::store(connection, account)?;
                let owns = Some(account.id) == owner;
                teams::join(connection, team.id, account.id, if owns { "team_user team_admin" } else { "team_user" })?;
                for channel in &channels {
                    let roles = if owns { "channel_user channel_admin" } else { "channel_user" };
                    channels::join(connection, channel.id, account.id, roles)?;
                }
            }
            for channel in &channels {
                channels::save(connection, channel)?;
            }
            kept::put(connection, "demo", &kept)
        })
        .await?;
    Ok(demo)
}

pub(crate) fn team(email: &str) -> Result<Team, Failure> {
    let now = now();
    Ok(Team {
        create_at: now,
        delete_at: 0,
        description: String::new(),
        display_name: "Demo".to_owned(),
        email: email.to_owned(),
        id: TeamId::from_random(random()?),
        invite_id: secret()?,
        name: "demo".to_owned(),
        team_type: "O".to_owned(),
        update_at: now,
    })
}

fn channel(team: TeamId, name: &str, display_name: &str, owner: Option<UserId>) -> Result<Channel, Failure> {
    let owner = owner.ok_or_else(|| Failure::Broken("there is no account".into()))?;
    let mut channel = Channel::new(ChannelKind::Public, Some(team), name, owner)?;
    display_name.clone_into(&mut channel.display_name);
    Ok(channel)
}

/// What the webhook is called.
const NAME: &str = "Demo";
