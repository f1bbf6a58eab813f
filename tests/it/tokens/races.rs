//! Uses that race changes: from the answer on, nothing old counts (B1, BOT-90).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{change, site, token, used};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_use_succeeds_after_the_answer_to_a_change() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    for round in 0..1_000 {
        let stop = Arc::new(AtomicBool::new(false));
        let users: Vec<_> = (0..2)
            .map(|_| {
                let (site, secret, stop) = (site.clone(), secret.clone(), stop.clone());
                tokio::spawn(async move {
                    while !stop.load(Ordering::Acquire) {
                        let _ = used(&site, &secret).await;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(change(&site, "disable", &id).await.0, 200);
        for _ in 0..3 {
            assert!(used(&site, &secret).await.is_err(), "round {round}");
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::Release);
        for user in users {
            user.await.unwrap();
        }
        assert!(used(&site, &secret).await.is_err(), "round {round}");
        assert_eq!(change(&site, "enable", &id).await.0, 200);
        assert_eq!(used(&site, &secret).await, Ok(()), "round {round}");
        site.host.world().observed.clear();
    }
}
