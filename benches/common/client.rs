//! The peer: a bare hyper client.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

/// Calls an address so many times, a multiple of how many at once, with a body like that of an outgoing webhook.
pub(crate) async fn call(url: &str, count: usize, at_once: usize) {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut tasks = JoinSet::new();
    for _ in 0..at_once {
        let (client, url) = (client.clone(), url.to_owned());
        tasks.spawn(async move {
            for _ in 0..count / at_once {
                let request = Request::post(&url).header("Content-Type", "application/x-www-form-urlencoded");
                let response = client.request(request.body(Full::from(BODY)).unwrap()).await.unwrap();
                response.into_body().collect().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
}

/// What is sent: a form.
pub(crate) const BODY: &str = "channel_id=b3d7f1h5k9m3n7p1r5t9v3x7z1&channel_name=launch-pad&file_ids=&post_id=z9y8x7w6v5u4t3s2r1q0p9o8n7&team_domain=rocket&team_id=4n8s2w6y1c5e9g3j7m0p4r8t2v&text=deploy+web&timestamp=1750000000&token=x7c1k9d3m5p8q2r4t6v0w1y3za&trigger_word=deploy&user_id=q1w2e3r4t5y6u7i8o9p0a1s2d3&user_name=ada";
