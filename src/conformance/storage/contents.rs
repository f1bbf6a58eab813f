//! What is kept under keys.

use super::*;

/// A new store has no records, and says so.
pub async fn a_new_store_is_empty(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("a_new_store_is_empty", fixture).await;
    subject.holds(&key("one"), None).await?;
    let found = subject.find(&Query { count: true, ..query("") }).await?;
    subject.name.equal("all of an index", &found, &Found { entries: Vec::new(), total: Some(0) })
}

/// What was committed last is what is read next, by key and by index.
pub async fn what_was_put_is_there(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("what_was_put_is_there", fixture).await;
    let mut expect = Expect::Absent;
    for body in ["first", "second", "third"] {
        let write = put(body, &[(BY_TIME, "1".into())]);
        subject.apply(vec![Change { expect, key: key("one"), write }]).await?;
        expect = Expect::Body(body.into());
        subject.holds(&key("one"), Some(body.as_bytes())).await?;
        let found = subject.find(&query("")).await?;
        let bodies: Vec<_> = found.entries.iter().map(|entry| entry.record.body.as_ref()).collect();
        subject.name.equal("bodies in an index", &bodies, &vec![body.as_bytes()])?;
    }
    Ok(())
}

/// Keys are bytes of any content, 1 to 255 of them; keys that differ in any way are two.
pub async fn keys_are_opaque(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("keys_are_opaque", fixture).await;
    for (number, id) in odd_bytes().into_iter().filter(|id| !id.is_empty()).enumerate() {
        let write = put(number.to_string(), &[(BY_TIME, "1".into())]);
        let change = Change { expect: Expect::Absent, key: key(id.clone()), write };
        let committed = subject.commit(vec![change]).await?;
        let detail = format!("the key {id:?} was taken for another");
        subject.name.ensure(committed == Committed::Applied, detail)?;
    }
    for (number, id) in odd_bytes().into_iter().filter(|id| !id.is_empty()).enumerate() {
        subject.holds(&key(id), Some(number.to_string().as_bytes())).await?;
    }
    let mut want: Vec<_> = odd_bytes().into_iter().filter(|id| !id.is_empty()).collect();
    want.sort();
    let found = subject.find(&query("")).await?;
    let got: Vec<_> = found.entries.into_iter().map(|entry| entry.record.key.id).collect();
    subject.name.equal("keys in an index", &got, &want)
}

/// Bodies are bytes of any content, none included.
pub async fn bodies_are_opaque(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("bodies_are_opaque", fixture).await;
    for (number, body) in odd_bytes().into_iter().enumerate() {
        let key = key(number.to_string());
        let write = put(body.clone(), &[]);
        subject.apply(vec![Change { expect: Expect::Absent, key: key.clone(), write }]).await?;
        subject.holds(&key, Some(&body)).await?;
        subject.apply(vec![Change { expect: Expect::Body(body), key, write: Write::Check }]).await?;
    }
    Ok(())
}

/// A body may have 1 MiB, also as an expectation.
pub async fn bodies_may_have_a_mebibyte(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("bodies_may_have_a_mebibyte", fixture).await;
    let body: Bytes = b"0123456789abcde".iter().copied().cycle().take(1 << 20).collect();
    let write = put(body.clone(), &[(BY_TIME, "1".into())]);
    subject.apply(vec![Change { expect: Expect::Absent, key: key("one"), write }]).await?;
    let got = subject.body(&key("one")).await?;
    subject.name.ensure(got.as_ref() == Some(&body), "a body of 1 MiB came back as another")?;
    let change = Change { expect: Expect::Body(body), key: key("one"), write: put("small", &[]) };
    subject.apply(vec![change]).await?;
    subject.holds(&key("one"), Some(b"small")).await
}

/// Two collections share neither keys nor indexes.
pub async fn collections_are_apart(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("collections_are_apart", fixture).await;
    let other = |body: &'static str, expect| {
        let key = Key::new(Collection("other"), "one");
        Change { expect, key, write: put(body, &[(BY_TIME, "1".into())]) }
    };
    subject.apply(vec![create_at("one", "1"), other("theirs", Expect::Absent)]).await?;
    subject.holds(&key("one"), Some(b"body")).await?;
    subject.holds(&Key::new(Collection("other"), "one"), Some(b"theirs")).await?;
    let theirs = Query { collection: Collection("other"), ..query("") };
    subject.finds("an index of one collection", &query(""), &[(b"1", b"one")]).await?;
    subject.finds("an index of the other", &theirs, &[(b"1", b"one")]).await?;
    subject.apply(vec![Change { write: Write::Delete, ..other("", Expect::Any) }]).await?;
    subject.holds(&key("one"), Some(b"body")).await?;
    subject.finds("an index of one collection", &query(""), &[(b"1", b"one")]).await
}

/// What was committed is there when the store is opened again: records, their indexes, and what was deleted is not.
pub async fn records_outlive_a_reopen(fixture: &dyn StorageFixture) -> Check {
    let mut subject = Subject::fresh("records_outlive_a_reopen", fixture).await;
    subject.apply(vec![create_at("one", "1"), create_at("two", "2"), create("three", "3")]).await?;
    let changed = Change { expect: Expect::Any, key: key("two"), write: put("changed", &[(BY_TIME, "2".into())]) };
    let deleted = Change { expect: Expect::Any, key: key("three"), write: Write::Delete };
    subject.apply(vec![changed, deleted]).await?;
    for _ in 0..2 {
        let Subject { name, store } = subject;
        drop(store);
        let Some(store) = fixture.reopen().await else { return Ok(()) };
        subject = Subject { name, store };
        subject.holds(&key("one"), Some(b"body")).await?;
        subject.holds(&key("two"), Some(b"changed")).await?;
        subject.holds(&key("three"), None).await?;
        subject.finds("an index after opening again", &query(""), &[(b"1", b"one"), (b"2", b"two")]).await?;
    }
    Ok(())
}

/// Bytes that a store with an opinion on them would change: at most 255, one of them empty, no two alike.
pub(super) fn odd_bytes() -> Vec<Bytes> {
    let texts: [&'static [u8]; 16] = [
        b"",
        b"\0",
        b"\0\0",
        b"a",
        b"a\0",
        b"a\0b",
        b"A",
        b" a",
        b"a ",
        b"1",
        b"01",
        b"null",
        "\u{e9}".as_bytes(),
        "e\u{301}".as_bytes(),
        b"\xFF\xFE\x80",
        b"%'\"\\_*/?\n",
    ];
    let mut all: Vec<_> = texts.into_iter().map(Bytes::from_static).collect();
    all.push(vec![0xFF; 255].into());
    all.push(vec![0xFF; 254].into());
    all
}
