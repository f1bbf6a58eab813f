//! Which records stand in an index, and in which order.

use super::contents::odd_bytes;
use super::*;

const BY_NAME: Index = Index("by_name");

/// An index is sorted by its values as unsigned bytes, whatever the order of commits.
pub async fn indexes_are_in_byte_order(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("indexes_are_in_byte_order", fixture).await;
    let values: [&'static [u8]; 7] = [b"\x7F", b"b", b"\xFF", b"a", b"\x80", b"ab", b"B"];
    for value in values {
        subject.apply(vec![create_at(value, value)]).await?;
    }
    let sorted: [&'static [u8]; 7] = [b"B", b"a", b"ab", b"b", b"\x7F", b"\x80", b"\xFF"];
    let want: Vec<(&[u8], &[u8])> = sorted.into_iter().map(|value| (value, value)).collect();
    subject.finds("the whole index", &query(""), &want).await
}

/// Records that share a value all stand in the index, in the order of their keys.
pub async fn records_may_share_a_value(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("records_may_share_a_value", fixture).await;
    let all = ["b", "ab", "c", "a"].map(|id| create_at(id, "same"));
    subject.apply(all.into()).await?;
    let want: [(&[u8], &[u8]); 4] = [(b"same", b"a"), (b"same", b"ab"), (b"same", b"b"), (b"same", b"c")];
    subject.finds("one value", &query("same"), &want).await
}

/// Index values are bytes of any content, at most 255 of them.
pub async fn index_values_are_opaque(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("index_values_are_opaque", fixture).await;
    let values = odd_bytes();
    for (number, value) in values.iter().enumerate() {
        subject.apply(vec![create_at(number.to_string(), value.clone())]).await?;
    }
    let mut got = subject.places(&query("")).await?;
    let mut want: Vec<_> =
        values.into_iter().enumerate().map(|(number, value)| (value, number.to_string().into())).collect();
    got.sort();
    want.sort();
    subject.name.equal("values of an index", &got, &want)
}

/// A record that is put again stands where the last put said, and nowhere else.
pub async fn replaced_records_leave_their_old_places(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("replaced_records_leave_their_old_places", fixture).await;
    let mut expect = Expect::Absent;
    for value in [Some("1"), Some("2"), Some("2"), None, None, Some("1")] {
        let places: Vec<_> = value.iter().map(|value| (BY_TIME, Bytes::from(*value))).collect();
        subject.apply(vec![Change { expect, key: key("one"), write: put("body", &places) }]).await?;
        expect = Expect::Body("body".into());
        let want: Vec<(&[u8], &[u8])> = value.iter().map(|value| (value.as_bytes(), b"one".as_slice())).collect();
        subject.finds("an index after a put", &query(""), &want).await?;
    }
    Ok(())
}

/// A record that is deleted stands in no index; its neighbors stay.
pub async fn deleted_records_leave_their_places(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("deleted_records_leave_their_places", fixture).await;
    subject.apply(vec![create_at("a", "1"), create_at("b", "1"), create_at("c", "1")]).await?;
    subject.apply(vec![Change { expect: Expect::Any, key: key("b"), write: Write::Delete }]).await?;
    let found = subject.find(&Query { count: true, ..query("") }).await?;
    subject.name.equal("the count after a deletion", &found.total, &Some(2))?;
    subject.finds("an index after a deletion", &query(""), &[(b"1", b"a"), (b"1", b"c")]).await
}

/// A commit that is refused moves nothing in an index.
pub async fn refused_records_take_no_place(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("refused_records_take_no_place", fixture).await;
    subject.apply(vec![create_at("one", "1")]).await?;
    let expect = Expect::Body("something else entirely".into());
    let moves = Change { expect: expect.clone(), key: key("one"), write: put("2", &[(BY_TIME, "2".into())]) };
    let appears = Change { key: key("two"), ..moves.clone() };
    let deletes = Change { expect, key: key("one"), write: Write::Delete };
    for change in [moves, appears, deletes] {
        subject.lose(vec![change], "its expectation does not hold").await?;
        subject.finds("an index after a refusal", &query(""), &[(b"1", b"one")]).await?;
    }
    Ok(())
}

/// Two indexes of a collection share nothing: a record need not be in each, and may move in one alone.
pub async fn indexes_are_apart(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("indexes_are_apart", fixture).await;
    let by_name = Query { index: BY_NAME, ..query("") };
    let change = |id: &'static str, expect, places: &[(Index, &'static str)]| {
        let places: Vec<_> = places.iter().map(|(index, value)| (*index, Bytes::from(*value))).collect();
        vec![Change { expect, key: key(id), write: put("body", &places) }]
    };
    subject.apply(change("both", Expect::Absent, &[(BY_TIME, "1"), (BY_NAME, "x")])).await?;
    subject.apply(change("named", Expect::Absent, &[(BY_NAME, "1")])).await?;
    subject.finds("one index", &query(""), &[(b"1", b"both")]).await?;
    subject.finds("the other", &by_name, &[(b"1", b"named"), (b"x", b"both")]).await?;
    subject.finds("an index of nothing", &Query { index: Index("by_nothing"), ..query("") }, &[]).await?;
    let expect = || Expect::Body("body".into());
    subject.apply(change("both", expect(), &[(BY_TIME, "1"), (BY_NAME, "y")])).await?;
    subject.finds("the index that it stays in", &query(""), &[(b"1", b"both")]).await?;
    subject.finds("the index that it moves in", &by_name, &[(b"1", b"named"), (b"y", b"both")]).await?;
    subject.apply(change("both", expect(), &[(BY_NAME, "y")])).await?;
    subject.finds("the index that it leaves", &query(""), &[]).await?;
    subject.finds("the index that it stays in", &by_name, &[(b"1", b"named"), (b"y", b"both")]).await
}
