//! Creates that name themselves: the same identifier with the same body answers what was made the first
//! time; with another body it is refused.

use csp_domain::{Act, document::Hash};
use uuid::Uuid;

use crate::{
    StoreError,
    engine::{WAIT_TO_BE_ALONE, on},
    statement::statements,
    unit::Tx,
};

statements! {
    FIND_REQUEST = "SELECT fingerprint, resource_id FROM requests WHERE region_id = $1 AND person_id = $2 AND request_id = $3";
    MOVE_REQUEST = "UPDATE requests SET resource_id = $4 WHERE region_id = $1 AND person_id = $2 AND request_id = $3";
    INSERT_REQUEST = "INSERT INTO requests (region_id, person_id, request_id, fingerprint, resource_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
}

impl Tx {
    /// What the same request made before, if it was made before.
    pub(crate) async fn replayed(&mut self, act: &Act) -> Result<Option<Uuid>, StoreError> {
        let (Some(request), Some(person)) = (&act.request, act.actor.person()) else { return Ok(None) };
        let name = format!("{} {person} {}", self.region(), request.id);
        self.alone(&name).await?;
        self.made_before(act).await
    }

    /// Waits until no other unit is at work under this name, and keeps it until this one ends: for what must not be done twice and no
    /// key can forbid. What is read afterwards is what the other left.
    pub(crate) async fn alone(&mut self, name: &str) -> Result<(), StoreError> {
        let text = WAIT_TO_BE_ALONE.on(&self.conn);
        on!(self, |c| sqlx::query(text).bind(name).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    pub(crate) async fn made_before(&mut self, act: &Act) -> Result<Option<Uuid>, StoreError> {
        let (Some(request), Some(person)) = (&act.request, act.actor.person()) else { return Ok(None) };
        let region = self.region();
        let found: Option<(String, Uuid)> =
            on!(self, |c| sqlx::query_as(FIND_REQUEST).bind(region.0).bind(person.0).bind(request.id).fetch_optional(c).await)?;
        match found {
            None => Ok(None),
            Some((fingerprint, resource)) if fingerprint == fingerprint_of(act) => Ok(Some(resource)),
            Some(_) => Err(StoreError::RequestReused),
        }
    }

    /// The request makes another thing than it was expected to.
    pub(crate) async fn move_request(&mut self, act: &Act, resource: Uuid) -> Result<(), StoreError> {
        let (Some(request), Some(person)) = (&act.request, act.actor.person()) else { return Ok(()) };
        let region = self.region();
        on!(self, |c| sqlx::query(MOVE_REQUEST)
            .bind(region.0)
            .bind(person.0)
            .bind(request.id)
            .bind(resource)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Remembers what the request made. Of two at once, the second is refused by the key and can be
    /// repeated.
    pub(crate) async fn remember(&mut self, act: &Act, resource: Uuid) -> Result<(), StoreError> {
        let (Some(request), Some(person)) = (&act.request, act.actor.person()) else { return Ok(()) };
        let region = self.region();
        let fingerprint = fingerprint_of(act);
        let done = on!(self, |c| sqlx::query(INSERT_REQUEST)
            .bind(region.0)
            .bind(person.0)
            .bind(request.id)
            .bind(&fingerprint)
            .bind(resource)
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()));
        done.map_err(|error| match StoreError::from(error) {
            error if error.is_duplicate() => StoreError::Unavailable("the same request is under way".into()),
            error => error,
        })
    }
}

pub(crate) fn fingerprint_of(act: &Act) -> String {
    act.request.as_ref().map(|request| Hash::of(&request.fingerprint).to_string()).unwrap_or_default()
}
