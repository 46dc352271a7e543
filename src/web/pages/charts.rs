//! Charts as SVG, each with what its colours mean and the same numbers as a table.

use maud::{Markup, html};

use crate::present::chart::{Bar, Chart, HEIGHT, Series, Stand, WIDTH};

/// What is shown.
pub(super) struct Shown<'a> {
    /// A name for its place on the page.
    pub(super) id: &'static str,
    /// The heading.
    pub(super) title: &'static str,
    /// One sentence on what it shows.
    pub(super) about: &'static str,
    /// What the scale counts: `hours`.
    pub(super) unit: &'static str,
    /// How the values stand.
    pub(super) stand: Stand,
    /// The values.
    pub(super) series: Vec<Series>,
    /// The parts of the window: a short name below the chart, a whole one for the table.
    pub(super) parts: &'a [(String, String)],
    /// A value in words.
    pub(super) say: fn(f64) -> String,
}

/// The chart with its heading, legend and table.
pub(super) fn figure(shown: &Shown<'_>) -> Markup {
    let chart = Chart::lay_out(&shown.series, shown.parts.len(), shown.stand);
    let used: Vec<&Series> = shown.series.iter().filter(|series| total(series) > 0.0).collect();
    html! {
        figure.measure aria-labelledby=(shown.id) {
            h3 id=(shown.id) { (shown.title) }
            p.soft { (shown.about) }
            @if used.is_empty() {
                p { "Nothing of the kind in this window." }
            } @else {
                (drawn(shown, &chart))
                figcaption.soft { @for series in &used { span { svg.key width="12" height="12" aria-hidden="true" { rect class=(class(series)) width="12" height="12" {} } (series.words) } } }
                details id={ "table-" (shown.id) } { summary { "As a table" } (table(shown, &used)) }
            }
        }
    }
}

fn class(series: &Series) -> String {
    format!("s-{}", series.code)
}

fn total(series: &Series) -> f64 {
    series.values.iter().flatten().sum()
}

fn drawn(shown: &Shown<'_>, chart: &Chart) -> Markup {
    let (left, right) = chart.span;
    let values = shown.parts.len();
    let words = format!("{}, in {}, {values} bars; the table below has the numbers", shown.title, shown.unit);
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(words) {
            @for (y, value) in &chart.lines {
                line class=(if *value > 0.0 { "grid" } else { "ground" }) x1=(left) x2=(right) y1=(short(*y)) y2=(short(*y)) {}
                text.scale x=(left - 6.0) y=(short(y + 4.0)) { (number(*value)) }
            }
            @for bar in &chart.bars { (piece(shown, bar)) }
            @for (x, part) in &chart.named { text.below x=(short(*x)) y=(HEIGHT - 7.0) { (shown.parts[*part].0) } }
        }
    }
}

fn piece(shown: &Shown<'_>, bar: &Bar) -> Markup {
    let series = &shown.series[bar.series];
    let value = series.values.get(bar.part).copied().flatten().unwrap_or(0.0);
    html! {
        rect class=(class(series)) x=(short(bar.x)) y=(short(bar.y)) width=(short(bar.width)) height=(short(bar.height)) {
            title { (shown.parts[bar.part].1) ": " (series.words) " " ((shown.say)(value)) }
        }
    }
}

fn table(shown: &Shown<'_>, used: &[&Series]) -> Markup {
    let some = |part: &usize| {
        used.iter().any(|series| series.values.get(*part).copied().flatten().is_some_and(|value| value > 0.0))
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label={ (shown.title) ", as a table" } {
            table.numbers {
                thead { tr { th scope="col" { "From" } @for series in used { th scope="col" { (series.words) } } } }
                tbody {
                    @for part in (0..shown.parts.len()).filter(some) {
                        tr {
                            th scope="row" { (shown.parts[part].1) }
                            @for series in used { td { (series.values.get(part).copied().flatten().map_or_else(|| "–".to_owned(), shown.say)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A place in a drawing, to a tenth.
fn short(place: f64) -> String {
    format!("{place:.1}")
}

/// A number as people write it: no more digits than it has.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_no_more_digits_than_it_needs() {
        for (value, expected) in [(0.0, "0"), (3.0, "3"), (0.5, "0.5"), (1.234, "1.23"), (100.0, "100")] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn a_chart_says_its_numbers_in_a_table_too_and_nothing_where_there_are_none() {
        let parts = [("3 Nov".to_owned(), "3 Nov 2026".to_owned()), ("4 Nov".to_owned(), "4 Nov 2026".to_owned())];
        let with = |values: Vec<Option<f64>>| Shown {
            id: "landed",
            title: "What landed",
            about: "Units.",
            unit: "units",
            stand: Stand::Stacked,
            series: vec![Series { code: "landed", words: "landed & <stayed>", values }],
            parts: &parts,
            say: number,
        };
        let drawn = figure(&with(vec![Some(2.0), None])).into_string();
        assert!(drawn.contains("<td>2</td>") && drawn.contains("3 Nov 2026"), "{drawn}");
        assert_eq!(drawn.matches("<rect class=\"s-landed\" x=").count(), 1, "{drawn}");
        assert!(drawn.contains("landed &amp; &lt;stayed&gt;") && !drawn.contains("<stayed>"), "{drawn}");
        let empty = figure(&with(vec![None, Some(0.0)])).into_string();
        assert!(empty.contains("Nothing of the kind") && !empty.contains("<svg"), "{empty}");
    }
}
