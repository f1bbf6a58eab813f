//! What becomes of commands when the host's own things change (CMD-7).

use super::super::Engine;
use super::super::error::Fault;
use super::super::table::Pages;
use super::TRIES_IN_TEAM;
use super::change::Edit;
use crate::command::Command;
use crate::port::Index;

impl Engine {
    /// Removes the commands that an index has under a prefix, whether the feature is switched on or not.
    pub(in crate::engine) async fn end_commands(&self, index: Index, whose: &str) -> Result<(), Fault> {
        let mut lost = 0;
        while lost < TRIES_IN_TEAM {
            // What was removed is not found again, so each round begins at the start.
            let mut pages = Pages::new::<Command>(index, whose.as_bytes());
            let commands = pages.next::<Command>(&self.shared.ports.storage).await?;
            if commands.is_empty() {
                return Ok(());
            }
            for stored in &commands {
                if self.commit_command(Edit::remove(stored)).await? {
                    self.tell_of_command(None, "deleted", &stored.kind);
                    lost = 0;
                } else {
                    lost += 1;
                }
            }
        }
        Err(Fault::busy())
    }
}
