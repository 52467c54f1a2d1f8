//! 「先后」 Derived facts in an order in which each uses only earlier ones.

use crate::Ast;
use std::collections::HashMap;

/// Brings derived facts into an order in which each uses only earlier ones.
/// `items` are (name, formula); the answer is their places. A cycle is told as
/// the names along it, the first repeated at the end.
pub fn dependency_order(items: &[(String, Ast)]) -> Result<Vec<usize>, Vec<String>> {
    let places: HashMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(place, (name, _))| (name.as_str(), place))
        .collect();
    let needs: Vec<Vec<usize>> = items
        .iter()
        .map(|(_, ast)| {
            let names = ast.mentions().into_iter();
            names
                .filter_map(|m| places.get(m.name.as_str()).copied())
                .collect()
        })
        .collect();
    let mut order = Vec::with_capacity(items.len());
    let mut done = vec![false; items.len()];
    for start in 0..items.len() {
        // A way down: places, each with how many of its needs were looked at.
        let mut way = vec![(start, 0)];
        while let Some((place, looked)) = way.last_mut() {
            let place = *place;
            if done[place] {
                way.pop();
                continue;
            }
            let Some(&next) = needs[place].get(*looked) else {
                done[place] = true;
                order.push(place);
                way.pop();
                continue;
            };
            *looked += 1;
            if let Some(from) = way.iter().position(|(on_way, _)| *on_way == next) {
                let mut cycle: Vec<String> = way[from..]
                    .iter()
                    .map(|(p, _)| items[*p].0.clone())
                    .collect();
                cycle.push(items[next].0.clone());
                return Err(cycle);
            }
            if !done[next] {
                way.push((next, 0));
            }
        }
    }
    Ok(order)
}
