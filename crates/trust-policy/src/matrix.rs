//! Whose code is admitted where: every label that `[grades]` knows against every place and risk that a rule tells apart.
//!
//! Each cell is a decision by the policy itself about somebody who shows one fresh, well-founded code with this label.
//! Nothing is inferred. Places and risks that come out alike for every label share a column.

use huxin_attest::{AreaCode, CodeStatus, Kind, Kinds, RegionCode, TestResult};

use crate::duration::Minutes;
use crate::example::{Given, GivenStatement};
use crate::given::Timing;
use crate::grade::Grade;
use crate::model::{Issuers, Outcome, Rule, Trust, Within};
use crate::policy::Policy;
use crate::situation::Situation;
use crate::state::Belief;
use crate::terms::{DepartmentCategory, Place, Purpose, Risk, Set, Term};

/// The most cells of one matrix before alike columns are merged.
const MAX_CELLS: usize = 1 << 18;

/// What a matrix is about.
#[derive(Debug, Clone, Copy)]
pub struct MatrixQuestion {
    /// Why something is asked.
    pub purpose: Purpose,
    /// The area of the place; `None`: none, where no overlay and no rule of an area applies.
    pub area: Option<AreaCode>,
    /// Full years; `None` is unknown.
    pub age: Option<u8>,
    /// A believed test beside the code: its result, and how old it is.
    pub test: Option<(TestResult, Minutes)>,
}

/// The answers: a row for each label of each province, a column for situations that come out alike.
#[derive(Debug, Clone)]
pub struct Matrix<'p> {
    /// The labels.
    pub rows: Vec<MatrixRow<'p>>,
    /// The situations.
    pub columns: Vec<MatrixColumn>,
}

/// One label of one province, with its answers in the order of the columns.
#[derive(Debug, Clone)]
pub struct MatrixRow<'p> {
    /// The province; `None` stands for every province that no other row of this label names.
    pub issuer: Option<RegionCode>,
    /// The status code, native label or local reason.
    pub label: &'p str,
    /// Its grade.
    pub grade: Grade,
    /// The answers.
    pub cells: Vec<MatrixCell<'p>>,
}

/// Situations that come out alike for every row. An empty list: no rule of the purpose tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixColumn {
    /// Categories of the place.
    pub places: Vec<Place>,
    /// Risks at the place.
    pub here: Vec<Risk>,
    /// Risks where the person comes from.
    pub from: Vec<Risk>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixCell<'p> {
    /// Admit or review; `None`: it depends on which of the believed departments states the code.
    pub outcome: Option<Outcome>,
    /// Is the code asked for at all?
    pub code_asked: bool,
    /// The rule; `None` where none reaches.
    pub rule: Option<&'p str>,
    /// The case of the first department; `None` where nothing is asked.
    pub case: Option<&'p str>,
    /// How many obligations go with it.
    pub obligations: usize,
}

/// More labels, places and risks than one matrix holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixTooLarge {
    /// How many cells there would be.
    pub cells: usize,
}

impl Policy {
    /// The purposes for which some rule asks for a code, in the order of the vocabulary.
    pub fn purposes_with_codes(&self) -> Set<Purpose> {
        let asking = self.all_rules().filter(|rule| rule.ask.contains(Kind::HealthCode));
        asking.flat_map(|rule| rule.when.purposes.iter()).collect()
    }

    /// Whose code is admitted where, by the overlay and the baseline as if in force.
    ///
    /// # Errors
    /// If there are too many cells.
    pub fn matrix(&self, question: &MatrixQuestion) -> Result<Matrix<'_>, MatrixTooLarge> {
        let columns = self.columns(question.purpose);
        let issuers = self.issuers();
        let mut labels = Vec::new();
        for (issuer, region) in issuers {
            let grades = &self.baseline.grades;
            let own = grades.by_region.iter().filter(|(known, _)| Some(*known) == issuer);
            let tables = std::iter::once(&grades.all).chain(own.map(|(_, table)| table));
            labels.extend(tables.flatten().map(|(label, _)| (issuer, region, &**label)));
        }
        let cells = labels.len().saturating_mul(columns.len());
        if cells > MAX_CELLS {
            return Err(MatrixTooLarge { cells });
        }
        let test = question.test.and_then(|test| self.believed_test(test));
        let mut rows: Vec<MatrixRow<'_>> = Vec::new();
        for (issuer, region, label) in labels {
            let Some(grade) = self.grade(region, [Some(label), None, None]) else { continue };
            let cell = |column: &MatrixColumn| self.cell(question, column, region, label, test.as_ref());
            let cells: Vec<_> = columns.iter().map(cell).collect();
            // A province that is like every other needs no row of its own.
            let is_like_others = rows.iter().any(|row| {
                row.issuer.is_none() && row.label == label && row.grade == grade && row.cells == cells
            });
            if !is_like_others {
                rows.push(MatrixRow { issuer, label, grade, cells });
            }
        }
        Ok(merged(Matrix { rows, columns }))
    }

    fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let provincial = self.overlay.as_ref().map_or(&[][..], |overlay| &overlay.rules);
        self.baseline.rules.iter().chain(provincial)
    }

    /// One column for each place and risk that the rules of a purpose tell apart.
    fn columns(&self, purpose: Purpose) -> Vec<MatrixColumn> {
        let rules = || self.all_rules().filter(|rule| rule.when.purposes.contains(purpose));
        let by_place = |rule: &Rule| {
            rule.cases.iter().any(|case| {
                case.conditions.pcr_within.is_some_and(|(within, _)| matches!(within, Within::ByPlace))
            })
        };
        fn choices<T: Term>(matters: bool, all: Set<T>) -> Vec<Vec<T>> {
            if matters { all.iter().map(|one| vec![one]).collect() } else { vec![Vec::new()] }
        }
        let places =
            choices(rules().any(|rule| rule.when.places.is_some() || by_place(rule)), self.vocabulary.all());
        let here =
            choices(rules().any(|rule| rule.when.here.is_some() || by_place(rule)), self.vocabulary.all());
        let from = choices(rules().any(|rule| rule.when.from.is_some()), self.vocabulary.all());
        let mut columns = Vec::new();
        for places in &places {
            for here in &here {
                for from in &from {
                    columns.push(MatrixColumn {
                        places: places.clone(),
                        here: here.clone(),
                        from: from.clone(),
                    });
                }
            }
        }
        columns
    }

    /// The provinces that have rows: one that stands for all that nothing names, and those that something names.
    fn issuers(&self) -> Vec<(Option<RegionCode>, RegionCode)> {
        let distrusts = self.overlay.as_ref().map_or(&[][..], |overlay| &overlay.distrusts);
        let lists = distrusts.iter().map(|distrust| distrust.issuers);
        let lists = lists.chain(self.baseline.trusts.iter().map(|trust| trust.issuers));
        let lists: Vec<Issuers> = lists.filter(|issuers| *issuers != Issuers::ALL).collect();
        let tables = &self.baseline.grades.by_region;
        let is_named = |region: &RegionCode| {
            tables.iter().any(|(known, _)| known == region) || lists.iter().any(|list| list.contains(*region))
        };
        let (named, others): (Vec<_>, Vec<_>) =
            regions().filter(|region| !region.is_exercise() || is_named(region)).partition(is_named);
        let other = others.first().map(|region| (None, *region));
        other.into_iter().chain(named.into_iter().map(|region| (Some(region), region))).collect()
    }

    fn cell(
        &self,
        question: &MatrixQuestion,
        column: &MatrixColumn,
        issuer: RegionCode,
        label: &str,
        test: Option<&GivenStatement>,
    ) -> MatrixCell<'_> {
        let situation = Situation {
            purpose: question.purpose,
            place: column.places.first().copied(),
            area: question.area,
            here_risk: column.here.first().copied().unwrap_or(self.vocabulary.low()),
            from_risk: column.from.first().copied().unwrap_or(self.vocabulary.low()),
        };
        let mut cell: Option<MatrixCell<'_>> = None;
        for code in self.codes(issuer, label) {
            let test = Given::Statements(test.cloned().into_iter().collect());
            let evidence = [Given::Statements(vec![code]), test, Given::default()];
            let judged = self.judge(
                self.overlay.as_ref(),
                &situation,
                question.age,
                &evidence,
                Kinds::NONE,
                Timing::Regardless,
            );
            let decision = judged.decision;
            match &mut cell {
                None => {
                    cell = Some(MatrixCell {
                        outcome: Some(decision.outcome),
                        code_asked: decision.asked.contains(Kind::HealthCode),
                        rule: decision.rule,
                        case: decision.case,
                        obligations: decision.must.names().count(),
                    });
                }
                Some(known) if known.outcome != Some(decision.outcome) => known.outcome = None,
                Some(_) => {}
            }
        }
        let nobody = MatrixCell { outcome: None, code_asked: false, rule: None, case: None, obligations: 0 };
        cell.unwrap_or(nobody)
    }

    /// A fresh code with this label from each department that is believed about codes of the province, with all that a
    /// red or amber one must rest on.
    fn codes(&self, issuer: RegionCode, label: &str) -> Vec<GivenStatement> {
        let trusts = self.trusts(Kind::HealthCode, issuer);
        let of = |by: DepartmentCategory, trust: Option<&Trust>| {
            let mut code = GivenStatement::new(Kind::HealthCode, issuer, by);
            match CodeStatus::ALL.into_iter().find(|status| status.code() == label) {
                Some(status) => code.status = Some(status),
                None => code.label = Some(label.into()),
            }
            if let Some(demand) = trust.and_then(|trust| trust.red_or_amber) {
                code.assigner = demand.assigners.iter().next();
                code.assigned_for = demand.assigned_for.iter().next();
                code.evidence = demand.evidence_any;
            }
            // A trust entry may measure from any of the times.
            (code.sampled, code.reported) = (Minutes::parse("1m"), Minutes::parse("1m"));
            code
        };
        let mut codes: Vec<_> = trusts
            .flat_map(|trust| trust.departments.iter().map(move |by| (by, trust)))
            .map(|(by, trust)| of(by, Some(trust)))
            .collect();
        if codes.is_empty() {
            let anybody = self.vocabulary.all::<DepartmentCategory>().iter().next();
            codes.extend(anybody.map(|by| of(by, None)));
        }
        codes
    }

    fn trusts(&self, kind: Kind, issuer: RegionCode) -> impl Iterator<Item = &Trust> {
        self.baseline.trusts.iter().filter(move |trust| trust.kind == kind && trust.issuers.contains(issuer))
    }

    /// A test of that age, from whoever is believed about it, the own province first; `None` if nobody is.
    fn believed_test(&self, (result, age): (TestResult, Minutes)) -> Option<GivenStatement> {
        let own = self.overlay.as_ref().map(|overlay| overlay.region.0);
        let now = self.regardless();
        let ground = self.ground(self.overlay.as_ref(), now, true);
        own.into_iter().chain(regions()).find_map(|issuer| {
            let trusts = self.trusts(Kind::NucleicTest, issuer);
            trusts.flat_map(|trust| trust.departments.iter()).find_map(|by| {
                let mut test = GivenStatement::new(Kind::NucleicTest, issuer, by);
                (test.result, test.sampled, test.reported) = (Some(result), Some(age), Some(age));
                let belief = ground.belief(&test.at(self, now));
                matches!(belief, Belief::Believed { .. }).then_some(test)
            })
        })
    }
}

/// Every province that there is, and those of exercises.
fn regions() -> impl Iterator<Item = RegionCode> {
    (0..100).filter_map(|code| RegionCode::new(code).ok())
}

/// Columns that come out alike for every row and differ in one respect become one: places first, then the risk at the
/// place, then the risk elsewhere.
fn merged(mut matrix: Matrix<'_>) -> Matrix<'_> {
    for respect in 0..3 {
        let mut kept: Vec<usize> = Vec::new();
        for at in 0..matrix.columns.len() {
            let Some(column) = matrix.columns.get(at).cloned() else { continue };
            let alike = kept.iter().copied().find(|known| {
                let Some(other) = matrix.columns.get(*known) else { return false };
                let differs =
                    [column.places != other.places, column.here != other.here, column.from != other.from];
                differs.iter().enumerate().all(|(index, differs)| index == respect || !differs)
                    && matrix.rows.iter().all(|row| row.cells.get(at) == row.cells.get(*known))
            });
            match alike.and_then(|known| matrix.columns.get_mut(known)) {
                Some(known) => match respect {
                    0 => known.places.extend(column.places),
                    1 => known.here.extend(column.here),
                    _ => known.from.extend(column.from),
                },
                None => kept.push(at),
            }
        }
        let mut at = 0..;
        matrix.columns.retain(|_| at.next().is_some_and(|at| kept.binary_search(&at).is_ok()));
        for row in &mut matrix.rows {
            let mut at = 0..;
            row.cells.retain(|_| at.next().is_some_and(|at| kept.binary_search(&at).is_ok()));
        }
    }
    matrix
}
