//! Members of committees, one by one and by CSV.

use std::collections::HashSet;

use chrono::NaiveDate;
use csp_domain::{
    calendar,
    committee::Member,
    id::{MemberId, PersonId, Slug},
    person::NewPerson,
    text::Line,
};
use csp_proto::v1;
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, committee as shape},
    names,
};

/// The most lines of one import.
const MAX_LINES: usize = 1_000;
/// The most bytes of one import.
const MAX_BYTES: usize = 256 * 1024;

impl Api {
    pub(crate) async fn create_member(&self, caller: &Caller, mut message: v1::CreateMemberRequest) -> Result<v1::Member, Status> {
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateMemberRequest { parent, member, request_id: _ } = message;
        let (region, committee) = self.committee_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let v1::Member { name: _, person, display_name: _, email: _, start_date, end_date, etag: _ } = member.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let (of, person) = self.person_of(caller, "member.person", &person).await?;
        if of.id != region.id {
            faults.add("member.person", "must be in the committee's own region");
        }
        let today = calendar::civil_day(caller.now, region.zone);
        let starts_on = faults.optional_date("member.start_date", &start_date).unwrap_or(today);
        let ends_on = faults.optional_date("member.end_date", &end_date);
        if ends_on.is_some_and(|end| end < starts_on) {
            faults.add("member.end_date", "must not come before the first day");
        }
        faults.check()?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = Member { id: MemberId(self.chance.id(caller.now)), person: person.id, starts_on, ends_on, revision: 1 };
        let made = self.store.create_member(scope, &act, committee.id, new).await.map_err(|e| self.refuse(e))?;
        Ok(shape::member_to_proto(&region, &committee, &made, &person))
    }

    pub(crate) async fn list_members(&self, caller: &Caller, message: v1::ListMembersRequest) -> Result<v1::ListMembersResponse, Status> {
        let v1::ListMembersRequest { parent, page_size, page_token } = message;
        let (region, committee) = self.committee_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_members(scope, committee.id, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let members = listing.items.iter().map(|(member, person)| shape::member_to_proto(&region, &committee, member, person)).collect();
        Ok(v1::ListMembersResponse { members, next_page_token })
    }

    pub(crate) async fn update_member(&self, caller: &Caller, message: v1::UpdateMemberRequest) -> Result<v1::Member, Status> {
        let v1::UpdateMemberRequest { member, update_mask } = message;
        let v1::Member { name, person: _, display_name: _, email: _, start_date, end_date, etag } = member.unwrap_or_default();
        let parts = names::pattern("member.name", &name, &["regions", "committees", "members"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let committee = self.committee_in(caller, &region, parts[1]).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let id = MemberId(names::uuid("member", parts[2])?);
        let mask = convert::mask(update_mask, &["start_date", "end_date"])?;
        let mut faults = Faults::default();
        let (mut starts_on, mut ends_on) = (None, None);
        for path in &mask {
            match path.as_str() {
                "start_date" => starts_on = faults.date("member.start_date", &start_date),
                _ => ends_on = Some(faults.optional_date("member.end_date", &end_date)),
            }
        }
        let revision = faults.etag("member.etag", &etag);
        faults.check()?;
        let (member, person) = self
            .store
            .update_member(scope, &caller.act(), committee.id, id, starts_on, ends_on, revision)
            .await
            .map_err(|e| self.refuse(e))?;
        Ok(shape::member_to_proto(&region, &committee, &member, &person))
    }

    pub(crate) async fn import_members(
        &self,
        caller: &Caller,
        mut message: v1::ImportMembersRequest,
    ) -> Result<v1::ImportMembersResponse, Status> {
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::ImportMembersRequest { parent, csv, validate_only, request_id: _ } = message;
        let (region, committee) = self.committee_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let known = self.store.list_persons(scope, csp_store::Page::all()).await.map_err(|e| self.refuse(e))?.items;
        let mut slugs: HashSet<Slug> = known.iter().map(|person| person.slug.clone()).collect();
        let today = calendar::civil_day(caller.now, region.zone);
        let lines = read_csv(&csv, today, &mut faults);
        faults.check()?;
        let rows = lines
            .into_iter()
            .map(|line| {
                let person = PersonId(self.chance.id(caller.now));
                let new = NewPerson { id: person, slug: free_slug(&line.name, &mut slugs), name: line.name, email: line.email };
                let member = Member {
                    id: MemberId(self.chance.id(caller.now)),
                    person,
                    starts_on: line.starts_on,
                    ends_on: line.ends_on,
                    revision: 1,
                };
                (new, member)
            })
            .collect();
        let act = caller.create(convert::request(id, caller.call.path(), &body), validate_only);
        let (made, entered) = self.store.import_members(scope, &act, committee.id, rows).await.map_err(|e| self.refuse(e))?;
        let members = made
            .iter()
            .map(|(member, person)| {
                let mut shown = shape::member_to_proto(&region, &committee, member, person);
                if validate_only {
                    shown.name.clear();
                    shown.person.clear();
                }
                shown
            })
            .collect();
        Ok(v1::ImportMembersResponse { members, new_persons: i32::try_from(entered).unwrap_or(i32::MAX) })
    }
}

/// A line of the import that says something.
pub(crate) struct MemberLine {
    pub(crate) name: Line,
    pub(crate) email: csp_domain::person::EmailAddress,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

/// Reads the whole file and names every bad line: `csv line 7`.
pub(crate) fn read_csv(text: &str, today: NaiveDate, faults: &mut Faults) -> Vec<MemberLine> {
    const COLUMNS: [&str; 4] = ["name", "email", "start_date", "end_date"];
    if text.len() > MAX_BYTES {
        faults.add("csv", format!("must be at most {MAX_BYTES} bytes long"));
        return Vec::new();
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let head: Vec<String> = match reader.headers() {
        Ok(head) => head.iter().map(str::to_lowercase).collect(),
        Err(error) => {
            faults.add("csv line 1", format!("does not read: {error}"));
            return Vec::new();
        }
    };
    for column in &head {
        if !COLUMNS.contains(&column.as_str()) {
            faults.add(
                "csv line 1",
                format!("has a column `{}`; known are {}", column.chars().take(40).collect::<String>(), COLUMNS.join(", ")),
            );
        }
    }
    for needed in ["name", "email"] {
        if !head.iter().any(|column| column == needed) {
            faults.add("csv line 1", format!("must have a column `{needed}`"));
        }
    }
    if faults.check().is_err() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut addresses = HashSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.add(format!("csv line {line}"), "does not read; is a quotation mark left open?");
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let field = format!("csv line {line}");
        if lines.len() == MAX_LINES {
            faults.add(field, format!("is one too many: an import has at most {MAX_LINES} lines"));
            break;
        }
        if record.len() > head.len() {
            faults.add(&field, format!("has {} columns where the first line has {}", record.len(), head.len()));
            continue;
        }
        let cell = |column: &str| head.iter().position(|c| c == column).and_then(|i| record.get(i)).unwrap_or("");
        let name = faults.take(&format!("{field}, name"), Line::parse(cell("name"), Line::NAME));
        let email = faults.take(&format!("{field}, email"), cell("email").parse::<csp_domain::person::EmailAddress>());
        let starts_on = faults.optional_date(&format!("{field}, start_date"), cell("start_date")).unwrap_or(today);
        let ends_on = faults.optional_date(&format!("{field}, end_date"), cell("end_date"));
        if ends_on.is_some_and(|end| end < starts_on) {
            faults.add(format!("{field}, end_date"), "must not come before the first day");
        }
        if let Some(address) = &email
            && !addresses.insert(address.clone())
        {
            faults.add(format!("{field}, email"), "stands in an earlier line already");
        }
        if let (Some(name), Some(email)) = (name, email) {
            lines.push(MemberLine { name, email, starts_on, ends_on });
        }
    }
    if lines.is_empty() && faults.check().is_ok() {
        faults.add("csv", "has no members");
    }
    lines
}

/// A short name for a new person, numbered where the obvious one is taken.
fn free_slug(name: &Line, taken: &mut HashSet<Slug>) -> Slug {
    let base = Slug::from_name(name.as_str()).map_or_else(|| "member".to_owned(), |slug| slug.to_string());
    let base: String = base.chars().take(Slug::MAX - 5).collect();
    let base = base.trim_end_matches('-');
    let candidates = std::iter::once(base.to_owned()).chain((2..).map(|n| format!("{base}-{n}")));
    let free = candidates.filter_map(|text| text.parse::<Slug>().ok()).find(|slug| !taken.contains(slug));
    let free = free.expect("there are more numbers than persons");
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (usize, Vec<String>) {
        let mut faults = Faults::default();
        let lines = read_csv(text, "2022-01-01".parse().unwrap(), &mut faults);
        let told = faults.check().err().map(|status| {
            use tonic_types::StatusExt as _;
            status
                .get_details_bad_request()
                .unwrap()
                .field_violations
                .into_iter()
                .map(|v| format!("{}: {}", v.field, v.description))
                .collect()
        });
        (lines.len(), told.unwrap_or_default())
    }

    #[test]
    fn every_bad_line_is_named_at_once() {
        let (_, faults) =
            read("name,email,start_date\nA Councillor,a@example.org,\n,b@example.org,\nC,not an address,31/01/2022\nD,a@example.org,\n");
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[0].starts_with("csv line 3, name: must not be empty"));
        assert!(faults[1].starts_with("csv line 4, email"));
        assert!(faults[2].starts_with("csv line 4, start_date"));
        assert!(faults[3].starts_with("csv line 5, email: stands in an earlier line"));
    }

    #[test]
    fn a_file_without_the_columns_says_which_it_needs() {
        assert!(read("address;who\nx;y\n").1.iter().any(|f| f.contains("must have a column `email`")));
        assert_eq!(read("name,email\n").1, ["csv: has no members"]);
        assert_eq!(read("\u{FEFF}Email,Name\r\na@example.org,\"Councillor, A\"\r\n"), (1, vec![]));
    }

    #[test]
    fn people_of_the_same_name_get_names_of_their_own() {
        let mut taken = HashSet::new();
        let name = Line::parse("Councillor A. Example", 50).unwrap();
        assert_eq!(free_slug(&name, &mut taken).as_str(), "councillor-a-example");
        assert_eq!(free_slug(&name, &mut taken).as_str(), "councillor-a-example-2");
        assert_eq!(free_slug(&Line::parse("李", 50).unwrap(), &mut taken).as_str(), "member");
    }
}
