//! Effects that come more than once.

use super::posts::finish;
use super::*;

/// A key that was applied creates nothing more and answers as it did then, even for other drafts.
pub async fn a_key_is_applied_once(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("a_key_is_applied_once", fixture).await;
    let first = subject.posts(subject.create(&["one", "two"]).with_key(key(1))).await?;
    subject.name.equal("the number of posts", &first.len(), &2)?;
    for messages in [&["one", "two"][..], &["other"], &["a", "b", "c"]] {
        let again = subject.posts(subject.create(messages).with_key(key(1))).await?;
        subject.name.equal("the posts of a key that was applied", &again, &first)?;
    }
    let want = vec!["one".to_owned(), "two".to_owned()];
    subject.name.equal("the messages", &subject.messages(&first).await?, &want)
}

/// The answer tells whether posts were made now or when the key was first applied.
pub async fn a_repeat_says_so(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("a_repeat_says_so", fixture).await;
    for (effect, want) in [(Some(1), false), (Some(1), true), (None, false), (None, false), (Some(2), false)] {
        let applied = subject.apply(vec![subject.create(&["Hello"]).with_key(effect.and_then(key))]).await?;
        let repeated = applied.first().is_some_and(|applied| applied.repeated);
        subject.name.equal("whether the answer is `repeated`", &repeated, &want)?;
    }
    Ok(())
}

/// Other keys, and effects without one, have nothing to do with a key that was applied.
pub async fn keys_are_told_apart(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("keys_are_told_apart", fixture).await;
    let mut near = [1; 16];
    near[15] = 2;
    let mut seen = Vec::new();
    for key in [key(1), key(2), Some(EffectKey(near)), None, key(0), key(0xFF), None] {
        let post = subject.only(&subject.posts(subject.create(&["Hello"]).with_key(key)).await?)?;
        subject.name.ensure(!seen.contains(&post), format!("{key:?} was taken for another"))?;
        seen.push(post);
    }
    Ok(())
}

/// When effects with one key are applied at the same time, one creates posts and all answer with them.
pub async fn a_key_is_applied_once_in_a_race(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("a_key_is_applied_once_in_a_race", fixture).await;
    for round in 0..10 {
        let racers = (0..8).map(|_| {
            let subject = subject.clone();
            async move { subject.posts(subject.create(&["one", "two"]).with_key(key(round))).await }
        });
        let answers = finish(&subject, fixture, racers.collect()).await?;
        for answer in &answers {
            subject.name.equal("the posts of one key", &Some(answer), &answers.first())?;
        }
        let posts = answers.into_iter().next().unwrap_or_default();
        subject.name.equal("the messages", &subject.messages(&posts).await?, &vec!["one".into(), "two".into()])?;
    }
    Ok(())
}
