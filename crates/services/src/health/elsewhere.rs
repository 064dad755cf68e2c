//! What others say: the time, and the certificate of a domain.
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use outbound::FetchError;
use protocol::check::is_url;
use protocol::{Check, ErrorKind, params};
use serde_json::json;

use crate::support::object;

/// Seconds a clock may be wrong.
const GAP: i64 = 60;

params! {
    pub(crate) struct Domain { domain: Option<String> = "domain", Check::Nullable(&Check::Text { min: 0, max: 2_048 }), optional; }
}
endpoint! {
    /// Compares the server's clock with a time server's.
    TIME: Get "/v1/health/time" => 200 "healthTime" by time(());
    sdk ["health.getTime"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Gets the certificate that a domain shows.
    CERTIFICATE: Get "/v1/health/certificate" => 200 "healthCertificate" by certificate(Domain);
    sdk ["health.getCertificate"] auth [Admin, Key] scope ["health.read"]
}
endpoint! {
    /// Figures of the server. No role has the scope `root`, in the original neither: whoever asks is told so.
    STATS: Get "/v1/health/stats" => 200 "any" by stats(());
    sdk [] auth [] scope ["root"]
}

fn time(cx: &mut Cx<'_>, (): ()) -> Result<Reply> {
    let failed = |why: &dyn std::fmt::Display| Error::internal(format!("Failed to connect to time server: {why}"));
    let there = cx.block_on(outbound::time_of(&cx.app.settings.time_server)).map_err(|e| failed(&e))?;
    let here = cx.app.now().0.div_euclid(1_000);
    let diff = there - here;
    if diff.abs() > GAP {
        return Err(Error::internal(format!("Server time gaps detected: {diff} seconds")));
    }
    Ok(Reply::Model("healthTime", object(json!({"remoteTime": there, "localTime": here, "diff": diff}))))
}

/// The host of a URL, or a domain, if it is one of the public internet.
fn public_host(text: &str) -> Option<&str> {
    let host = match text.split_once("://") {
        Some((_, rest)) if is_url(text) => rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.split(':').next()?,
        _ => text,
    };
    (Check::Domain.apply(host.into()).is_ok() && outbound::is_public_name(host)).then_some(host)
}

fn certificate(cx: &mut Cx<'_>, p: Domain) -> Result<Reply> {
    let domain = p.domain.unwrap_or_default();
    let Some(host) = public_host(&domain) else {
        let message = "Invalid `domain` param: 1. Value must be a valid domain \n2. Value must be a public domain \n";
        return Err(Error::with(ErrorKind::GeneralArgumentInvalid, message));
    };
    let unreached = |e: FetchError| Error::with(ErrorKind::HealthInvalidHost, format!("Failed to connect to host: ({e})"));
    let shown = cx.block_on(cx.app.outbound.certificate(host)).map_err(unreached)?;
    if shown.valid_to < cx.app.now().0.div_euclid(1_000) {
        return Err(ErrorKind::HealthCertificateExpired.into());
    }
    Ok(Reply::Model(
        "healthCertificate",
        object(json!({"name": shown.name, "subjectSN": shown.common_name, "issuerOrganisation": shown.issuer_organisation,
            "validFrom": shown.valid_from, "validTo": shown.valid_to, "signatureTypeSN": shown.signature})),
    ))
}

fn stats(_: &mut Cx<'_>, (): ()) -> Result<Reply> {
    Err(ErrorKind::GeneralUnauthorizedScope.into())
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&TIME, &CERTIFICATE, &STATS];

#[cfg(test)]
mod tests {
    use super::public_host;

    #[test]
    fn hosts_of_the_public_internet() {
        for (text, host) in [("example.com", "example.com"), ("https://a.example.com:8443/x?y", "a.example.com"), ("https://u:p@b.org", "b.org")] {
            assert_eq!(public_host(text), Some(host));
        }
        for bad in ["", "localhost", "https://localhost/", "example.com/path", "10.0.0.1", "https://10.0.0.1/", "db.internal", "http://[::1]/", "a b.com"] {
            assert_eq!(public_host(bad), None, "{bad}");
        }
    }
}
