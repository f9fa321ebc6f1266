//! The register of statements.

use crate::{Engine, engine};

/// Declares the statements of a module as constants, and lists them, so that none escapes the test that
/// has both engines prepare each.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* const $name: &str = $text;)*
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use statements;

/// Every statement of this crate, as the engine is given it.
pub fn every_statement(engine: Engine) -> Vec<(&'static str, &'static str)> {
    let modules = [
        crate::audit::STATEMENTS,
        crate::backup::STATEMENTS,
        crate::committee::STATEMENTS,
        crate::cycle::STATEMENTS,
        crate::digest::STATEMENTS,
        crate::indicator::STATEMENTS,
        crate::job::STATEMENTS,
        crate::member::STATEMENTS,
        crate::message::STATEMENTS,
        crate::news::STATEMENTS,
        crate::partnership::STATEMENTS,
        crate::person::STATEMENTS,
        crate::probe::STATEMENTS,
        crate::region::STATEMENTS,
        crate::region::FORGET,
        crate::request::STATEMENTS,
        crate::returns::STATEMENTS,
        crate::role::STATEMENTS,
        crate::token::STATEMENTS,
    ];
    let differing = engine::DIFFERING.iter().map(|(name, both)| match engine {
        Engine::Sqlite => (*name, both.sqlite),
        Engine::Postgres => (*name, both.postgres),
    });
    modules.into_iter().flatten().copied().chain(differing).collect()
}
