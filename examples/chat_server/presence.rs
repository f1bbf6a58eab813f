//! What users say of whether they are there: what is stored, and who hears of it.

use jackfield::id::UserId;

use crate::ambient::now;
use crate::app::App;
use crate::errors::Failure;
use crate::live::account_events;
use crate::tables::statuses::{self, Said};

/// Remembers what a user says, until they say something else or, of `dnd`, until its end in seconds since 1970.
pub(crate) async fn say(app: &App, user: UserId, status: &str, dnd_end_time: i64) -> Result<(), Failure> {
    let dnd_end_time = if status == "dnd" { dnd_end_time } else { 0 };
    let said = Said { dnd_end_time, set_at: now(), status: status.to_owned() };
    app.store.write(move |connection| Ok(statuses::put(connection, user, &said)?)).await?;
    account_events::status(app, user, status);
    Ok(())
}
