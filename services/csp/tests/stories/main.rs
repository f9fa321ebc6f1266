//! Whole commands, from what is typed to what is read, against a pretended server.

mod admin;
mod approval;
mod failures;
mod folder;
mod guidance;
mod hands;
mod help;
mod json;
mod login;
mod news;
mod record;
mod returns;
mod signoff;
mod support;
mod tokens;
mod world;
