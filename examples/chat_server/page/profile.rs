//! `/t/{team}/profile/tokens`: one's own personal access tokens.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::engine::FreshToken;
use jackfield::port::{Permission, Scope};

use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::seen;
use super::sidebar::Here;
use super::tokens::{Deed, Draft, Made, Tokens};
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `GET /t/{team}/profile`
pub(crate) async fn front(visit: Visit, Path(team): Path<String>) -> Result<Redirect, Failure> {
    Ok(Redirect::to(&path(&seen::team(&visit, &team)?)))
}

/// `GET /t/{team}/profile/tokens`
pub(crate) async fn list(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    show(&visit, &team, None, &Draft::default(), None).await
}

/// `POST /t/{team}/profile/tokens`
pub(crate) async fn create(Path(team): Path<String>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    match tokens(visit, &team).make(&sent).await? {
        Made::Fresh(fresh) => show(visit, &team, Some(&fresh), &Draft::default(), None).await,
        Made::Problem(draft, problem) => show(visit, &team, None, &draft, Some(&problem)).await,
        Made::Spent => Ok(Redirect::to(&path(&team)).into_response()),
    }
}

/// `GET /t/{team}/profile/tokens/{token}/revoke`: asks first.
pub(crate) async fn ask(visit: Visit, Path((team, token)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let tokens = tokens(&visit, &team);
    match tokens.find(&token).await? {
        Ok(token) => {
            let mut out = Html::new();
            tokens.draw_question(&mut out, &token, &path(&team));
            page(&visit, &team, Here::Profile, "Revoke this token?", &out, StatusCode::OK)
        }
        Err(problem) => refuse(&visit, &team, Here::Profile, TITLE, &problem),
    }
}

/// `POST /t/{team}/profile/tokens/{token}/{deed}`
pub(crate) async fn change(
    Path((team, token, deed)): Path<(String, String, String)>,
    sent: Sent,
) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    match tokens(visit, &team).change(&token, Deed::parse(&deed)?).await? {
        None => Ok(Redirect::to(&path(&team)).into_response()),
        Some(problem) => refuse(visit, &team, Here::Profile, TITLE, &problem),
    }
}

/// `POST /t/{team}/profile/tokens/{token}/revoke`
pub(crate) async fn revoke(Path((team, token)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    change(Path((team, token, "revoke".to_owned())), sent).await
}

async fn show(
    visit: &Visit,
    team: &Team,
    fresh: Option<&FreshToken>,
    draft: &Draft,
    problem: Option<&Problem>,
) -> Result<Response, Failure> {
    let app = &visit.server.app;
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Personal Access Tokens</h1><p class=\"purpose\">Profile › Security</p></div>");
    out.raw("<div class=\"sheet\"><p class=\"lead\">A token lets a program act as you, with all that you may do. ");
    out.raw("Give one to nobody, and revoke what you no longer need.</p>");
    let is_on = app.settings.now().flag("ServiceSettings", "EnableUserAccessTokens");
    let may = app.may(visit.user(), Permission::CREATE_USER_ACCESS_TOKEN.as_str(), Scope::System)?;
    if !is_on {
        out.raw("<p class=\"error\">An administrator has switched personal access tokens off on this server: nobody ");
        out.raw("can make one, and those of people do not work.</p>");
    } else if !may {
        out.raw("<p class=\"error\">Your account may not have personal access tokens. An administrator of the system ");
        out.raw("can allow it.</p>");
    }
    let tokens = tokens(visit, team);
    if let Some(fresh) = fresh {
        tokens.draw_fresh(&mut out, fresh);
    }
    if may {
        out.raw("<section aria-labelledby=\"tokens-title\"><h2 id=\"tokens-title\">Your tokens</h2>");
        tokens.draw_list(&mut out).await?;
        out.raw("</section>");
    }
    if may && is_on {
        out.raw("<section aria-labelledby=\"make-title\"><h2 id=\"make-title\">Make one</h2>");
        tokens.draw_form(&mut out, draft, problem)?;
        out.raw("</section>");
    } else {
        super::field::draw_whole(&mut out, problem);
    }
    out.raw("</div>");
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    page(visit, team, Here::Profile, TITLE, &out, status)
}

fn tokens<'a>(visit: &'a Visit, team: &Team) -> Tokens<'a> {
    Tokens { example: None, path: path(team), user: visit.user(), visit }
}

fn path(team: &Team) -> String {
    format!("/t/{}/profile/tokens", team.name)
}

const TITLE: &str = "Personal Access Tokens";
