//! Pictures: bytes in, bytes out. Previews of pictures in other sizes, shapes and formats, and pictures that are drawn here: initials,
//! QR codes, flags, icons of cards and browsers, placeholders. Knows no request and no store, reads no clock; what it may use of memory and
//! work is bounded by [`Limits`], whatever the bytes are.
mod art;
mod color;
mod decode;
mod encode;
mod error;
mod initials;
mod limits;
mod preview;
mod qr;
mod raster;
mod shape;
mod svg;
mod turn;

pub use art::{BROWSERS, CARDS, FLAGS, Placeholder, browser, card, flag};
pub use color::Color;
pub use decode::{Kind, kind};
pub use encode::Output;
pub use error::{PictureError, Result};
pub use initials::{initials, initials_of};
pub use limits::Limits;
pub use preview::{Gravity, Preview, Rendered, render, render_drawn};
pub use qr::qr;
pub use svg::{Drawing, sanitized};
