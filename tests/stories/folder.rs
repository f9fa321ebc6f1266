//! An officer's folder and files, with `csp` as it is typed, against the whole service.

use std::{ffi::OsString, io, path::Path, sync::Arc};

use csp_api::Api;
use csp_domain::clock::SharedClock;
use csp_proto::v1;
use csp_sheet::form::{Column, Fill, Form};
use csp_tests::Bed;
use prost::Message as _;
use serde_json::{Value, json};
use tonic::transport::server::TcpIncoming;

use crate::world::{CYCLE, World, partnership};

/// Serves the world's service on a free port, for clients that dial.
pub(crate) async fn dialled(world: &World) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let routes = Api::new(world.bed.store.clone(), clock, world.bed.chance.clone()).routes();
    tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(TcpIncoming::from(listener)));
    url
}

#[derive(Clone, Default)]
struct Kept(Arc<std::sync::Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Types a command; its exit code, its data and its talk.
pub(crate) async fn csp(url: &str, token: &str, args: &[&str]) -> (u8, String, String) {
    let (data, talk) = (Kept::default(), Kept::default());
    let environment = [("CSP_SERVER", url), ("CSP_TOKEN", token), ("CSP_CONFIG_DIR", "/nowhere")];
    let mut terminal = csp::Terminal {
        input: Box::new(io::empty()),
        output: Box::new(data.clone()),
        talk: Box::new(talk.clone()),
        input_is_terminal: false,
        output_is_terminal: false,
        talk_is_terminal: false,
        environment: environment.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        pauses: Vec::new(),
    };
    let code = csp::run(std::iter::once("csp").chain(args.iter().copied()).map(OsString::from), &mut terminal).await;
    let text = |kept: &Kept| String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    (code, text(&data), text(&talk))
}

/// The workbook as somebody fills it in.
pub(crate) fn fill_in(folder: &Path, burglary: &str, vehicle: &str) {
    let column = |head: &str| Column { head: head.into(), width: 12, fill: Fill::Words(300) };
    let row = |indicator: &str, value: &str| vec![indicator.to_owned(), value.to_owned()];
    let form = Form {
        sheet: "Figures".into(),
        explanation_sheet: "Help".into(),
        columns: ["Indicator", "Value"].map(column).to_vec(),
        rows: vec![row("burglary", burglary), row("vehicle-crime", vehicle)],
        ..Form::default()
    };
    std::fs::write(folder.join("figures.xlsx"), form.write().unwrap()).unwrap();
}

pub(crate) async fn an_officer_answers_a_cycle_from_one_folder(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let url = dialled(&world).await;
    let officer = world.officers[0].clone();
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path().join("autumn");
    let path = folder.display().to_string();
    let list = v1::ListNewsItemsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() };
    let news = async || world.news().list_news_items(officer.call(list.clone())).await.unwrap().into_inner().news_items;

    let (code, _, talk) = csp(&url, &officer.token, &["start", "--to", &path]).await;
    assert_eq!(code, 0, "{talk}");
    // Faults of the file and faults that only the server can find.
    fill_in(&folder, "1.234", "5");
    std::fs::write(folder.join("wardens.md"), "# Wardens\n\nText with <b>HTML</b>\n").unwrap();
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert_eq!(code, 3, "{talk}");
    assert!(talk.contains("Figures!B5: “1.234” can be 1234") && talk.contains("wardens.md: line 3"), "{talk}");
    fill_in(&folder, "1,234.5", "5");
    let (code, _, talk) = csp(&url, &officer.token, &["return", "check", &format!("{path}/figures.xlsx")]).await;
    assert_eq!(code, 3, "{talk}");
    assert!(talk.contains("Figures!B5: must be a whole number"), "{talk}");

    fill_in(&folder, "1,234", "nil");
    std::fs::write(folder.join("wardens.md"), "# Wardens\n\nText\n").unwrap();
    let (code, data, talk) = csp(&url, &officer.token, &["submit", &path, "--yes", "--output", "json"]).await;
    assert_eq!(code, 0, "{talk}");
    let receipt: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(receipt["received"].as_array().unwrap().len(), 2, "{receipt:#}");
    assert_eq!(news().await.len(), 1);

    // The line broke after the server had taken a piece of news, and before its answer came.
    let item = v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News as i32,
        headline: "Second".into(),
        body: "\n\nText\n".into(),
        body_format: v1::BodyFormat::Markdown as i32,
        ..Default::default()
    };
    let request_id = "9f0c1b1e-6f3a-4c52-9a0e-0a4d6a1f7f11".to_owned();
    let create =
        v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(item), request_id: request_id.clone(), validate_only: false };
    let made = world.news().create_news_item(officer.call(create.clone())).await.unwrap().into_inner();
    let text = "# Second\n\nText\n";
    std::fs::write(folder.join("second.md"), text).unwrap();
    let mut sent: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("sent.json")).unwrap()).unwrap();
    let request = base64(&create.encode_to_vec());
    sent["entries"].as_array_mut().unwrap().push(json!({
        "file": "second.md", "sort": "news", "sha256": csp_domain::document::Hash::of(text.as_bytes()).to_string(),
        "by": officer.person, "under_way": { "request_id": request_id, "request": request },
    }));
    std::fs::write(folder.join("sent.json"), sent.to_string()).unwrap();
    let (code, data, talk) = csp(&url, &officer.token, &["submit", &path, "--yes", "--output", "json"]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("second.md: no answer had come") && talk.contains("Nothing is left to send"), "{talk}");
    assert!(data.contains(&made.name), "{data}");
    assert_eq!(news().await.len(), 2, "it is there once");

    // Changed, both go as corrections; after the deadline nothing goes, and what went stands.
    fill_in(&folder, "1,235", "nil");
    std::fs::write(folder.join("second.md"), "# Second\n\nBetter text\n").unwrap();
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("changed  burglary for 2021-q3: 1234 → 1235"), "{talk}");
    let items = news().await;
    assert!(items.len() == 2 && items.iter().any(|item| item.body.contains("Better") && item.revision == 2), "{items:?}");
    world.at("2022-03-01T10:00:00Z").await;
    std::fs::write(folder.join("third.md"), "# Third\n\nText\n").unwrap();
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert_eq!(code, 7, "{talk}");
    assert_eq!(news().await.len(), 2);
}

pub(crate) async fn a_file_in_the_folder_explains_what_is_asked_about_its_lines(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let url = dialled(&world).await;
    let officer = world.officers[0].clone();
    let desk = tempfile::tempdir().unwrap();
    let folder = desk.path().join("autumn");
    let path = folder.display().to_string();
    assert_eq!(csp(&url, &officer.token, &["start", "--to", &path]).await.0, 0);
    std::fs::remove_file(folder.join("figures.xlsx")).unwrap();
    let lines = |explanation: &str| {
        let text = format!("indicator,period,value,explanation\nburglary,,200,{explanation}\nburglary,2020-q3,100,\nvehicle-crime,,5,\n");
        std::fs::write(folder.join("figures.csv"), text).unwrap();
    };
    lines("");
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(
        talk.contains("figures.csv:2: Burglary for Q3 2021/22 is far from the period it is set beside: 200, a year earlier 100."),
        "{talk}"
    );
    assert!(talk.contains("1 query is to be explained before it is signed"), "{talk}");

    // The same figures, and now the explanation: nothing else is sent.
    lines("One gang of four");
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--dry-run"]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("the server has the same answers") && talk.contains("explains    figures.csv: 1 query"), "{talk}");
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(talk.contains("Explained from the file: 1 query."), "{talk}");
    let (code, data, talk) = csp(&url, &officer.token, &["return", "findings", "--output", "json"]).await;
    assert_eq!(code, 0, "{talk}");
    let found: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(found["findings"][0]["explanation"]["note"], "One gang of four", "{found:#}");
    let (code, _, talk) = csp(&url, &officer.token, &["submit", &path, "--yes"]).await;
    assert!(code == 0 && talk.contains("Nothing is left to send"), "{talk}");
}

/// As `sent.json` writes a message.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            text.push(if place <= chunk.len() { char::from(LETTERS[number >> (18 - 6 * place) & 63]) } else { '=' });
        }
    }
    text
}
