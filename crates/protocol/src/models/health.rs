//! The state of the server.
use super::table::models;

models! {
    HEALTH_STATUS_LIST: "healthStatusList" "Status List" {
        "total": integer; "statuses": list (HEALTH_STATUS);
    }
    HEALTH_ANTIVIRUS: "healthAntivirus" "Health Antivirus" {
        "version": text; "status": text ["disabled", "offline", "online"];
    }
    HEALTH_QUEUE: "healthQueue" "Health Queue" {
        "size": integer;
    }
    HEALTH_STATUS: "healthStatus" "Health Status" {
        "name": text; "ping": integer; "status": text ["pass", "fail"];
    }
    HEALTH_CERTIFICATE: "healthCertificate" "Health Certificate" {
        "name": text; "subjectSN": text = Text("www.google.com"); "issuerOrganisation": text = Text("Google Trust Services LLC"); "validFrom": text;
        "validTo": text; "signatureTypeSN": text;
    }
    HEALTH_TIME: "healthTime" "Health Time" {
        "remoteTime": integer; "localTime": integer; "diff": integer;
    }
    HEALTH_VERSION: "healthVersion" "Health Version" {
        "version": text;
    }
}
