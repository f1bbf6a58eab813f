//! Forms that make a secret work once. Who reloads the page that shows one sends the form again, and makes no other.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::html::Html;
use super::visit::Sent;
use crate::ambient::secret;
use crate::errors::Failure;

/// The forms that were sent of late.
#[derive(Debug, Default)]
pub(crate) struct SpentForms(Mutex<VecDeque<String>>);

impl SpentForms {
    /// Whether a form is sent for the first time; from then on it is not.
    pub(crate) fn spend(&self, sent: &Sent) -> bool {
        self.is_first(sent.text("once"))
    }

    fn is_first(&self, form: &str) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if form.is_empty() || form.len() > LONGEST || spent.iter().any(|one| one == form) {
            return false;
        }
        if spent.len() >= MOST {
            spent.pop_front();
        }
        spent.push_back(form.to_owned());
        true
    }
}

/// Draws the hidden field that tells one form from all others.
pub(crate) fn draw(out: &mut Html) -> Result<(), Failure> {
    out.raw("<input type=\"hidden\" name=\"once\"").attribute("value", &secret()?).raw(">");
    Ok(())
}

/// In bytes.
const LONGEST: usize = 26;
/// How many are remembered.
const MOST: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_works_once() {
        let spent = SpentForms::default();
        let (long, short) = ("x".repeat(27), "x".repeat(26));
        let cases = [("", false), (&long, false), (&short, true), (&short, false), ("b", true), (&short, false)];
        for (form, want) in cases {
            assert_eq!(spent.is_first(form), want, "{form}");
        }
    }
}
