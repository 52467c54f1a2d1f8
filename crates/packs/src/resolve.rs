//! 「解名」 From merged tables to typed nouns: names in the order in which they need
//! each other (codes, departments, records, parameters, facts; then services,
//! those whose verdict others use first).

mod joints;

use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::model::{Joint, RecordOrigin, Service};
use crate::place::{At, Place};
use crate::read::example::Cast;
use crate::read::facts::{self, BaseFact};
use crate::read::flow::Ground;
use crate::read::order::{self, Orders};
use crate::read::parameters::{self, ParameterAt};
use crate::read::policy::{self, BenefitAt};
use crate::read::scope::Scope;
use crate::read::{
    agreement, booking, catalogue, contradiction, derived, ledger, life, plan, portrait, records,
    sheet, warning,
};
use crate::sheet::SheetEntry;
use crate::tree::Table;
use crate::walk::Reads;
use engine_booking::BookingType;
use engine_insight::Plan;
use engine_ledger::BookType;
use engine_order::OrderType;
use engine_policy::{PortraitRule, SignRule, WarningRule};
use engine_pool::{Agreements, Catalogue, ContradictionRule};
use engine_registry::LifeKind;
use expr::{DerivedDecl, Typed};
use kernel::{FieldLevel, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything resolved, before it is known to be free of errors.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) catalogue: Catalogue,
    pub(crate) agreements: Agreements,
    pub(crate) contradictions: Vec<ContradictionRule>,
    pub(crate) portrait: Vec<PortraitRule>,
    pub(crate) signs: Vec<SignRule>,
    pub(crate) warnings: Vec<WarningRule>,
    pub(crate) records: Vec<RecordOrigin>,
    pub(crate) parameters: Vec<ParameterAt>,
    pub(crate) facts: Vec<BaseFact>,
    pub(crate) services: Vec<ServiceAt>,
    pub(crate) joints: Vec<JointAt>,
    pub(crate) orders: Vec<OrderType>,
    pub(crate) sheets: Vec<SheetEntry>,
    pub(crate) bookings: Vec<BookingType>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) life_kinds: Vec<LifeKind>,
    pub(crate) books: Vec<BookType>,
}

/// Where the steps of a flow are written, for its proofs.
#[derive(Default)]
pub(crate) struct Steps {
    pub(crate) places: BTreeMap<Slug, Place>,
    /// How many are written, also those that could not be read.
    pub(crate) written: usize,
    pub(crate) deadline: Option<Place>,
}

/// What the examples try, as written: also of those that could not be read.
#[derive(Default)]
pub(crate) struct Tried {
    /// Conditions that some example fails by.
    pub(crate) refused: BTreeSet<Slug>,
    /// Whether some example is eligible.
    pub(crate) eligible: bool,
    /// The households that some example grants, as written, with day and place.
    pub(crate) granted: BTreeSet<String>,
}

/// A service with what its proofs underline.
pub(crate) struct ServiceAt {
    pub(crate) benefit: BenefitAt,
    pub(crate) service: Service,
    pub(crate) tried: Tried,
    pub(crate) steps: Steps,
    /// The facts its form asks for.
    pub(crate) questions: Vec<(Slug, Place)>,
}

/// A joint service with what its proofs underline.
pub(crate) struct JointAt {
    pub(crate) joint: Joint,
    pub(crate) place: Place,
    pub(crate) steps: Steps,
}

/// Resolves everything; faults are put as they are found.
pub(crate) fn resolve(desk: &Desk<'_>, documents: &[Rooted]) -> Draft {
    let mut draft = Draft::default();
    let mut shared = Scope::default();
    let vocabulary = || documents.iter().filter(|one| one.root == "vocabulary");
    for document in vocabulary() {
        shared.codes(desk, &document.table);
    }
    draft.catalogue = catalogue::catalogue(desk, documents, &shared.schema);
    draft.agreements = agreement::agreements(desk, documents, &draft.catalogue);
    let tables = vocabulary().map(|one| &one.table);
    draft.contradictions = contradiction::contradictions(desk, tables, &draft.catalogue);
    for document in vocabulary() {
        let records = records::records(desk, &document.table, &draft.catalogue, &mut shared);
        draft.records.extend(records);
        let parameters = parameters::parameters(desk, &document.table, None, &mut shared);
        draft.parameters.extend(parameters);
        let base = facts::base_facts(desk, &document.table, None, &draft.catalogue, &mut shared);
        draft.facts.extend(base);
    }
    // Formulas of one vocabulary may use another's facts, whatever file comes first.
    let all = together(vocabulary().map(|one| &one.table));
    let levels = Levels::of(&draft);
    derived::derived_facts(desk, &all, None, &mut shared, &|typed| {
        levels.strictest(typed)
    });
    let tables = vocabulary().map(|one| &one.table);
    draft.portrait = portrait::portraits(desk, tables, &shared.schema, &|typed| {
        levels.strictest(typed)
    });
    let tables: Vec<&Table> = vocabulary().map(|one| &one.table).collect();
    let tables = tables.into_iter();
    (draft.signs, draft.warnings) = warning::warnings(desk, tables, &shared.schema, &|typed| {
        levels.strictest(typed)
    });
    services(desk, documents, &shared, &mut draft);
    let paying = draft.services.iter().map(|one| &one.benefit.benefit);
    let paying = paying.filter(|one| one.amount.is_some());
    let paying: Vec<Slug> = paying.map(|one| one.id.clone()).collect();
    agreement::benefits_known(desk, documents, &paying);
    joints::joints(desk, documents, &shared, &mut draft);
    draft.orders = Orders {
        desk,
        groups: order::groups(&draft),
    }
    .read(documents);
    let kinds: Vec<Slug> = draft.orders.iter().map(|one| one.id.clone()).collect();
    agreement::orders_known(desk, documents, &kinds);
    draft.sheets = sheet::sheets(desk, documents);
    draft.bookings = booking::bookings(desk, documents);
    draft.plans = plan::plans(desk, documents, &draft);
    draft.life_kinds = life::life_kinds(desk, documents);
    let joints: Vec<Slug> = draft.joints.iter().map(|at| at.joint.id.clone()).collect();
    life::named_cases(desk, documents, &joints);
    draft.books = ledger::books(desk, documents);
    ledger::orders_prove(desk, documents, &draft.orders);
    draft
}

/// The `fact` tables of several documents as one document.
fn together<'a>(tables: impl Iterator<Item = &'a Table>) -> Table {
    let mut all = Table::empty(Place::top(0));
    for table in tables {
        for (key, node) in table.entries.iter().filter(|(key, _)| key.value == "fact") {
            match (all.get_mut("fact"), node.as_table()) {
                (Some(old), Some(more)) => old.extend(more),
                _ => all.entries.push((key.clone(), node.clone())),
            }
        }
    }
    all
}

/// The levels of base facts and records, to find the strictest a formula uses.
struct Levels {
    facts: BTreeMap<Slug, FieldLevel>,
    records: BTreeMap<Slug, FieldLevel>,
}

impl Levels {
    fn of(draft: &Draft) -> Levels {
        let fact = |one: &BaseFact| (one.origin.id.clone(), one.rule.field_level);
        let record = |one: &RecordOrigin| (one.kind.id.clone(), one.level);
        Levels {
            facts: draft.facts.iter().map(fact).collect(),
            records: draft.records.iter().map(record).collect(),
        }
    }

    fn strictest(&self, typed: &Typed) -> FieldLevel {
        let reads = Reads::of(typed);
        let facts = reads.facts.iter().filter_map(|id| self.facts.get(id));
        let records = reads.records.iter().filter_map(|id| self.records.get(id));
        facts
            .chain(records)
            .max()
            .copied()
            .unwrap_or(FieldLevel::L0)
    }
}

/// A service on its way: its own names declared, its rules not yet read.
struct Open<'a> {
    id: At<Slug>,
    document: &'a Rooted,
    scope: Scope,
}

fn services(desk: &Desk<'_>, documents: &[Rooted], shared: &Scope, draft: &mut Draft) {
    let mut open = open_services(desk, documents, shared, draft);
    for service in &mut open {
        others_parameters(desk, &mut service.scope, &draft.parameters);
    }
    let levels = Levels::of(draft);
    let mut verdicts: BTreeMap<Slug, DerivedDecl> = BTreeMap::new();
    for at in verdict_order(desk, &open) {
        let Some(service) = open.get_mut(at) else {
            continue;
        };
        for (id, verdict) in &verdicts {
            let schema = &mut service.scope.schema;
            // A verdict is a Bool and each id comes once: nothing to refuse.
            let _ = schema.add_verdict(id.clone(), verdict.clone());
        }
        let Some(one) = close(desk, service, draft, &levels) else {
            continue;
        };
        let id = service.id.value.clone();
        if let Some(is) = policy::verdict(desk, &one.benefit, &service.scope.schema) {
            let verdict = DerivedDecl {
                id: policy::verdict_id(&id),
                label: format!("符合{}", one.service.name),
                is,
            };
            verdicts.insert(id, verdict);
        } else {
            desk.breaks(format!("verdict.{id}"));
        }
        draft.services.push(one);
    }
    let place = |one: &ServiceAt| one.benefit.place;
    draft.services.sort_by_key(place);
}

/// Declares what each service says of its own: codes, parameters, base facts.
fn open_services<'a>(
    desk: &Desk<'_>,
    documents: &'a [Rooted],
    shared: &Scope,
    draft: &mut Draft,
) -> Vec<Open<'a>> {
    let mut open = Vec::new();
    let mut owners: BTreeMap<Slug, Place> = BTreeMap::new();
    for document in documents.iter().filter(|one| one.root == "service") {
        let table = &document.table;
        let Some(head) = table.table("service") else {
            continue;
        };
        let Some(id) = head.slug("id") else { continue };
        let mut scope = shared.clone();
        scope.codes(desk, table);
        let parameters = parameters::parameters(desk, table, Some(&id.value), &mut scope);
        draft.parameters.extend(parameters);
        let about = Some((&id.value, policy::level(policy::beneficiary(head))));
        for fact in facts::base_facts(desk, table, about, &draft.catalogue, &mut scope) {
            let name = &fact.origin.id;
            let place = scope.place_of(name.as_str()).unwrap_or(id.place);
            if let Some(first) = owners.insert(name.clone(), place) {
                let message = format!("事实 `{name}` 在两项服务里都有");
                let fault = Fault::error("duplicate", place, message)
                    .help("几项服务共用的事实写到 [vocabulary] 里");
                desk.fault(fault.also(first, "先在这里"));
                continue;
            }
            draft.facts.push(fact);
        }
        open.push(Open {
            id,
            document,
            scope,
        });
    }
    open
}

/// Parameters of services under their full names, `service.parameter`.
fn others_parameters(desk: &Desk<'_>, scope: &mut Scope, parameters: &[ParameterAt]) {
    for parameter in parameters {
        let Some(owner) = &parameter.service else {
            continue;
        };
        let name = format!("{owner}.{}", parameter.name);
        let decl = (*parameter.rule.decl).clone();
        let declared = scope.schema.add_parameter(&name, decl);
        scope.note(desk, "", &name, parameter.place, declared);
    }
}

/// Services whose verdict others use come first; a circle is a fault.
fn verdict_order(desk: &Desk<'_>, open: &[Open<'_>]) -> Vec<usize> {
    let uses: Vec<Vec<usize>> = open
        .iter()
        .map(|service| {
            let named = verdicts_named(&service.document.table);
            let place = |name: &String| {
                open.iter()
                    .position(|one| one.id.value.as_str() == name.as_str())
            };
            named.iter().filter_map(place).collect()
        })
        .collect();
    let mut order = Vec::new();
    // 0 new, 1 on the way, 2 done.
    let mut state = vec![0_u8; open.len()];
    for at in 0..open.len() {
        visit(at, &uses, &mut state, &mut order, &mut |circle| {
            let Some(service) = open.get(circle) else {
                return;
            };
            let message = format!(
                "服务 {} 的判断绕回了自己（verdict 成了圈）",
                service.id.value
            );
            desk.fault(Fault::error("circle", service.id.place, message));
            desk.breaks(format!("verdict.{}", service.id.value));
        });
    }
    order
}

fn visit(
    at: usize,
    uses: &[Vec<usize>],
    state: &mut [u8],
    order: &mut Vec<usize>,
    circle: &mut dyn FnMut(usize),
) {
    match state.get(at) {
        Some(0) => {}
        Some(1) => return circle(at),
        _ => return,
    }
    state[at] = 1;
    for other in uses.get(at).into_iter().flatten() {
        visit(*other, uses, state, order, circle);
    }
    state[at] = 2;
    order.push(at);
}

/// Every `verdict.X` in a document's texts.
fn verdicts_named(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for text in table.all_texts() {
        for (at, word) in text.match_indices("verdict.") {
            let rest = &text[at + word.len()..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            found.push(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

/// Reads the rules, flow and examples of one service.
fn close(
    desk: &Desk<'_>,
    open: &mut Open<'_>,
    draft: &Draft,
    levels: &Levels,
) -> Option<ServiceAt> {
    let table = &open.document.table;
    let head = table.table("service")?;
    let at = policy::level(policy::beneficiary(head));
    let about = Some((&open.id.value, at));
    let strictest = |typed: &Typed| levels.strictest(typed);
    let derived = derived::derived_facts(desk, table, about, &mut open.scope, &strictest);
    let schema = &open.scope.schema;
    let benefit = policy::benefit(desk, &open.id, table, schema)?;
    let visible = visible(draft, &open.id.value);
    let ground = Ground {
        desk,
        schema,
        at,
        catalogue: &draft.catalogue,
        facts: &named(&visible),
    };
    let needs = head.flag("needs_application").unwrap_or(true);
    let flow = ground.flow(&open.id, &head.words("name"), needs, table);
    let written = table.tables("condition").into_iter();
    let conditions: Vec<Slug> = written
        .filter_map(|row| Some(row.slug("id")?.value))
        .collect();
    let cast = Cast {
        desk,
        facts: &visible,
        records: &draft.records,
        beneficiary: benefit.benefit.beneficiary,
        conditions: &conditions,
        paid: table.get("amount").is_some(),
    };
    let service = Service {
        id: open.id.value.clone(),
        name: head.words("name"),
        says: head.words("says"),
        brand: head.maybe_words("brand"),
        family: head.words("family"),
        beneficiary: benefit.benefit.beneficiary,
        basis: head.sentences("basis"),
        rows: head.sentences("rows"),
        needs_application: needs,
        form: ground.form(table),
        documents: ground.documents(table),
        flow: Arc::new(flow),
        notices: ground.notices(table),
        phase_out: ground.phase_out(table),
        phase_out_when: ground.phase_out_when(table),
        examples: cast.examples(table),
        derived,
        at: desk.sources.spot(open.id.place),
    };
    Some(ServiceAt {
        benefit,
        service,
        tried: tried(table),
        steps: steps(table),
        questions: questions(table),
    })
}

fn questions(table: &Table) -> Vec<(Slug, Place)> {
    let fields = table.table("form").map(|form| form.tables("field"));
    let fact = |row: &Table| row.slug("fact").map(|fact| (fact.value, fact.place));
    fields.into_iter().flatten().filter_map(fact).collect()
}

/// Base facts a service sees: the vocabulary's and its own.
fn visible<'a>(draft: &'a Draft, service: &Slug) -> BTreeMap<Slug, &'a BaseFact> {
    let mine = |fact: &&BaseFact| fact.service.as_ref().is_none_or(|owner| owner == service);
    let facts = draft.facts.iter().filter(mine);
    facts.map(|fact| (fact.origin.id.clone(), fact)).collect()
}

fn named(facts: &BTreeMap<Slug, &BaseFact>) -> BTreeMap<Slug, (FieldLevel, String)> {
    let one = |(id, fact): (&Slug, &&BaseFact)| {
        let label = fact.rule.decl.label.clone();
        (id.clone(), (fact.rule.field_level, label))
    };
    facts.iter().map(one).collect()
}

/// What an example says of its service, not of its household.
const OF_ONE_SERVICE: [&str; 3] = ["title", "who", "expect"];

fn tried(table: &Table) -> Tried {
    let mut tried = Tried::default();
    for row in table.tables("example") {
        let Some(expect) = row.table("expect") else {
            continue;
        };
        match expect.words("verdict").as_str() {
            "eligible" => {
                tried.eligible = true;
                tried.granted.insert(row.written(&OF_ONE_SERVICE));
            }
            "ineligible" => {
                let because = expect.slugs("because").into_iter();
                tried.refused.extend(because.map(|one| one.value));
            }
            _ => {}
        }
    }
    tried
}

fn steps(table: &Table) -> Steps {
    let rows = table.tables("step");
    let place = |row: &&Table| row.slug("id").map(|id| (id.value, id.place));
    Steps {
        places: rows.iter().filter_map(place).collect(),
        written: rows.len(),
        deadline: table.table("deadline").map(|deadline| deadline.place),
    }
}
