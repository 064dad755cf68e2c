//! Errors and models without a form of their own.
use super::table::models;

models! {
    NONE: "none" "None" {}
    ANY: "any" "Any" any {}
    ERROR: "error" "Error" {
        "message": text; "code": text; "type": text = Text("unknown"); "version": text;
    }
    ERROR_DEV: "errorDev" "Error" {
        "message": text; "code": text; "type": text = Text("unknown"); "version": text; "file": text; "line": integer; "trace": text list;
    }
    METRIC_LIST: "metricList" "Metric List" {
        "total": integer; "metrics": list (METRIC);
    }
    SPECIFICATION_LIST: "specificationList" "Specifications List" {
        "total": integer; "specifications": list (SPECIFICATION);
    }
    METRIC: "metric" "Metric" {
        "value": integer = Int(-1); "date": datetime;
    }
    METRIC_BREAKDOWN: "metricBreakdown" "Metric Breakdown" {
        "resourceId": text nullable; "name": text; "value": integer; "estimate": float nullable;
    }
    HEADERS: "headers" "Headers" {
        "name": text; "value": text;
    }
    SPECIFICATION: "specification" "Specification" {
        "memory": integer; "cpus": float; "enabled": boolean; "slug": text;
    }
    MOCK: "mock" "Mock" {
        "result": text;
    }
}
