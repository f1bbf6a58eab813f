//! Ranges of an index, their pages and counts.

use super::*;

/// A prefix selects exactly the values that begin with it.
pub async fn prefixes_select_a_range(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("prefixes_select_a_range", fixture).await;
    let values: [&'static [u8]; 9] =
        [b"\0", b"a", b"a\0", b"a\xFF", b"a\xFF\xFF\x01", b"b", b"\xFE\xFF", b"\xFF", b"\xFF\xFF\x01"];
    for value in values {
        subject.apply(vec![create_at(value, value)]).await?;
    }
    let prefixes: [&'static [u8]; 12] =
        [b"", b"\0", b"a", b"a\0", b"a\xFF", b"a\xFF\xFF", b"aa", b"b", b"\xFE", b"\xFF", b"\xFF\xFF", b"\xFF\xFF\xFF"];
    for prefix in prefixes {
        let mut want: Vec<_> = values
            .into_iter()
            .filter(|value| value.starts_with(prefix))
            .map(|value| (value.into(), value.into()))
            .collect();
        let mut got = subject.places(&query(prefix)).await?;
        // Their order is another check's.
        want.sort();
        got.sort();
        subject.name.equal(&format!("the prefix {:?}", Bytes::from_static(prefix)), &got, &want)?;
    }
    Ok(())
}

/// `after` goes on behind a (value, key), in the midst of equal values too, whether that record is there or not.
pub async fn pages_go_on_where_the_last_one_ended(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("pages_go_on_where_the_last_one_ended", fixture).await;
    let all: [(&'static str, &'static str); 7] =
        [("a1", "x"), ("b1", "v"), ("b1", "w"), ("b1", "x"), ("b2", "a"), ("b2", "b"), ("c1", "a")];
    for (place, (value, id)) in all.into_iter().enumerate() {
        // The same id may stand at two values only as two records, so the value goes before it.
        subject.apply(vec![create_at(format!("{id}{place}"), value)]).await?;
    }
    let range: Vec<(Bytes, Bytes)> = all
        .into_iter()
        .enumerate()
        .filter(|(_, (value, _))| value.starts_with('b'))
        .map(|(place, (value, id))| (value.into(), format!("{id}{place}").into()))
        .collect();
    for limit in 1..=range.len() + 1 {
        let mut got = Vec::new();
        let mut after = None;
        for _ in 0..=range.len() {
            got.extend(subject.places(&Query { after: after.clone(), limit, ..query("b") }).await?);
            if got.last() == after.as_ref() {
                break;
            }
            after = got.last().cloned();
        }
        subject.name.equal(&format!("all pages of {limit}"), &got, &range)?;
    }
    let tail = |places: usize| range.iter().skip(range.len() - places).map(|(value, id)| (value.as_ref(), id.as_ref()));
    let cases = [("a9", "", 5), ("b1", "", 5), ("b1", "w", 4), ("b1", "zz", 2), ("b2", "b5", 0), ("c", "", 0)];
    for (value, id, left) in cases {
        let want: Vec<(&[u8], &[u8])> = tail(left).collect();
        let after = Some((value.into(), id.into()));
        subject.finds(&format!("after ({value}, {id})"), &Query { after, ..query("b") }, &want).await?;
    }
    Ok(())
}

/// No more records come than the limit says: none for 0, all for the greatest.
pub async fn limits_hold(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("limits_hold", fixture).await;
    subject.apply(vec![create_at("a", "1"), create_at("b", "2"), create_at("c", "3")]).await?;
    let all: [(&[u8], &[u8]); 3] = [(b"1", b"a"), (b"2", b"b"), (b"3", b"c")];
    for (limit, places) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (usize::MAX, 3)] {
        let want: Vec<_> = all.iter().take(places).copied().collect();
        subject.finds(&format!("a limit of {limit}"), &Query { limit, ..query("") }, &want).await?;
    }
    Ok(())
}

/// A count is of the whole range, whatever `after` and the limit say, and comes only if asked for.
pub async fn counts_are_of_the_whole_range(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("counts_are_of_the_whole_range", fixture).await;
    let all = [("a", "a1"), ("b", "b1"), ("c", "b1"), ("d", "b2"), ("e", "c1")];
    subject.apply(all.into_iter().map(|(id, value)| create_at(id, value)).collect()).await?;
    let after = Some(("b1".into(), "c".into()));
    let cases = [
        (Query { count: true, ..query("") }, Some(5)),
        (Query { count: true, ..query("b") }, Some(3)),
        (Query { count: true, limit: 0, ..query("b") }, Some(3)),
        (Query { count: true, limit: 1, ..query("b") }, Some(3)),
        (Query { after, count: true, ..query("b") }, Some(3)),
        (Query { count: true, ..query("x") }, Some(0)),
        (query("b"), None),
    ];
    for (query, want) in cases {
        let found = subject.find(&query).await?;
        subject.name.equal("a count", &found.total, &want)?;
    }
    Ok(())
}
