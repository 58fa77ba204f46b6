"""What every lever promises, held over every lever found."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simulator import Account, Scenario, load_sample
from simulator.engine.account import keeping
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.params import GRADES
from simulator.usage.tables import TABLES, Usage

LEVERS = list(all_levers().values())
pytestmark = pytest.mark.parametrize("kind", LEVERS, ids=lambda x: x.id)


@pytest.fixture(scope="module", params=["team", "report"])
def usage(request: pytest.FixtureRequest) -> Usage:
    return Account.open(load_sample(request.param)).usage


def quantities(usage: Usage, table: str) -> dict[str, np.ndarray]:
    return {m.name: q for m, q in usage.table(table).meters()}


def test_lever_is_declared_whole(kind: type[Lever]) -> None:
    assert kind.__module__ == f"simulator.levers.{kind.family}.{kind.id}"
    assert kind.table in (*TABLES, "")
    assert 1 <= kind.stage <= 9
    assert kind.phase in (1, 2, 3, 4)
    assert kind.source.startswith("rules.md#")
    assert "Source:" in (kind.__doc__ or "")
    assert all(other in all_levers() for other in kind.excludes)


def test_every_parameter_has_range_unit_source_and_grade(kind: type[Lever]) -> None:
    for p in kind.params().values():
        assert p.unit
        assert p.source
        assert p.grade in GRADES
        assert p.label
        if not p.choices:
            assert p.minimum <= (p.low if p.low is not None else p.default) <= p.default
            assert p.default <= (p.high if p.high is not None else p.default) <= p.maximum
        assert p.check(p.default, p.name) == p.default


def test_only_resources_it_applies_to_change_and_nothing_turns_negative(
    kind: type[Lever], usage: Usage
) -> None:
    lever = kind()
    after = lever.apply(usage)
    for name in TABLES:
        before, new = quantities(usage, name), quantities(after, name)
        for meter, quantity in new.items():
            assert not (quantity < -1e-9).any(), meter
            if name != kind.table:
                assert quantity is before[meter]
            else:
                untouched = ~lever.verdicts(usage).applies
                np.testing.assert_array_equal(
                    quantity[..., untouched], before[meter][..., untouched], err_msg=meter
                )


def test_input_is_left_unchanged(kind: type[Lever], usage: Usage) -> None:
    before = {n: {k: q.copy() for k, q in quantities(usage, n).items()} for n in TABLES}
    kind().apply(usage)
    for name in TABLES:
        for meter, quantity in quantities(usage, name).items():
            np.testing.assert_array_equal(quantity, before[name][meter])


def test_kept_resources_are_left_alone(kind: type[Lever], usage: Usage) -> None:
    if not kind.table:
        pytest.skip("acts on no table")
    ids = frozenset(usage.table(kind.table).resource_id.astype(str))
    after = kind().apply(keeping(usage, ids))
    for meter, quantity in quantities(after, kind.table).items():
        np.testing.assert_array_equal(quantity, quantities(usage, kind.table)[meter])


def test_a_number_equals_a_vector_of_one_draw(kind: type[Lever], usage: Usage) -> None:
    lever = kind()
    drawn = {n: np.array([[float(getattr(lever, n))]]) for n, p in kind.params().items() if p.is_drawn}
    many = dataclasses.replace(lever, **drawn).apply(usage)
    one = lever.apply(usage)
    if kind.table:
        for meter, quantity in quantities(one, kind.table).items():
            got = quantities(many, kind.table)[meter]
            row = np.broadcast_to(got, (1, len(quantity)))[0]
            np.testing.assert_allclose(row, quantity, rtol=1e-9, err_msg=meter)


def test_three_draws_equal_three_runs(kind: type[Lever], usage: Usage) -> None:
    lever = kind()
    drawn = {n: p for n, p in kind.params().items() if p.is_drawn and not p.integer}
    if not drawn or not kind.table:
        pytest.skip("nothing is drawn")
    column = {n: np.array([[p.low], [p.default], [p.high]], float) for n, p in drawn.items()}
    many = quantities(dataclasses.replace(lever, **column).apply(usage), kind.table)
    for k in range(3):
        one = dataclasses.replace(lever, **{n: float(v[k, 0]) for n, v in column.items()}).apply(usage)
        for meter, quantity in quantities(one, kind.table).items():
            got = np.broadcast_to(many[meter], (3, quantity.shape[-1]))[k]
            np.testing.assert_allclose(got, quantity, rtol=1e-9, atol=1e-9, err_msg=meter)


def test_setting_survives_json_and_text(kind: type[Lever]) -> None:
    setting = kind.create({n: p.high if p.is_drawn else p.default for n, p in kind.params().items()})
    assert Scenario.from_dict(Scenario((setting,)).to_dict()).levers == (setting,)
    assert kind.create({n: str(v) for n, v in setting.values().items()}) == setting


def test_wrong_values_are_refused_in_words(kind: type[Lever]) -> None:
    with pytest.raises(ValueError, match="no such parameter"):
        kind.create({"nonsense": 1})
    for name, p in kind.params().items():
        with pytest.raises(ValueError, match=f"{kind.id}.{name}"):
            kind.create({name: "many"})
        if not p.choices:
            with pytest.raises(ValueError, match="expected"):
                kind.create({name: p.maximum + 1})


def test_every_verdict_has_a_sentence(kind: type[Lever], usage: Usage) -> None:
    verdicts = kind().verdicts(usage)
    assert sum(verdicts.counts().values()) == len(verdicts.state)
    assert all(sentence.endswith(".") for _, sentence, _ in verdicts.summary())
