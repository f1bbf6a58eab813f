//! What is around the content of every page.

use super::assets;
use super::html::Html;
use super::visit::Visit;
use crate::tables::teams::Team;

/// A page of somebody who is logged in: the bar at the top, the menu on the left, and the content.
pub(crate) fn page(title: &str, visit: &Visit, team: &Team, menu: &Html, content: &Html) -> Html {
    let mut out = head(title, "app");
    out.raw("<a class=\"skip\" href=\"#content\">Skip to content</a><header class=\"bar\">");
    out.raw("<a class=\"menu-button\" id=\"menu-button\" href=\"#menu\" role=\"button\" aria-controls=\"menu\">");
    out.raw("<span aria-hidden=\"true\">☰</span><span class=\"hidden\">Channels</span></a>");
    out.raw("<a class=\"team\" href=\"/t/").text(&team.name).raw("\"><bdi>").text(&team.display_name).raw("</bdi></a>");
    out.raw("<span class=\"me\">Logged in as <bdi>").text(&visit.account.username).raw("</bdi></span>");
    out.raw("<a class=\"profile\" href=\"/t/").text(&team.name).raw("/profile/tokens\">Profile</a>");
    out.raw("<form method=\"post\" action=\"/logout\">");
    token(&mut out, visit);
    out.raw("<button class=\"quiet\">Log out</button></form></header><div class=\"columns\">");
    out.raw("<nav id=\"menu\" class=\"menu\" aria-label=\"Channels and integrations\" tabindex=\"-1\">");
    out.append(menu).raw("</nav><main id=\"content\" tabindex=\"-1\">").append(content).raw("</main></div>");
    out.raw("</body></html>");
    out
}

/// A page with one thing in its middle.
pub(crate) fn alone(title: &str, content: &Html) -> Html {
    let mut out = head(title, "alone");
    out.raw("<main id=\"content\" class=\"card\">").append(content).raw("</main></body></html>");
    out
}

/// A page that says what went wrong.
pub(crate) fn error(message: &str) -> Html {
    let mut content = Html::new();
    content
        .raw("<h1>That did not work</h1><p>")
        .text(message)
        .raw("</p><p><a class=\"button\" href=\"/\">Back</a></p>");
    alone("That did not work", &content)
}

/// The hidden field that every form has.
pub(crate) fn token(out: &mut Html, visit: &Visit) {
    out.raw("<input type=\"hidden\" name=\"csrf\" value=\"").text(visit.csrf()).raw("\">");
}

fn head(title: &str, class: &'static str) -> Html {
    let mut out = Html::new();
    out.raw("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>").text(title);
    out.raw(" – Jackfield chat</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.raw("<meta name=\"color-scheme\" content=\"light dark\">");
    assets::draw_links(&mut out);
    out.raw("</head><body class=\"").raw(class).raw("\">");
    out
}
