//! The frames waiting for one socket: bounded, so that a client that does not read costs little and is closed.
use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::frame::Frame;

/// Most frames that wait for a socket.
const MAX_FRAMES: usize = 512;
/// Most bytes that wait for a socket; a single longer frame may wait alone.
const MAX_BYTES: usize = 8 << 20;

/// What comes next out of a queue.
#[derive(Debug)]
pub enum Next {
    /// A frame.
    Frame(Frame),
    /// The client reads too slowly and is to be closed.
    Overflow,
    /// Nothing more will come.
    End,
}

#[derive(Default)]
struct Inner {
    frames: VecDeque<Frame>,
    bytes: usize,
    overflow: bool,
    ended: bool,
}

/// See the module. Clones share one queue.
#[derive(Clone, Default)]
pub struct Queue(Arc<(Mutex<Inner>, Notify)>);

fn size(frame: &Frame) -> usize {
    match frame {
        Frame::Text(t) => t.len(),
        Frame::Event(shared, own) => shared.len() + own.len(),
        Frame::Close(_) => 0,
    }
}

impl Queue {
    /// Adds a frame, never blocks. `false` when the queue is full: what waits is dropped and the socket is to be closed.
    pub(crate) fn push(&self, frame: Frame) -> bool {
        let (inner, notify) = &*self.0;
        let fits = {
            let mut q = inner.lock();
            if q.ended || q.overflow {
                return !q.overflow;
            }
            let bytes = size(&frame);
            let fits = q.frames.len() < MAX_FRAMES && (q.frames.is_empty() || q.bytes + bytes <= MAX_BYTES);
            if fits {
                q.bytes += bytes;
                q.ended = matches!(frame, Frame::Close(_));
                q.frames.push_back(frame);
            } else {
                q.overflow = true;
                q.frames.clear();
            }
            fits
        };
        notify.notify_one();
        fits
    }

    /// The next frame, waiting for one. For one reader.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.0.1.notified().await;
        }
    }

    /// The next frame if one is there.
    #[must_use]
    pub fn try_next(&self) -> Option<Next> {
        let mut q = self.0.0.lock();
        if q.overflow {
            return Some(Next::Overflow);
        }
        match q.frames.pop_front() {
            Some(f) => {
                q.bytes -= size(&f);
                Some(Next::Frame(f))
            }
            None => q.ended.then_some(Next::End),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_is_given_up() {
        let q = Queue::default();
        for _ in 0..MAX_FRAMES {
            assert!(q.push(Frame::pong()));
        }
        assert!(!q.push(Frame::pong()));
        assert!(matches!(q.try_next(), Some(Next::Overflow)));
        let q = Queue::default();
        assert!(q.push(Frame::Text("x".repeat(MAX_BYTES + 1))));
        assert!(!q.push(Frame::pong()));
    }

    #[test]
    fn nothing_follows_a_close() {
        let q = Queue::default();
        assert!(q.push(Frame::pong()));
        assert!(q.push(Frame::Close(NORMAL)));
        assert!(q.push(Frame::pong()));
        assert!(matches!(q.try_next(), Some(Next::Frame(Frame::Text(_)))));
        assert!(matches!(q.try_next(), Some(Next::Frame(Frame::Close(1000)))));
        assert!(matches!(q.try_next(), Some(Next::End)));
    }

    use crate::frame::NORMAL;
}
