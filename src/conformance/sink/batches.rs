//! Several effects in one call.

use super::*;

/// The answer has one entry for each effect, in order: the posts that were created, or the post concerned.
pub async fn each_effect_has_an_answer(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("each_effect_has_an_answer", fixture).await;
    let none = subject.apply(Vec::new()).await?;
    subject.name.equal("the answer to nothing", &none.len(), &0)?;
    let (changed, deleted) = (subject.post("old").await?, subject.post("gone").await?);
    let applied = subject
        .apply(vec![
            subject.create(&["one", "two"]),
            Effect::new(Action::UpdatePost { draft: subject.draft("new"), id: changed }),
            subject.create(&["three"]),
            Effect::new(Action::DeletePost(deleted)),
        ])
        .await?;
    let [two, update, one, delete] = applied.as_slice() else {
        return Err(subject.name.violation(format!("4 effects have {} answers", applied.len())));
    };
    subject.name.equal("the answer to an update", &update.posts, &vec![changed])?;
    subject.name.equal("the answer to a deletion", &delete.posts, &vec![deleted])?;
    subject.name.equal(
        "the posts of the first",
        &subject.messages(&two.posts).await?,
        &vec!["one".into(), "two".into()],
    )?;
    subject.name.equal("the posts of the third", &subject.messages(&one.posts).await?, &vec!["three".into()])
}

/// Effects are applied in the order of the call.
pub async fn effects_are_applied_in_order(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("effects_are_applied_in_order", fixture).await;
    let id = subject.post("0").await?;
    let updates = ["1", "2", "3"].map(|message| Effect::new(Action::UpdatePost { draft: subject.draft(message), id }));
    subject.apply(updates.into()).await?;
    subject.name.equal("the message", &subject.stored(id).await?.message, &"3".to_owned())
}

/// When one effect of a call is refused, none of them has happened.
pub async fn batches_are_all_or_nothing(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("batches_are_all_or_nothing", fixture).await;
    let TestHost { author, other, .. } = subject.host;
    let (kept, doomed) = (subject.post("kept").await?, subject.post("doomed").await?);
    let direct = PostDraft { destination: Destination::Direct(author, other), ..subject.draft("Hello") };
    let effects = vec![
        Effect::new(Action::CreatePosts(vec![direct])),
        Effect::new(Action::UpdatePost { draft: subject.draft("changed"), id: kept }),
        Effect::new(Action::DeletePost(doomed)),
        Effect::new(Action::UpdatePost { draft: subject.draft("lost"), id: nowhere() }),
    ];
    let refused = subject.host.sink.apply(effects).await;
    subject.name.ensure(refused.is_err(), "a call was applied although one of its effects cannot be")?;
    subject.name.equal("the updated post", &subject.stored(kept).await?.message, &"kept".to_owned())?;
    subject.name.equal("the deleted post", &subject.stored(doomed).await?.message, &"doomed".to_owned())?;
    subject.name.equal("the direct channels", &subject.direct(author, other).await?, &Vec::new())
}

/// A key of a call that was refused counts as never applied.
pub async fn a_refused_batch_leaves_its_keys_free(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("a_refused_batch_leaves_its_keys_free", fixture).await;
    let lost = Effect::new(Action::UpdatePost { draft: subject.draft("lost"), id: nowhere() });
    let refused = subject.host.sink.apply(vec![subject.create(&["refused"]).with_key(key(1)), lost]).await;
    subject.name.ensure(refused.is_err(), "a call was applied although one of its effects cannot be")?;
    let posts = subject.posts(subject.create(&["applied"]).with_key(key(1))).await?;
    subject.name.equal("the messages", &subject.messages(&posts).await?, &vec!["applied".to_owned()])
}
