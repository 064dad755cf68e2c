//! Flags, and icons of payment cards and browsers.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use pictures::Limits;
use protocol::{Check, params};

use super::{cached, undrawable};
use crate::support::{busy, pixels, quality};

/// The same parameters, with other codes.
macro_rules! of_code {
    ($name:ident, $codes:expr) => {
        params! {
            pub(crate) struct $name {
                code: String = "code", Check::Enum(&$codes), required;
                width: i64 = "width", Check::Int { min: 0, max: 2000 }, or Int(100);
                height: i64 = "height", Check::Int { min: 0, max: 2000 }, or Int(100);
                quality: i64 = "quality", Check::Int { min: -1, max: 100 }, or Int(-1);
            }
        }
        impl $name {
            fn draw(&self, cx: &Cx<'_>, draw: Draw) -> Result<Reply> {
                let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
                let png = draw(&self.code, pixels(self.width), pixels(self.height), quality(self.quality), &Limits::default());
                Ok(cached(png.map_err(|e| undrawable(&e))?, "image/png"))
            }
        }
    };
}
type Draw = fn(&str, u32, u32, Option<u8>, &Limits) -> pictures::Result<Vec<u8>>;

of_code!(Browser, pictures::BROWSERS);
of_code!(Card, pictures::CARDS);
of_code!(Flag, pictures::FLAGS);

endpoint! {
    /// Gets the icon of a browser.
    BROWSER: Get "/v1/avatars/browsers/:code" => 200 "none" by browser(Browser);
    sdk ["avatars.getBrowser"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}
endpoint! {
    /// Gets the icon of a payment card.
    CARD: Get "/v1/avatars/credit-cards/:code" => 200 "none" by card(Card);
    sdk ["avatars.getCreditCard"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}
endpoint! {
    /// Gets the flag of a country.
    FLAG: Get "/v1/avatars/flags/:code" => 200 "none" by flag(Flag);
    sdk ["avatars.getFlag"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}

fn browser(cx: &mut Cx<'_>, p: Browser) -> Result<Reply> {
    p.draw(cx, pictures::browser)
}

fn card(cx: &mut Cx<'_>, p: Card) -> Result<Reply> {
    p.draw(cx, pictures::card)
}

fn flag(cx: &mut Cx<'_>, p: Flag) -> Result<Reply> {
    p.draw(cx, pictures::flag)
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&BROWSER, &CARD, &FLAG];
