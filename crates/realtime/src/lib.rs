//! Realtime: who is subscribed to what, and which frames they get. A state machine without a transport: the server feeds it the
//! upgrade request and the texts of a socket, and takes frames out of the socket's bounded [`Queue`].
//!
//! Three generations of clients are served: channels (with queries in slots) in the query string of the connection, `subscribe` and
//! `unsubscribe` messages on an open one, and `authentication` by message for clients that cannot send cookies.
mod channels;
mod filter;
mod frame;
mod hub;
mod index;
mod messages;
mod open;
mod publish;
mod queue;
mod session;
mod standing;
mod url;

pub use frame::{Frame, NORMAL, POLICY};
pub use hub::Hub;
pub use open::Opening;
pub use queue::{Next, Queue};
pub use session::Session;
