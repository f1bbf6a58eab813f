//! Posts that change and go.

use super::*;
use crate::post::Origin;

/// An update replaces message, type and props; channel, author, root, origin and `create_at` are those of the post.
pub async fn updates_change_content_and_nothing_else(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("updates_change_content_and_nothing_else", fixture).await;
    let TestHost { author, other, .. } = subject.host;
    let mut draft = subject.draft("old");
    draft.root_id = Some(subject.post("the root").await?);
    draft.props.entries.insert("old".to_owned(), true.into());
    draft.origin = Some(Origin([7; 16]));
    let id = subject.only(&subject.posts(Effect::new(Action::CreatePosts(vec![draft]))).await?)?;
    let before = subject.stored(id).await?;

    let mut draft = PostDraft::new(Destination::Direct(author, other), other, "new");
    draft.post_type = "custom_conformance".to_owned();
    draft.props.entries.insert("new".to_owned(), 7.into());
    subject.apply(vec![Effect::new(Action::UpdatePost { draft: draft.clone(), id })]).await?;
    let after = subject.stored(id).await?;
    let name = subject.name;
    name.equal("the message", &after.message, &draft.message)?;
    name.equal("the type", &after.post_type, &draft.post_type)?;
    name.equal("a new prop", &after.props.get("new"), &Some(&7.into()))?;
    name.equal("an old prop", &after.props.get("old"), &None)?;
    name.equal("the channel", &after.channel_id, &before.channel_id)?;
    name.equal("the author", &after.user_id, &before.user_id)?;
    name.equal("the root", &after.root_id, &before.root_id)?;
    name.equal("the origin", &after.origin, &before.origin)?;
    name.equal("`create_at`", &after.create_at, &before.create_at)?;
    name.equal("the direct channels", &subject.direct(author, other).await?, &Vec::new())
}

/// A post that was deleted is not there any more, or is there as deleted; others stay.
pub async fn deleted_posts_are_gone(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("deleted_posts_are_gone", fixture).await;
    let posts = subject.posts(subject.create(&["one", "two"])).await?;
    let [doomed, kept] = posts.as_slice() else {
        return Err(subject.name.violation("the answer names other than two posts"));
    };
    subject.apply(vec![Effect::new(Action::DeletePost(*doomed))]).await?;
    let gone = subject.look(*doomed).await?;
    subject.name.ensure(gone.is_none(), "a deleted post is still there")?;
    subject.name.equal("the other post", &subject.stored(*kept).await?.message, &"two".to_owned())
}

/// An update or deletion of a post that is not there, or not any more, is [`RefusedKind::NotFound`].
pub async fn gone_posts_are_not_found(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("gone_posts_are_not_found", fixture).await;
    let deleted = subject.post("gone").await?;
    subject.apply(vec![Effect::new(Action::DeletePost(deleted))]).await?;
    for id in [deleted, nowhere()] {
        for action in [Action::UpdatePost { draft: subject.draft("new"), id }, Action::DeletePost(id)] {
            subject.refuse(vec![Effect::new(action)], RefusedKind::NotFound).await?;
        }
    }
    Ok(())
}
