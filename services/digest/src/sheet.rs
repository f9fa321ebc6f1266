//! Figures with their verdicts: those that the committee asks all partnerships for, and those that one partnership keeps for itself.
//!
//! What is one partnership's own is compared and judged as everything else, over that partnership alone. So no total, no comparison
//! and no picture of several partnerships can ever hold it.

use csp_domain::committee::Beside;

use crate::{comparison::Comparison, judge::Judged, ledger::Ledger, material::Material};

/// The measures of one material, each compared and judged.
pub(crate) struct Sheet<'m> {
    pub(crate) material: &'m Material,
    pub(crate) comparisons: Vec<Comparison<'m>>,
    pub(crate) judged: Vec<Judged>,
}

impl<'m> Sheet<'m> {
    pub(crate) fn of(ledger: &'m Ledger<'m>) -> Self {
        let comparisons = Comparison::all(ledger);
        let judged = comparisons.iter().map(Judged::of).collect();
        Self { material: ledger.material, comparisons, judged }
    }

    /// Each measure with its verdicts.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&Comparison<'m>, &Judged)> {
        self.comparisons.iter().zip(&self.judged)
    }
}

impl Material {
    /// For each partnership that keeps measures of its own a material of them alone, in the order of the paper.
    pub(crate) fn of_owners(&self) -> Vec<Self> {
        (0..self.contributions.len()).filter_map(|at| self.of_owner(at)).collect()
    }

    fn of_owner(&self, at: usize) -> Option<Self> {
        let theirs = &self.contributions[at];
        let owner = theirs.partnership.id;
        let own: Vec<_> = self.indicators.iter().filter(|known| known.is_own_in(owner, &self.cycle)).map(|known| known.id).collect();
        if own.is_empty() {
            return None;
        }
        let mut committee = self.committee.clone();
        committee.partnerships = vec![owner];
        committee.indicators = own;
        committee.template.beside.retain(|beside| !matches!(beside, Beside::Region | Beside::Group));
        // Its share may be of a measure that is shared.
        let own = self.indicators.iter().filter(|known| known.owner == Some(owner));
        let mut indicators: Vec<_> = own.cloned().collect();
        let wholes = indicators.iter().filter_map(|known| known.whole_in(&self.indicators)).filter(|whole| whole.owner.is_none());
        let wholes: Vec<_> = wholes.cloned().collect();
        indicators.extend(wholes);
        let mut contribution = theirs.clone();
        contribution.news.clear();
        Some(Self {
            zone: self.zone,
            region: self.region.clone(),
            committee,
            cycle: self.cycle.clone(),
            national: Vec::new(),
            indicators,
            targets: self.targets.iter().filter(|target| target.terms.partnership == Some(owner)).cloned().collect(),
            context: self.context.iter().filter(|matter| matter.is_in(owner)).cloned().collect(),
            populations: self.populations.only(&theirs.partnership.ons_code),
            contributions: vec![contribution],
            tallies: Vec::new(),
        })
    }
}
