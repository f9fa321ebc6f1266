//! Long lists, a page at a time, in an order that does not change under the reader.

use uuid::Uuid;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many at most.
    pub size: u32,
    /// The identifier that the page before ended with; nil for the first page.
    pub after: Uuid,
}

impl Page {
    /// The first `size`.
    pub fn first(size: u32) -> Self {
        Self { size, after: Uuid::nil() }
    }

    /// Everything, for lists that are short by nature.
    pub fn all() -> Self {
        Self::first(10_000)
    }

    /// One more than asked for is read, to know whether there is a next page.
    pub(crate) fn limit(self) -> i64 {
        i64::from(self.size) + 1
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

impl<T> Listing<T> {
    /// Cuts what was read to the page that was asked for.
    pub(crate) fn cut(mut items: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let size = page.size as usize;
        let next = (items.len() > size).then(|| items.get(size.saturating_sub(1)).map(&id)).flatten();
        items.truncate(size);
        Self { items, next }
    }
}
