//! The register of statements.

use sqlx::{SqlSafeStr, SqlStr};

use crate::{Engine, engine, walls};

/// A statement as it was written. On its way to the engine it passes by the walls ([`crate::walls`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement(&'static str);

impl Statement {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }
}

impl SqlSafeStr for Statement {
    fn into_sql_str(self) -> SqlStr {
        walls::as_sent(self.0).into_sql_str()
    }
}

/// Declares the statements of a module as constants, and lists them, so that none escapes the test that
/// has both engines prepare each.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* const $name: $crate::statement::Statement = $crate::statement::Statement::new($text);)*
        pub(crate) const STATEMENTS: &[(&str, $crate::statement::Statement)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// Every statement of this crate, as the engine is given it.
pub fn every_statement(engine: Engine) -> Vec<(&'static str, &'static str)> {
    let modules = [
        crate::audit::STATEMENTS,
        crate::backup::STATEMENTS,
        crate::diary_link::STATEMENTS,
        crate::calendar::STATEMENTS,
        crate::check::STATEMENTS,
        crate::committee::STATEMENTS,
        crate::context_note::STATEMENTS,
        crate::cycle::STATEMENTS,
        crate::digest::STATEMENTS,
        crate::extension::STATEMENTS,
        crate::gauges::STATEMENTS,
        crate::history::STATEMENTS,
        crate::indicator::STATEMENTS,
        crate::job::STATEMENTS,
        crate::joint::STATEMENTS,
        crate::known::STATEMENTS,
        crate::member::STATEMENTS,
        crate::message::STATEMENTS,
        crate::moves::STATEMENTS,
        crate::news::STATEMENTS,
        crate::partnership::STATEMENTS,
        crate::person::STATEMENTS,
        crate::population::STATEMENTS,
        crate::probe::STATEMENTS,
        crate::receipt_wish::STATEMENTS,
        crate::region::STATEMENTS,
        crate::region::FORGET,
        crate::request::STATEMENTS,
        crate::returns::STATEMENTS,
        crate::role::STATEMENTS,
        crate::signoff::STATEMENTS,
        crate::standing::STATEMENTS,
        crate::tidings::STATEMENTS,
        crate::target::STATEMENTS,
        crate::token::STATEMENTS,
        crate::wording::STATEMENTS,
    ];
    let differing = engine::DIFFERING.iter().map(|(name, both)| match engine {
        Engine::Sqlite => (*name, both.sqlite),
        Engine::Postgres => (*name, both.postgres),
    });
    modules.into_iter().flatten().copied().chain(differing).map(|(name, statement)| (name, walls::as_sent(statement.0))).collect()
}
