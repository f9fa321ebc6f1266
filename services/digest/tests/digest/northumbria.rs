//! A whole paper: six Northumbria partnerships, real recorded crime of October to December 2021 and
//! 2020, and news in our own words from the facts (and with the dates) of the paper of April 2010.
//! Which partnership is late, nil or missing is invented.
//!
//! The document is kept in `tests/expected/northumbria.json`, which is also what `csp-render` is
//! tested with. After a change on purpose: `UPDATE_EXPECTED=1 cargo test -p csp-digest`.
//!
//! Contains public sector information licensed under the Open Government Licence v3.0 (data.police.uk).

use csp_digest::{Material, assemble};
use csp_domain::{
    document::PublicDocument,
    id::IndicatorId,
    indicator::Unit,
    news::{NewsKind, NewsOwner},
    observation::{Figure, QuotedFigure},
    returns::Content,
};
use uuid::Uuid;

use crate::world::*;

const PARTNERSHIPS: [&str; 6] = ["Gateshead", "Newcastle upon Tyne", "North Tyneside", "Northumberland", "South Tyneside", "Sunderland"];

/// Name, and for each partnership 2020/21 Q3 and 2021/22 Q3.
const CRIME: [(&str, [(i64, i64); 6]); 4] = [
    ("Anti-social behaviour", [(2231, 1083), (5443, 2725), (2084, 1025), (2991, 1509), (1867, 791), (2765, 1651)]),
    ("Burglary", [(293, 206), (433, 516), (186, 193), (243, 304), (118, 164), (360, 457)]),
    ("Vehicle crime", [(341, 291), (343, 475), (346, 303), (181, 200), (142, 212), (325, 339)]),
    ("Violence and sexual offences", [(1787, 1890), (2780, 3917), (1676, 1753), (2350, 2504), (1397, 1515), (2583, 2945)]),
];

fn last_year(partnership: usize) -> Vec<Figure> {
    (0_u128..)
        .zip(CRIME)
        .map(|(n, (_, counts))| noted(figure(BURGLARY + n, "2020-q3", reported(counts[partnership].0)), "Restrictions were in force."))
        .collect()
}

fn this_year(partnership: usize) -> Vec<Figure> {
    (0_u128..).zip(CRIME).map(|(n, (_, counts))| figure(BURGLARY + n, "2021-q3", reported(counts[partnership].1))).collect()
}

fn both_years(partnership: usize) -> Vec<Figure> {
    this_year(partnership).into_iter().chain(last_year(partnership)).collect()
}

fn material() -> Material {
    let mut material = region(&PARTNERSHIPS);
    material.committee.template.notice = Some(line("DEMONSTRATION. The figures are real; who is late or missing is invented."));
    material.indicators = (0_u128..).zip(CRIME).map(|(n, (name, _))| indicator(BURGLARY + n, name, Unit::Count)).collect();
    material.committee.indicators = material.indicators.iter().map(|indicator| indicator.id).collect();
    material.indicators.push(indicator(BURGLARY + 9, "Robbery", Unit::Count));
    assert!(!material.committee.indicators.contains(&IndicatorId(Uuid::from_u128(BURGLARY + 9))));

    let committee = NewsOwner::Committee(material.committee.id);
    let development = |id, headline, on, body| news(id, committee, NewsKind::NationalDevelopment, headline, on, body);
    material.national = vec![
        development(
            20,
            "Probation becomes a responsible authority",
            Some("2010-04-01"),
            "Since 1 April 2010 the probation service is a responsible authority of every Community Safety Partnership, beside the \
             council, police, police authority, fire and rescue service and primary care trust. Reducing reoffending became a duty of \
             the partnership with it. Until then probation was a co-operating body.",
        ),
        development(
            21,
            "Self-assessment against the six hallmarks",
            None,
            "Local improvement advisers will help each partnership to assess itself against the hallmarks of effective \
             partnership:\n\n- leadership that is empowered and effective\n- business led by intelligence\n- a delivery structure that \
             responds\n- engaged communities\n- visible accountability\n- the right skills and knowledge\n\nProgress will be reported \
             here each quarter.",
        ),
        development(
            22,
            "A regional approach to alcohol",
            Some("2010-03-23"),
            "[Balance](https://www.example.org/balance), the North East’s alcohol office, brought twelve localities together in \
             Newcastle to share what works against alcohol-related crime and to agree a way ahead.",
        ),
    ];

    let owner = |at: usize| NewsOwner::Partnership(material.contributions[at].partnership.id);
    let local = [
        (
            0,
            news(
                30,
                owner(0),
                NewsKind::Award,
                "Birtley parents honoured for keeping young people out of trouble",
                None,
                "The Friends of Elisabethville, a group of parents in Birtley, received a **Safer Gateshead Award** at the Civic Centre. \
             Their club offers sport, arts and crafts and dance, and a way to help and advice from local health services and the police.",
            ),
        ),
        (
            0,
            news(
                31,
                owner(0),
                NewsKind::Decision,
                "Confidence comes first in the partnership plan",
                None,
                "Crime has fallen and the fear of it has not. A new confidence group will:\n\n1. lead media work that shows what is \
             being done\n2. make the partnership’s services better known\n3. find better ways to listen, from area forums to the \
             community safety survey",
            ),
        ),
        (
            1,
            news(
                32,
                owner(1),
                NewsKind::Decision,
                "A simpler structure after an independent review",
                None,
                "### What changes\n\nA smaller board of the agencies with a strategic role, a wider stakeholder group, one group for \
             performance and resources, and delivery groups that answer to the board.\n\n### Who does the work\n\nA Safe Newcastle Unit \
             now brings the posts from all areas of community safety together.\n\n> Members asked for clear accountability. This is it.",
            ),
        ),
        (
            4,
            news(
                33,
                owner(4),
                NewsKind::Event,
                "“Crime: it’s your concern” in Jarrow",
                None,
                "Residents met the partner agencies at a public meeting. The victims’ champion explained what support there is for people \
             who take a stand against anti-social behaviour.",
            ),
        ),
        (
            5,
            news(
                34,
                owner(5),
                NewsKind::Award,
                "Safer Sunderland wins a Local Innovation Award",
                None,
                "The partnership won *Policing Our Communities* for a well-organised approach to crime and anti-social behaviour and its \
             investment in performance information. Funding comes with the award to share the work nationally.",
            ),
        ),
    ];
    for (at, item) in local {
        material.contributions[at].news.push(item);
    }

    for at in [0, 1, 5] {
        material.contributions[at].answer = Some(answered(at, full(both_years(at))));
    }
    material.contributions[0].answer = Some(answered(
        0,
        Content::Full {
            figures: both_years(0),
            quoted: vec![QuotedFigure {
                subject: line("Criminal damage and anti-social behaviour on the Elisabethville estate"),
                value: line("down 30%"),
                source: line("Gateshead Council"),
                period: period("2009-fy"),
            }],
        },
    ));
    let mut newcastle = both_years(1);
    newcastle.push(provisional(figure(BURGLARY + 9, "2021-q3", reported(85))));
    newcastle.push(figure(BURGLARY + 9, "2020-q3", reported(48)));
    material.contributions[1].answer = Some(answered(1, full(newcastle)));
    let statement = "Nothing to report for this quarter; the next return will cover both.";
    material.contributions[3].answer = Some(answered(3, Content::Nil { statement: line(statement) }));
    let late = last_year(4).into_iter().chain(this_year(4).into_iter().map(|now| Figure { answer: late("2022-01-31"), ..now })).collect();
    material.contributions[4].answer = Some(answered(4, full(late)));
    for at in [2, 3] {
        material.contributions[at].earlier = last_year(at).into_iter().map(|figure| earlier(210, figure)).collect();
    }
    material
}

#[test]
fn the_paper_of_northumbria_reads_as_agreed() {
    let document = assemble(&material());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expected/northumbria.json");
    let written = format!("{}\n", serde_json::to_string_pretty(&document).unwrap());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &written).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == expected, "the document differs from {path}; if that is right, run again with UPDATE_EXPECTED=1");
    assert_eq!(PublicDocument::from_bytes(expected.as_bytes()).unwrap(), document);
}
