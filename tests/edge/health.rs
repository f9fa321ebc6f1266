//! Health follows the database.

use std::time::Duration;

use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient};
use csp_tests::Bed;
use cspd::Health;
use tokio::time::timeout;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::house::{House, PATIENCE, keeper, with_token};

pub(crate) async fn a_database_that_cannot_be_written_to_is_told_and_heals(bed: Bed) {
    let token = keeper(&bed).await;
    let raw = bed.raw();
    let mut house = House::open(&bed, |config| config.limits.probe = Duration::from_millis(50)).await;
    let channel = house.channel().await;
    let mut health = HealthClient::new(channel.clone());
    let of = |service: &str| HealthCheckRequest { service: service.to_owned() };
    let mut watched = health.watch(of("")).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    assert_eq!(health.check(of("csp.v1.NewsService")).await.unwrap().into_inner().status(), ServingStatus::Serving);

    // What the server tries to write to is not there.
    raw.execute("ALTER TABLE requests RENAME TO mislaid").await;
    let told = timeout(PATIENCE, house.health.wait_for(|health| *health != Health::Serving)).await.expect("it is noticed").unwrap();
    assert_eq!(*told, Health::NotServing { why: "the database cannot be written to" });
    drop(told);
    let said = timeout(PATIENCE, watched.message()).await.expect("whoever watches is told").unwrap().unwrap();
    assert_eq!(said.status(), ServingStatus::NotServing);
    assert_eq!(health.check(of("csp.v1.NewsService")).await.unwrap().into_inner().status(), ServingStatus::NotServing);
    // What can be done is done all the same.
    IdentityServiceClient::new(channel.clone()).who_am_i(with_token(&token, WhoAmIRequest {})).await.unwrap();

    raw.execute("ALTER TABLE mislaid RENAME TO requests").await;
    timeout(PATIENCE, house.health.wait_for(|health| *health == Health::Serving)).await.expect("it heals by itself").unwrap();
    let said = timeout(PATIENCE, watched.message()).await.expect("whoever watches is told").unwrap().unwrap();
    assert_eq!(said.status(), ServingStatus::Serving);
    assert_eq!(raw.number("SELECT COUNT(*) FROM requests").await, 0, "and all that trying left nothing");
    house.close().await;
}

pub(crate) async fn a_server_that_no_longer_looks_at_what_is_due_says_so_and_heals(bed: Bed) {
    let raw = bed.raw();
    let mut house = House::open(&bed, |config| {
        config.limits.probe = Duration::from_millis(50);
        config.scheduler.enabled = true;
        config.scheduler.every = Duration::from_millis(20);
        config.scheduler.heartbeat = Duration::from_millis(200);
    })
    .await;
    let mut health = HealthClient::new(house.channel().await);
    let of = |service: &str| HealthCheckRequest { service: service.to_owned() };
    let mut watched = health.watch(of("")).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);

    // Every look ends badly, while the database takes whatever is written to it.
    raw.execute("ALTER TABLE job_orders RENAME TO mislaid").await;
    let told = timeout(PATIENCE, house.health.wait_for(|health| *health != Health::Serving)).await.expect("it is noticed").unwrap();
    assert_eq!(*told, Health::NotServing { why: "what is due has not been looked at for too long" });
    drop(told);
    let said = timeout(PATIENCE, watched.message()).await.expect("whoever watches is told").unwrap().unwrap();
    assert_eq!(said.status(), ServingStatus::NotServing);
    assert_eq!(health.check(of("csp.v1.NewsService")).await.unwrap().into_inner().status(), ServingStatus::NotServing);
    let (status, _, said) = house.get("GET", "/readyz").await;
    assert_eq!((status, said.lines().next()), (503, Some("what is due has not been looked at for too long")));

    raw.execute("ALTER TABLE mislaid RENAME TO job_orders").await;
    timeout(PATIENCE, house.health.wait_for(|health| *health == Health::Serving)).await.expect("it heals by itself").unwrap();
    house.close().await;
}
