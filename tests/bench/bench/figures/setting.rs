//! Regions of any size, made in a store of the benchmark's own.

use std::sync::Arc;

use chrono::TimeDelta;
use csp_domain::{
    Act, Instant, Scope,
    calendar::Timetable,
    chance::{SharedChance, SystemChance},
    clock::{Clock as _, SystemClock},
    committee::{NewCommittee, SignOff, Template},
    cycle::NewCycle,
    history::{NewHistory, Series},
    id::{CycleId, IndicatorId, PartnershipId, PersonId, RegionId},
    indicator::{Definition, NewIndicator, Polarity, Unit},
    observation::{Answer, Figure},
    partnership::NewPartnership,
    period::{Period, Quarter},
    person::NewPerson,
    region::NewRegion,
    returns::{Content, NewReturn},
    text::Line,
};
use csp_store::{Settings, Store};
use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::{
    Outcome,
    options::{Bench, Engine},
    postgres::Postgres,
};

/// So many measures each partnership tells of.
pub(super) const INDICATORS: usize = 12;

/// A store on an engine of its own, as long as this lives.
pub(super) struct Ground {
    pub(super) store: Store,
    pub(super) settings: Settings,
    pub(super) postgres: Option<Postgres>,
    pub(super) folder: TempDir,
    chance: SharedChance,
}

impl Ground {
    /// Has PostgreSQL look at its tables now: its autovacuum does within a minute.
    pub(super) fn settle(&self) -> Outcome<()> {
        let Some(postgres) = &self.postgres else { return Ok(()) };
        postgres.psql("csp", &["-c", "ANALYZE"]).map(|_| ())
    }

    /// None where PostgreSQL's programs are not installed.
    pub(super) async fn open(bench: &Bench, engine: Engine) -> Outcome<Option<Self>> {
        let folder = TempDir::with_prefix_in("csp-bench-", &bench.data)?;
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => match Postgres::start(&bench.data)? {
                Some(postgres) => Some(postgres),
                None => return Ok(None),
            },
        };
        let settings = match &postgres {
            Some(postgres) => {
                let address = postgres.database("csp")?;
                Settings { url: address.serving, migrate_url: Some(address.owner), connections: 4 }
            }
            None => {
                let url = format!("sqlite://{}", folder.path().join("csp.db").display());
                Settings { url, migrate_url: None, connections: 4 }
            }
        };
        Store::migrate(&settings).await?;
        let chance: SharedChance = Arc::new(SystemChance);
        let store = Store::open(&settings, chance.clone()).await?;
        Ok(Some(Self { store, settings, postgres, folder, chance }))
    }

    fn id<T: From<uuid::Uuid>>(&self) -> T {
        self.chance.id(now()).into()
    }
}

fn now() -> Instant {
    SystemClock.now()
}

fn line(text: &str) -> Outcome<Line> {
    Ok(Line::parse(text, Line::SENTENCE).map_err(|refused| refused.to_string())?)
}

/// A region that reports to one committee about the last whole quarter.
pub(super) struct Region {
    pub(super) id: RegionId,
    pub(super) scope: Scope,
    pub(super) partnerships: Vec<PartnershipId>,
    pub(super) cycle: CycleId,
    pub(super) quarter: Period,
    indicators: Vec<IndicatorId>,
    /// Whoever does everything in it.
    person: PersonId,
}

impl Region {
    /// With partnerships, measures, a committee that all report to, and a cycle that collects.
    pub(super) async fn make(ground: &Ground, name: &str, partnerships: usize) -> Outcome<Self> {
        let (store, system) = (&ground.store, Act::by_system(now()));
        let new = NewRegion { id: ground.id(), slug: name.parse()?, name: line(name)?, zone: chrono_tz::Europe::London };
        let region = store.create_region(&system, new).await?;
        let scope = Scope::Region(region.id);
        let new = NewPerson { id: ground.id(), slug: "officer".parse()?, name: line("Officer")?, email: "officer@example.org".parse()? };
        let person = store.create_person(scope, &system, new).await?.id;
        let mut places = Vec::with_capacity(partnerships);
        for number in 0..partnerships {
            let new = NewPartnership {
                id: ground.id(),
                slug: format!("partnership-{number}").parse()?,
                ons_code: format!("E22{number:06}").parse()?,
                name: line(&format!("Partnership {number}"))?,
                peers: None,
            };
            places.push(store.create_partnership(scope, &system, new).await?.id);
        }
        let mut indicators = Vec::with_capacity(INDICATORS);
        for number in 0..INDICATORS {
            let new = NewIndicator {
                id: ground.id(),
                slug: format!("measure-{number}").parse()?,
                owner: None,
                name: line(&format!("Measure {number}"))?,
                unit: Unit::Count,
                polarity: Polarity::LowerIsBetter,
                source: line("Invented for the benchmark")?,
                definition: Definition::default(),
            };
            indicators.push(store.create_indicator(scope, &system, new).await?.id);
        }
        let committee = NewCommittee {
            id: ground.id(),
            slug: "citizen-focus".parse()?,
            name: line("Citizen Focus Committee")?,
            partnerships: places.clone(),
            indicators: indicators.clone(),
            exemptions: Vec::new(),
            recurrence: None,
            template: Template::over_partnerships(&line("Citizen Focus Committee")?),
            sign_off: SignOff::NotRequired,
        };
        let committee = store.create_committee(scope, &system, committee).await?.id;
        let quarter = Quarter::containing(now().date_naive() - TimeDelta::days(92)).period();
        let days = |days| now() + TimeDelta::days(days);
        let timetable = Timetable::with_one_end(days(-1), days(30), days(40), days(50));
        let cycle = NewCycle { id: ground.id(), committee, slug: "quarter".parse()?, period: quarter, timetable };
        let cycle = store.create_cycle(scope, &system, cycle).await?.id;
        store.advance_cycle(scope, &system, cycle, csp_store::Job::Open, timetable.opens_at).await?;
        Ok(Self { id: region.id, scope, partnerships: places, cycle, quarter, indicators, person })
    }

    /// Figures of each partnership for each measure about `periods`, as one file has them.
    pub(super) fn file(&self, ground: &Ground, of: &[PartnershipId], periods: &[Period]) -> Outcome<NewHistory> {
        let mut series = Vec::with_capacity(of.len() * INDICATORS);
        for (place, &partnership) in of.iter().enumerate() {
            for (measure, &indicator) in self.indicators.iter().enumerate() {
                let points = periods.iter().enumerate().map(|(at, period)| (*period, value(place, measure, at))).collect();
                series.push(Series { partnership, indicator, points });
            }
        }
        Ok(NewHistory { id: ground.id(), source: line("Invented for the benchmark")?, series })
    }

    pub(super) async fn import(&self, ground: &Ground, file: NewHistory) -> Outcome<u64> {
        let act = Act::by(self.person, now());
        Ok(ground.store.import_history(self.scope, &act, self.person, file).await?.added)
    }

    /// So many quarters before the one reported on, of every partnership.
    pub(super) async fn remember(&self, ground: &Ground, quarters: usize) -> Outcome<()> {
        let mut periods = Vec::with_capacity(quarters);
        let mut quarter = Quarter::containing(self.quarter.start());
        for _ in 0..quarters {
            quarter = quarter.previous();
            periods.push(quarter.period());
        }
        for some in self.partnerships.chunks(NewHistory::MAX_POINTS / (INDICATORS * quarters)) {
            self.import(ground, self.file(ground, some, &periods)?).await?;
        }
        Ok(())
    }

    /// Every partnership sends its return in.
    pub(super) async fn report(&self, ground: &Ground) -> Outcome<()> {
        for (place, &partnership) in self.partnerships.iter().enumerate() {
            let figures = self.indicators.iter().enumerate().map(|(measure, &indicator)| Figure {
                indicator,
                period: self.quarter,
                answer: Answer::Reported { value: value(place, measure, 99) },
                provisional: false,
                note: None,
            });
            let content = Content::Full { figures: figures.collect(), quoted: Vec::new() };
            let new = NewReturn { id: ground.id(), partnership, cycle: self.cycle, content, remark: None };
            let act = Act::by(self.person, now());
            ground.store.create_return(self.scope, &act, self.person, new).await?;
        }
        Ok(())
    }
}

/// Numbers as crime has them: about the same every time, never quite.
fn value(place: usize, measure: usize, at: usize) -> Decimal {
    let base = 100 + 37 * (place % 17) + 11 * measure;
    Decimal::from(base + (place * 31 + measure * 17 + at * 13) % 29)
}
