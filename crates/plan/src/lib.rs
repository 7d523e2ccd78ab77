//! Turns SPL syntax trees into DataFusion logical plans.
//!
//! [`Planner::plan`] turns a pipeline into a plan over the tables of a [`SourceCatalog`]; [`check::check`] reports all
//! its mistakes first. Commands are registered in [`commands`], one file each. Nothing here knows about files or log
//! formats.

mod aggregates;
pub mod catalog;
pub mod check;
pub mod commands;
mod error;
mod expr;
pub mod fields;
mod planner;
mod relation;
mod search;
mod wildcard;

pub use catalog::{
    EVENT_COLUMNS, EVENTS_TABLE, EventRequest, JOINED_TABLE, Lookup, LookupFault, LookupRules, OWN_TABLE, SourceCatalog,
};
pub use dogwatch_functions::operators::MatchKind;
pub use dogwatch_predicate::{Condition, Predicate};
pub use error::{CatalogError, PlanError};
pub use fields::FieldSet;
pub use planner::{EventFields, Planned, Planner};
pub use relation::{GROUP as GROUP_COLUMN, window_owner};
pub use search::instant;
