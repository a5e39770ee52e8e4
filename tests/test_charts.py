"""Where the marks of a chart stand."""

from itertools import pairwise

import pytest
from pyoxigraph import Literal, NamedNode
from pytest import approx

from ldnkg.charts import arms, balance, bands, columns, forest, heat
from ldnkg.charts.axis import Axis, linear, powers
from ldnkg.store import Row
from ldnkg.views import Panel, Shown

VIEW = "urn:ldnkg:view:"
XSD = "http://www.w3.org/2001/XMLSchema#"
THIS = NamedNode("https://example.org/id/light/a")


def shown(*rows: dict[str, str | float | NamedNode]) -> Shown:
    """A panel with these rows: numbers become decimals, texts plain literals."""
    made: tuple[Row, ...] = tuple(
        {
            name: value
            if isinstance(value, NamedNode)
            else Literal(value)
            if isinstance(value, str)
            else Literal(f"{value}", datatype=NamedNode(XSD + "decimal"))
            for name, value in row.items()
        }
        for row in rows
    )
    panel = Panel(THIS, "Table", "", Literal("A panel"))
    columns = tuple(dict.fromkeys(name for row in made for name in row))
    return Shown(panel, THIS, "", columns, made, len(made))


def text(term: object) -> str:
    return str(getattr(term, "value", term))


def test_a_strip_keeps_the_order_of_the_marks_and_the_share_of_each() -> None:
    bars = balance(
        shown(
            {"mark": NamedNode(VIEW + "harm"), "count": 1},
            {"mark": NamedNode(VIEW + "supports"), "count": 3},
            {"mark": NamedNode(VIEW + "nonsense"), "count": 5},
        )
    )
    assert [(each.mark, each.count) for each in bars] == [("supports", 3), ("harm", 1)]
    assert bars[1].x == 75
    assert bars[0].width == approx(75, abs=0.3)


def test_no_counts_make_no_strip() -> None:
    assert balance(shown()) == ()
    assert balance(shown({"mark": NamedNode(VIEW + "harm"), "count": 0})) == ()


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([88, 40], (0, 20, 40, 60, 80, 100)),
        ([-0.34, -0.95, 0.27], (-1.0, -0.5, 0.0, 0.5)),
        ([0], (0, 0.2)),
        ([1e9], (0, 2e8, 4e8, 6e8, 8e8, 1e9)),
    ],
)
def test_ticks_are_round_numbers_around_all_values(values: list[float], ticks: tuple[float, ...]) -> None:
    axis = linear(values)
    assert axis.low <= min([*values, 0])
    assert axis.high >= max([*values, 0])
    assert axis.ticks == approx(ticks)


def test_positions_grow_with_the_values_and_stay_inside() -> None:
    axis = linear([10, 20], including=0)
    places = [axis.at(each) for each in (-5, 0, 10, 20, 99)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (places[1], places[3])
    assert all(0 < each < 100 for each in places)


@pytest.mark.parametrize(("low", "ticks"), [(10, 2), (1, 3), (0.1, 4), (0.001, 3), (1e-9, 4)])
def test_on_a_phone_a_scale_has_few_numbers_at_even_distances(low: float, ticks: int) -> None:
    axis = powers([low, 100])
    few = axis.few()
    assert len(few) == ticks <= 4
    assert set(few) <= set(axis.marks()) and few[0] == axis.marks()[0]
    steps = {round(after - before, 1) for (before, _), (after, _) in pairwise(few)}
    assert len(steps) == 1


def test_a_scale_by_powers_of_ten_has_equal_steps() -> None:
    axis = powers([0.001, 380])
    at = [axis.at(each) for each in axis.ticks]
    assert {round(b - a, 1) for a, b in zip(at, at[1:], strict=False)} == {round(at[1] - at[0], 1)}


def test_scales_of_a_forest_plot_are_never_mixed() -> None:
    scales = forest(
        shown(
            {"outcome": "pain", "estimate": -1.0, "low": -2.0, "high": 0.5, "unit": "points"},
            {"outcome": "gait", "estimate": 40.0, "unit": "m"},
            {"outcome": "mood", "estimate": 1.0, "unit": "points"},
        )
    )
    assert [len(each.estimates) for each in scales] == [2, 1]
    pain, mood = scales[0].estimates
    assert pain.low is not None and pain.high is not None
    assert pain.low < pain.x < scales[0].zero < pain.high
    assert (mood.low, mood.high) == (None, None)


def test_an_interval_with_one_end_is_not_drawn() -> None:
    (scale,) = forest(shown({"outcome": "pain", "estimate": 1.0, "low": 0.5}))
    assert (scale.estimates[0].low, scale.estimates[0].high) == (None, None)


def test_no_difference_of_a_ratio_is_one() -> None:
    (scale,) = forest(shown({"outcome": "falls", "estimate": 2.0, "null": 1}))
    assert scale.zero == scale.axis.at(1)


def test_text_in_the_place_of_a_number_is_left_out() -> None:
    assert forest(shown({"outcome": "pain", "estimate": "not shown"})) == ()
    assert arms(shown({"outcome": "pain", "arm": "a", "value": "nan", "unit": "%"})) == ()


def test_arms_keep_their_shape_over_all_units_and_percentages_run_to_100() -> None:
    percent, score = arms(
        shown(
            {"outcome": "response", "arm": "drug", "value": 88, "unit": "%"},
            {"outcome": "response", "arm": "placebo", "value": 40, "unit": "%"},
            {"outcome": "index", "arm": "placebo", "value": 12, "unit": "points"},
        )
    )
    assert percent.axis == Axis(0.0, 100.0, (0.0, 25.0, 50.0, 75.0, 100.0))
    (response,) = percent.outcomes
    assert response.left < response.right
    assert [(text(each.row["arm"]), each.shape) for each in response.values] == [("drug", 1), ("placebo", 2)]
    assert [(text(arm), shape) for arm, shape in score.shapes] == [("placebo", 2)]


def test_cells_are_counted_by_mark_and_columns_stand_in_their_place() -> None:
    drawing = heat(
        shown(
            {"row": "b", "column": "second", "mark": NamedNode(VIEW + "harm"), "count": 2, "place": 2},
            {"row": "b", "column": "first", "mark": NamedNode(VIEW + "supports"), "count": 11, "place": 1},
            {"row": "a", "column": "first", "mark": NamedNode(VIEW + "supports"), "count": 1, "place": 1},
        )
    )
    assert [text(each) for each in drawing.columns] == ["first", "second"]
    assert [text(row) for row, _ in drawing.rows] == ["b", "a"]
    (_, (first, second)), (_, (third, fourth)) = drawing.rows
    assert [each.count for each in (first, second, third, fourth)] == [11, 2, 1, 0]
    assert [each.shade for each in (first, second, third, fourth)] == [4, 1, 1, 0]
    assert dict(second.marks)["harm"] == 2


def test_parts_of_a_column_stand_upon_each_other() -> None:
    drawing = columns(
        shown(
            {"label": "2010", "series": "lit", "count": 2},
            {"label": "2010", "series": "dark", "count": 3},
            {"label": "2011", "series": "dark", "count": 1},
        )
    )
    first, second = drawing.columns
    assert (first.count, second.count) == (5, 1)
    lower, upper = first.parts
    assert upper.y + upper.height == approx(lower.y)
    assert lower.y + lower.height == approx(drawing.height)
    assert first.x < second.x
    assert second.parts[0].pattern == upper.pattern


def test_parts_of_columns_stand_in_their_place_whichever_comes_first() -> None:
    drawing = columns(
        shown(
            {"label": "2010", "series": "dark", "count": 3, "place": 2},
            {"label": "2011", "series": "lit", "count": 1, "place": 1},
            {"label": "2011", "series": "dark", "count": 1, "place": 2},
        )
    )
    assert [text(each) for each in drawing.series if each] == ["lit", "dark"]
    assert [[part.pattern for part in each.parts] for each in drawing.columns] == [[2], [1, 2]]


def test_years_without_anything_are_seen() -> None:
    drawing = columns(shown({"label": "2010", "count": 2}, {"label": "2030", "count": 1}))
    assert [text(each.label) for each in drawing.columns] == [str(year) for year in range(2010, 2031)]
    assert sum(each.count for each in drawing.columns) == 3
    assert drawing.every == 2
    words = columns(shown({"label": "under 20", "count": 2}, {"label": "more", "count": 1}))
    assert [text(each.label) for each in words.columns] == ["under 20", "more"]


def test_a_range_without_an_end_is_open_there() -> None:
    drawing = bands(
        shown(
            {"name": "low", "low": 1, "high": 10},
            {"name": "very low", "high": 0.1},
            {"name": "depot", "usual": 380},
            {"name": "unknown"},
        )
    )
    low, very_low, depot = drawing.bands
    assert (low.open_left, low.open_right, very_low.open_left) == (False, False, True)
    assert very_low.left < very_low.right < low.left < low.right
    assert depot.usual == depot.left == depot.right
