//! `[telemetry]`

use super::Reader;

/// Where traces go.
#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    /// The collector's address. Nothing: no traces are made.
    pub endpoint: Option<String>,
    /// As whom the server introduces itself.
    pub service: String,
    /// Of the requests whose caller has not decided, this share is traced: 0 none, 1 all.
    pub ratio: f64,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Telemetry {
    let endpoint = Some(reader.text("telemetry.otlp_endpoint")).filter(|endpoint| !endpoint.is_empty());
    if let Some(endpoint) = &endpoint {
        let address: Option<http::Uri> = endpoint.parse().ok();
        if !address.is_some_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some()) {
            reader.fault("telemetry.otlp_endpoint", "must be empty, or the address of a collector, such as http://127.0.0.1:4317");
        } else if cfg!(not(feature = "otlp")) {
            reader.fault("telemetry.otlp_endpoint", "must be empty: this program was built without the feature \"otlp\"");
        }
    }
    let service = reader.text("telemetry.service_name");
    if service.is_empty() {
        reader.fault("telemetry.service_name", "must not be empty");
    }
    Telemetry { endpoint, service, ratio: reader.ratio("telemetry.sampling_ratio") }
}
