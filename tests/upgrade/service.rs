//! The service over a store: the calls of people on one side, the schedule and the mail on the other.

use std::sync::Arc;

use csp_api::Api;
use csp_domain::{
    chance::{SeededChance, SharedChance},
    clock::SharedClock,
};
use csp_mail::{
    carrier::{Carrier, Smtp},
    sink::Sink,
};
use csp_scheduler::{Post, Scheduler};
use csp_store::Store;
use csp_tests::line;
use tonic::{Request, transport::Channel};

/// What does by itself what is due, and mails to `sink`.
pub(crate) fn scheduler(store: &Store, clock: SharedClock, seed: u64, sink: &Sink) -> Scheduler {
    let post = Post {
        from_name: line("Northumbria community safety digest"),
        from: "digest@mail.example.org".parse().expect("an address"),
        reply_to: None,
        domain: "mail.example.org".to_owned(),
        connections: 2,
    };
    let carrier = Carrier::Smtp(Smtp::new(sink.settings()).expect("the sink's settings are settings"));
    Scheduler::new(store.clone(), clock, Arc::new(SeededChance::new(seed)), carrier, post)
}

/// A gRPC channel to the services over `store`, without a port.
pub(crate) async fn channel(store: &Store, clock: SharedClock, chance: SharedChance) -> Channel {
    let routes = Api::new(store.clone(), clock, chance).routes();
    let (client, server) = tokio::io::duplex(1 << 20);
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(server));
    tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(incoming));
    let mut client = Some(client);
    let connector = tower::service_fn(move |_| {
        let client = client.take();
        async move { client.map(hyper_util::rt::TokioIo::new).ok_or_else(|| std::io::Error::other("connected once")) }
    });
    tonic::transport::Endpoint::from_static("http://service").connect_with_connector(connector).await.expect("the service answers")
}

/// A call with somebody's token.
pub(crate) fn call<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().expect("a token is ASCII"));
    request
}
