//! Fields of forms, and what was wrong with what was written into them.

use axum::http::StatusCode;

use super::html::Html;

/// What is wrong, and with which field.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    field: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) words: String,
}

impl Problem {
    /// A problem with a field, or with the whole where none is named.
    pub(crate) fn new(field: &'static str, status: StatusCode, words: impl Into<String>) -> Self {
        Self { field, status, words: words.into() }
    }
}

/// One field, with what is wrong beside it.
pub(crate) struct Field<'a> {
    name: &'static str,
    problem: Option<&'a Problem>,
}

impl<'a> Field<'a> {
    /// A field by the name that it is sent under.
    pub(crate) fn new(name: &'static str, problem: Option<&'a Problem>) -> Self {
        Self { name, problem }
    }

    /// Draws a line to write on.
    pub(crate) fn input(&self, out: &mut Html, label: &'static str, hint: &'static str, value: &str, enabled: bool) {
        self.label(out, label);
        out.raw("<input").attribute("value", value);
        self.attributes(out);
        out.raw_if(!enabled, " disabled").raw_if(self.is_wrong(), " autofocus").raw(">");
        self.notes(out, hint);
    }

    /// Draws a field for a day.
    pub(crate) fn day(&self, out: &mut Html, label: &'static str, hint: &'static str, value: &str) {
        self.label(out, label);
        out.raw("<input type=\"date\"").attribute("value", value);
        self.attributes(out);
        out.raw(">");
        self.notes(out, hint);
    }

    /// Draws a box for several lines.
    pub(crate) fn area(&self, out: &mut Html, label: &'static str, hint: &'static str, value: &str) {
        self.label(out, label);
        out.raw("<textarea rows=\"3\"");
        self.attributes(out);
        // The first line feed within one is not part of it.
        out.raw_if(self.is_wrong(), " autofocus").raw(">\n").text(value).raw("</textarea>");
        self.notes(out, hint);
    }

    /// Draws a choice of one of several values, each with its name.
    pub(crate) fn choice<'b>(
        &self,
        out: &mut Html,
        label: &'static str,
        hint: &'static str,
        options: impl IntoIterator<Item = (&'b str, &'b str)>,
        chosen: &str,
    ) {
        self.label(out, label);
        out.raw("<select");
        self.attributes(out);
        out.raw(">");
        for (value, name) in options {
            out.raw("<option").attribute("value", value).raw_if(value == chosen, " selected").raw(">");
            out.text(name).raw("</option>");
        }
        out.raw("</select>");
        self.notes(out, hint);
    }

    /// Draws what the field is called.
    pub(crate) fn label(&self, out: &mut Html, label: &'static str) {
        out.raw("<label for=\"").raw(self.name).raw("\">").raw(label).raw("</label>");
    }

    /// Draws the attributes of what is filled in.
    pub(crate) fn attributes(&self, out: &mut Html) {
        out.raw(" id=\"").raw(self.name).raw("\" name=\"").raw(self.name).raw("\" aria-describedby=\"").raw(self.name);
        out.raw("-notes\"").raw_if(self.is_wrong(), " aria-invalid=\"true\"");
    }

    /// Draws what is wrong with it, and what helps to fill it in.
    pub(crate) fn notes(&self, out: &mut Html, hint: &'static str) {
        out.raw("<div id=\"").raw(self.name).raw("-notes\">");
        if let Some(problem) = self.problem.filter(|_| self.is_wrong()) {
            out.raw("<p class=\"error\">").text(&problem.words).raw("</p>");
        }
        out.raw("<p class=\"hint\">").raw(hint).raw("</p></div>");
    }

    fn is_wrong(&self) -> bool {
        self.problem.is_some_and(|problem| problem.field == self.name)
    }
}

/// Draws a box to check, with the name that it is sent under.
pub(crate) fn draw_check(out: &mut Html, name: &'static str, label: &'static str, checked: bool, enabled: bool) {
    out.raw("<p class=\"check\"><input type=\"checkbox\" value=\"1\" id=\"").raw(name).raw("\" name=\"").raw(name);
    out.raw("\"").raw_if(checked, " checked").raw_if(!enabled, " disabled").raw("><label for=\"").raw(name);
    out.raw("\">").raw(label).raw("</label></p>");
}

/// Draws what is wrong with a form as a whole.
pub(crate) fn draw_whole(out: &mut Html, problem: Option<&Problem>) {
    if let Some(problem) = problem.filter(|problem| problem.field.is_empty()) {
        out.raw("<p class=\"error\" role=\"alert\">").text(&problem.words).raw("</p>");
    }
}
