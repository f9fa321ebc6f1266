//! Figures from before partnerships reported here.

#![expect(clippy::unwrap_used, reason = "an import that went the wrong way should stop the test")]

use csp_domain::{
    document::Origin,
    history::{HistoryImport, NewHistory, Series},
    id::{HistoryImportId, PartnershipId},
    observation::Figure,
    period::Period,
};
use csp_store::{Page, StoreError};
use csp_tests::{Bed, County, line, quarter};
use rust_decimal::Decimal;

use crate::verdict::Verdict as _;

/// Burglaries of some partnerships, by quarter.
pub(crate) fn told(bed: &Bed, county: &County, of: &[(usize, &[(&str, u32)])]) -> NewHistory {
    let series = of.iter().map(|(n, points)| Series {
        partnership: county.partnerships[*n].id,
        indicator: county.indicators[0].id,
        points: points.iter().map(|(name, value)| (quarter(name), Decimal::from(*value))).collect(),
    });
    NewHistory { id: HistoryImportId(bed.id()), source: line("Police-recorded crime"), series: series.collect() }
}

async fn import(bed: &Bed, county: &County, new: NewHistory) -> Result<HistoryImport, StoreError> {
    let administrator = &county.administrator;
    bed.store.import_history(county.scope(), &bed.by(administrator), administrator.id, new).await
}

fn counts(import: &HistoryImport) -> [u64; 3] {
    [import.points, import.added, import.changed]
}

async fn gathered(bed: &Bed, county: &County, partnership: PartnershipId) -> Vec<(bool, Figure)> {
    let mut earlier = bed.store.gather(county.scope(), county.cycle.id).await.done().earlier;
    let mut of = earlier.remove(&partnership).unwrap_or_default();
    of.sort_by_key(|earlier| earlier.origin.rank());
    of.into_iter().map(|earlier| (matches!(earlier.origin, Origin::Return { .. }), earlier.figure)).collect()
}

pub(crate) async fn a_file_imported_again_changes_nothing_and_a_newer_one_counts(bed: &Bed) {
    let county = bed.county("north").await;
    let file = || told(bed, &county, &[(0, &[("2020-q2", 600), ("2020-q3", 717)]), (1, &[("2020-q3", 0)])]);
    assert_eq!(counts(&import(bed, &county, file()).await.done()), [3, 3, 0]);
    assert_eq!(counts(&import(bed, &county, file()).await.done()), [3, 0, 0]);
    let newer = told(bed, &county, &[(0, &[("2020-q3", 712), ("2020-q4", 5)])]);
    assert_eq!(counts(&import(bed, &county, newer).await.done()), [2, 1, 1]);
    let back = told(bed, &county, &[(0, &[("2020-q3", 717)])]);
    assert_eq!(counts(&import(bed, &county, back).await.done()), [1, 0, 1], "what was said first is said again, and counts");

    let at = |name: &str, value: u32| (false, Figure { period: quarter(name), ..county.burglary(value) });
    let found = gathered(bed, &county, county.partnerships[0].id).await;
    assert_eq!(found.len(), 3);
    for wanted in [at("2020-q2", 600), at("2020-q3", 717), at("2020-q4", 5)] {
        assert!(found.contains(&wanted), "{found:?}");
    }
    assert_eq!(gathered(bed, &county, county.partnerships[1].id).await, [at("2020-q3", 0)], "a zero is a zero");
    let imports = bed.store.list_history_imports(county.scope(), Page::all()).await.done().items;
    assert_eq!(imports.iter().map(counts).collect::<Vec<_>>(), [[3, 3, 0], [3, 0, 0], [2, 1, 1], [1, 0, 1]]);
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM history").await, 6, "what was replaced stays on record");
}

pub(crate) async fn a_partnerships_own_answer_comes_before_what_was_imported(bed: &Bed) {
    let county = bed.county("north").await;
    bed.clock.set(csp_tests::at("2021-01-06T10:00:00Z"));
    let before = County { cycle: bed.cycle(county.scope(), &county.committee, "2020-q3").await, ..county.clone() };
    let own = Figure { period: quarter("2020-q3"), ..county.burglary(700) };
    let new = bed.new_return(&before, 0, vec![own.clone()]);
    bed.store.create_return(county.scope_of(0), &bed.by(&county.officers[0]), county.officers[0].id, new).await.done();
    bed.clock.set(csp_tests::at("2022-01-06T10:00:00Z"));
    import(bed, &county, told(bed, &county, &[(0, &[("2020-q3", 717)])])).await.done();
    let found = gathered(bed, &county, county.partnerships[0].id).await;
    assert_eq!(found.last(), Some(&(true, own)), "{found:?}");
}

pub(crate) async fn an_import_comes_in_whole_or_not_at_all(bed: &Bed) {
    let county = bed.county("north").await;
    let mut new = told(bed, &county, &[(0, &[("2020-q3", 1)])]);
    let months: Vec<(Period, Decimal)> = (0..6_000_u32)
        .map(|n| {
            let day = csp_tests::at("2000-01-01T00:00:00Z").date_naive() + chrono::Days::new(u64::from(n));
            (Period::new(day, day).unwrap(), Decimal::from(n))
        })
        .collect();
    new.series[0].points = months;
    // More than one message holds; and the last of them speaks of what is not there.
    let mut strange = new.series[0].clone();
    strange.indicator = csp_domain::id::IndicatorId(bed.id());
    let good = new.clone();
    new.series.push(strange);
    import(bed, &county, new).await.not_found();
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM history").await, 0);
    let act = csp_domain::Act { dry_run: true, ..bed.by(&county.administrator) };
    let tried = bed.store.import_history(county.scope(), &act, county.administrator.id, good.clone()).await.done();
    assert_eq!((counts(&tried), bed.raw().number("SELECT COUNT(*) FROM history").await), ([6_000, 6_000, 0], 0));
    assert_eq!(counts(&import(bed, &county, good).await.done()), [6_000, 6_000, 0]);
}

pub(crate) async fn what_one_region_imported_is_no_other_regions(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    import(bed, &north, told(bed, &north, &[(0, &[("2020-q3", 717)])])).await.done();
    assert!(gathered(bed, &south, south.partnerships[0].id).await.is_empty());
    assert!(bed.store.list_history_imports(south.scope(), Page::all()).await.done().items.is_empty());
    // A neighbour's partnership is no place for one's own figures.
    let mut strange = told(bed, &north, &[(0, &[("2020-q2", 1)])]);
    strange.series[0].partnership = south.partnerships[0].id;
    import(bed, &north, strange).await.not_found();
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM history").await, 1, "and nothing of it is kept");
}
