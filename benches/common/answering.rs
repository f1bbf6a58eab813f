//! A service on loopback that slash commands call, on threads of the bench.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Starts a service that answers every request with this JSON, and returns where it is.
pub(crate) fn answering(json: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, json));
        }
    });
    address
}

/// Answers the requests of a connection, one after the other, until it ends.
fn answer(stream: TcpStream, json: &str) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    let length = json.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}");
    loop {
        let mut body = vec![0; head(&mut stream)?];
        stream.read_exact(&mut body).ok()?;
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
    }
}

/// Reads a head, and returns how long its body is.
fn head(stream: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut length = None;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line == "\r\n" {
                return length;
            }
            if line.is_empty() {
                return None;
            }
            continue; // the request line
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
    }
}
