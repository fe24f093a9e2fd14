"""Dated legal figures: loading, dates, and the figures shipped."""

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.parameters import Parameter, ParameterFileError, Parameters, ParameterUnknown
from entrepairs.kernel.vat_regimes import load_vat_regimes

CONFIG = Path(__file__).parents[2] / "config"
DAY = date(2026, 5, 4)


@pytest.fixture(scope="module")
def shipped():
    return Parameters.load(CONFIG / "parameters")


def write(folder, body):
    (folder / "figures.toml").write_text(body, encoding="utf-8")
    return folder


def figure(**changes):
    table = {
        "code": '"x.rate"', "valid_from": "2026-01-01", "value": '"2.15"', "unit": '"percent"', "source": '"law"',
        "flag": '"V"',
    } | changes  # fmt: skip
    return "[[parameter]]\n" + "\n".join(f"{name} = {value}" for name, value in table.items() if value) + "\n"


def test_a_figure_is_given_for_its_day_as_an_exact_decimal(tmp_path):
    parameters = Parameters.load(
        write(tmp_path, figure(valid_to="2026-07-01") + figure(valid_from="2026-07-01", value="3"))
    )
    assert parameters.value("x.rate", date(2026, 6, 30)) == Decimal("2.15")
    assert isinstance(parameters.value("x.rate", date(2026, 6, 30)), Decimal)
    assert parameters.value("x.rate", date(2026, 7, 1)) == 3
    assert parameters.number("x.rate", date(2026, 7, 1)) == Decimal(3)
    assert parameters.whole("x.rate", date(2030, 1, 1)) == 3


@pytest.mark.parametrize(("code", "day"), [("x.rate", date(2025, 12, 31)), ("x.rate", date(2026, 7, 1)), ("y", DAY)])
def test_a_figure_that_is_not_known_is_said_plainly(tmp_path, code, day):
    parameters = Parameters.load(write(tmp_path, figure(valid_to="2026-07-01")))
    assert parameters.find(code, day) is None
    with pytest.raises(ParameterUnknown) as refusal:
        parameters.value(code, day)
    assert refusal.value.params == {"figure": code, "day": day.isoformat()}


@pytest.mark.parametrize(
    "body",
    [
        figure(value="2.15"),
        figure(value='"about two"'),
        figure(value='"NaN"'),
        figure(value="true"),
        figure(unit='"text"', value="3"),
        figure(source=""),
        figure(source='" "'),
        figure(flag='"Z"'),
        figure(valid_to="2026-01-01"),
        figure(valid_from="2026-01-01T00:00:00Z"),
        figure(valid_from='"2026-01-01"'),
        figure(typo="1"),
        figure() + figure(valid_from="2026-07-01"),
        figure(valid_to="2026-08-01") + figure(valid_from="2026-07-01"),
        "[[parameter]\n",
    ],
)
def test_a_wrong_file_is_refused_at_load(tmp_path, body):
    with pytest.raises(ParameterFileError):
        Parameters.load(write(tmp_path, body))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ParameterFileError):
        Parameters.load(tmp_path / "nowhere")


@given(
    st.sets(st.dates(date(2000, 1, 1), date(2040, 1, 1)), min_size=2, max_size=6),
    st.dates(date(1999, 1, 1), date(2041, 1, 1)),
)
def test_on_any_day_at_most_one_figure_holds(starts, day):
    ordered = sorted(starts)
    dated = [
        Parameter("x", start, end, n, "n", "law", "V") for n, (start, end) in enumerate(itertools.pairwise(ordered))
    ]
    parameters = Parameters(reversed(dated))
    found = parameters.find("x", day)
    assert (found is not None) == (ordered[0] <= day < ordered[-1])
    assert [p for p in dated if p.holds_on(day)] == ([found] if found else [])


def test_the_figures_of_the_law_are_there(shipped):
    assert shipped.value("working_time.daily_rest_hours", DAY) == 11
    assert shipped.value("payment_terms.public_hospital_days", DAY) == 50
    assert shipped.value("late_payment.ecb_refi_rate", date(2024, 9, 1)) + 8 == Decimal("12.25")
    assert shipped.value("mileage.5cv.low_rate", DAY) == Decimal("0.636")
    assert shipped.value("vat.standard_rate", DAY) == Decimal(20)
    assert shipped.value("pay.smic_hour_cents", DAY) == 1202


@pytest.mark.parametrize(("day", "cents"), [(date(2026, 3, 31), 4000000), (date(2026, 4, 1), 6000000)])
def test_the_tender_threshold_changes_on_the_first_of_april_2026(shipped, day, cents):
    assert shipped.whole("procurement.no_tender_services_cents", day) == cents


def test_the_mileage_bands_meet_at_five_thousand_kilometres(shipped):
    for power, gap in (("3cv", 0), ("4cv", 0), ("5cv", 0), ("6cv", -2), ("7cv", 0)):
        low = shipped.number(f"mileage.{power}.low_rate", DAY) * 5000
        middle = shipped.number(f"mileage.{power}.middle_rate", DAY) * 5000
        constant = shipped.number(f"mileage.{power}.middle_constant_cents", DAY) / 100
        assert low - middle - constant == gap


def test_a_semester_without_a_source_is_not_invented_but_the_demo_has_its_fiction(shipped):
    assert shipped.find("late_payment.ecb_refi_rate", date(2027, 1, 11)) is None
    demo = Parameters.load(CONFIG / "parameters", CONFIG / "demo" / "parameters").find(
        "late_payment.ecb_refi_rate", date(2027, 1, 11)
    )
    assert demo is not None
    assert demo.flag == "F"
    assert "F" not in {p.flag for code in shipped.codes for p in shipped.history(code)}


def test_old_yearly_figures_come_back_for_review(shipped):
    due = {p.code for p in shipped.due_for_review(date(2027, 3, 1))}
    assert {"pay.smic_hour_cents", "meals.restaurant_cents", "mileage.5cv.low_rate"} <= due
    assert "working_time.daily_rest_hours" not in due


def test_each_vat_regime_says_what_an_invoice_prints(shipped):
    regimes = load_vat_regimes(CONFIG / "parameters" / "vat.toml")
    assert regimes["exempt_261_7_1_b"].vatex == "VATEX-FR-CGI261-7"
    assert regimes["exempt_261_7_1_b"].legal_text == "Exonération de TVA, art. 261-7-1° du CGI"
    assert regimes["exempt_261_7_1_b"].rate_percent(shipped, DAY) == 0
    assert regimes["exempt_261_4_4_a"].vatex == "VATEX-FR-CGI261-4"
    assert regimes["standard"].rate_percent(shipped, DAY) == 20
    assert regimes["out_of_scope"].category == "O"


REGIME = {
    "code": "a", "name": "b", "category": "E", "rate_parameter": "", "legal_text": "t", "short": "u", "vatex": "v", "source": "s",
    "flag": "V", "conditions": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "tables",
    [
        [REGIME, REGIME],
        [REGIME | {"category": "Z"}],
        [REGIME | {"vatex": ""}],
        [REGIME | {"category": "S"}],
        [REGIME | {"rate_parameter": "vat.standard_rate"}],
        [{name: value for name, value in REGIME.items() if name != "flag"}],
    ],
)
def test_a_wrong_regime_is_refused(tmp_path, tables):
    body = "".join("[[regime]]\n" + "".join(f'{k} = "{v}"\n' for k, v in table.items()) for table in tables)
    path = tmp_path / "vat.toml"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(ParameterFileError):
        load_vat_regimes(path)
