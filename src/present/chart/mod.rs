//! Bars over time, laid out: where each bar stands, where the scale has its lines, which words stand below. Drawn by `web::pages::charts`.

#[cfg(test)]
mod tests;

/// The size of a chart in its own units; pages scale it.
pub const WIDTH: f64 = 480.0;
/// Its height.
pub const HEIGHT: f64 = 190.0;
/// What is left free for the scale, above, at the right, and for the words below.
const LEFT: f64 = 42.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 10.0;
const BELOW: f64 = 24.0;
/// About so many lines the scale has, and at most so many words stand below.
const LINES: f64 = 4.0;
const WORDS: usize = 5;
/// The part of its place that a bar fills.
const FILLED: f64 = 0.76;

/// One thing that is shown over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its short name, which its colour goes by.
    pub code: &'static str,
    /// Its name for people.
    pub words: &'static str,
    /// A value for each part of the window; nothing where there is none to tell.
    pub values: Vec<Option<f64>>,
}

/// How the values of one part stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// One on top of the other: together they are a whole.
    Stacked,
    /// Side by side.
    Beside,
}

/// A bar, or a piece of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Which series, by its place.
    pub series: usize,
    /// Which part of the window.
    pub part: usize,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height, above 0.
    pub height: f64,
}

/// A chart, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The bars, by part and series.
    pub bars: Vec<Bar>,
    /// The lines of the scale, from 0 up: how high, and the value that it stands for.
    pub lines: Vec<(f64, f64)>,
    /// The parts that are named below: the middle of each.
    pub named: Vec<(f64, usize)>,
    /// The left and right end of the lines.
    pub span: (f64, f64),
}

impl Chart {
    /// Lays out `parts` parts of a window.
    #[must_use]
    pub fn lay_out(series: &[Series], parts: usize, stand: Stand) -> Self {
        let top = scale(greatest(series, parts, stand));
        let (span, floor) = ((LEFT, WIDTH - RIGHT), HEIGHT - BELOW);
        let place = (span.1 - span.0) / number(parts.max(1));
        let height = |value: f64| value / top.0 * (floor - TOP);
        let mut bars = Vec::new();
        for part in 0..parts {
            let left = span.0 + place * (number(part) + (1.0 - FILLED) / 2.0);
            let width = match stand {
                Stand::Stacked => place * FILLED,
                Stand::Beside => place * FILLED / number(series.len().max(1)),
            };
            let mut below = 0.0;
            for (at, one) in series.iter().enumerate() {
                let Some(value) = one.values.get(part).copied().flatten().filter(|value| *value > 0.0) else {
                    continue;
                };
                let (x, foot) = match stand {
                    Stand::Stacked => (left, floor - height(below)),
                    Stand::Beside => (left + width * number(at), floor),
                };
                below += value;
                bars.push(Bar { series: at, part, x, y: foot - height(value), width, height: height(value) });
            }
        }
        let mut lines = Vec::new();
        let mut value = 0.0;
        while value <= top.0 + top.1 / 2.0 {
            lines.push((floor - height(value), value));
            value += top.1;
        }
        let step = parts.div_ceil(WORDS).max(1);
        let named = (0..parts).step_by(step).map(|part| (span.0 + place * (number(part) + 0.5), part)).collect();
        Self { bars, lines, named, span }
    }
}

fn greatest(series: &[Series], parts: usize, stand: Stand) -> f64 {
    let of = |part: usize| {
        let values = series.iter().filter_map(|one| one.values.get(part).copied().flatten());
        match stand {
            Stand::Stacked => values.sum::<f64>(),
            Stand::Beside => values.fold(0.0, f64::max),
        }
    };
    (0..parts).map(of).fold(0.0, f64::max)
}

/// The end of a scale that reaches `greatest`, and its step: 1, 2 or 5 times a power of ten.
fn scale(greatest: f64) -> (f64, f64) {
    if greatest <= 0.0 {
        return (1.0, 1.0);
    }
    let rough = greatest / LINES;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    ((greatest / step * 0.999).ceil() * step, step)
}

#[expect(clippy::cast_precision_loss, reason = "a chart has some dozens of parts")]
fn number(count: usize) -> f64 {
    count as f64
}
