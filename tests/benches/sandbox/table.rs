//! Figure, goal, verdict.

/// The rows in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 4]>);

impl Table {
    pub(crate) fn figure(&mut self, name: impl Into<String>, value: f64, unit: &str) {
        self.row(name, with_unit(value, unit), String::new(), "");
    }

    /// The same figure in two cases, as their ratio.
    pub(crate) fn growth_at_most(
        &mut self,
        name: &str,
        [from, to]: [f64; 2],
        goal: f64,
        unit: &str,
    ) {
        let growth = to / from;
        let value = format!(
            "{} to {}, {growth:.2} x",
            grouped(from),
            with_unit(to, unit)
        );
        self.row(
            name,
            value,
            format!("at most {goal:.2} x"),
            verdict(growth <= goal),
        );
    }

    pub(crate) fn at_least(&mut self, name: impl Into<String>, value: f64, goal: f64, unit: &str) {
        let goal_text = format!("at least {}", with_unit(goal, unit));
        self.row(
            name,
            with_unit(value, unit),
            goal_text,
            verdict(value >= goal),
        );
    }

    pub(crate) fn at_most(&mut self, name: impl Into<String>, value: f64, goal: f64, unit: &str) {
        let goal_text = format!("at most {}", with_unit(goal, unit));
        self.row(
            name,
            with_unit(value, unit),
            goal_text,
            verdict(value <= goal),
        );
    }

    /// A figure that could not be had.
    pub(crate) fn unknown(&mut self, name: impl Into<String>, why: &str) {
        self.row(name, why.to_owned(), String::new(), "not measured");
    }

    fn row(&mut self, name: impl Into<String>, value: String, goal: String, verdict: &str) {
        self.0.push([name.into(), value, goal, verdict.to_owned()]);
    }

    pub(crate) fn print(&self) {
        println!();
        for [name, value, goal, verdict] in &self.0 {
            let line = format!("{name:<62} {value:>26}   {goal:<18} {verdict}");
            println!("{}", line.trim_end());
        }
        println!();
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", grouped(value))
}

/// Two decimals where they matter, thousands apart where there are some.
pub(crate) fn grouped(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let groups: Vec<_> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy)
        .collect();
    groups.join(",")
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
