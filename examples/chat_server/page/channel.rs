//! A channel and a thread: messages, oldest first, and a box to write in.

use axum::extract::{Path, State};
use axum::response::Redirect;
use jackfield::id::{ChannelId, PostId};
use jackfield::port::Scope;

use super::frame;
use super::html::Html;
use super::post::{self, Manner};
use super::seen::{self, Seen};
use super::sidebar::{self, Here};
use super::visit::Visit;
use crate::app::Server;
use crate::caller::Params;
use crate::errors::Failure;
use crate::tables::channels::{self, Channel};
use crate::tables::posts::Range;
use crate::tables::teams::{self, Team};

/// Where a team begins.
pub(crate) fn team_path(team: &Team) -> String {
    format!("/t/{}", team.name)
}

/// Where a channel is.
pub(crate) fn channel_path(team: &Team, channel: &Channel) -> String {
    format!("/t/{}/c/{}", team.name, channel.name)
}

/// `GET /t/{team}`: its first channel.
pub(crate) async fn first(visit: Visit, Path(team): Path<String>) -> Result<Redirect, Failure> {
    let team = seen::team(&visit, &team)?;
    let name = channels::DEFAULT.first().map_or("", |(name, _)| name);
    Ok(Redirect::to(&format!("/t/{}/c/{name}", team.name)))
}

/// `GET /{team}/channels/{channel}`: the channel, by the address that other clients know it by.
pub(crate) async fn arrive(visit: Visit, Path((team, channel)): Path<(String, String)>) -> Result<Redirect, Failure> {
    let team = seen::team(&visit, &team)?;
    let channel = seen::channel(&visit, &team, &channel)?;
    Ok(Redirect::to(&channel_path(&team, &channel)))
}

/// `GET /t/{team}/c/{channel}`
pub(crate) async fn show(
    visit: Visit,
    params: Params,
    Path((team, channel)): Path<(String, String)>,
) -> Result<Html, Failure> {
    let team = seen::team(&visit, &team)?;
    let channel = seen::channel(&visit, &team, &channel)?;
    let range = range(&params)?;
    let (found, more) = seen::page(&visit, &channel, range)?;
    let title = sidebar::title(&visit, &channel)?;
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1><bdi>").text(&title).raw("</bdi></h1>");
    out.raw("<p class=\"purpose\"><bdi>").text(&channel.header).raw("</bdi></p>").raw(CONNECTION);
    out.raw("<div class=\"scroller\" id=\"scroller\" tabindex=\"0\" role=\"region\" aria-label=\"Messages\">");
    let older = found.first().filter(|_| more && !matches!(range, Range::After(_)));
    if let Some(oldest) = older {
        out.raw("<p class=\"older\"><a id=\"older\" href=\"?before=").text(oldest.post.id.as_str());
        out.raw("\">Older messages</a></p>");
    }
    if found.is_empty() {
        out.raw("<p class=\"empty\" id=\"empty\">Nothing here yet. Say something, or let a webhook say it.</p>");
    }
    open_list(&mut out, &team, &channel, None);
    let settings = visit.server.app.settings.now();
    draw_all(&mut out, &found, &Manner::new(&team, &settings));
    out.raw("</ol></div>");
    if !matches!(range, Range::Latest) {
        out.raw("<p class=\"older\"><a href=\"").text(&channel_path(&team, &channel)).raw("\">Newest messages</a></p>");
    }
    draw_writing(&mut out, &visit, &team, &channel, None, &title)?;
    Ok(frame::page(&title, &visit, &team, &sidebar::draw(&visit, &team, Here::Channel(channel.id))?, &out))
}

/// `GET /t/{team}/posts/{post}`: its thread, with nothing left out.
pub(crate) async fn thread(visit: Visit, Path((team, post)): Path<(String, String)>) -> Result<Html, Failure> {
    let team = seen::team(&visit, &team)?;
    let (post, channel) = seen::post(&visit, &post)?;
    if channel.team_id.is_some_and(|id| id != team.id) {
        return Err(seen::missing("message"));
    }
    let root = post.root_id.unwrap_or(post.id);
    let found = seen::thread(&visit, root)?;
    let title = sidebar::title(&visit, &channel)?;
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Thread</h1><p class=\"purpose\">in <a href=\"")
        .text(&channel_path(&team, &channel));
    out.raw("\"><bdi>").text(&title).raw("</bdi></a></p>").raw(CONNECTION);
    out.raw("<div class=\"scroller whole\" id=\"scroller\" tabindex=\"0\" role=\"region\" aria-label=\"Messages\">");
    open_list(&mut out, &team, &channel, Some(root));
    let settings = visit.server.app.settings.now();
    draw_all(&mut out, &found, &Manner::new(&team, &settings).whole());
    out.raw("</ol></div>");
    draw_writing(&mut out, &visit, &team, &channel, Some(root), &title)?;
    Ok(frame::page("Thread", &visit, &team, &sidebar::draw(&visit, &team, Here::Channel(channel.id))?, &out))
}

/// `GET /ui/posts/{post}`: one message, for the script to put in its place.
pub(crate) async fn piece(visit: Visit, params: Params, Path(post): Path<String>) -> Result<Html, Failure> {
    let (post, channel) = seen::post(&visit, &post)?;
    let team = team_of(&visit, &channel, &params)?;
    let settings = visit.server.app.settings.now();
    let manner = Manner::new(&team, &settings);
    let manner = if params.text("whole").is_empty() { manner } else { manner.whole() };
    let mut out = Html::new();
    post::draw(&mut out, &seen::one(&visit, post)?, &manner);
    Ok(out)
}

/// `GET /ui/channels/{channel}/posts?before=` or `?after=`: messages, for the script to put in their place.
pub(crate) async fn pieces(
    visit: Visit,
    State(server): State<Server>,
    params: Params,
    Path(channel): Path<String>,
) -> Result<Html, Failure> {
    let id = ChannelId::parse(&channel).map_err(|_| seen::missing("channel"))?;
    let channel = seen::channel_by_id(&visit, id)?;
    let team = team_of(&visit, &channel, &params)?;
    let (found, more) = seen::page(&visit, &channel, range(&params)?)?;
    let mut out = Html::new();
    draw_all(&mut out, &found, &Manner::new(&team, &server.app.settings.now()));
    out.raw_if(more, "<li class=\"more-to-come\" hidden></li>");
    Ok(out)
}

/// The team around a channel; around a direct one, the team that the page is in.
fn team_of(visit: &Visit, channel: &Channel, params: &Params) -> Result<Team, Failure> {
    match channel.team_id {
        None => seen::team(visit, params.text("team")),
        Some(id) => {
            let found = visit.server.app.store.read(|connection| Ok(teams::find(connection, id)?))?;
            found.ok_or_else(|| seen::missing("team"))
        }
    }
}

fn range(params: &Params) -> Result<Range, Failure> {
    let id = |name| match params.text(name) {
        "" => Ok(None),
        id => PostId::parse(id).map(Some).map_err(|_| seen::missing("message")),
    };
    Ok(match (id("before")?, id("after")?) {
        (Some(id), _) => Range::Before(id),
        (_, Some(id)) => Range::After(id),
        _ => Range::Latest,
    })
}

fn open_list(out: &mut Html, team: &Team, channel: &Channel, root: Option<PostId>) {
    out.raw("<ol class=\"posts\" id=\"posts\" aria-live=\"polite\" aria-relevant=\"additions\"");
    out.attribute("data-channel", channel.id.as_str()).attribute("data-team", &team.name);
    out.attribute("data-thread", root.as_ref().map_or("", PostId::as_str)).raw(">");
}

fn draw_all(out: &mut Html, found: &[Seen], manner: &Manner<'_>) {
    for seen in found {
        post::draw(out, seen, manner);
    }
}

/// The box to write in, or why there is none.
fn draw_writing(
    out: &mut Html,
    visit: &Visit,
    team: &Team,
    channel: &Channel,
    root: Option<PostId>,
    title: &str,
) -> Result<(), Failure> {
    let app = &visit.server.app;
    let joined = app.store.read(|connection| Ok(channels::roles_of(connection, channel.id, visit.user())?))?.is_some();
    let path = channel_path(team, channel);
    if channel.delete_at != 0 {
        out.raw("<p class=\"write closed\">This channel is archived.</p>");
        return Ok(());
    }
    if !joined {
        out.raw("<form class=\"write closed\" method=\"post\" action=\"").text(&path).raw("/join\">");
        frame::token(out, visit);
        out.raw("You are not in this channel, and see new messages after joining. ");
        out.raw("<button class=\"primary\">Join</button></form>");
        return Ok(());
    }
    if !app.may(visit.user(), "create_post", Scope::Channel(channel.id))? {
        out.raw("<p class=\"write closed\">You may read here, but not write.</p>");
        return Ok(());
    }
    out.raw("<form class=\"write\" id=\"write\" method=\"post\" action=\"").text(&path).raw("/posts\"");
    out.attribute("data-channel", channel.id.as_str()).attribute("data-team", team.id.as_str()).raw(">");
    frame::token(out, visit);
    if let Some(root) = root {
        out.raw("<input type=\"hidden\" name=\"root\" value=\"").text(root.as_str()).raw("\">");
    }
    out.raw("<label class=\"hidden\" for=\"message\">Message</label>");
    out.raw("<textarea id=\"message\" name=\"message\" rows=\"1\" required aria-describedby=\"write-help\"");
    let hint = if root.is_some() { "Reply to the thread".to_owned() } else { format!("Write to {title}") };
    out.attribute("placeholder", &hint).raw("></textarea><button class=\"primary\">Send</button>");
    out.raw(
        "<p class=\"help\" id=\"write-help\">Enter sends, Shift+Enter begins a new line. Markdown works, and so do ",
    );
    out.raw("commands: they begin with /.</p><p class=\"error\" id=\"write-error\" role=\"alert\"></p>");
    out.raw("<ul class=\"suggestions\" id=\"suggestions\" role=\"listbox\" aria-label=\"Commands\" hidden></ul>");
    out.raw("<p class=\"hidden\" id=\"suggested\" role=\"status\"></p></form>");
    Ok(())
}

/// Where the script says that it has lost the server; ends the head of the page.
const CONNECTION: &str = "<p class=\"connection\" id=\"connection\" role=\"status\"></p></div>";
