//! What a server starts with that was not asked to be empty: three accounts and a team to try things with.

use axum::Router;
use jackfield::id::{TeamId, UserId};
use jackfield::port::ChannelKind;
use serde_json::{Value, json};

use crate::ambient::{now, secret};
use crate::app::App;
use crate::errors::Failure;
use crate::passwords;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::teams::{self, Team};

/// Makes what is not there yet and tells how to use it.
pub(crate) async fn introduce(app: &App, _jackfield: Router) -> Result<(), Failure> {
    let known = app.store.read(|connection| Ok(kept(connection)?))?;
    let demo = match known {
        Some(demo) => demo,
        None if app.store.read(|connection| Ok(accounts::any(connection)?))? => return Ok(()),
        None => make(app).await?,
    };
    println!("demo accounts of the team `demo`:");
    for (name, password) in demo.get("accounts").and_then(Value::as_object).into_iter().flatten() {
        println!("  {name:6} {}", password.as_str().unwrap_or_default());
    }
    Ok(())
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
    let text = demo.to_string();
    app.store
        .write(move |connection| {
            let team = team(made.first().map(|admin| admin.email.as_str()).unwrap_or_default())?;
            teams::insert(connection, &team)?;
            let owner = made.first().map(|account| account.id);
            let channels = channels::DEFAULT.iter().map(|(name, display)| channel(team.id, name, display, owner));
            let channels = channels.collect::<Result<Vec<_>, _>>()?;
            for account in &made {
                accounts::insert(connection, account)?;
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
            connection.execute("INSERT INTO kept (name, value) VALUES ('demo', ?)", [text])?;
            Ok(())
        })
        .await?;
    Ok(demo)
}

fn team(email: &str) -> Result<Team, Failure> {
    let now = now();
    Ok(Team {
        create_at: now,
        delete_at: 0,
        description: String::new(),
        display_name: "Demo".to_owned(),
        email: email.to_owned(),
        id: TeamId::from_random(crate::ambient::random()?),
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

fn kept(connection: &rusqlite::Connection) -> Result<Option<Value>, Failure> {
    let mut statement = connection.prepare("SELECT value FROM kept WHERE name = 'demo'")?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&row.get::<_, String>("value")?)?))
}
