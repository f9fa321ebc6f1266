//! Bytes that are hardly a message: each is refused or read, within bounds, and the next caller is served.

use bytes::Bytes;
use csp_proto::v1;
use csp_tests::Bed;
use prost::Message as _;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    panics,
    raw::call,
    world::{COMMITTEE, World, partnership},
};

const WHO: &str = "csp.v1.IdentityService/WhoAmI";
const COMMITTEES: &str = "csp.v1.CommitteeService/UpdateCommittee";
const RETURNS: &str = "csp.v1.ReturnService/CreateReturn";

/// A field of bytes: its tag, its length and its content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

pub(crate) async fn what_is_hardly_a_message_is_refused_and_the_next_caller_served(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let send = async |path: &str, bytes: Vec<u8>| {
        let who = if path == RETURNS { &world.officers[0] } else { &world.administrator };
        call(&world.channel, path, who.call(Bytes::from(bytes))).await
    };
    let refused = async |path: &str, bytes: Vec<u8>, field: &str| {
        let status = send(path, bytes).await.expect_err(field);
        assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
        let told = status.get_details_bad_request().expect("it says what is wrong").field_violations;
        assert!(told.iter().any(|v| v.field == field), "{field}: {told:?}");
    };

    // Fields that nobody knows are passed over, however many.
    assert!(send(WHO, b"\x78\x01".repeat(250_000)).await.is_ok());
    // Groups within groups, as deep as the message is long.
    refused(WHO, b"\x7b".repeat(500_000), "request").await;
    // A length of 100 million that does not follow, a length that no number holds, a tag of no field.
    refused(WHO, b"\x7a\x80\xc2\xd7\x2f".to_vec(), "request").await;
    refused(COMMITTEES, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01".to_vec(), "committee").await;
    refused(COMMITTEES, b"\x00".to_vec(), "request").await;
    // More than is ever read.
    let status = send(WHO, vec![0x78; (512 << 10) + 1]).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    let status = send(RETURNS, vec![0x78; (4 << 20) + 1]).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");

    // The same committee a thousand times is one committee: its last name counts.
    let named = |name: &str| v1::Committee { name: COMMITTEE.into(), display_name: name.into(), ..Default::default() }.encode_to_vec();
    let mut bytes: Vec<u8> = (0..1_000).flat_map(|n| field(1, &named(&format!("Name {n}")))).collect();
    bytes.extend(field(2, &field(1, b"display_name")));
    let changed = v1::Committee::decode(send(COMMITTEES, bytes).await.unwrap()).unwrap();
    assert_eq!(changed.display_name, "Name 999");

    // A mask that names one field as often as fits, each time to be parsed.
    let mask = field(1, b"template").repeat(50_000);
    refused(COMMITTEES, [field(1, &named("x")), field(2, &mask)].concat(), "update_mask").await;
    // As many partnerships as fit, each to be looked up.
    let many = [named("x"), field(3, b"").repeat(250_000)].concat();
    refused(COMMITTEES, [field(1, &many), field(2, &field(1, b"partnerships"))].concat(), "committee.partnerships").await;
    // As many figures as fit.
    let figures = field(3, &field(1, b"").repeat(1_500_000));
    let answer = [field(2, crate::world::CYCLE.as_bytes()), figures].concat();
    refused(RETURNS, [field(1, partnership(0).as_bytes()), field(2, &answer)].concat(), "answer.figures.figures").await;

    assert!(send(WHO, Vec::new()).await.is_ok(), "the next caller is served");
    assert_eq!(panics(), 0, "something panicked on the way");
}
