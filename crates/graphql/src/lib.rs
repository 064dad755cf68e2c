//! GraphQL documents against a schema that is data: read, checked, run. Knows no HTTP and none of our services.
//!
//! Messages, their order and their places are those of the implementation the original uses; clients and tests compare them. Everything is
//! synchronous, as the kernel is, and bounded: tokens, nesting, and the work of a check are counted.
mod ast;
mod coerce;
mod error;
mod execute;
mod introspection;
mod parse;
mod print;
mod schema;
mod suggest;
mod token;
mod validate;

pub use ast::Operation;
pub use error::{Error, Step};
pub use execute::{Resolver, Response, run};
pub use parse::{Document, parse};
pub use schema::{Arg, Choose, Complexity, Compute, Field, Kind, Schema, SchemaBuilder, Source, Type, TypeId, TypeRef};
pub use validate::Limits;

#[cfg(test)]
mod tests;
