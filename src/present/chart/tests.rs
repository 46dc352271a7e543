use super::*;

fn series(values: &[&[f64]]) -> Vec<Series> {
    let one = |values: &&[f64]| Series {
        code: "a",
        words: "A",
        values: values.iter().map(|value| (*value >= 0.0).then_some(*value)).collect(),
    };
    values.iter().map(one).collect()
}

#[test]
fn a_scale_reaches_the_greatest_value_in_few_round_steps() {
    let cases = [
        (0.0, (1.0, 1.0)),
        (1.0, (1.0, 0.5)),
        (3.0, (3.0, 1.0)),
        (4.0, (4.0, 1.0)),
        (7.0, (8.0, 2.0)),
        (13.0, (15.0, 5.0)),
        (100.0, (100.0, 50.0)),
        (0.31, (0.4, 0.1)),
    ];
    for (greatest, (end, step)) in cases {
        let (got_end, got_step) = scale(greatest);
        assert!((got_end - end).abs() < 1e-9 && (got_step - step).abs() < 1e-9, "{greatest}: {got_end} {got_step}");
    }
}

#[test]
fn pieces_stand_on_each_other_and_bars_beside_each_other() {
    let both = series(&[&[3.0, 0.0], &[1.0, 2.0]]);
    let stacked = Chart::lay_out(&both, 2, Stand::Stacked);
    assert_eq!(stacked.bars.len(), 3, "nothing is drawn for nothing");
    let [low, high, _] = &stacked.bars[..] else { panic!("{stacked:?}") };
    assert!((high.y + high.height - low.y).abs() < 1e-9, "the second stands on the first");
    assert!((low.y + low.height - stacked.lines[0].0).abs() < 1e-9, "the first stands on the ground");
    let beside = Chart::lay_out(&both, 2, Stand::Beside);
    let [first, second, _] = &beside.bars[..] else { panic!("{beside:?}") };
    assert!((first.x + first.width - second.x).abs() < 1e-9 && first.height > second.height);
}

#[test]
fn everything_stays_within_the_chart() {
    for parts in [0, 1, 5, 6, 30, 60] {
        for stand in [Stand::Stacked, Stand::Beside] {
            let values: Vec<f64> = (0..parts).map(|part| f64::from(part % 7) * 13.7 - 5.0).collect();
            let chart = Chart::lay_out(&series(&[&values, &values, &[]]), values.len(), stand);
            assert!(chart.named.len() <= WORDS, "{parts}");
            for bar in &chart.bars {
                assert!(bar.x >= chart.span.0 && bar.x + bar.width <= chart.span.1 + 1e-9, "{parts}: {bar:?}");
                assert!(bar.y >= TOP - 1e-9 && bar.height > 0.0, "{parts}: {bar:?}");
            }
            for (y, _) in &chart.lines {
                assert!((TOP - 1e-9..=HEIGHT - BELOW).contains(y), "{parts}: {:?}", chart.lines);
            }
        }
    }
}
