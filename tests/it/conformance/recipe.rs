//! How each resource of the table is made by calls: `tests/conformance/world.txt`.

use super::names::mentioned;

/// One resource: what it needs besides the names in its calls, and its calls. Those of the second
/// list wait until those of all the first have settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    pub name: &'static str,
    needs: &'static str,
    pub create: Vec<&'static str>,
    pub join: Vec<&'static str>,
}

/// Every resource, in an order in which they can be made.
fn all() -> Vec<Recipe> {
    let lines = super::table::file("world.txt")
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('|').map(str::trim).collect();
            let [name, needs, create, join] = columns[..] else {
                panic!("four columns: {line}");
            };
            let steps = |cell: &'static str| -> Vec<&'static str> {
                let steps = cell.split(';').map(str::trim);
                steps.filter(|s| !s.is_empty()).collect()
            };
            Recipe {
                name,
                needs,
                create: steps(create),
                join: steps(join),
            }
        })
        .collect()
}

/// What a case needs, itself and through others.
pub fn needed(case: &str) -> Vec<Recipe> {
    let recipes = all();
    let names: Vec<&str> = recipes.iter().map(|r| r.name).collect();
    let mut wanted = mentioned(case, names.iter().copied());
    let mut seen = 0;
    while let Some(name) = wanted.get(seen).copied() {
        seen += 1;
        let recipe = recipes.iter().find(|r| r.name == name).unwrap();
        let text = format!("{} {:?} {:?}", recipe.needs, recipe.create, recipe.join);
        for other in mentioned(&text, names.iter().copied()) {
            if !wanted.contains(&other) {
                wanted.push(other);
            }
        }
    }
    let needed = recipes.into_iter().filter(|r| wanted.contains(&r.name));
    needed.collect()
}
