//! A kept-alive connection that costs its user little.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Range;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const LENGTH: &[u8] = b"\r\ncontent-length: ";

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What has arrived and was not read yet.
    unread: Range<usize>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: vec![0; 512 * 1024],
            unread: 0..0,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next answer's body. Any status but 200 ends the benchmark.
    pub(crate) fn answer(&mut self) -> &[u8] {
        let body = loop {
            if let Some(body) = body_of(&self.buffer[self.unread.clone()]) {
                break body;
            }
            self.receive();
        };
        let whole = &self.buffer[self.unread.clone()];
        assert!(
            whole.starts_with(b"HTTP/1.1 200 "),
            "the exchange refused: {}",
            String::from_utf8_lossy(&whole[..body.end])
        );
        let start = self.unread.start;
        self.unread.start += body.end;
        &self.buffer[start + body.start..start + body.end]
    }

    fn receive(&mut self) {
        if self.unread.is_empty() {
            self.unread = 0..0;
        } else if self.unread.end == self.buffer.len() {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        let count = self
            .stream
            .read(&mut self.buffer[self.unread.end..])
            .unwrap();
        assert!(count > 0, "the exchange closed the connection");
        self.unread.end += count;
    }

    pub(crate) fn exchange(&mut self, bytes: &[u8]) -> &[u8] {
        self.send(bytes);
        self.answer()
    }
}

/// Where the first answer's body is, once it is there whole.
fn body_of(unread: &[u8]) -> Option<Range<usize>> {
    let start = find(unread, END_OF_HEAD)? + END_OF_HEAD.len();
    let length = find(&unread[..start], LENGTH).unwrap() + LENGTH.len();
    let digits = unread[length..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    (unread.len() >= start + length).then_some(start..start + length)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}
