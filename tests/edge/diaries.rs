//! Diaries follow a link, without signing in.

use csp_domain::{
    diary::{Diary, LinkSecret, NewDiaryLink},
    id::DiaryLinkId,
};
use csp_proto::v1::diary_service_client::DiaryServiceClient;
use csp_tests::{Bed, at};

use crate::house::{House, with_token};

pub(crate) async fn a_diary_follows_a_link_until_it_is_taken_away(bed: Bed) {
    let county = bed.county("northumbria").await;
    let scope = county.scope();
    let by = county.officers[0].id;
    let make = async |diary| {
        let secret = LinkSecret::generate(bed.chance.as_ref());
        let id: DiaryLinkId = bed.id();
        let new = NewDiaryLink { id, public_id: secret.id().to_owned(), hash: secret.hash(), diary, by };
        bed.store.create_diary_link(scope, &bed.by(&county.officers[0]), new).await.unwrap();
        (id, format!("/diary/{}.ics", secret.reveal()))
    };
    let (id, path) = make(Diary::Partnership(county.partnerships[0].id)).await;
    let (_, of_committee) = make(Diary::Committee(county.committee.id)).await;
    let house = House::open(&bed, |config| config.listen.web_address = Some("https://digest.example.org".to_owned())).await;

    let (status, head, body) = house.get("GET", &path).await;
    assert_eq!(status, 200, "{body}");
    assert!(head.contains("content-type: text/calendar; charset=utf-8") && head.contains("cache-control: private"), "{head}");
    let sittings = csp_domain::calendar::ics::read(body.as_bytes(), chrono_tz::Europe::London).unwrap();
    assert_eq!(sittings.len(), 4, "it opens, is due, goes out, and the committee meets: {body}");
    assert!(!body.contains(county.officers[0].name.as_str()), "nobody is named: {body}");
    assert_eq!(body.matches('@').count(), 4, "nor is there an address but the entries' own: {body}");
    assert_eq!(house.get("GET", &of_committee).await.0, 200);

    // The date moves, and the entry with it.
    let moved = csp_domain::calendar::Timetable { meeting_at: at("2022-02-02T10:00:00Z"), ..county.cycle.timetable };
    let before = bed.store.get_cycle(scope, county.cycle.id).await.unwrap().revision;
    bed.store.update_timetable(scope, &bed.by_schedule(), county.cycle.id, moved, Some(before)).await.unwrap();
    let (_, _, after) = house.get("GET", &path).await;
    assert!(after.contains("DTSTART:20220202T100000Z") && !body.contains("DTSTART:20220202T100000Z"), "{after}");
    let uid = format!("UID:meeting.{}@calendar.csp-digest", county.cycle.id);
    let unfolded = |text: &str| text.replace("\r\n ", "");
    assert!(unfolded(&body).contains(&uid) && unfolded(&after).contains(&uid), "it keeps its identity: {after}");

    // Looked at, not written to; and a slip of the pen opens nothing.
    assert_eq!(house.get("POST", &path).await.0, 405);
    let mut slip = path.clone();
    slip.replace_range(30..31, if &path[30..31] == "x" { "y" } else { "x" });
    for nothing in [slip.as_str(), "/diary/x.ics", "/diary/", "/diary/%00.ics"] {
        assert_eq!(house.get("GET", nothing).await.0, 404, "{nothing}");
    }
    bed.store
        .revoke_diary_link(scope, &bed.by(&county.officers[0]), id, Diary::Partnership(county.partnerships[0].id), None)
        .await
        .unwrap();
    assert_eq!(house.get("GET", &path).await.0, 404, "taken away");

    // Whoever asks without end is told to wait; others are not.
    let mut told = None;
    for n in 0..200 {
        if house.get("GET", &of_committee).await.0 == 429 {
            told = Some(n);
            break;
        }
    }
    assert!(told.is_some_and(|n| n >= 50), "{told:?}");
    let (_, another) = make(Diary::Committee(county.committee.id)).await;
    assert_eq!(house.get("GET", &another).await.0, 200);
    let (public, drawn) = path.trim_start_matches("/diary/").trim_end_matches(".ics").split_once('-').unwrap();
    assert!(drawn.len() > 20, "{path}");
    let everything = format!("{:?}", bed.raw().everything().await);
    assert!(everything.contains(public) && !everything.contains(drawn), "of the secret only a hash is kept");

    // Who makes a link is told the whole address, because the server was told its own.
    let token = bed.token(scope, &county.officers[0]).await.1.reveal();
    let parent = format!("regions/{}/partnerships/{}", county.region.slug, county.partnerships[0].slug);
    let create = csp_proto::v1::CreateDiaryLinkRequest { parent, ..Default::default() };
    let mut diaries = DiaryServiceClient::new(house.channel().await);
    let made = diaries.create_diary_link(with_token(&token, create)).await.unwrap().into_inner();
    assert_eq!(made.uri, format!("https://digest.example.org{}", made.path));
    assert_eq!(house.get("GET", &made.path).await.0, 200);
    house.close().await;
}
