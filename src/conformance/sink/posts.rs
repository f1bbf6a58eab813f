//! Posts as they are created, and where.

use super::*;
use crate::conformance::race::race;
use crate::port::ChannelKind;
use crate::post::{Attachment, Origin};

/// What a draft says is what the directory tells: channel, author, message, type, props and root.
pub async fn created_posts_are_given_back(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("created_posts_are_given_back", fixture).await;
    let root = subject.post("the root").await?;
    let mut draft = subject.draft("Hällo *wörld* \u{1F600}\n  <&> 'quoted' \"twice\"");
    draft.post_type = "custom_conformance".to_owned();
    draft.root_id = Some(root);
    draft.props.entries.insert("from_webhook".to_owned(), "true".into());
    draft.props.entries.insert("nested".to_owned(), serde_json::json!({ "list": [1, null, "two"] }));
    let attachment = Attachment { text: "attached".to_owned(), ..Attachment::default() };
    draft.props.attachments.push(attachment);
    let created = subject.posts(Effect::new(Action::CreatePosts(vec![draft.clone()]))).await?;
    let post = subject.stored(subject.only(&created)?).await?;
    let name = subject.name;
    name.equal("the channel", &post.channel_id, &subject.host.channel)?;
    name.equal("the author", &post.user_id, &draft.user_id)?;
    name.equal("the message", &post.message, &draft.message)?;
    name.equal("the type", &post.post_type, &draft.post_type)?;
    name.equal("the root", &post.root_id, &draft.root_id)?;
    for (member, value) in draft.props.to_map() {
        name.equal(&format!("the prop `{member}`"), &post.props.get(&member), &Some(&value))?;
    }
    Ok(())
}

/// The origin of a draft is stored with the post, and none where there was none.
pub async fn origins_are_given_back(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("origins_are_given_back", fixture).await;
    let origins = [Some(Origin([0; 16])), None, Some(Origin([0xFF; 16]))];
    let drafts = origins.map(|origin| PostDraft { origin, ..subject.draft("Hello") });
    let posts = subject.posts(Effect::new(Action::CreatePosts(drafts.into()))).await?;
    subject.name.equal("the number of posts", &posts.len(), &origins.len())?;
    for (id, origin) in posts.into_iter().zip(origins) {
        subject.name.equal("an origin", &subject.stored(id).await?.origin, &origin)?;
    }
    Ok(())
}

/// The posts of one effect are named in the order of their drafts, with strictly rising `create_at`.
pub async fn posts_of_one_effect_rise(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("posts_of_one_effect_rise", fixture).await;
    let messages: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let messages: Vec<_> = messages.iter().map(String::as_str).collect();
    let posts = subject.posts(subject.create(&messages)).await?;
    subject.name.equal(
        "the messages",
        &subject.messages(&posts).await?,
        &messages.iter().map(ToString::to_string).collect(),
    )?;
    let mut last = None;
    for id in posts {
        let create_at = Some(subject.stored(id).await?.create_at);
        subject.name.ensure(last < create_at, "two posts of one effect do not rise in `create_at`")?;
        last = create_at;
    }
    Ok(())
}

/// Without a key, the same effect twice makes two posts.
pub async fn without_a_key_each_call_is_new(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("without_a_key_each_call_is_new", fixture).await;
    let first = subject.post("same").await?;
    let second = subject.post("same").await?;
    subject.name.ensure(first != second, "an effect without a key was taken for an older one")?;
    let posts = [first, second];
    subject.name.equal("the messages", &subject.messages(&posts).await?, &vec!["same".to_owned(); 2])
}

/// The first post to two users opens their direct channel, later ones go there too, in whichever order they are named;
/// one user may have one with themself.
pub async fn a_direct_channel_is_opened_once(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("a_direct_channel_is_opened_once", fixture).await;
    let TestHost { author, other, .. } = subject.host;
    for (one, two) in [(author, other), (author, author)] {
        subject.name.equal("the direct channels before", &subject.direct(one, two).await?, &Vec::new())?;
        let pairs = [(one, two), (two, one), (one, two)];
        let drafts =
            pairs.map(|(one, two)| PostDraft { destination: Destination::Direct(one, two), ..subject.draft("Hello") });
        let [first, second, third] = drafts;
        let mut posts = subject.posts(Effect::new(Action::CreatePosts(vec![first, second]))).await?;
        posts.extend(subject.posts(Effect::new(Action::CreatePosts(vec![third]))).await?);
        subject.name.equal("the number of posts", &posts.len(), &3)?;
        let channel = only_direct(&subject, one, two).await?;
        for id in posts {
            subject.name.equal("the channel of a post", &subject.stored(id).await?.channel_id, &channel.id)?;
        }
    }
    Ok(())
}

/// When many open one direct channel at the same time, there is one, and all posts are in it.
pub async fn one_of_many_opens_a_direct_channel(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("one_of_many_opens_a_direct_channel", fixture).await;
    let TestHost { author, other, .. } = subject.host;
    let racers = (0..8).map(|_| {
        let subject = subject.clone();
        async move {
            let draft = PostDraft { destination: Destination::Direct(author, other), ..subject.draft("Hello") };
            let posts = subject.posts(Effect::new(Action::CreatePosts(vec![draft]))).await?;
            subject.only(&posts)
        }
    });
    let posts = finish(&subject, fixture, racers.collect()).await?;
    let channel = only_direct(&subject, author, other).await?;
    for id in posts {
        subject.name.equal("the channel of a post", &subject.stored(id).await?.channel_id, &channel.id)?;
    }
    Ok(())
}

async fn only_direct(subject: &Subject, one: UserId, two: UserId) -> Result<Channel, Violation> {
    let channels = subject.direct(one, two).await?;
    subject.name.equal("the number of direct channels", &channels.len(), &1)?;
    let channel = channels.into_iter().next().ok_or_else(|| subject.name.violation("there is no channel"))?;
    subject.name.equal("the kind of the channel", &channel.kind, &ChannelKind::Direct)?;
    Ok(channel)
}

/// Runs racers at the same time; all must come home, without a violation.
pub(super) async fn finish<T, F>(
    subject: &Subject,
    fixture: &dyn SinkFixture,
    racers: Vec<F>,
) -> Result<Vec<T>, Violation>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Violation>> + Send + 'static,
{
    let results = race(&|task| fixture.spawn(task), racers).await;
    let lost = || Err(subject.name.violation("a task panicked or was lost"));
    results.into_iter().map(|result| result.unwrap_or_else(lost)).collect()
}

/// An ephemeral post is stored nowhere. A host may not know them ([`RefusedKind::Unsupported`]).
pub async fn ephemeral_posts_are_not_stored(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("ephemeral_posts_are_not_stored", fixture).await;
    let action = Action::EphemeralPost { draft: subject.draft("only you"), to: subject.host.other };
    let applied = match subject.host.sink.apply(vec![Effect::new(action)]).await {
        Ok(applied) => applied,
        Err(error) => return subject.name.equal("the answer", &error.kind(), &RefusedKind::Unsupported),
    };
    for id in applied.into_iter().flat_map(|applied| applied.posts) {
        let post = subject.look(id).await?;
        subject.name.ensure(post.is_none(), "an ephemeral post was stored")?;
    }
    Ok(())
}

/// A post to a channel that is not there is [`RefusedKind::NotFound`].
pub async fn posts_to_nowhere_are_not_found(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("posts_to_nowhere_are_not_found", fixture).await;
    let destination = Destination::Channel(ChannelId::from_random([0xA5; 16]));
    let draft = PostDraft { destination, ..subject.draft("Hello") };
    subject.refuse(vec![Effect::new(Action::CreatePosts(vec![draft]))], RefusedKind::NotFound).await
}
