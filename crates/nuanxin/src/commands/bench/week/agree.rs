//! 「对数」 The house's figures of the week against what happened: every number of 看数, the
//! orders behind each, and the cockpit's count of orders done.

use super::super::broken;
use super::super::house::by;
use super::LEADER;
use super::script::{Call, Goes};
use crate::clock::SteppedClock;
use crate::ending::{Ending, Outcome};
use crate::say;
use app::App;
use app::order::TypeFigure;
use engine_access::Purpose;
use engine_insight::{Records, Source};
use engine_order::{ClockOf, OrderType};
use kernel::{Clock as _, Instant, RegionCode, Role};
use std::sync::Arc;

pub(super) async fn agree(
    app: &App,
    ty: &Arc<OrderType>,
    region: RegionCode,
    (begins, clock): (Instant, &SteppedClock),
    told: &[Call],
) -> Outcome {
    let ctx = by(LEADER, Role::Leader, Purpose::Duty, "figures".to_owned());
    let until = clock.now().at + chrono::TimeDelta::seconds(1);
    let all = app.order_figures(&ctx, region, begins, until).await?;
    let counted = all.types.iter().find(|one| one.id == ty.id.as_str());
    let counted = counted.ok_or_else(|| broken("看数里没有这类工单"))?;
    let wanted = happened(ty, told);
    let mut differs = Vec::new();
    for (name, here, there) in pairs(counted, &wanted) {
        let span = (begins, until);
        let behind = app.orders_behind(&ctx, region, span, &ty.id, name).await?;
        if here != there || behind.len() != there {
            differs.push(format!(
                "{name}：看数 {here}，后面的工单 {}，实际 {there}",
                behind.len()
            ));
        }
    }
    for line in app.targets(&ctx, region).await? {
        let Source::Counted(query) = &line.row.indicator.source else {
            continue;
        };
        let all = query.only.is_empty() || query.only.contains(&ty.id);
        if query.records == Records::DoneOrders && all && line.row.records != Some(wanted.closed) {
            let here = line.row.records;
            differs.push(format!("驾驶舱办成 {here:?}，实际 {}", wanted.closed));
        }
    }
    let (answered, in_time) = (wanted.answered, wanted.in_time);
    say!(
        "  五分钟内响应：接了的 {answered} 单里 {in_time} 单，{} %；中位 {} 秒",
        counted.in_time_percent().unwrap_or(0),
        counted.median.unwrap_or(0)
    );
    let stars = |stars: u8| told.iter().filter(|one| one.stars == Some(stars)).count();
    say!(
        "  评价 {} 次：五星 {}，四星 {}，三星 {}，二星 {}，一星 {}；满意 {} %",
        wanted.rated,
        stars(5),
        stars(4),
        stars(3),
        stars(2),
        stars(1),
        counted.content_percent().unwrap_or(0)
    );
    let goes = |goes: Goes| told.iter().filter(|one| one.goes == goes).count();
    say!(
        "  办结 {}，取消 {}；转 12345 {}（退回 {}），12345 转来 {}",
        wanted.closed,
        wanted.cancelled,
        goes(Goes::Elsewhere) + goes(Goes::Back),
        goes(Goes::Back),
        goes(Goes::FromElsewhere)
    );
    if !differs.is_empty() {
        return Err(broken(differs.join("\n")));
    }
    say!("  看数、每个数后面的工单、驾驶舱的办成数，都和实际一致");
    Ok(Ending::Yes)
}

/// What happened, counted from the notes alone.
fn happened(ty: &OrderType, told: &[Call]) -> TypeFigure {
    let limit = ty.clocks.get(&ClockOf::Accept);
    let limit = limit.and_then(|lapse| lapse.seconds());
    let count = |holds: &dyn Fn(&Call) -> bool| told.iter().filter(|one| holds(one)).count();
    let took = |one: &Call| Some((one.yes? - one.first_sent?).num_seconds());
    let in_time = |one: &Call| {
        took(one).is_some_and(|took| limit.is_none_or(|limit| took <= i64::from(limit)))
    };
    TypeFigure {
        asked: told.len(),
        closed: count(&|one| one.closed),
        cancelled: count(&|one| one.goes == Goes::CalledOff),
        answered: count(&|one| one.yes.is_some()),
        in_time: count(&in_time),
        rated: count(&|one| one.stars.is_some()),
        content: count(&|one| one.stars.is_some_and(|stars| stars >= 4)),
        ..TypeFigure::default()
    }
}

fn pairs(here: &TypeFigure, there: &TypeFigure) -> [(&'static str, usize, usize); 9] {
    [
        ("asked", here.asked, there.asked),
        ("open", here.open, there.open),
        ("closed", here.closed, there.closed),
        ("cancelled", here.cancelled, there.cancelled),
        ("transferred", here.transferred, there.transferred),
        ("answered", here.answered, there.answered),
        ("in_time", here.in_time, there.in_time),
        ("rated", here.rated, there.rated),
        ("content", here.content, there.content),
    ]
}
