//! Signs a body as deliveries of outgoing webhooks are signed: `sign_webhook SECRET ID SECONDS < body` prints the value of
//! `webhook-signature`. For trying out a receiver by hand, and for the tests that check signatures with other libraries.

use std::error::Error;
use std::io::{Read, stdin};

use jackfield::security::SigningSecret;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, id, seconds] = arguments.as_slice() else {
        return Err("usage: sign_webhook SECRET ID SECONDS".into());
    };
    let mut body = Vec::new();
    stdin().read_to_end(&mut body)?;
    println!("{}", SigningSecret::parse(secret)?.sign(id, seconds.parse()?, &body));
    Ok(())
}
