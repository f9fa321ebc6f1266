//! `csp admin member`.

use clap::Subcommand;
use csp_proto::v1;

use super::{change, mask, options};
use crate::{
    dates::parse_day,
    error::{Error, Kind},
    files,
    output::count,
    session::{Session, all_pages},
    views::member::{MemberImport, MemberList, MemberView},
};

const WORDS: &[(&str, &str)] = &[("parent", "--committee"), ("person", "PERSON"), ("start_date", "--from"), ("end_date", "--until")];

/// Say who sits on a committee, and from when to when
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin member import members.csv --committee citizen-focus --dry-run")]
pub(crate) enum Member {
    /// Add a term of a person
    #[command(
        visible_alias = "create",
        after_help = "Example:\n  csp admin member add sam-hill --committee citizen-focus --from 2022-01-12"
    )]
    Add {
        /// The person's short name
        person: String,
        /// On which committee
        #[arg(long)]
        committee: String,
        /// First day; today when not given
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        from: Option<String>,
        /// Last day; until further notice when not given
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        until: Option<String>,
    },
    /// List the terms on a committee
    #[command(after_help = "Example:\n  csp admin member list --committee citizen-focus")]
    List {
        /// On which committee
        #[arg(long)]
        committee: String,
    },
    /// Change the days of a term
    #[command(after_help = "\
Example:
  csp admin member update citizen-focus/0190b0a2-7c1e-7000-8000-000000000001 \\
      --until 2022-05-05")]
    Update {
        /// The term, as `csp admin member list` lists it
        member: String,
        /// First day
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        from: Option<String>,
        /// Last day
        #[arg(long, value_name = "DAY", value_parser = parse_day)]
        until: Option<String>,
        /// Until further notice
        #[arg(long, conflicts_with = "until")]
        open_ended: bool,
    },
    /// Add many members from a file: all or none. Persons not known yet are entered
    #[command(after_help = "\
Examples:
  csp admin member import members.csv --committee citizen-focus --dry-run
  csp admin member import members.csv --committee citizen-focus

The file is CSV in UTF-8 with the head line name,email and, if wanted,
start_date,end_date (days like 2022-01-12).")]
    Import {
        /// The file; - is what is piped in
        file: String,
        /// On which committee
        #[arg(long)]
        committee: String,
        /// Check everything and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl Member {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names_within().await?;
        match self {
            Self::Add { person, committee, from, until } => {
                let member = v1::Member {
                    person: names.person(&person)?,
                    start_date: from.unwrap_or_default(),
                    end_date: until.unwrap_or_default(),
                    ..Default::default()
                };
                let parent = names.committee(&committee)?;
                let question = v1::CreateMemberRequest { parent, member: Some(member), request_id: String::new() };
                let member = session.create_member(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The member is added.");
                session.show(&MemberView::from(member)).await
            }
            Self::List { committee } => {
                let members = members(&names.committee(&committee)?, session).await?;
                session.show(&MemberList { members: members.into_iter().map(Into::into).collect() }).await
            }
            Self::Update { member, from, until, open_ended } => {
                let name = names.member(&member)?;
                let committee = name.split("/members/").next().unwrap_or(&name).to_owned();
                let Some(mut member) = members(&committee, session).await?.into_iter().find(|member| member.name == name) else {
                    return Err(Error::new(Kind::NotFound, "There is no such member."));
                };
                let mut paths = Vec::new();
                change(&mut member.start_date, from, "start_date", &mut paths);
                change(&mut member.end_date, until.or_else(|| open_ended.then(String::new)), "end_date", &mut paths);
                let update_mask = mask(paths, "--from, --until, --open-ended")?;
                let question = v1::UpdateMemberRequest { member: Some(member), update_mask };
                let member = session.update_member(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The term is changed.");
                session.show(&MemberView::from(member)).await
            }
            Self::Import { file, committee, dry_run } => {
                let csv = files::read_text(&file, session.terminal)?;
                let parent = names.committee(&committee)?;
                let question = v1::ImportMembersRequest { parent, csv, validate_only: dry_run, request_id: String::new() };
                let answer = session.import_members(question).await.map_err(|error| error.places(|field| place(field, &file)))?;
                let v1::ImportMembersResponse { members, new_persons } = answer;
                let members: Vec<MemberView> = members.into_iter().map(Into::into).collect();
                let added = count(members.len(), "member", "members");
                let unknown = count(usize::try_from(new_persons).unwrap_or(0), "person", "persons");
                session.terminal.announce(&if dry_run {
                    format!("Checked: {added} would be added, {unknown} of them not known before. Nothing was changed.")
                } else {
                    format!("{added} added, {unknown} of them not known before.")
                });
                session.show(&MemberImport { members, new_persons }).await
            }
        }
    }
}

async fn members(parent: &str, session: &Session<'_>) -> Result<Vec<v1::Member>, Error> {
    all_pages(async |page_token| {
        let parent = parent.to_owned();
        let answer = session.list_members(v1::ListMembersRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.members, answer.next_page_token))
    })
    .await
}

/// `csv line 7` as the server says it, as `members.csv:7`; `csv line 7 email` as `members.csv:7: email`.
fn place(field: &str, file: &str) -> String {
    let Some(after) = field.strip_prefix("csv") else { return if field == "parent" { "--committee".to_owned() } else { field.to_owned() } };
    let Some(start) = after.find(|c: char| c.is_ascii_digit()) else { return file.to_owned() };
    let digits = after[start..].find(|c: char| !c.is_ascii_digit()).map_or(after.len(), |length| start + length);
    let column = after[digits..].trim_matches(|c: char| !c.is_alphanumeric());
    let line = &after[start..digits];
    if column.is_empty() { format!("{file}:{line}") } else { format!("{file}:{line}: {column}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_the_server_names_is_a_line_of_the_file() {
        assert_eq!(place("csv line 7", "members.csv"), "members.csv:7");
        assert_eq!(place("csv line 12, email", "members.csv"), "members.csv:12: email");
        assert_eq!(place("csv[3].start_date", "members.csv"), "members.csv:3: start_date");
        assert_eq!(place("csv", "members.csv"), "members.csv");
        assert_eq!(place("parent", "members.csv"), "--committee");
    }
}
