//! An answer that keeps hold of something until its last byte is on its way.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};

/// A body with what is to be let go when it is sent, or given up.
#[derive(Debug)]
pub struct Held<B, T> {
    body: B,
    _thing: T,
}

impl<B, T> Held<B, T> {
    /// `body`, which keeps `thing`.
    pub fn new(body: B, thing: T) -> Self {
        Self { body, _thing: thing }
    }
}

impl<B: Body + Unpin, T: Unpin> Body for Held<B, T> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
