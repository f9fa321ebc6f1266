//! `csp admin person`.

use clap::Subcommand;
use csp_proto::v1;

use super::{change, mask, options};
use crate::{
    error::Error,
    session::{Session, all_pages},
    views::person::{PersonList, PersonView},
};

const WORDS: &[(&str, &str)] = &[("person_id", "PERSON"), ("display_name", "--name"), ("email", "--email")];

/// Enter persons
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin person create jo-brown --name \"Jo Brown\" --email jo@example.org")]
pub(crate) enum Person {
    /// Enter a person
    #[command(after_help = "Example:\n  csp admin person create jo-brown --name \"Jo Brown\" --email jo@example.org")]
    Create {
        /// Their short name: lower-case letters, digits and single hyphens
        id: String,
        /// As they wish to be addressed
        #[arg(long)]
        name: String,
        /// Where mail reaches them
        #[arg(long)]
        email: String,
    },
    /// List the persons of the region
    #[command(after_help = "Example:\n  csp admin person list")]
    List,
    /// Show a person
    #[command(after_help = "Example:\n  csp admin person show jo-brown")]
    Show {
        /// Their short name
        id: String,
    },
    /// Change a person's name or address
    #[command(after_help = "Example:\n  csp admin person update jo-brown --email jo.brown@example.org")]
    Update {
        /// Their short name
        id: String,
        /// As they wish to be addressed
        #[arg(long)]
        name: Option<String>,
        /// Where mail reaches them
        #[arg(long)]
        email: Option<String>,
    },
}

impl Person {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names().await?;
        match self {
            Self::Create { id, name, email } => {
                let person = v1::Person { display_name: name, email, ..Default::default() };
                let parent = names.region().to_owned();
                let question = v1::CreatePersonRequest { parent, person: Some(person), person_id: id.clone(), request_id: String::new() };
                let person = session.create_person(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The person is entered. They need a role and a token:");
                session.terminal.say(format!("  csp admin role grant {id} officer --partnership gateshead"));
                session.terminal.say(format!("  csp admin token create {id} --label laptop"));
                session.show(&PersonView::from(person)).await
            }
            Self::List => {
                let persons = all_pages(async |page_token| {
                    let parent = names.region().to_owned();
                    let answer = session.list_persons(v1::ListPersonsRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.persons, answer.next_page_token))
                })
                .await?;
                session.show(&PersonList { persons: persons.into_iter().map(Into::into).collect() }).await
            }
            Self::Show { id } => {
                let person = session.get_person(v1::GetPersonRequest { name: names.person(&id)? }).await?;
                session.show(&PersonView::from(person)).await
            }
            Self::Update { id, name, email } => {
                let mut person = session.get_person(v1::GetPersonRequest { name: names.person(&id)? }).await?;
                let mut paths = Vec::new();
                change(&mut person.display_name, name, "display_name", &mut paths);
                change(&mut person.email, email, "email", &mut paths);
                let update_mask = mask(paths, "--name, --email")?;
                let question = v1::UpdatePersonRequest { person: Some(person), update_mask };
                let person = session.update_person(question).await.map_err(|error| options(error, WORDS))?;
                session.terminal.announce("The person is changed.");
                session.show(&PersonView::from(person)).await
            }
        }
    }
}
