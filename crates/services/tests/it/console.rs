//! The console's side: who may sign up, organizations and their projects, what can be set in a project and that it counts.
mod access;
mod policies;
mod projects;
mod removal;
mod settings;
