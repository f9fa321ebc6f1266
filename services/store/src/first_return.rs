//! A partnership's first return for a cycle, taken in by one statement.
//!
//! Nearly every return is one: its cycle is open and stands as the caller read it a moment ago, the partnership reports to it and has
//! sent in nothing yet, and the request is new. All of that is asked by the statement that writes the rows, which either writes all of
//! them or none; what to say when it writes none is found out at leisure ([`Store::submit_return`]). So the one who writes on SQLite,
//! for whom everybody waits, is handed a finished message and waits for one answer, and needs no savepoint to undo what is never
//! half done; and on PostgreSQL a submission is its beginning, this, and its end.

use csp_domain::{
    Act, Scope,
    cycle::{Cycle, CycleState, Sent},
    id::PersonId,
    returns::{Manner, NewReturn, Return, ReturnState},
    signoff::Deed,
};
use sqlx::{Executor as _, SqliteConnection, error::DatabaseError};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    audit::halves,
    engine::{Conn, Differing, deed, on},
    request::fingerprint_of,
    returns::facts,
    statement::Statement,
    submission::{Revision, bind_revision, not_twice, put_revision},
    unit::Tx,
};

/// Nothing stands in the way of a first return: `$21` is the cycle's revision that the caller judged.
macro_rules! plain {
    ($found:literal) => {
        concat!(
            "SELECT 1 AS found FROM cycles c WHERE c.region_id = $1 AND c.cycle_id = $5 AND c.revision = $21 AND c.state = 'open' ",
            "AND EXISTS (SELECT 1 FROM committee_partnerships p WHERE p.region_id = $1 AND p.committee_id = c.committee_id AND p.partnership_id = $4) ",
            "AND NOT EXISTS (SELECT 1 FROM returns r WHERE r.region_id = $1 AND r.partnership_id = $4 AND r.cycle_id = $5) ",
            "AND NOT EXISTS (SELECT 1 FROM requests q WHERE q.region_id = $1 AND q.person_id = $17 AND q.request_id = $19)",
            $found
        )
    };
}

macro_rules! claim {
    ($given:literal) => {
        concat!(
            "INSERT INTO requests (region_id, person_id, request_id, fingerprint, resource_id, created_at) SELECT $1, $17, $19, $20, $2, $11",
            $given,
            " WHERE $19 IS NOT NULL"
        )
    };
}

/// What SQLite's connections do when [`PUT_FIRST_RETURN`] comes, its parameters standing for those of the message. A trigger is the one
/// way to have several statements done as one.
const ENTERED: Statement = Statement::new(deed!(
    concat!(
        put_revision!(sqlite [
            concat!("SELECT RAISE(ABORT, 'not a first return') WHERE NOT EXISTS (", plain!(""), "); ", claim!(""), "; "),
            "; ", "; ", "; ", "; "
        ]),
        "; "
    ),
    "; ",
    "SELECT $1, $22, $11, $17, 'submit', 'return', $2, NULL, $23, $24",
    "SELECT $1, $22, $25, NULL, $26"
));
const PARAMETERS: usize = 26;
/// SQLITE_CONSTRAINT_TRIGGER.
const RAISED: &str = "1811";

/// A return, its first revision with its figures, the step that made it, its request and its audit row, if nothing stands in its way.
/// PostgreSQL answers how many rows of the last kind it wrote; SQLite refuses.
pub(crate) const PUT_FIRST_RETURN: Differing = Differing::new(
    "INSERT INTO first_returns VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
        $24, $25, $26)",
    deed!(
        concat!(
            put_revision!(
                postgres [
                    concat!("WITH plain AS (", plain!(" FOR SHARE OF c"), "), claim AS (", claim!(" FROM plain"), "), entered AS ("),
                    "), revised AS (", "), observed AS (", "), quoting AS (", "), step AS ("
                ],
                given: (" FROM plain", ", plain")
            ),
            "), deed AS ("
        ),
        ") ",
        "SELECT $1, $22, $11, $17, 'submit', 'return', $2, NULL, $23, $24 FROM plain",
        "SELECT $1, $22, $25, NULL, $26 FROM plain"
    ),
);

/// Teaches a connection what [`PUT_FIRST_RETURN`] means. It is no part of the schema: it goes when the connection goes, and another
/// version of this program brings its own.
pub(crate) async fn teach(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let columns: Vec<String> = (1..=PARAMETERS).map(|n| format!("NULL AS p{n}")).collect();
    let body = as_of_row(sqlx::SqlSafeStr::into_sql_str(ENTERED).as_str());
    let text = format!(
        "CREATE TEMP VIEW first_returns AS SELECT {}; CREATE TEMP TRIGGER first_return_entered INSTEAD OF INSERT ON first_returns BEGIN {body}; END",
        columns.join(", ")
    );
    conn.execute(sqlx::AssertSqlSafe(text)).await.map(|_| ())
}

/// A statement whose parameters are the columns of the row that is inserted.
fn as_of_row(text: &str) -> String {
    text.replace('$', "NEW.p")
}

/// All that is written of a first return, ready to be sent.
struct FirstReturn {
    revision: Revision,
    request: Option<Uuid>,
    fingerprint: String,
    /// Of the cycle as it was judged.
    judged: i64,
    audit: Uuid,
    open: Option<String>,
    token: Option<Uuid>,
    origin: Option<String>,
    personal: Option<String>,
}

impl Tx {
    /// Writes a first return. Answers whether it was one.
    async fn put_first_return(&mut self, first: FirstReturn) -> Result<bool, StoreError> {
        let text = PUT_FIRST_RETURN.on(&self.conn);
        let is_sqlite = matches!(self.conn, Conn::Sqlite(_));
        let FirstReturn { revision, request, fingerprint, judged, audit, open, token, origin, personal } = first;
        let done = on!(self, |c| bind_revision!(sqlx::query(text), revision)
            .bind(request)
            .bind(fingerprint)
            .bind(judged)
            .bind(audit)
            .bind(open)
            .bind(token)
            .bind(origin)
            .bind(personal)
            .execute(c)
            .await
            .map(|done| done.rows_affected()));
        match done {
            // What a trigger writes is not counted.
            Ok(rows) => Ok(is_sqlite || rows > 0),
            Err(error) if error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == RAISED) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Store {
    /// Takes in a return as [`Store::submit_return`] does, for a cycle that the caller has read. A partnership's first for an open
    /// cycle is one journey of its own.
    pub async fn submit_return_to(
        &self,
        cycle: &Cycle,
        scope: Scope,
        act: &Act,
        by: PersonId,
        new: NewReturn,
        manner: Manner,
    ) -> Result<Return, StoreError> {
        match self.first_return(cycle, scope, act, by, &new, &manner).await? {
            Some(made) => Ok(made),
            None => self.submit_return(scope, act, by, new, manner).await,
        }
    }

    /// Takes in a return if nothing stands in its way; nothing if something does.
    async fn first_return(
        &self,
        cycle: &Cycle,
        scope: Scope,
        act: &Act,
        by: PersonId,
        new: &NewReturn,
        manner: &Manner,
    ) -> Result<Option<Return>, StoreError> {
        let is_open = cycle.id == new.cycle && cycle.state == CycleState::Open && cycle.accepts(Sent::New, None, act.at).is_ok();
        let (Some(region), true) = (scope.region(), is_open && !act.dry_run && !manner.mail_receipt) else { return Ok(None) };
        let made = new.clone().made(new.id, ReturnState::Submitted, by, act.at, 1);
        let revision = Revision::of(region, act, Deed::Submit, &made, true, manner.on_behalf.as_ref());
        let (open, personal) = halves(Some(facts(&made)));
        let first = FirstReturn {
            request: act.request.as_ref().zip(act.actor.person()).map(|(request, _)| request.id),
            fingerprint: fingerprint_of(act),
            judged: cycle.revision,
            audit: self.chance.id(act.at),
            open,
            token: act.token.map(|id| id.0),
            origin: act.origin.clone(),
            personal,
            revision,
        };
        let partnership = new.partnership;
        let written = self
            .apply_one(scope, move |tx| {
                Box::pin(async move {
                    tx.check_partnership(partnership)?;
                    tx.put_first_return(first).await
                })
            })
            .await;
        match written {
            Ok(true) => Ok(Some(made)),
            Ok(false) => Ok(None),
            // Another was quicker: the same request, or the same partnership.
            Err(error) if error.duplicate_in().is_some_and(|table| table == "requests" || table == "returns") => Ok(None),
            Err(error) => Err(not_twice(error)),
        }
    }
}
