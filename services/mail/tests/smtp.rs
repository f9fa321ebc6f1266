//! What becomes of a member's digest when the server is well, busy, gone or mad.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use csp_domain::{person::EmailAddress, text::Line};
use csp_mail::{
    carrier::{Carrier, Connection, Smtp},
    compose::{Letter, body, head, whole},
    sent::{Phase, Sent},
    settings::{Deadlines, SmtpSettings},
    sink::{Act, Script, Sink, Step},
};

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn digest() -> EmailAddress {
    address("digest@mail.example.org")
}

fn member() -> EmailAddress {
    address("member@example.org")
}

/// A short message whose content tells which it is.
fn message(text: &str) -> Vec<u8> {
    format!("To: member@example.org\r\nSubject: Papers\r\n\r\n{text}\r\n").into_bytes()
}

fn carrier(settings: SmtpSettings) -> Carrier {
    Carrier::Smtp(Smtp::new(settings).unwrap())
}

async fn open(sink: &Sink) -> Connection {
    carrier(sink.settings()).open().await.unwrap()
}

/// Sends one message and commits that it is in doubt.
async fn send(connection: &mut Connection, bytes: &[u8]) -> Sent {
    connection.send(&digest(), &member(), bytes, async || true).await
}

/// What happens to one message when the server follows `script`, and what the server then has.
async fn outcome(script: Script) -> (Sent, usize, bool) {
    let sink = Sink::start(script).await;
    let mut connection = open(&sink).await;
    let sent = send(&mut connection, &message("one")).await;
    (sent, sink.messages().len(), connection.is_open())
}

/// Long enough that only a silent server reaches it where it is long, short where one is expected.
fn deadlines(command: u64, content: u64, answer: u64) -> Deadlines {
    let millis = Duration::from_millis;
    Deadlines { connect: Duration::from_secs(10), command: millis(command), content: millis(content), answer: millis(answer) }
}

const LONG: u64 = 60_000;
const SHORT: u64 = 150;

#[tokio::test]
async fn a_member_gets_exactly_what_was_approved() {
    let sink = Sink::start(Script::accepting()).await;
    let (name, from) = (Line::parse("Zoë O’Neill", Line::NAME).unwrap(), digest());
    let letter = Letter {
        from_name: &name,
        from: &from,
        reply_to: None,
        subject: "Papers",
        list_id: None,
        discourage_auto_replies: false,
        text: b".\n..\n.hidden\n\nEnd\n.",
        html: b"<p>\n.\n</p>",
        attachments: &[],
    };
    let bytes = whole(&head(&name, &member(), "<1@mail.example.org>", chrono::DateTime::UNIX_EPOCH), &body(&letter).bytes);
    let mut connection = open(&sink).await;
    let sent = send(&mut connection, &bytes).await;
    assert_eq!(sent, Sent::Accepted { reply: "250 2.0.0 taken".into() });
    let received = sink.received(1).await.remove(0);
    assert_eq!((received.from.as_str(), received.to.as_str()), ("digest@mail.example.org", "member@example.org"));
    assert_eq!(received.bytes, bytes);
}

#[tokio::test]
async fn a_line_that_is_a_single_dot_does_not_end_the_message() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    for text in [".", ".\r\n.\r\nMAIL FROM:<x@y.example>", "..", "", "\r\n\r\n"] {
        let bytes = message(text);
        assert!(matches!(send(&mut connection, &bytes).await, Sent::Accepted { .. }));
        assert_eq!(sink.messages().pop().unwrap().bytes, bytes, "{text:?}");
    }
}

#[tokio::test]
async fn a_batch_goes_down_one_connection() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    for number in 0..50 {
        assert!(matches!(send(&mut connection, &message(&number.to_string())).await, Sent::Accepted { .. }));
    }
    connection.close().await;
    assert_eq!(sink.received(50).await.len(), 50);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn a_large_digest_arrives_whole() {
    let sink = Sink::start(Script::accepting()).await;
    let bytes = message(&".Theft rose by a fifth.\r\n".repeat(100_000));
    assert!(matches!(send(&mut open(&sink).await, &bytes).await, Sent::Accepted { .. }));
    assert!(sink.messages().remove(0).bytes == bytes, "the bytes differ");
}

#[tokio::test]
async fn a_member_whose_server_is_busy_is_tried_again_later() {
    for (step, phase) in
        [(Step::Mail, Phase::Sender), (Step::Rcpt, Phase::Recipient), (Step::Data, Phase::Data), (Step::Dot, Phase::Content)]
    {
        for reply in ["421 4.3.2 closing", "450 4.2.0 greylisted", "451 4.7.1 try later", "452 no room"] {
            let (sent, taken, open) = outcome(Script::accepting().once(step, Act::reply(reply))).await;
            assert_eq!(sent, Sent::RefusedForNow { reply: reply.into(), phase }, "{reply} at {step:?}");
            assert_eq!((taken, open), (0, false), "{reply} at {step:?}");
        }
    }
}

#[tokio::test]
async fn a_full_mailbox_is_tried_again_later() {
    for script in [
        Script::accepting().once(Step::Rcpt, Act::reply("552 5.2.2 mailbox full")),
        Script::accepting().once(Step::Dot, Act::reply("552 5.2.2 mailbox full")),
    ] {
        assert!(matches!(outcome(script).await.0, Sent::RefusedForNow { .. }));
    }
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_refused_for_good_and_others_are_not_affected() {
    let refused = "550 5.1.1 <gone@example.org>: no such user gone";
    let sink = Sink::start(Script::accepting().always_for("gone@example.org", Step::Rcpt, Act::reply(refused))).await;
    let mut connection = open(&sink).await;
    let sent = connection.send(&digest(), &address("gone@example.org"), &message("one"), async || true).await;
    let reply = "550 5.1.1 <***@example.org>: no such user ***".to_owned();
    assert_eq!(sent, Sent::Refused { reply, phase: Phase::Recipient });
    assert!(matches!(send(&mut open(&sink).await, &message("two")).await, Sent::Accepted { .. }));
    assert_eq!(sink.messages().len(), 1);
}

#[tokio::test]
async fn an_objection_to_what_we_wrote_blames_no_address() {
    for (step, reply, phase) in [
        (Step::Mail, "550 5.1.8 sender unknown", Phase::Sender),
        (Step::Mail, "530 5.7.0 sign in first", Phase::Sender),
        (Step::Rcpt, "550 5.7.1 blocked", Phase::Recipient),
        (Step::Rcpt, "554 5.7.1 relay access denied", Phase::Recipient),
        (Step::Data, "554 no", Phase::Data),
        (Step::Dot, "550 looks like spam", Phase::Content),
        (Step::Dot, "552 5.3.4 too big", Phase::Content),
        (Step::Dot, "554 5.7.1 looks like spam", Phase::Content),
    ] {
        let (sent, taken, _) = outcome(Script::accepting().once(step, Act::reply(reply))).await;
        assert_eq!(sent, Sent::PolicyRefused { reply: reply.into(), phase });
        assert_eq!(taken, 0);
    }
}

#[tokio::test]
async fn no_server_and_an_unwilling_server_are_told_apart() {
    for (step, reply, lasting) in [
        (Step::Banner, "421 4.3.2 too many connections", false),
        (Step::Banner, "554 5.7.1 not you", true),
        (Step::Ehlo, "450 not now", false),
        (Step::Ehlo, "550 not you", true),
    ] {
        let sink = Sink::start(Script::accepting().always(step, Act::reply(reply))).await;
        let refusal = carrier(sink.settings()).open().await.unwrap_err();
        assert_eq!((refusal.phase, refusal.lasting, refusal.reason.as_str()), (Phase::Greeting, lasting, reply));
    }
    let gone = Sink::start(Script::accepting()).await;
    let settings = gone.settings();
    drop(gone);
    // The port is free again as soon as the listener's task has ended.
    let refusal = loop {
        tokio::task::yield_now().await;
        if let Err(refusal) = carrier(settings.clone()).open().await {
            break refusal;
        }
    };
    assert!(!refusal.lasting, "{refusal}");
}

#[tokio::test]
async fn a_silent_server_is_left_in_time_and_nothing_was_sent() {
    for step in [Step::Mail, Step::Rcpt, Step::Data] {
        let sink = Sink::start(Script::accepting().always(step, Act::Silence)).await;
        let mut connection = open(&sink).await;
        // From here on time passes only while everybody waits.
        tokio::time::pause();
        let start = tokio::time::Instant::now();
        let called = AtomicBool::new(false);
        let sent = connection
            .send(&digest(), &member(), &message("one"), async || {
                called.store(true, Ordering::Relaxed);
                true
            })
            .await;
        assert!(matches!(&sent, Sent::NotStarted { reason } if reason.starts_with("no answer within 30s")), "{sent:?} at {step:?}");
        assert!(!called.load(Ordering::Relaxed), "in doubt at {step:?}");
        assert!(start.elapsed() < Duration::from_secs(31));
        tokio::time::resume();
        assert!(!connection.is_open());
        assert!(sink.messages().is_empty());
    }
    for step in [Step::Banner, Step::Ehlo] {
        let sink = Sink::start(Script::accepting().always(step, Act::Silence)).await;
        let settings = SmtpSettings { deadlines: deadlines(SHORT, LONG, LONG), ..sink.settings() };
        assert_eq!(carrier(settings).open().await.unwrap_err().phase, Phase::Greeting);
    }
}

#[tokio::test]
async fn a_server_that_stops_reading_the_content_does_not_have_it() {
    let sink = Sink::start(Script::accepting().always(Step::Content, Act::Silence)).await;
    let settings = SmtpSettings { deadlines: deadlines(LONG, SHORT, LONG), ..sink.settings() };
    let mut connection = carrier(settings).open().await.unwrap();
    // More than the machine keeps between two sockets.
    let sent = send(&mut connection, &message(&"Theft rose by a fifth in Gateshead, and fell elsewhere.\r\n".repeat(400_000))).await;
    assert!(matches!(sent, Sent::NotStarted { .. }), "{sent:?}");
    assert!(!connection.is_open());
}

#[tokio::test]
async fn a_lost_connection_before_the_content_leaves_no_doubt() {
    for step in [Step::Mail, Step::Rcpt, Step::Data] {
        let (sent, taken, open) = outcome(Script::accepting().once(step, Act::Drop)).await;
        assert!(matches!(sent, Sent::NotStarted { .. }), "{sent:?} at {step:?}");
        assert_eq!((taken, open), (0, false));
    }
}

#[tokio::test]
async fn nobody_knows_what_became_of_a_message_when_the_answer_to_the_dot_is_missing() {
    for (act, taken) in [(Act::Drop, 1), (Act::Lose, 0), (Act::Silence, 1)] {
        let sink = Sink::start(Script::accepting().once(Step::Dot, act.clone())).await;
        let settings = SmtpSettings { deadlines: deadlines(LONG, LONG, SHORT), ..sink.settings() };
        let mut connection = carrier(settings).open().await.unwrap();
        let sent = send(&mut connection, &message("one")).await;
        assert!(matches!(sent, Sent::InDoubt { .. }), "{sent:?} after {act:?}");
        assert_eq!(sink.messages().len(), taken);
        assert!(!connection.is_open());
        let next = send(&mut connection, &message("two")).await;
        assert!(matches!(next, Sent::NotStarted { .. }), "{next:?}");
    }
}

#[tokio::test]
async fn nonsense_after_the_dot_is_no_answer() {
    for nonsense in ["hello", "354 go on", "999 what", "250", "250-half\r\n550 half"] {
        let (sent, _, open) = outcome(Script::accepting().once(Step::Dot, Act::reply(nonsense))).await;
        assert!(matches!(sent, Sent::InDoubt { .. }), "{sent:?} for {nonsense:?}");
        assert!(!open);
    }
}

#[tokio::test]
async fn nonsense_before_the_content_is_no_permission() {
    for (step, nonsense) in [(Step::Mail, "354 go on"), (Step::Rcpt, "hello"), (Step::Data, "250 ok"), (Step::Data, "220 ready")] {
        let (sent, taken, open) = outcome(Script::accepting().once(step, Act::reply(nonsense))).await;
        assert!(matches!(sent, Sent::NotStarted { .. }), "{sent:?} for {nonsense:?}");
        assert_eq!((taken, open), (0, false));
    }
}

#[tokio::test]
async fn an_answer_in_another_alphabet_is_still_an_answer() {
    let (sent, _, open) = outcome(Script::accepting().once(Step::Dot, Act::Reply(b"250 re\xe7u\r\n".to_vec()))).await;
    assert_eq!(sent, Sent::Accepted { reply: "250 re?u".into() });
    assert!(open);
}

#[tokio::test]
async fn a_server_that_never_stops_talking_is_cut_off() {
    let endless_line = [b"250 ".to_vec(), vec![b'x'; 4 << 20], b"\r\n".to_vec()].concat();
    let endless_reply = b"250-and\r\n".repeat(1 << 18);
    for reply in [endless_line, endless_reply] {
        let (sent, _, open) = outcome(Script::accepting().once(Step::Rcpt, Act::Reply(reply.clone()))).await;
        assert!(matches!(&sent, Sent::NotStarted { reason } if reason.starts_with("the server's reply is too long")), "{sent:?}");
        assert!(!open);
        let (sent, ..) = outcome(Script::accepting().once(Step::Dot, Act::Reply(reply))).await;
        assert!(matches!(sent, Sent::InDoubt { .. }), "{sent:?}");
    }
}

#[tokio::test]
async fn a_message_called_off_at_the_last_moment_does_not_go() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    let sent = connection.send(&digest(), &member(), &message("one"), async || false).await;
    assert!(matches!(sent, Sent::NotStarted { .. }));
    assert!(!connection.is_open());
    sink.reached(Step::Content, 1).await;
    assert!(sink.messages().is_empty());
}

#[tokio::test]
async fn doubt_is_recorded_before_the_first_byte_of_the_content() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    let sent = connection
        .send(&digest(), &member(), &message("one"), async || {
            sink.reached(Step::Content, 1).await;
            sink.messages().is_empty()
        })
        .await;
    assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
}

#[tokio::test]
async fn a_message_too_big_for_the_server_is_held_before_anything_is_said() {
    let sink = Sink::start(Script::accepting().with_size_limit(1000)).await;
    let mut connection = open(&sink).await;
    let sent = send(&mut connection, &message(&"Theft rose.\r\n".repeat(100))).await;
    let reply = "the message has 1,345 bytes and the server takes 1,000".to_owned();
    assert_eq!(sent, Sent::PolicyRefused { reply, phase: Phase::Content });
    assert!(!sink.steps_seen().contains(&Step::Mail));
    assert!(matches!(send(&mut connection, &message("short")).await, Sent::Accepted { .. }));
}

#[tokio::test]
async fn bytes_that_servers_read_differently_are_not_sent() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    for bytes in [&b"Subject: a\r\n\r\nno end"[..], b"Subject: a\r\n\r\nx\n.\nMAIL FROM:<>\r\n", b"Subject: \xe9\r\n\r\n"] {
        assert!(matches!(send(&mut connection, bytes).await, Sent::PolicyRefused { .. }));
    }
    assert!(connection.is_open());
}

/// The fault of lettre's pool: a send is abandoned while it waits for the answer to the dot, the
/// answer comes, and the next message takes it for its own.
#[tokio::test]
async fn an_abandoned_message_leaves_no_answer_for_the_next() {
    let sink = Sink::start(Script::accepting().once(Step::Dot, Act::Wait).always(Step::Dot, Act::reply("550 5.7.1 second refused"))).await;
    let mut connection = open(&sink).await;
    let first = message("first");
    tokio::select! {
        sent = send(&mut connection, &first) => panic!("{sent:?}"),
        () = sink.reached(Step::Dot, 1) => {}
    }
    sink.release();
    let second = send(&mut connection, &message("second")).await;
    assert!(matches!(second, Sent::NotStarted { .. }), "{second:?}");
    let second = send(&mut open(&sink).await, &message("second")).await;
    assert!(matches!(second, Sent::PolicyRefused { .. }), "{second:?}");
    let texts: Vec<_> = sink.messages().into_iter().map(|received| received.bytes).collect();
    assert_eq!(texts, [first]);
}

/// Whatever moment a send is abandoned at: the connection is not used again, and the message can only
/// have arrived if the doubt was on record.
#[tokio::test]
async fn a_message_may_be_abandoned_at_any_moment() {
    let bytes = message(&"Theft rose.\r\n".repeat(20_000));
    let mut finished = false;
    for polls in 1_usize.. {
        let sink = Sink::start(Script::accepting()).await;
        let mut connection = open(&sink).await;
        let doubts = AtomicUsize::new(0);
        {
            let (from, to) = (digest(), member());
            let mut sending = Box::pin(connection.send(&from, &to, &bytes, async || {
                tokio::task::yield_now().await;
                doubts.fetch_add(1, Ordering::Relaxed);
                true
            }));
            let mut left = polls;
            std::future::poll_fn(|cx| {
                left -= 1;
                match sending.as_mut().poll(cx) {
                    std::task::Poll::Ready(sent) => {
                        assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
                        finished = true;
                        std::task::Poll::Ready(())
                    }
                    std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(()),
                    std::task::Poll::Pending => std::task::Poll::Pending,
                }
            })
            .await;
        }
        if finished {
            assert!(polls > 5, "only {polls} moments were tried");
            break;
        }
        assert!(!connection.is_open(), "after {polls} polls");
        let next = send(&mut connection, &message("next")).await;
        assert!(matches!(next, Sent::NotStarted { .. }), "{next:?} after {polls} polls");
        // One more message on a new connection: by then the sink has seen the end of the first.
        assert!(matches!(send(&mut open(&sink).await, &message("next")).await, Sent::Accepted { .. }));
        let first = sink.messages().into_iter().filter(|received| received.bytes == bytes).count();
        assert!(first <= doubts.load(Ordering::Relaxed), "arrived without doubt after {polls} polls");
        assert_eq!(sink.messages().len() - first, 1, "something else arrived after {polls} polls");
    }
}

#[tokio::test]
async fn sending_can_be_a_task_of_its_own() {
    let sink = Sink::start(Script::accepting()).await;
    let mut connection = open(&sink).await;
    let (from, to, bytes) = (digest(), member(), message("one"));
    let word = String::from("committed");
    let task = tokio::spawn(async move {
        let word = &word;
        connection.send(&from, &to, &bytes, async || word.len() == 9).await
    });
    assert!(matches!(task.await.unwrap(), Sent::Accepted { .. }));
}

#[tokio::test]
async fn a_check_says_what_was_found() {
    let sink = Sink::start(Script::accepting().with_size_limit(10_240_000)).await;
    let port = sink.address().port();
    assert_eq!(
        carrier(sink.settings()).check().await.unwrap(),
        format!(
            "127.0.0.1:{port} answers without encryption on this machine as sink.example.org and takes messages of up to 10,240,000 bytes"
        )
    );
    sink.set_script(Script::accepting().once(Step::Banner, Act::reply("421 4.3.2 too many")));
    let refusal = carrier(sink.settings()).check().await.unwrap_err();
    assert_eq!(refusal.to_string(), "421 4.3.2 too many while exchanging greetings");
}

/// Python's smtpd is one such: it calls a second EHLO a bad sequence.
#[tokio::test]
async fn a_server_that_is_greeted_only_once_gets_its_mail_all_the_same() {
    let once = Script::accepting()
        .first(1, Step::Ehlo, Act::reply("250 mail.example.org"))
        .always(Step::Ehlo, Act::reply("503 Duplicate HELO/EHLO"));
    let (sent, messages, is_open) = outcome(once).await;
    assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
    assert_eq!((messages, is_open), (1, true));
}
