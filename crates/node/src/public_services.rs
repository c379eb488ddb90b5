//! The standard services that anyone authenticated may call: health and reflection.

use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::limits;

/// The services of `huxin.v1`, as health names them.
const SERVICES: [&str; 5] =
    ["huxin.v1.Recognition", "huxin.v1.Peer", "huxin.v1.Registry", "huxin.v1.Ledger", "huxin.v1.Operator"];

/// Health and both versions of reflection, and what tells health.
///
/// # Errors
/// If the descriptors that were compiled in cannot be read.
pub async fn public_services() -> Result<(Routes, HealthReporter), tonic_reflection::server::Error> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(huxin_wire::v1::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let (reporter, health) = tonic_health::server::health_reporter();
    for service in SERVICES {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    let limit = limits::MESSAGE;
    let routes = Routes::new(health.max_decoding_message_size(limit))
        .add_service(builder().build_v1()?.max_decoding_message_size(limit))
        .add_service(builder().build_v1alpha()?.max_decoding_message_size(limit))
        .prepare();
    Ok((routes, reporter))
}

/// Says that the node serves no longer, so that balancers turn away before it closes.
pub async fn not_serving(reporter: &HealthReporter) {
    for service in SERVICES.into_iter().chain([""]) {
        reporter.set_service_status(service, ServingStatus::NotServing).await;
    }
}
