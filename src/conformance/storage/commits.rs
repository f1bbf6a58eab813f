//! Expectations, and what a commit does.

use super::*;
use crate::port::StorageErrorKind;

/// When one expectation of a commit does not hold, none of its changes lands, wherever it stands.
pub async fn commit_is_all_or_nothing(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("commit_is_all_or_nothing", fixture).await;
    subject.apply(vec![create("taken", "1"), create("doomed", "1")]).await?;
    let loses =
        || Change { expect: Expect::Body("something else entirely".into()), key: key("taken"), write: put("2", &[]) };
    let deletes = || Change { expect: Expect::Any, key: key("doomed"), write: Write::Delete };
    let why = "one of its expectations does not hold";
    subject.lose(vec![create("fresh", "1"), deletes(), loses()], why).await?;
    subject.lose(vec![loses(), create("fresh", "1"), deletes()], why).await?;
    subject.lose(vec![create("fresh", "1"), loses(), deletes()], why).await?;
    subject.holds(&key("fresh"), None).await?;
    subject.holds(&key("taken"), Some(b"1")).await?;
    subject.holds(&key("doomed"), Some(b"1")).await
}

/// [`Expect::Absent`] holds where there is no record: never one, or none any more.
pub async fn absent_means_absent(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("absent_means_absent", fixture).await;
    subject.apply(vec![create("one", "")]).await?;
    subject.lose(vec![create("one", "2")], "the record is there, with an empty body").await?;
    subject.holds(&key("one"), Some(b"")).await?;
    subject.apply(vec![Change { expect: Expect::Any, key: key("one"), write: Write::Delete }]).await?;
    subject.apply(vec![create("one", "3")]).await?;
    subject.holds(&key("one"), Some(b"3")).await
}

/// [`Expect::Body`] holds for the very same bytes only.
pub async fn bodies_are_compared_exactly(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("bodies_are_compared_exactly", fixture).await;
    let change = |body: &'static [u8]| Change {
        expect: Expect::Body(Bytes::from_static(body)),
        key: key("one"),
        write: put("next", &[]),
    };
    subject.lose(vec![change(b"")], "there is no record").await?;
    subject.apply(vec![create("one", "a body of some length\0")]).await?;
    let others: [&'static [u8]; 6] = [
        b"",
        b"a body of some length",
        b"a body of some length\0\0",
        b"a body of some length ",
        b"A body of some length\0",
        b"a body of some lengtH\0",
    ];
    for other in others {
        subject.lose(vec![change(other)], "the body is another").await?;
    }
    subject.holds(&key("one"), Some(b"a body of some length\0")).await?;
    subject.apply(vec![change(b"a body of some length\0")]).await?;
    subject.holds(&key("one"), Some(b"next")).await
}

/// [`Expect::Any`] holds whether there is a record or not.
pub async fn any_is_always_met(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("any_is_always_met", fixture).await;
    let any = |write| Change { expect: Expect::Any, key: key("one"), write };
    subject.apply(vec![any(put("1", &[]))]).await?;
    subject.apply(vec![any(put("2", &[]))]).await?;
    subject.holds(&key("one"), Some(b"2")).await?;
    subject.apply(vec![any(Write::Check)]).await?;
    subject.apply(vec![Change { key: key("two"), ..any(Write::Check) }]).await
}

/// [`Write::Check`] leaves what is there, and what is not.
pub async fn check_changes_nothing(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("check_changes_nothing", fixture).await;
    subject.apply(vec![create_at("one", "1")]).await?;
    let check = |id: &'static str, expect| Change { expect, key: key(id), write: Write::Check };
    subject.apply(vec![check("one", Expect::Body("body".into())), check("two", Expect::Absent)]).await?;
    subject.apply(vec![check("one", Expect::Any), check("two", Expect::Any)]).await?;
    subject.holds(&key("one"), Some(b"body")).await?;
    subject.holds(&key("two"), None).await?;
    subject.finds("an index after checks", &query(""), &[(b"1", b"one")]).await
}

/// The expectation of a [`Write::Check`] and of a [`Write::Delete`] counts as any other.
pub async fn check_is_checked(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("check_is_checked", fixture).await;
    subject.apply(vec![create("one", "1")]).await?;
    let cases = [("one", Expect::Absent), ("one", Expect::Body("2".into())), ("two", Expect::Body("1".into()))];
    for (id, expect) in cases {
        for write in [Write::Check, Write::Delete] {
            let change = Change { expect: expect.clone(), key: key(id), write };
            subject.lose(vec![change, create("fresh", "1")], "what it checks does not hold").await?;
        }
    }
    subject.holds(&key("one"), Some(b"1")).await?;
    subject.holds(&key("fresh"), None).await
}

/// [`Write::Delete`] removes a record, and is fine if there is none.
pub async fn delete_removes(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("delete_removes", fixture).await;
    let delete = |expect| Change { expect, key: key("one"), write: Write::Delete };
    subject.apply(vec![delete(Expect::Any)]).await?;
    subject.apply(vec![delete(Expect::Absent)]).await?;
    for expect in [Expect::Any, Expect::Body("1".into())] {
        subject.apply(vec![create("one", "1")]).await?;
        subject.apply(vec![delete(expect)]).await?;
        subject.holds(&key("one"), None).await?;
    }
    Ok(())
}

/// A commit without changes is applied.
pub async fn an_empty_commit_is_applied(fixture: &dyn StorageFixture) -> Check {
    Subject::fresh("an_empty_commit_is_applied", fixture).await.apply(Vec::new()).await
}

/// A commit that names one key twice is refused as [`StorageErrorKind::Invalid`], and nothing of it lands.
pub async fn one_key_twice_is_invalid(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("one_key_twice_is_invalid", fixture).await;
    let check = Change { expect: Expect::Any, key: key("one"), write: Write::Check };
    let twice = [
        vec![create("fresh", "1"), create("one", "1"), create("one", "1")],
        vec![create("one", "1"), create("fresh", "1"), check.clone()],
        vec![check.clone(), create("fresh", "1"), check],
    ];
    for changes in twice {
        let kind = subject.store.commit(changes).await.map_err(|error| error.kind());
        subject.name.equal("the answer", &kind, &Err(StorageErrorKind::Invalid))?;
    }
    subject.holds(&key("one"), None).await?;
    subject.holds(&key("fresh"), None).await
}
