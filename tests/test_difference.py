"""The difference of a thing between two releases is told in claims: what is new, gone, or other."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import EDDYSTONE, LIGHTS
from pyoxigraph import Literal, NamedNode, Triple
from stored import store_of_files

from ldnkg.counts import MANY, Term
from ldnkg.describe import Description, Names, ValueList, describe
from ldnkg.difference import Change, Pair, difference, merged
from ldnkg.iris import PREFIXES

BASE = "https://example.org/lights/"
LIGHT = NamedNode(BASE + "id/light/eddystone")
KEEPER = NamedNode(BASE + "id/keeper/winstanley")
DECIMAL = NamedNode(PREFIXES["xsd"] + "decimal")


def ont(name: str) -> NamedNode:
    return NamedNode(f"{BASE}ont#{name}")


def described(folder: Path, eddystone: str, node: NamedNode = LIGHT, **more: str) -> Description:
    """What a release with this Eddystone says about a thing."""
    files = LIGHTS | {"graph/light/eddystone.ttl": eddystone}
    files |= {f"graph/light/{name}.ttl": text for name, text in more.items()}
    store = store_of_files(files, folder)
    return describe(store, node, base=BASE, prefixes=PREFIXES)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Description:
    """Eddystone as it was."""
    folder = tmp_path_factory.mktemp("old")
    return described(_made(folder), EDDYSTONE)


def _made(folder: Path) -> Path:
    (folder / "x").mkdir()
    return folder / "x" / "y"


def told(changes: tuple[Change, ...]) -> Mapping[str, tuple[list[str], list[str], list[str]]]:
    """Changes by the name of their property: replaced, removed, added."""

    def words(values: tuple[Term, ...]) -> list[str]:
        return [str(each) for each in values]

    return {
        each.predicate.value.rpartition("#")[2]: (
            [f"{pair.before} → {pair.after}" for pair in each.replaced],
            words(each.removed),
            words(each.added),
        )
        for each in changes
    }


def changed(tmp_path: Path, old: Description, before: str, after: str) -> Mapping[str, object]:
    assert before in EDDYSTONE
    return told(difference(old, described(_made(tmp_path), EDDYSTONE.replace(before, after))).own)


def test_nothing_changed(old: Description) -> None:
    found = difference(old, old)
    assert found.fate == "same" and not (found.own or found.parts or found.incoming)
    assert found.triples() == ([], [])


def test_a_number_changed_from_one_to_another(tmp_path: Path, old: Description) -> None:
    found = difference(old, described(_made(tmp_path), EDDYSTONE.replace("49.0", "50.0")))
    (change,) = found.own
    values = (Literal("49.0", datatype=DECIMAL), Literal("50.0", datatype=DECIMAL))
    assert change.replaced == (Pair(*values),) and not (change.removed or change.added)
    assert found.fate == "changed" and found.is_whole
    assert found.triples() == tuple([Triple(LIGHT, ont("height"), each)] for each in values)


def test_a_text_is_replaced_by_one_in_its_language(tmp_path: Path, old: Description) -> None:
    two = '"Eddystone Reef"@en, "Eddystone-Felsen"@de'
    assert changed(tmp_path, old, '"Eddystone Rocks"@en', two) == {
        "altLabel": (['"Eddystone Rocks"@en → "Eddystone Reef"@en'], [], ['"Eddystone-Felsen"@de'])
    }


def test_several_values_are_not_paired_by_chance(tmp_path: Path, old: Description) -> None:
    two = '"Eddystone Reef"@en, "Eddystone Stone"@en'
    assert changed(tmp_path, old, '"Eddystone Rocks"@en', two) == {
        "altLabel": ([], ['"Eddystone Rocks"@en'], ['"Eddystone Reef"@en', '"Eddystone Stone"@en'])
    }


def test_a_claim_that_is_gone(tmp_path: Path, old: Description) -> None:
    assert changed(
        tmp_path, old, "    ex:keptBy <https://example.org/lights/id/keeper/winstanley> ;\n", ""
    ) == {"keptBy": ([], [str(KEEPER)], [])}


def test_a_number_written_another_way_is_a_change(tmp_path: Path, old: Description) -> None:
    number = '"49.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    assert changed(tmp_path, old, "49.0", "49.00") == {
        "height": ([f"{number} → {number.replace('49.0', '49.00')}"], [], [])
    }


def test_a_part_that_changed_is_told_as_a_part(tmp_path: Path, old: Description) -> None:
    new = described(_made(tmp_path), EDDYSTONE.replace("Eddystone lamp", "Eddystone candles"))
    found = difference(old, new)
    assert found.own == () and [(each.node.value, each.fate) for each in found.parts] == [
        (LIGHT.value + "#lamp", "changed")
    ]
    assert list(told(found.parts[0].changes)) == ["prefLabel"]


def test_a_part_is_new_or_gone(tmp_path: Path, old: Description) -> None:
    without = EDDYSTONE[: EDDYSTONE.index("<https://example.org/lights/id/light/eddystone#lamp> a")].replace(
        "    ex:lamp <https://example.org/lights/id/light/eddystone#lamp> ;\n", ""
    )
    new = described(_made(tmp_path), without)
    assert [each.fate for each in difference(old, new).parts] == ["removed"]
    assert [each.fate for each in difference(new, old).parts] == ["added"]


def test_a_thing_that_is_new_or_gone(old: Description) -> None:
    assert difference(None, old).fate == "added" and difference(old, None).fate == "removed"
    removed, added = difference(None, old).triples()
    assert removed == [] and set(added) == {each for row in old.lists for each in row.triples()}


def test_links_that_come_in_are_told_and_those_from_parts_are_not(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    rudyerd = EDDYSTONE.replace("eddystone", "rudyerd").replace(" Eddystone", " Rudyerd")
    before = described(folders[0] / "x", EDDYSTONE, KEEPER)
    after = described(folders[1] / "x", EDDYSTONE, KEEPER, rudyerd=rudyerd)
    found = difference(before, after)
    assert found.own == () == found.parts
    assert told(found.incoming) == {"keptBy": ([], [], [f"<{BASE}id/light/rudyerd>"])}
    assert found.triples() == ([], [Triple(NamedNode(BASE + "id/light/rudyerd"), ont("keptBy"), KEEPER)])


def test_a_part_that_links_to_its_thing_is_told_once(tmp_path: Path, old: Description) -> None:
    linked = EDDYSTONE.replace("a ex:Lamp ;", "a ex:Lamp ; ex:lampOf light:eddystone ;")
    found = difference(old, described(_made(tmp_path), linked))
    assert found.incoming == () and list(told(found.parts[0].changes)) == ["lampOf"]


def cut(values: range, total: int) -> Description:
    """A hub, of whose list a description has some values."""
    lights = tuple(NamedNode(f"{BASE}id/light/l{each:03}") for each in values)
    some = ValueList(KEEPER, "incoming", ont("keptBy"), lights, total, Names(BASE, {}))
    return Description(KEEPER, (some,), (), ())


def test_of_a_hub_only_what_is_surely_other_is_told() -> None:
    before, after = cut(range(1, MANY + 1), 200), cut(range(MANY), 201)
    pushed_out = NamedNode(f"{BASE}id/light/l{MANY:03}")
    found = difference(
        before, after, said_after=lambda triple: triple == Triple(pushed_out, ont("keptBy"), KEEPER)
    )
    (change,) = found.incoming
    assert told((change,)) == {"keptBy": ([], [], [f"<{BASE}id/light/l000>"])}
    assert (change.before, change.after, change.is_whole, found.is_whole) == (200, 201, False, False)


def test_a_hub_whose_beginning_is_the_same_tells_its_count() -> None:
    (change,) = difference(cut(range(MANY), 200), cut(range(MANY), 199)).incoming
    assert (change.removed, change.added, change.before, change.after) == ((), (), 200, 199)
    assert difference(cut(range(MANY), 200), cut(range(MANY), 200)).fate == "same"


def test_of_two_long_texts_the_words_that_changed_are_told() -> None:
    words = ["word"] * 20

    def runs(old: list[str], new: list[str]) -> list[tuple[str, str]]:
        pair = Pair(Literal(" ".join(old)), Literal(" ".join(new)))
        return [(run.fate, run.text) for run in merged(pair)]

    assert runs([*words, "old", "end"], [*words, "new", "end"]) == [
        ("same", " ".join(words)),
        ("removed", "old"),
        ("added", "new"),
        ("same", "end"),
    ]
    assert runs(words, ["other"] * 20) == runs(["a"], ["b"]) == runs(["a"] * 9_999, ["a"]) == []
    assert merged(Pair(LIGHT, KEEPER)) == ()


def test_a_difference_is_about_one_thing(old: Description) -> None:
    for pair in ((None, None), (old, cut(range(3), 3))):
        with pytest.raises(ValueError, match="one thing"):
            difference(*pair)
