//! Whole commands, from what is typed to what is read, against a pretended server.

mod admin;
mod approval;
mod beside;
mod calendar;
mod failures;
mod folder;
mod guidance;
mod hands;
mod help;
mod history;
mod joint;
mod json;
mod login;
mod news;
mod record;
mod returns;
mod schedule;
mod signoff;
mod support;
mod tokens;
mod wording;
mod world;
