//! Initials of names, and QR codes.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use pictures::{Color, Limits};
use protocol::{ApiError, Check, params};

use super::{LONG, name_of_caller, picture, undrawable};
use crate::support::{busy, pixels};

params! {
    pub(crate) struct Initials {
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
        width: i64 = "width", Check::Int { min: 0, max: 2000 }, or Int(500);
        height: i64 = "height", Check::Int { min: 0, max: 2000 }, or Int(500);
        background: String = "background", Check::HexColor, or Str("");
    }
}
params! {
    pub(crate) struct Qr {
        text: String = "text", Check::Text { min: 1, max: 512 }, required;
        size: i64 = "size", Check::Int { min: 1, max: 1000 }, or Int(400);
        margin: i64 = "margin", Check::Int { min: 0, max: 10 }, or Int(1);
        download: bool = "download", Check::Bool, or Bool(false);
    }
}

endpoint! {
    /// Gets the initials of a name as a picture; without a name those of the signed-in user.
    INITIALS: Get "/v1/avatars/initials" => 200 "none" by initials(Initials);
    sdk ["avatars.getInitials"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}
endpoint! {
    /// Gets a text as a QR code.
    QR: Get "/v1/avatars/qr" => 200 "none" by qr(Qr);
    sdk ["avatars.getQR"] auth [Admin, Session, Key, Jwt] scope ["avatars.read"]
}

fn initials(cx: &mut Cx<'_>, p: Initials) -> Result<Reply> {
    let name = if p.name.is_empty() { name_of_caller(cx) } else { p.name };
    let (letters, color) = pictures::initials_of(&name);
    let ground = Color::from_hex(&p.background).unwrap_or(color);
    let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
    let png = pictures::initials(&letters, ground, pixels(p.width), pixels(p.height), &Limits::default()).map_err(|e| undrawable(&e))?;
    Ok(picture(png, "image/png", LONG))
}

fn qr(cx: &mut Cx<'_>, p: Qr) -> Result<Reply> {
    let Some(_place) = cx.app.pictures.enter() else { return Ok(busy()) };
    let png = pictures::qr(&p.text, pixels(p.size), pixels(p.margin)).map_err(|_| ApiError::argument("The text is too long for a QR code"))?;
    if p.download {
        cx.header("Content-Disposition", "attachment; filename=\"qr.png\"");
    }
    Ok(picture(png, "image/png", LONG))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&INITIALS, &QR];
