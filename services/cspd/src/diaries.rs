//! Dates that diaries follow: `GET /diary/{secret}.ics`.
//!
//! A diary cannot sign in, so the address is the key. It opens the dates of one partnership or one committee, in which nobody is named;
//! it can be taken away, and how often it is asked is bounded. What is no link, what was taken away and what never was is the same
//! 404, and of those there are only so many a minute for all who ask.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use csp_domain::{Scope, clock::SharedClock, diary::LinkSecret};
use csp_store::{Store, StoreError};
use tokio::time::{Instant, timeout};

use crate::web::Pages;

/// One link may be asked so often in a minute: a whole committee may share it.
const PER_LINK: u32 = 60;
/// Addresses that are no link, from whomever, so often in a minute.
const WRONG: u32 = 60;
const MINUTE: Duration = Duration::from_mins(1);
/// How many links are counted at once. There are never so many; should there be, the count begins anew.
const COUNTED: usize = 10_000;
/// A database that is slower than this does not hold the door.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers diaries. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Diaries {
    store: Store,
    clock: SharedClock,
    asked: Arc<Mutex<HashMap<String, (Instant, u32)>>>,
}

impl Diaries {
    pub(crate) fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock, asked: Arc::default() }
    }

    /// Counts a question under a key, and answers whether there is room for it.
    fn is_room(&self, key: &str, most: u32) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= COUNTED {
            asked.clear();
        }
        let now = Instant::now();
        let (since, count) = asked.entry(key.to_owned()).or_insert((now, 0));
        if since.elapsed() >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= most
    }

    /// The calendar that an address opens; none where it opens nothing.
    async fn read(&self, secret: &LinkSecret) -> Result<Option<String>, StoreError> {
        let Some((region, hash, link)) = self.store.find_diary_link(secret.id()).await? else { return Ok(None) };
        if hash != secret.hash() || link.revoked_at.is_some() {
            return Ok(None);
        }
        let now = self.clock.now();
        match self.store.diary_dates(Scope::Region(region), link.diary, now).await {
            Ok(dates) => Ok(Some(dates.feed().write(now))),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn answer(&self, file: &str) -> Response {
        let secret = file.strip_suffix(".ics").and_then(LinkSecret::parse);
        let Some(secret) = secret else { return self.nothing() };
        if !self.is_room(secret.id(), PER_LINK) {
            return too_often();
        }
        match timeout(PATIENCE, self.read(&secret)).await {
            Ok(Ok(Some(calendar))) => {
                let headers = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
                    (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=900")),
                    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
                    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
                ];
                (headers, calendar).into_response()
            }
            Ok(Ok(None)) => self.nothing(),
            Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the service is not available at the moment\n").into_response(),
        }
    }

    fn nothing(&self) -> Response {
        // No link has an empty name.
        if self.is_room("", WRONG) { (StatusCode::NOT_FOUND, "there is no such diary\n").into_response() } else { too_often() }
    }
}

fn too_often() -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, HeaderValue::from_static("60"))], "try again in a minute\n").into_response()
}

/// The route.
pub(crate) async fn diary(State(pages): State<Arc<Pages>>, Path(file): Path<String>) -> Response {
    pages.diaries.answer(&file).await
}
