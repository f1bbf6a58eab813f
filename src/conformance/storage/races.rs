//! What must hold when many want the same at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::conformance::race::{race, yield_now};

/// How many run at once.
const RACERS: usize = 8;

/// How often a race is run that takes luck to show a mistake.
const ROUNDS: usize = 50;

/// Of those who create one record at the same time, one wins, and what it wrote is there.
pub async fn one_of_many_creates_wins(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("one_of_many_creates_wins", fixture).await;
    for round in 0..ROUNDS {
        let key = key(format!("round {round}"));
        let racers = (0..RACERS).map(|racer| {
            let change = Change { expect: Expect::Absent, key: key.clone(), write: put(racer.to_string(), &[]) };
            commit(&subject, vec![change])
        });
        let outcomes = finish(&subject, fixture, racers.collect()).await?;
        let won: Vec<_> = outcomes
            .iter()
            .enumerate()
            .filter(|(_, end)| **end == Committed::Applied)
            .map(|(racer, _)| racer)
            .collect();
        let [winner] = won.as_slice() else {
            return Err(subject.name.violation(format!("{} of {RACERS} created one record", won.len())));
        };
        subject.holds(&key, Some(winner.to_string().as_bytes())).await?;
    }
    Ok(())
}

/// A counter that many raise by compare-and-set ends at the sum of what they added.
pub async fn no_increment_is_lost(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("no_increment_is_lost", fixture).await;
    subject.apply(vec![create("counter", "0")]).await?;
    let racers = (0..RACERS).map(|_| {
        let subject = Subject { name: subject.name, store: Arc::clone(&subject.store) };
        async move {
            for _ in 0..ROUNDS {
                while increment(&subject).await? == Committed::Conflict {
                    yield_now().await;
                }
            }
            Ok(())
        }
    });
    finish(&subject, fixture, racers.collect()).await?;
    subject.holds(&key("counter"), Some((RACERS * ROUNDS).to_string().as_bytes())).await
}

async fn increment(subject: &Subject) -> Result<Committed, Violation> {
    let body = subject.body(&key("counter")).await?;
    let number = body.as_deref().and_then(|body| std::str::from_utf8(body).ok()?.parse::<usize>().ok());
    let (Some(body), Some(number)) = (body, number) else {
        return Err(subject.name.violation("the counter is gone"));
    };
    let write = put((number + 1).to_string(), &[]);
    subject.commit(vec![Change { expect: Expect::Body(body), key: key("counter"), write }]).await
}

/// What a commit only checks is still so when it is applied: of two that each create what the other wants absent, at
/// most one wins.
pub async fn checked_records_stay_as_they_were(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("checked_records_stay_as_they_were", fixture).await;
    for round in 0..ROUNDS {
        let keys = [key(format!("left {round}")), key(format!("right {round}"))];
        let racer = |mine: usize, other: usize| {
            let change = |place: usize, write| Change {
                expect: Expect::Absent,
                key: keys.get(place).cloned().unwrap_or_else(|| key("none")),
                write,
            };
            commit(&subject, vec![change(other, Write::Check), change(mine, put("1", &[]))])
        };
        let outcomes = finish(&subject, fixture, vec![racer(0, 1), racer(1, 0)]).await?;
        let won = outcomes.iter().filter(|end| **end == Committed::Applied).count();
        subject.name.ensure(won < 2, "two commits were applied, each of which checked that the other had not been")?;
    }
    Ok(())
}

/// Whoever reads while others commit sees each commit whole or not at all, and never an older one than before.
pub async fn readers_see_whole_commits(fixture: &dyn StorageFixture) -> Check {
    let subject = Subject::fresh("readers_see_whole_commits", fixture).await;
    subject.apply(pair(Expect::Absent, 0)).await?;
    let done = Arc::new(AtomicBool::new(false));
    let handle = || Subject { name: subject.name, store: Arc::clone(&subject.store) };
    let mut racers: Vec<Racer<()>> = Vec::new();
    let (writer, writing) = (handle(), Done(Arc::clone(&done)));
    racers.push(Box::pin(async move {
        let _writing = writing;
        for number in 1..=4 * ROUNDS {
            writer.apply(pair(Expect::Any, number)).await?;
            yield_now().await;
        }
        Ok(())
    }));
    for _ in 0..3 {
        let (subject, done) = (handle(), Arc::clone(&done));
        racers.push(Box::pin(async move {
            while !done.load(Ordering::Acquire) {
                read_pair(&subject).await?;
                yield_now().await;
            }
            Ok(())
        }));
    }
    finish(&subject, fixture, racers).await.map(|_| ())
}

type Racer<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Violation>> + Send>>;

/// Raises a flag when dropped, so that readers stop however the writer ends.
struct Done(Arc<AtomicBool>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Writes one number to two records.
fn pair(expect: Expect, number: usize) -> Vec<Change> {
    let change = |id: &'static str| Change {
        expect: expect.clone(),
        key: key(id),
        write: put(number.to_string(), &[(BY_TIME, "1".into())]),
    };
    vec![change("left"), change("right")]
}

async fn read_pair(subject: &Subject) -> Check {
    let found = subject.find(&query("")).await?;
    let bodies: Vec<_> = found.entries.iter().map(|entry| entry.record.body.as_ref()).collect();
    let whole = matches!(bodies.as_slice(), [left, right] if left == right);
    subject.name.ensure(whole, format!("one page shows half a commit: {bodies:?}"))?;
    let number = |body: Option<Bytes>| body.and_then(|body| std::str::from_utf8(&body).ok()?.parse::<usize>().ok());
    for (first, second) in [("left", "right"), ("right", "left")] {
        let first = number(subject.body(&key(first)).await?);
        let second = number(subject.body(&key(second)).await?);
        subject.name.ensure(first <= second, format!("a later read shows {second:?} after {first:?}"))?;
    }
    Ok(())
}

fn commit(
    subject: &Subject,
    changes: Vec<Change>,
) -> impl Future<Output = Result<Committed, Violation>> + Send + use<> {
    let subject = Subject { name: subject.name, store: Arc::clone(&subject.store) };
    async move { subject.commit(changes).await }
}

/// Runs racers at the same time; all must come home, without a violation.
async fn finish<T, F>(subject: &Subject, fixture: &dyn StorageFixture, racers: Vec<F>) -> Result<Vec<T>, Violation>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Violation>> + Send + 'static,
{
    let results = race(&|task| fixture.spawn(task), racers).await;
    let lost = || Err(subject.name.violation("a task panicked or was lost"));
    results.into_iter().map(|result| result.unwrap_or_else(lost)).collect()
}
